import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { type ErrorCode, Problem } from '../errors.ts'
import { formatGraphQLErrors, isCode, OperationRefused } from './errors.ts'
import { checkCost, checkShape, defaultLimits, estimateCost, holdCharacters, type Limits, type ListSize, tooManyTokens } from './limits.ts'
import { noNul, noNulInDocument } from './scalars.ts'

/** A parsed, validated operation within the limits, with its variables coerced. */
export interface PreparedOperation {
  /** The same object for the same source while it is cached: plans may hang on it in a WeakMap. */
  document: DocumentNode
  source: string
  operationName: string | undefined
  operation: OperationDefinitionNode
  rawVariables: Record<string, unknown>
  variables: Record<string, unknown>
  /** The estimate that was held against `Limits.cost`. */
  cost: number
}

const maxErrors = 10

export interface GraphqlParameters {
  query: string
  operationName: string | undefined
  variables: Record<string, unknown>
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parameters of a request: the body of a POST, the payload of a WebSocket `subscribe`, the parsed parameters of a GET. */
export function readParameters(input: unknown): GraphqlParameters {
  if (Array.isArray(input)) throw new Problem('BAD_REQUEST', 'Batches are not supported: send one operation a request')
  if (!isMap(input)) throw new Problem('BAD_REQUEST', 'The request must be a JSON object with a query')
  const { query, operationName, variables, extensions, documentId } = input
  if (documentId !== undefined && documentId !== null) {
    throw new Problem('BAD_REQUEST', 'documentId is not supported here: send the document in query', ['documentId'])
  }
  if (query === undefined || query === null) throw new Problem('BAD_REQUEST', 'The parameter query is missing', ['query'])
  if (typeof query !== 'string') throw new Problem('BAD_REQUEST', 'The parameter query must be a string', ['query'])
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw new Problem('BAD_REQUEST', 'The parameter operationName must be a string', ['operationName'])
  }
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (value !== undefined && value !== null && !isMap(value))
      throw new Problem('BAD_REQUEST', `The parameter ${name} must be a map`, [name])
  }
  return { query, operationName: operationName || undefined, variables: (variables ?? {}) as Record<string, unknown> }
}

/** @param admit judges the kind of the operation and throws what it does not admit; it comes before the answer of validation. */
export type Prepare = (parameters: GraphqlParameters, admit?: (kind: OperationTypeNode) => void) => PreparedOperation

interface Entry {
  document: DocumentNode | undefined
  refusal: OperationRefused | Problem | undefined
  /** Costs by operation and by the values of the variables that they depend on. */
  costs: Map<string, { cost: number; refusal: Problem | undefined }>
  variablesOf: Map<string, readonly string[]>
  weight: number
}

const cacheEntries = 1_000
/** An AST takes 370–490 bytes of heap a token (measured), so this is about 65,000 tokens, 600 operations of the usual size. */
const cacheBytes = 32 * 1024 * 1024
const costsPerEntry = 32

/**
 * Source → operation that may run. In this order, each step bounding the next: characters, tokens, shape, validation, choice of the operation, variables,
 * cost. What depends on the source alone is cached, refusals too; the cache is bounded in entries and bytes.
 */
export function createPrepare(schema: GraphQLSchema, options: { limits?: Partial<Limits>; listSize?: ListSize } = {}): Prepare {
  const limits: Limits = { ...defaultLimits, ...options.limits }
  const cache = new Map<string, Entry>()
  let bytes = 0

  const judge = (source: string): Entry => {
    const entry: Entry = {
      document: undefined,
      refusal: undefined,
      costs: new Map(),
      variablesOf: new Map(),
      weight: 2_000 + source.length * 4,
    }
    try {
      entry.document = parseWithin(source, limits)
      entry.weight += 500 * tokensOf(entry.document)
      checkShape(entry.document, limits)
      noNulInDocument(entry.document)
      const errors = validate(schema, entry.document, specifiedRules, { maxErrors })
      if (errors.length > 0) {
        const formatted = formatGraphQLErrors(errors, '')
        throw new OperationRefused(codeOf(formatted, 'GRAPHQL_VALIDATION_FAILED'), formatted)
      }
    } catch (error) {
      if (error instanceof OperationRefused || error instanceof Problem) entry.refusal = error
      else if (error instanceof RangeError) entry.refusal = parseFailed('The document is nested too deeply')
      else throw error
    }
    return entry
  }

  const look = (source: string): Entry => {
    let entry = cache.get(source)
    if (entry !== undefined) {
      cache.delete(source) // to the young end
      cache.set(source, entry)
      return entry
    }
    holdCharacters(limits, source)
    entry = judge(source)
    cache.set(source, entry)
    bytes += entry.weight
    for (const [oldest, { weight }] of cache) {
      if (cache.size <= cacheEntries && bytes <= cacheBytes) break
      cache.delete(oldest)
      bytes -= weight
    }
    return entry
  }

  const costOf = (entry: Entry, document: DocumentNode, operation: OperationDefinitionNode, variables: Record<string, unknown>): number => {
    const name = operation.name?.value ?? ''
    const dependsOn = entry.variablesOf.get(name)
    const key = (names: readonly string[]): string => JSON.stringify([name, ...names.map((variable) => variables[variable])])
    let known = dependsOn && entry.costs.get(key(dependsOn))
    if (known === undefined) {
      const estimate = estimateCost(schema, document, operation, variables, options.listSize)
      known = { cost: estimate.cost, refusal: undefined }
      try {
        checkCost(schema, estimate, limits)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        known.refusal = error
      }
      const names = [...estimate.variables].sort()
      entry.variablesOf.set(name, names)
      if (entry.costs.size >= costsPerEntry) entry.costs.clear()
      entry.costs.set(key(names), known)
    }
    if (known.refusal !== undefined) throw known.refusal
    return known.cost
  }

  return ({ query, operationName, variables: rawVariables }, admit) => {
    const entry = look(query)
    const { document, refusal } = entry
    const operation = document && choose(document, operationName)
    if (operation instanceof Problem || operation === undefined || document === undefined) throw refusal ?? operation
    admit?.(operation.operation)
    if (refusal !== undefined) throw refusal
    noNul(rawVariables, limits)
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], rawVariables, { maxErrors })
    if (coerced.errors !== undefined) {
      const errors = formatGraphQLErrors(coerced.errors, '', { code: 'BAD_USER_INPUT' })
      throw new OperationRefused(codeOf(errors, 'BAD_USER_INPUT'), errors)
    }
    const variables = coerced.coerced
    const cost = costOf(entry, document, operation, variables)
    return { document, source: query, operationName, operation, rawVariables, variables, cost }
  }
}

/** A list of errors has the code that all of them share. */
function codeOf(errors: readonly GraphQLFormattedError[], otherwise: ErrorCode): ErrorCode {
  const first = errors[0]?.extensions?.code
  return isCode(first) && errors.every((error) => error.extensions?.code === first) ? first : otherwise
}

const parseFailed = (message: string): OperationRefused =>
  new OperationRefused('GRAPHQL_PARSE_FAILED', [{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }])

function parseWithin(source: string, limits: Limits): DocumentNode {
  try {
    return parse(source, { maxTokens: limits.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    if (/^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(error.message)) throw tooManyTokens(limits)
    throw new OperationRefused('GRAPHQL_PARSE_FAILED', formatGraphQLErrors([error], '', { code: 'GRAPHQL_PARSE_FAILED' }))
  }
}

function tokensOf(document: DocumentNode): number {
  let count = 0
  for (let token = document.loc?.startToken; token != null; token = token.next ?? undefined) count++
  return count
}

function choose(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode | Problem {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (operationName !== undefined) {
    const named = operations.find((operation) => operation.name?.value === operationName)
    return (
      named ??
      new Problem('BAD_REQUEST', `The document has no operation called ${JSON.stringify(operationName.slice(0, 100))}`, ['operationName'])
    )
  }
  if (operations.length > 1)
    return new Problem('BAD_REQUEST', 'The document has several operations: name one in operationName', ['operationName'])
  return operations[0] ?? new Problem('BAD_REQUEST', 'The document has no operation')
}
