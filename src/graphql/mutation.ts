import {
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
} from 'graphql'
import { collectSubfields } from 'graphql/execution/collectFields.js'
import { isRefusal, recordRefusal } from '../audit/refusal.ts'
import type { Actor } from '../auth/actor.ts'
import type { Credential, Session, Statement, Tx } from '../db/session.ts'
import { type ErrorCode, type Path, type Problem, problemOf, type Stale, VersionConflict } from '../errors.ts'
import { type Changed, changedSince, shownOf } from '../history/conflict.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { ReadEngine } from '../read/engine.ts'
import { type Entity, parseGlobalId } from '../read/model.ts'

/** What an operation runs with. */
export interface Context {
  credential: Credential
  requestId: string
  languages: readonly string[]
}

export interface UserError {
  code: string
  message: string
  path: Path
}

export interface Outcome {
  /** The uuid of the object that was changed. */
  id: string
  /** Other fields of the payload. */
  fields?: Record<string, unknown>
  /** What was not done although the rest was. */
  userErrors?: readonly UserError[]
}

/** A mutation: the verb it runs and the object its payload shows. */
export interface Mutation {
  /** The payload's field that shows the object. */
  shows: string
  entity: () => Entity
  run(tx: Tx, actor: Actor, args: Record<string, unknown>): Promise<Outcome>
}

/** Not the caller's input but the caller, or ourselves: these are told as errors of the request, not as data. */
const faults: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'SCOPE_MISSING',
  'MEMBERSHIP_ENDED',
  'UNAVAILABLE',
  'INTERNAL',
])

/** Requests of which a refusal is in the audit trail: one tells enough of each. */
const told = new WeakSet<Context>()

/** Runs the verb and reads what the payload selects, in one transaction: an answer never shows what was not committed. */
export function mutationResolver(
  mutation: Mutation,
  session: Session,
  engine: ReadEngine,
  entities: readonly Entity[],
): GraphQLFieldResolver<unknown, Context> {
  return async (_source, args, context, info) => {
    const selected = payloadFields(info)
    try {
      return await session.write(context.credential, context.requestId, async (tx, actor) => {
        const { id, fields, userErrors = [] } = await mutation.run(tx, actor, args)
        const payload: Record<string, unknown> = {}
        for (const { key, name, nodes } of selected) {
          const selection = { nodes, fragments: info.fragments, variables: info.variableValues }
          if (name === mutation.shows) payload[key] = await engine.object(tx, mutation.entity(), id, selection, context.languages)
          else
            payload[key] =
              name === 'userErrors'
                ? userErrors.map((error) => ({ ...error, path: argumentPath(error.path, argumentsOf(info)) }))
                : (fields?.[name] ?? null)
        }
        return payload
      })
    } catch (error) {
      if (isRefusal(error) && !told.has(context)) {
        told.add(context)
        const attempt = { operation: info.fieldName, subject: subjectOf(args, entities) }
        await recordRefusal(session, context.credential, context.requestId, error, attempt)
      }
      const problem = problemOf(error)
      // Wrapped, because graphql-js takes any error with a `path` for one that knows its place in the answer.
      if (problem === undefined || faults.has(problem.code)) throw new GraphQLError('', { originalError: error as Error })
      if (problem instanceof VersionConflict && problem.stale) return conflict(problem, mutation, session, engine, entities, context, info)
      return Object.fromEntries(
        selected.map(({ key, name }) => [key, name === 'userErrors' ? userErrorsOf(problem, argumentsOf(info)) : null]),
      )
    }
  }
}

/** The object that a mutation was to change: the first of its arguments that names one. */
function subjectOf(args: Record<string, unknown>, entities: readonly Entity[]): { type: string; uuid: string } | undefined {
  const named = Object.values(args).map((value) => (typeof value === 'string' ? parseGlobalId(value) : undefined))
  return named.find((subject) => entities.some(({ name }) => name === subject?.type))
}

/** What the caller needs to try again without reading anew: the object as it is now, and what changed in it since, as far as the caller may see. */
async function conflict(
  problem: VersionConflict,
  mutation: Mutation,
  session: Session,
  engine: ReadEngine,
  entities: readonly Entity[],
  { credential, languages }: Context,
  info: GraphQLResolveInfo,
): Promise<Record<string, unknown>> {
  const stale = problem.stale as Stale
  const reader = { rows: (statements: readonly Statement[]) => session.read(credential, statements) }
  const changed = await changedSince(reader, stale, entities)
  const current = shownOf(stale, mutation.entity())
  const shown = (entity: Entity, id: string, nodes: readonly FieldNode[]) =>
    engine.object(reader, entity, id, { nodes, fragments: info.fragments, variables: info.variableValues }, languages)
  const payload: Record<string, unknown> = {}
  for (const { key, name, nodes } of payloadFields(info)) {
    if (name === mutation.shows) payload[key] = current === undefined ? null : await shown(mutation.entity(), current, nodes)
    else payload[key] = name === 'userErrors' ? [conflictError(problem, changed, info, shown)] : null
  }
  return payload
}

function conflictError(
  { code, message, path, currentVersion, stale }: VersionConflict,
  { fields, organisationId, at }: Changed,
  info: GraphQLResolveInfo,
  shown: (entity: Entity, id: string, nodes: readonly FieldNode[]) => Promise<unknown>,
) {
  return {
    code,
    message,
    path: argumentPath(path, argumentsOf(info)),
    currentVersion,
    yourBaseVersion: stale?.base,
    changedFields: fields,
    changedAt: at,
    changedBy: (_args: unknown, _context: unknown, { fieldNodes }: GraphQLResolveInfo) =>
      organisationId === undefined ? null : shown(organisationEntity, organisationId, fieldNodes),
  }
}

function payloadFields(info: GraphQLResolveInfo) {
  const type = getNamedType(info.returnType) as GraphQLObjectType
  const selected = collectSubfields(info.schema, info.fragments, info.variableValues, type, info.fieldNodes)
  return [...selected].map(([key, nodes]) => ({ key, name: nodes[0]?.name.value as string, nodes }))
}

function argumentsOf(info: GraphQLResolveInfo): string[] {
  return info.parentType.getFields()[info.fieldName]?.args.map(({ name }) => name) ?? []
}

/** Verbs know their own input; the client knows the mutation's arguments, of which `input` holds the rest. */
const argumentPath = (path: Path, names: readonly string[]): string[] =>
  (path.length === 0 || names.includes(String(path[0])) ? path : ['input', ...path]).map(String)

/** Each thing that was wrong, with its place among the arguments. */
function userErrorsOf(problem: Problem, names: readonly string[]): UserError[] {
  const all = problem.errors.length > 0 ? problem.errors : [problem]
  return all.map((problem) => ({
    code: problem.code,
    message: problem.message,
    path: argumentPath(problem.path, names),
    ...(problem instanceof VersionConflict ? { currentVersion: problem.currentVersion, changedFields: [] } : undefined),
  }))
}
