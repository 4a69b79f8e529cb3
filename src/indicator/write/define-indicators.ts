import { and, eq, inArray, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import type { Localised } from '../../db/columns.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { pillar, programme } from '../../programme/table.ts'
import type { IndicatorMapping, ResolvedMapping } from '../cbs/mapping.ts'
import { indicator, indicatorVersion } from '../table.ts'

/** A column of the table and the definition that its figures are by. */
export interface Measure {
  topicKey: string
  code: string
  indicatorId: string
  indicatorVersionId: string
  disclosureThreshold: number | null
  numeratorId: string | null
}

const theProgramme = 'VW'

/** The indicators of the mapped columns; those that are not there yet are made, with their first definition. */
export async function defineIndicators(tx: Tx, resolved: readonly ResolvedMapping[], year: number): Promise<Measure[]> {
  const programmeId = await programmeOf(tx)
  const codes = resolved.map(({ mapping }) => mapping.code)
  const known = await definitions(tx, programmeId, codes, year)
  const missing = resolved.filter(({ mapping }) => !known.has(mapping.code)).map(({ mapping }) => mapping)
  if (missing.length > 0) await make(tx, programmeId, missing, year)
  const all = missing.length > 0 ? await definitions(tx, programmeId, codes, year) : known
  return resolved.map(({ mapping: { code }, topic }) => ({ topicKey: topic.key, code, ...(all.get(code) as Definition) }))
}

async function programmeOf({ db }: Tx): Promise<string> {
  const [found] = await db.select({ id: programme.id }).from(programme).where(eq(programme.code, theProgramme))
  if (found === undefined) throw new Problem('NOT_FOUND', `There is no programme ${theProgramme} yet: seed first`)
  return found.id
}

type Definition = Omit<Measure, 'topicKey' | 'code'>

/** Of each indicator the definition that held at the end of the year, or the first one for a year before it. */
async function definitions({ db }: Tx, programmeId: string, codes: string[], year: number): Promise<Map<string, Definition>> {
  const held = sql`${indicatorVersion.startsOn} <= ${`${year}-12-31`}`
  const found = await db
    .selectDistinctOn([indicator.code], {
      code: indicator.code,
      indicatorId: indicator.id,
      indicatorVersionId: indicatorVersion.id,
      disclosureThreshold: indicator.disclosureThreshold,
      numeratorId: indicator.numeratorId,
    })
    .from(indicator)
    .innerJoin(indicatorVersion, eq(indicatorVersion.indicatorId, indicator.id))
    .where(and(eq(indicator.programmeId, programmeId), inArray(indicator.code, codes)))
    .orderBy(indicator.code, sql`${held} desc, case when ${held} then -${indicatorVersion.number} else ${indicatorVersion.number} end`)
  return new Map(found.map(({ code, ...definition }) => [code, definition]))
}

const inDutch = (texts: { nl: string; en?: string }): Localised => ({ source: 'nl', ...texts })

async function make({ db }: Tx, programmeId: string, mappings: readonly IndicatorMapping[], year: number): Promise<void> {
  const pillars = await db.select({ id: pillar.id, code: pillar.code }).from(pillar).where(eq(pillar.programmeId, programmeId))
  const pillarOf = new Map<string, string>(pillars.map(({ id, code }) => [code, id]))
  const made = mappings.map(({ topic: _topic, pillar: ofPillar, name, definition, unit, ...rest }) => ({
    ...rest,
    id: uuidv7(),
    programmeId,
    pillarId: ofPillar && (pillarOf.get(ofPillar) ?? null),
    name: inDutch(name),
    definition: inDutch(definition),
    unit: inDutch({ nl: unit }),
  }))
  await db.insert(indicator).values(made)
  await db.insert(indicatorVersion).values(made.map(({ id }) => ({ indicatorId: id, number: 1, startsOn: `${year}-01-01` })))
}
