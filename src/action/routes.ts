import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { recordRefusal } from '../audit/refusal.ts'
import type { Actor } from '../auth/actor.ts'
import type { Tx } from '../db/session.ts'
import { Problem } from '../errors.ts'
import { globalId } from '../read/model.ts'
import { readIdempotencyKey } from '../rest/idempotency.ts'
import type { RestOptions } from '../rest/plugin.ts'
import { problems } from '../rest/problem.ts'
import { actionStatus, health } from './table.ts'
import { actionUuid } from './write/find.ts'
import { actionStatement, batchStandingsStatement, batchStatement } from './write/look-up.ts'
import { batchAnswer, mostItems, type PushAnswer, pushAnswer, pushBody, pushStatus } from './write/push-status.ts'
import { plainText } from './write/report-input.ts'
import { setExternalRef } from './write/set-external-ref.ts'
import { retraction, retractStatus } from './write/withdraw-report.ts'

export type RestApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

const bodyLimit = 10 * 1024 * 1024

const actionResource = z
  .object({
    id: z.string(),
    ref: z.string(),
    status: z.enum(actionStatus.enumValues),
    progressPercent: z.int().nullable(),
    health: z.enum(health.enumValues),
    version: z.int(),
  })
  .describe('The action')

const retractionResource = z
  .object({
    externalEventId: z.string(),
    actionId: z.string(),
    ref: z.string(),
    currentStatus: z
      .enum(actionStatus.enumValues)
      .optional()
      .describe('Where the action stands without the report; absent where you may not read it today'),
  })
  .describe('The report that was taken back')

const externalRefResource = z
  .object({
    actionId: z.string(),
    ref: z.string(),
    system: z.string(),
    externalId: z.string(),
    version: z.int(),
  })
  .describe('The action and the id by which your system knows it')

const writeProblems = [
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'SCOPE_MISSING',
  'NOT_ACCEPTABLE',
  'CONTENT_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
] as const
const keyProblems = ['IDEMPOTENCY_KEY_MISSING', 'IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'] as const

const actionName = 'The id of the action, or its reference'

/** The REST routes of actions: bulk reports of status, and the ids by which partners' own systems know an action. */
export function actionRoutes(app: RestApp, { session, credential }: RestOptions): void {
  /** Before a body is read: nobody in particular has no business here, nor has one whom the database does not admit. */
  const admitted = async (request: FastifyRequest): Promise<void> => {
    const caller = credential(request)
    if (caller.kind === 'public') throw new Problem('UNAUTHENTICATED', 'This needs a credential')
    await session.read(caller, [])
  }

  /** Runs a verb, or what comes before it; what was refused is in the audit trail before its caller learns it. */
  const attempted = async <T>(request: FastifyRequest, operation: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run()
    } catch (error) {
      await recordRefusal(session, credential(request), request.id, error, { operation })
      throw error
    }
  }

  const admittedTo = (operation: string) => (request: FastifyRequest) => attempted(request, operation, () => admitted(request))

  app.post(
    '/status-reports',
    {
      bodyLimit,
      onRequest: admittedTo('actionPushStatus'),
      schema: {
        operationId: 'pushStatusReports',
        tags: ['Status reports'],
        summary: 'Report the status of actions',
        description: `Up to ${mostItems} reports, each judged for itself. The status of an action follows from all its reports in the order of \`effectiveAt\`, whatever arrives first.`,
        headers: z.looseObject({
          'idempotency-key': z.string().optional().describe('Required unless `dryRun`: 1 to 255 visible ASCII characters, quoted or not'),
        }),
        body: pushBody,
        response: { 200: pushAnswer, ...problems(...writeProblems, ...keyProblems) },
      },
    },
    async (request, reply) => {
      const push = { idempotencyKey: readIdempotencyKey(request.headers['idempotency-key']), body: request.body }
      const verb = (tx: Tx, actor: Actor) => pushStatus(tx, actor, push)
      const { answer, replayed } = await attempted(request, 'actionPushStatus', () =>
        push.body.dryRun ? session.rehearse(credential(request), request.id, verb) : session.write(credential(request), request.id, verb),
      )
      if (replayed) reply.header('idempotent-replayed', 'true')
      return answer
    },
  )

  app.post(
    '/status-reports/retractions',
    {
      onRequest: admittedTo('statusReportRetract'),
      schema: {
        operationId: 'retractStatusReport',
        tags: ['Status reports'],
        summary: 'Take back a report',
        description: 'The report stays on record and no longer counts. Taking it back again changes nothing.',
        body: retraction,
        response: { 200: retractionResource, ...problems(...writeProblems, 'NOT_FOUND') },
      },
    },
    async (request) => {
      const { actionId, ref, currentStatus } = await attempted(request, 'statusReportRetract', () =>
        session.write(credential(request), request.id, (tx, actor) => retractStatus(tx, actor, request.body)),
      )
      return { externalEventId: request.body.externalEventId, actionId: globalId('Action', actionId), ref, currentStatus }
    },
  )

  app.get(
    '/status-reports/batches/:batchId',
    {
      onRequest: admitted,
      schema: {
        operationId: 'statusReportBatch',
        tags: ['Status reports'],
        summary: 'The answer that a batch of your organisation got, and how its reports stand by now',
        params: z.object({ batchId: z.string() }),
        response: { 200: batchAnswer, ...problems('NOT_FOUND', 'NOT_ACCEPTABLE') },
      },
    },
    async (request, reply) => {
      const id = z.guid().safeParse(request.params.batchId).data
      const [batches, standings] =
        id === undefined ? [] : await session.read(credential(request), [batchStatement(id), batchStandingsStatement(id)])
      const answer = batches?.[0]?.[0]
      if (!answer) throw new Problem('NOT_FOUND')
      const standingOf = new Map(standings?.map(([place, standing]) => [Number(place), standing]))
      reply.header('cache-control', 'private, no-cache')
      const told = JSON.parse(answer) as PushAnswer
      return batchAnswer.parse({ ...told, items: told.items.map((item) => ({ ...item, standing: standingOf.get(item.index) })) })
    },
  )

  app.get(
    '/actions/:id',
    {
      schema: {
        operationId: 'action',
        tags: ['Actions'],
        summary: 'Where an action stands',
        params: z.object({ id: z.string().describe(actionName) }),
        headers: z.looseObject({ 'if-none-match': z.string().optional().describe('The ETag of the version you have') }),
        response: { 200: actionResource, 304: z.undefined().describe('You have this version'), ...problems('NOT_FOUND', 'NOT_ACCEPTABLE') },
      },
    },
    async (request, reply) => {
      const caller = credential(request)
      const [rows = []] = await session.read(caller, [actionStatement(request.params.id)])
      const [row] = rows
      if (row === undefined || rows.length > 1) throw new Problem('NOT_FOUND')
      const [uuid, ref, status, progress, healthNow, version] = row
      const etag = `"${version}"`
      reply.headers({ etag, vary: 'Authorization', 'cache-control': caller.kind === 'public' ? 'public, no-cache' : 'private, no-cache' })
      if (names(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return actionResource.parse({
        id: globalId('Action', uuid as string),
        ref,
        status,
        progressPercent: progress === null ? null : Number(progress),
        health: healthNow,
        version: Number(version),
      })
    },
  )

  app.put(
    '/actions/:id/external-refs/:system',
    {
      onRequest: admittedTo('actionSetExternalRef'),
      schema: {
        operationId: 'setExternalRef',
        tags: ['Actions'],
        summary: 'Say by which id your own system knows an action',
        params: z.object({ id: plainText(500).describe(actionName), system: plainText(100) }),
        headers: z.looseObject({ 'if-match': z.string().optional().describe('The ETag of the name to replace') }),
        body: z.strictObject({ externalId: plainText(200) }),
        response: {
          200: externalRefResource,
          201: externalRefResource,
          ...problems(...writeProblems, 'NOT_FOUND', 'EXTERNAL_ID_TAKEN', 'CONFLICT', 'VERSION_CONFLICT'),
        },
      },
    },
    async (request, reply) => {
      const { id, system } = request.params
      const action = actionUuid(id) === undefined ? { ref: id } : { id }
      const { externalId } = request.body
      const expectedVersion = versionIn(request.headers['if-match'])
      const { actionId, created, ...named } = await attempted(request, 'actionSetExternalRef', () =>
        session.write(credential(request), request.id, (tx, actor) =>
          setExternalRef(tx, actor, { action, system, externalId, expectedVersion }),
        ),
      )
      reply.code(created ? 201 : 200).header('etag', `"${named.version}"`)
      return { actionId: globalId('Action', actionId), ...named }
    },
  )
}

/** Whether a list of entity tags names this one, compared weakly (RFC 9110 §13.1.2). */
function names(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/** The version that `If-Match` names; of another form it names none there is. */
const versionIn = (header: string | undefined): number | undefined =>
  header === undefined ? undefined : Number(/^"(\d{1,9})"$/.exec(header.trim())?.[1] ?? 0)
