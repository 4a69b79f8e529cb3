import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { givenId, parsed } from '../../input.ts'
import { indicator } from '../table.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { withholdAnew } from './withhold-figures.ts'

const disclosure = z.strictObject({
  id: givenId,
  threshold: z.int().min(1).max(1_000_000).nullish(),
  numeratorId: z.uuid().nullish(),
})

type Indicator = typeof indicator.$inferSelect

/**
 * Says below how many persons a count is withheld, or of which count a ratio is made, and withholds or tells what is stored by that. What is
 * left out holds no longer. Saying so again changes nothing.
 */
export async function indicatorSetDisclosure(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'indicator.setDisclosure')
  const { id, threshold, numeratorId } = parsed(disclosure, input)
  await oneAtATime(tx)
  const found = await indicatorOf(tx, id)
  if (found === undefined) throw new Problem('NOT_FOUND', 'No such indicator', ['id'])
  const set = { disclosureThreshold: threshold ?? null, numeratorId: numeratorId ?? null }
  if (set.disclosureThreshold !== null && !isCount(found))
    throw new Problem('BAD_USER_INPUT', 'Only a count has a threshold', ['threshold'])
  if (set.numeratorId !== null) await checkNumerator(tx, found, set.numeratorId)
  const before = { disclosureThreshold: found.disclosureThreshold, numeratorId: found.numeratorId }
  if (before.disclosureThreshold === set.disclosureThreshold && before.numeratorId === set.numeratorId) return found.id
  await tx.db.update(indicator).set(set).where(eq(indicator.id, found.id))
  await withholdAnew(tx, { indicatorId: found.id, ...set })
  await record(tx, actor, { operation: 'indicatorSetDisclosure', subjectType: 'Indicator', subjectId: found.id, before, after: set })
  return found.id
}

async function indicatorOf({ db }: Tx, id: string | undefined): Promise<Indicator | undefined> {
  if (id === undefined) return undefined
  const [found] = await db.select().from(indicator).where(eq(indicator.id, id))
  return found
}

/** What counts persons or households adds up; an average or a ratio does not. */
const isCount = ({ measure, aggregation }: Indicator): boolean => measure === 'UNIT' && aggregation === 'SUM'

async function checkNumerator(tx: Tx, ratio: Indicator, numeratorId: string): Promise<void> {
  if (ratio.aggregation === 'SUM') throw new Problem('BAD_USER_INPUT', 'Only a ratio has a numerator', ['numeratorId'])
  const numerator = await indicatorOf(tx, numeratorId)
  if (numerator === undefined) throw new Problem('NOT_FOUND', 'No such indicator', ['numeratorId'])
  if (!isCount(numerator)) throw new Problem('BAD_USER_INPUT', 'A numerator is a count', ['numeratorId'])
}
