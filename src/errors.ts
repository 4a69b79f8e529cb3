/**
 * The one vocabulary of errors, the same in GraphQL, REST, OData and the command line.
 * `code` is stable and public; `status` is its HTTP status; `title` is what a person reads. Messages never hold SQL, constraint names or paths.
 */
export const catalogue = {
  BAD_REQUEST: { status: 400, title: 'The request cannot be understood' },
  BAD_USER_INPUT: { status: 400, title: 'Some input is not valid' },
  INVALID_CURSOR: { status: 400, title: 'The cursor does not belong to this list' },
  GRAPHQL_PARSE_FAILED: { status: 400, title: 'The GraphQL document cannot be parsed' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, title: 'The GraphQL document is not valid for this schema' },
  OPERATION_TOO_EXPENSIVE: { status: 400, title: 'The operation is larger than the limits allow' },
  CSRF_PREVENTION: { status: 400, title: 'The request could have been made by another site' },
  UNKNOWN_PROPERTY: { status: 400, title: 'The property does not exist' },
  IDEMPOTENCY_KEY_MISSING: { status: 400, title: 'An Idempotency-Key is required' },
  FIELD_NOT_PUSHABLE: { status: 400, title: 'This field cannot be changed by a push' },
  INVALID_LANGUAGE: { status: 400, title: 'The language tag is malformed' },
  EFFECTIVE_IN_FUTURE: { status: 400, title: 'The report lies in the future' },
  UNAUTHENTICATED: { status: 401, title: 'The credential is missing or not valid' },
  FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  SCOPE_MISSING: { status: 403, title: 'The key lacks a scope' },
  MEMBERSHIP_ENDED: { status: 403, title: 'The organisation is no longer a member of the alliance' },
  NOT_LEAD: { status: 403, title: 'Only the lead of the action may set its status' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  UNKNOWN_ACTION: { status: 404, title: 'No such action' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here' },
  NOT_ACCEPTABLE: { status: 406, title: 'No offered representation is acceptable' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time' },
  CONFLICT: { status: 409, title: 'The change conflicts with what is stored' },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: 'The same request is still running' },
  NOT_SETTLED: { status: 409, title: 'What was known then may still change' },
  EXTERNAL_ID_TAKEN: { status: 409, title: 'The external id already names another action' },
  EVENT_ID_REUSED: { status: 409, title: 'The event id was used before with another content' },
  TRANSITION_NOT_ALLOWED: { status: 409, title: 'The status cannot follow the current one' },
  NARRATIVE_MISSING: { status: 409, title: 'A step back needs words that explain it' },
  REPORTER_NOT_PARTY: { status: 409, title: 'The reporter neither leads nor contributes to the action' },
  LEAVES_TERMINAL_STATE: { status: 409, title: 'A push cannot reopen a closed or cancelled action' },
  CIRCULAR_RELATION: { status: 409, title: 'The relation would lead back to the action' },
  PLAN_STATE: { status: 409, title: 'The plan version is not in the state this needs' },
  PLAN_OVERLAP: { status: 409, title: 'The term overlaps another plan' },
  DECISION_REQUIRED: { status: 409, title: 'Adoption needs a decision' },
  MANDATE_OUT_OF_SCOPE: { status: 409, title: 'The mandate does not cover this' },
  LINK_OUTSIDE_TERM: { status: 409, title: 'The agenda and the plan do not both hold then' },
  BUDGET_EXCEEDED: { status: 409, title: 'More is planned for the year than is structurally available' },
  NOTICE_BEFORE_ADOPTION: { status: 409, title: 'The council was told before the plan was adopted' },
  BREAKTHROUGH_STATE: { status: 409, title: 'The breakthrough cannot come to this state now' },
  CAPACITY_STATE: { status: 409, title: 'The capacity agreement cannot come to this state now' },
  IMMUTABLE: { status: 409, title: 'What was adopted or recorded cannot be changed' },
  VERSION_CONFLICT: { status: 412, title: 'Somebody changed it in the meantime' },
  CONTENT_TOO_LARGE: { status: 413, title: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The content type is not supported' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The Idempotency-Key was used with another request' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The address or the headers are too large' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  NOT_IMPLEMENTED: { status: 501, title: 'Legal, but not supported' },
  UNAVAILABLE: { status: 503, title: 'The service is not available for the moment' },
} as const

export type ErrorCode = keyof typeof catalogue
export type Path = readonly (string | number)[]

/** An error that its receiver may see: stable code, a message without internals, the path of the input at fault. */
export class Problem extends Error {
  readonly code: ErrorCode
  readonly path: Path
  /** All that was wrong with an input, when it is more than one thing. */
  readonly errors: readonly Problem[]

  constructor(code: ErrorCode, message: string = catalogue[code].title, path: Path = [], errors: readonly Problem[] = []) {
    super(message)
    this.name = 'Problem'
    this.code = code
    this.path = path
    this.errors = errors
  }

  get status(): number {
    return catalogue[this.code].status
  }
}

/** The row that a verb found changed: of which table, and the version its caller had seen. */
export interface Stale {
  table: string
  id: string
  base: number
  /** The object of the answer's payload, where that is another one. */
  shows?: string
}

/** Somebody changed the object since the version that was named; tells the version it has now, and of which row, so that the door can tell more. */
export class VersionConflict extends Problem {
  readonly currentVersion: number
  readonly stale: Stale | undefined

  constructor(currentVersion: number, path: Path, stale?: Stale) {
    super('VERSION_CONFLICT', `The version is ${currentVersion} by now`, path)
    this.currentVersion = currentVersion
    this.stale = stale
  }
}

/** A moment, or the end of a window, of which something may still be recorded; tells until when nothing more can be. */
export class NotSettled extends Problem {
  readonly settledUntil: string

  constructor(settledUntil: string, path: Path) {
    super('NOT_SETTLED', `What was known then may still change; it is settled until ${settledUntil}`, path)
    this.settledUntil = settledUntil
  }
}

interface DatabaseError {
  code?: string
  message?: string
  severity?: string
}

/** SQLSTATE → Problem. What the database says itself never leaves: it may embed SQL, values and names. */
export function fromDatabase(error: DatabaseError): Problem | undefined {
  if (isUnreachable(error)) return new Problem('UNAVAILABLE')
  const state = error.code
  if (state === undefined) return undefined
  if (state.startsWith('SP')) return fromSignal(state)
  switch (state) {
    case '22021': // NUL in text
    case '22P05': // NUL in jsonb
    case '22P02': // malformed uuid, number…
    case '22003': // numeric overflow
    case '22007': // malformed date
    case '22008': // date out of range
    case '22001': // too long
    case '23514': // check
    case '23502': // not null
      return new Problem('BAD_USER_INPUT', 'A value is malformed or out of range')
    case '23505':
    case '23503':
    case '23P01':
    case '40001':
    case '40P01':
      return new Problem('CONFLICT')
    case '42501':
      return new Problem('FORBIDDEN')
    case '57014': // statement timeout
    case '55P03': // lock timeout
    case '57P01':
    case '57P02':
    case '57P03':
    case '53300':
    case '08006':
    case '08001':
    case '08003':
      return new Problem('UNAVAILABLE')
    default:
      return undefined
  }
}

/** A database that could not be reached, or was lost under a statement: of that the driver tells by words alone. */
export const isUnreachable = ({ code = '', message = '' }: DatabaseError): boolean =>
  /^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(code) ||
  /timeout expired|Connection terminated|connection timeout|^Client has encountered a connection error/.test(message)

/** SQLSTATEs that our own database functions raise. */
const signals: Record<string, ErrorCode> = {
  SP401: 'UNAUTHENTICATED',
  SP403: 'MEMBERSHIP_ENDED',
  SP409: 'IMMUTABLE',
  SP410: 'DECISION_REQUIRED',
  SP411: 'MANDATE_OUT_OF_SCOPE',
  SP412: 'PLAN_STATE',
  SP422: 'BUDGET_EXCEEDED',
  SP427: 'LINK_OUTSIDE_TERM',
  SP428: 'BREAKTHROUGH_STATE',
  SP429: 'CIRCULAR_RELATION',
  SP443: 'CAPACITY_STATE',
  SP440: 'NOTICE_BEFORE_ADOPTION',
}

function fromSignal(state: string): Problem | undefined {
  const code = signals[state]
  return code === undefined ? undefined : new Problem(code)
}

/** Any thrown thing → what may be told about it. Unknown errors become an opaque INTERNAL. */
export function toProblem(error: unknown): Problem {
  return problemOf(error) ?? new Problem('INTERNAL')
}

/** What a thrown thing tells its receiver; nothing when it is a fault of ours. */
export function problemOf(error: unknown): Problem | undefined {
  return error instanceof Problem ? error : fromDatabase(sourceOf(error))
}

/** The driver's own error, which drizzle wraps in one without a code. */
export function sourceOf(error: unknown): DatabaseError {
  const wrapped = error instanceof Error && (error as DatabaseError).code === undefined && error.cause instanceof Error
  return (wrapped ? error.cause : error) as DatabaseError
}
