import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql'
import { catalogue, type ErrorCode, NotSettled, Problem, toProblem } from '../errors.ts'
import { TooExpensive } from './limits.ts'

/** Parsing, validation or coercion refused a well-formed request: for `application/json` that is status 200 by GraphQL over HTTP. */
export class OperationRefused extends Error {
  readonly code: ErrorCode
  readonly errors: readonly GraphQLFormattedError[]

  constructor(code: ErrorCode, errors: readonly GraphQLFormattedError[]) {
    super(errors[0]?.message ?? catalogue[code].title)
    this.name = 'OperationRefused'
    this.code = code
    this.errors = errors
  }
}

export function problemExtensions(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    code: problem.code,
    ...(problem instanceof TooExpensive ? problem.extensions : undefined),
    ...(problem instanceof NotSettled ? { settledUntil: problem.settledUntil } : undefined),
    ...(problem.path.length > 0 ? { path: problem.path } : undefined),
    ...(problem.errors.length > 0 ? { errors: problem.errors.map(({ code, message, path }) => ({ code, message, path })) } : undefined),
    ...(problem.code === 'INTERNAL' ? { requestId } : undefined),
  }
}

export const ofProblem = (problem: Problem, requestId: string): GraphQLFormattedError => ({
  message: problem.message,
  extensions: problemExtensions(problem, requestId),
})

/** What was thrown at first, under the layers that graphql-js and mercurius put around it. */
function originOf(error: GraphQLError): unknown {
  let origin: unknown = error
  for (let level = 0; level < 10 && origin instanceof GraphQLError && origin.originalError !== undefined; level++)
    origin = origin.originalError
  return origin
}

export const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(catalogue, code)

/** Kinds of node that graphql-js names when an argument's value is at fault, not our code. */
const valueKinds: ReadonlySet<string> = new Set([
  Kind.VARIABLE,
  Kind.VARIABLE_DEFINITION,
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
  Kind.BOOLEAN,
  Kind.NULL,
  Kind.ENUM,
  Kind.LIST,
  Kind.OBJECT,
  Kind.OBJECT_FIELD,
  Kind.ARGUMENT,
])

export interface FormatOptions {
  /** The code of errors that graphql-js made itself: by default GRAPHQL_VALIDATION_FAILED before execution, BAD_USER_INPUT in it. */
  code?: ErrorCode
  /** Gets every error of which the client learns only the request id. */
  onMasked?(error: unknown): void
}

/**
 * Errors as a client may see them. A Problem tells its code and message; what graphql-js says of the client's own document or input is told as it is;
 * a database error becomes the Problem of its SQLSTATE; everything else, whatever its message, is an opaque INTERNAL with the request id.
 */
export function formatGraphQLErrors(
  errors: readonly GraphQLError[],
  requestId: string,
  options: FormatOptions = {},
): GraphQLFormattedError[] {
  return errors.map((error) => {
    // graphql-js takes a thrown Problem, which has a path of its own, for an error that it located before, and hands it on bare.
    const { locations, path } = (error as unknown) instanceof Problem ? {} : error
    const place = { ...(locations === undefined ? undefined : { locations }), ...(path === undefined ? undefined : { path }) }
    const origin = originOf(error)
    if (origin instanceof GraphQLError) {
      // Thrown without nodes in execution: by a resolver, or by a scalar that cannot write what our code gave it. A code of ours says it is meant to be seen.
      const known = isCode(origin.extensions.code) ? origin.extensions.code : undefined
      const ours = path !== undefined && !(origin.nodes ?? []).some((node) => valueKinds.has(node.kind))
      if (known !== undefined || !ours) {
        const code = known ?? options.code ?? (path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT')
        return { message: error.message, ...place, extensions: { code } }
      }
    }
    const problem = toProblem(origin)
    if (problem.code === 'INTERNAL') options.onMasked?.(origin)
    // Before execution graphql-js says which variable or argument; the Problem says why. In execution the path says where.
    const message = path === undefined && problem === origin ? error.message : problem.message
    return { message, ...place, extensions: problemExtensions(problem, requestId) }
  })
}
