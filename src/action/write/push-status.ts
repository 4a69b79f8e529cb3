import { hash } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import type { Actor, PrincipalActor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { catalogue, type ErrorCode, Problem } from '../../errors.ts'
import { canonical } from '../../input.ts'
import { globalId } from '../../read/model.ts'
import { actionStatus, reportStanding, statusReportBatch } from '../table.ts'
import { type Disposition, dispositions } from './judge.ts'
import { type Outcome, recordReports } from './record-reports.ts'
import { pushedReport, readPushedReport } from './report-input.ts'

export const mostItems = 10_000

/** Items are read one by one later, so that one that is wrong leaves the others alone. */
export const pushBody = z.strictObject({
  dryRun: z
    .boolean()
    .optional()
    .describe('Answer as if, and write nothing; an action that you took part in once and may not read today is unknown to it'),
  items: z
    .array(z.unknown().meta(z.toJSONSchema(pushedReport, { io: 'input' })))
    .min(1)
    .max(mostItems),
})
export type PushBody = z.output<typeof pushBody>

const codes = Object.keys(catalogue) as [ErrorCode, ...ErrorCode[]]

const itemAnswer = z.object({
  index: z.int(),
  externalEventId: z.string().nullable().describe('Your own id of the report; null when it could not be read'),
  disposition: z.enum(dispositions),
  actionId: z.string().optional(),
  ref: z.string().optional(),
  currentStatus: z
    .enum(actionStatus.enumValues)
    .optional()
    .describe('Where the action stands after the whole batch; absent where you took part in it once and may not read it today'),
  errors: z.array(
    z.object({
      code: z.enum(codes),
      path: z.array(z.union([z.string(), z.int()])).describe('The field of the item'),
      message: z.string(),
    }),
  ),
})

export const pushAnswer = z
  .object({
    batchId: z.uuid().nullable().describe('Null for a dry run'),
    dryRun: z.boolean(),
    counts: z.object({
      applied: z.int(),
      recordedLate: z.int(),
      unchanged: z.int(),
      duplicate: z.int(),
      quarantined: z.int(),
      rejected: z.int(),
    }),
    items: z.array(itemAnswer).describe('One for each item, in the same order'),
  })
  .describe('What became of each report')
export type PushAnswer = z.output<typeof pushAnswer>

const standing = z.enum(reportStanding.enumValues).optional()

/** The answer as it was given, with what became of its reports since. */
export const batchAnswer = pushAnswer.extend({
  items: z
    .array(itemAnswer.extend({ standing: standing.describe('How the report stands by now; absent where none was stored') }))
    .describe('One for each item, in the same order'),
})

export interface Push {
  /** What makes a repeated request one and the same; absent only for a dry run. */
  idempotencyKey: string | undefined
  body: PushBody
}

/**
 * Records a batch of reports once for each Idempotency-Key: the same request again gets the stored answer, another one is refused.
 * A dry run is this very verb in a transaction that its caller takes back.
 */
export async function pushStatus(tx: Tx, actor: Actor, { idempotencyKey, body }: Push): Promise<{ answer: PushAnswer; replayed: boolean }> {
  authorise(actor, 'action.pushStatus')
  if (body.dryRun) return { answer: await pushed(tx, actor, body, null), replayed: false }
  if (idempotencyKey === undefined) throw new Problem('IDEMPOTENCY_KEY_MISSING')
  const fingerprint = hash('sha256', canonical(body), 'hex')
  const given = await earlierAnswer(tx, actor, idempotencyKey, fingerprint)
  if (given !== undefined) return { answer: given, replayed: true }
  const id = uuidv7()
  const answer = await pushed(tx, actor, body, id)
  const { principalId, organisationId } = actor
  await tx.db.insert(statusReportBatch).values({ id, principalId, organisationId, idempotencyKey, fingerprint, answer })
  return { answer, replayed: false }
}

/** Holds the key until the transaction ends; a request that finds it held does not wait for the other's answer. */
async function earlierAnswer(tx: Tx, actor: PrincipalActor, key: string, fingerprint: string): Promise<PushAnswer | undefined> {
  const { rows } = await tx.db.execute(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`push ${actor.principalId} ${key}`}, 0)) as held`,
  )
  if (!rows[0]?.held) throw new Problem('IDEMPOTENCY_KEY_IN_USE')
  const [batch] = await tx.db
    .select({ fingerprint: statusReportBatch.fingerprint, answer: statusReportBatch.answer })
    .from(statusReportBatch)
    .where(and(eq(statusReportBatch.principalId, actor.principalId), eq(statusReportBatch.idempotencyKey, key)))
  if (batch !== undefined && batch.fingerprint !== fingerprint) throw new Problem('IDEMPOTENCY_KEY_REUSED')
  return batch?.answer as PushAnswer | undefined
}

async function pushed(tx: Tx, actor: PrincipalActor, { items, dryRun = false }: PushBody, batchId: string | null): Promise<PushAnswer> {
  const candidates = items.map(readPushedReport)
  const outcomes = await recordReports(tx, actor, candidates, { pushed: true, operation: 'actionPushStatus', dryRun })
  return {
    batchId,
    dryRun,
    counts: countsOf(outcomes),
    items: outcomes.map(({ actionId, ...outcome }, index) => ({
      index,
      externalEventId: candidates[index]?.externalEventId ?? null,
      ...outcome,
      actionId: actionId && globalId('Action', actionId),
      errors: outcome.errors.map((error) => ({ ...error, path: [...error.path] })),
    })),
  }
}

function countsOf(outcomes: readonly Outcome[]): PushAnswer['counts'] {
  const counted = Object.fromEntries(dispositions.map((disposition) => [disposition, 0])) as Record<Disposition, number>
  for (const { disposition } of outcomes) counted[disposition]++
  return {
    applied: counted.APPLIED,
    recordedLate: counted.RECORDED_LATE,
    unchanged: counted.UNCHANGED,
    duplicate: counted.DUPLICATE,
    quarantined: counted.QUARANTINED,
    rejected: counted.REJECTED,
  }
}
