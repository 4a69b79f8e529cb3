import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { Credential, Session, Statement, TextRow, Tx } from '../db/session.ts'
import { Watermark } from '../db/watermark.ts'
import { type Binding, candidates } from './arguments.ts'
import type { Answer } from './assemble.ts'
import { publicScope, ResponseCache, requestKey, scopeOf } from './cache.ts'
import { keptTables } from './known.ts'
import type { Entity, RootField } from './model.ts'
import { fragmentsOf, type Plan, Planner } from './plan.ts'
import type { Shape } from './statements.ts'

/** A validated operation with its coerced variables. */
export interface Operation {
  document: DocumentNode
  source: string
  operationName: string | undefined
  operation: OperationDefinitionNode
  variables: Record<string, unknown>
}

export interface Answered {
  /** `data` as JSON text. */
  data: string
  errors: readonly GraphQLError[]
  whole?: never
}

/** An answer that was given before: the whole response, as it goes out. */
export interface Kept {
  whole: Buffer
}

/** What an operation asks with the variables it has: the same each time it is asked. */
interface Asked {
  plan: Plan
  args: Record<string, unknown>[]
  /** How the cache knows it, by the languages wanted. */
  requests: Map<string, string>
}

/** The plans of an operation: one for each set of variables that changes its shape. */
interface Plans {
  /** The variables that may switch fields on and off, which no argument tells. */
  switches: readonly string[]
  known: { plan: Plan; switched: readonly unknown[] }[]
}

const shapesKept = 16

/** Answers queries from the read model: an operation is planned once, then only bound, sent and assembled. */
export class ReadEngine {
  readonly #schema: GraphQLSchema
  readonly #roots: Readonly<Record<string, RootField>>
  readonly #session: Session
  readonly #cache: ResponseCache
  readonly #watermark: Watermark
  /** The tables of which the database keeps all states; asked for by the first operation that is told as of a moment. */
  #kept: ReadonlySet<string> | undefined
  /** They live as long as the operation, of which the door keeps as many as its cache of documents has room for. */
  readonly #plans = new WeakMap<OperationDefinitionNode, Plans>()
  readonly #asked = new WeakMap<Operation, Asked>()

  /** @param cacheBytes how many bytes of answers are kept for readers of the same scope; 0 keeps none. */
  constructor(schema: GraphQLSchema, roots: Readonly<Record<string, RootField>>, session: Session, cacheBytes: number) {
    this.#schema = schema
    this.#roots = roots
    this.#session = session
    this.#cache = new ResponseCache(session, cacheBytes)
    this.#watermark = new Watermark(session)
  }

  async query(operation: Operation, credential: Credential, languages: readonly string[]): Promise<Answered | Kept> {
    const asked = this.#asked.get(operation) ?? (await this.#ask(operation))
    const { plan, args } = asked
    const request = requestOf(operation, asked, languages)
    if (credential.kind === 'public') {
      const whole = this.#cache.get(publicScope, request)
      if (whole !== undefined) return { whole }
    }
    const binding = await this.#bound(plan, args, languages)
    const reading = this.#cache.keeps ? await this.#cache.readingOf(plan, this.#session) : undefined
    // The public is nobody in particular: what asks who is calling finds the same for all of it.
    if (reading === undefined || (reading.personal && credential.kind !== 'public')) {
      return assembled(plan, binding, await this.#session.read(credential, statementsOf(plan, binding)))
    }
    // Who is calling is judged by the database at every request, also when the answer is at hand.
    if (credential.kind !== 'public' && this.#cache.knows(request)) {
      const whole = this.#cache.get(scopeOf((await this.#session.readAs(credential, [])).actor), request)
      if (whole !== undefined) return { whole }
    }
    const ticket = this.#cache.begin(request, reading)
    const { actor, results } = await this.#session.readAs(credential, statementsOf(plan, binding))
    const answered = assembled(plan, binding, results)
    if (answered.errors.length === 0) this.#cache.keep(ticket, scopeOf(actor), Buffer.from(responseOf(answered.data)))
    return answered
  }

  /** A part of an operation, for an executor: told with the concrete type of what an interface names. */
  async part(
    operation: OperationDefinitionNode,
    fragments: Record<string, FragmentDefinitionNode>,
    variables: Record<string, unknown>,
    credential: Credential,
    languages: readonly string[],
  ): Promise<Answered> {
    const plan = await this.#planned(fragments, variables, 'typed', (planner) => planner.operation(operation))
    const binding = await this.#bound(plan, plan.argumentsFor(variables), languages)
    return assembled(plan, binding, await this.#session.read(credential, statementsOf(plan, binding)))
  }

  /** The fields selected of one object, within a verb's transaction or by a read of its own. */
  async object(
    tx: Pick<Tx, 'rows'>,
    entity: Entity,
    uuid: string,
    selection: { nodes: readonly FieldNode[]; fragments: Record<string, FragmentDefinitionNode>; variables: Record<string, unknown> },
    languages: readonly string[],
  ): Promise<unknown> {
    const { nodes, fragments, variables } = selection
    const plan = await this.#planned(fragments, variables, 'typed', (planner) => planner.object(entity, uuid, nodes, []))
    const binding = await this.#bound(plan, plan.argumentsFor(variables), languages)
    const { data, errors } = assembled(plan, binding, await tx.rows(statementsOf(plan, binding)))
    if (errors[0]) throw errors[0]
    return JSON.parse(data)
  }

  async #ask(operation: Operation): Promise<Asked> {
    const asked = { ...(await this.#planOf(operation)), requests: new Map<string, string>() }
    this.#asked.set(operation, asked)
    return asked
  }

  /** A plan fits when all that its shape was made to depend on is the same for these variables. */
  async #planOf({ operation, document, variables }: Operation): Promise<{ plan: Plan; args: Record<string, unknown>[] }> {
    let plans = this.#plans.get(operation)
    if (plans === undefined) {
      plans = { switches: switchesOf(operation), known: [] }
      this.#plans.set(operation, plans)
    }
    const switched = plans.switches.map((name) => variables[name])
    for (const known of plans.known) {
      if (known.switched.some((value, index) => value !== switched[index])) continue
      const args = known.plan.argumentsFor(variables)
      if (known.plan.probes.every(({ field, read, found }) => read(args[field] ?? {}) === found)) return { plan: known.plan, args }
    }
    const plan = await this.#planned(fragmentsOf(document), variables, 'plain', (planner) => planner.operation(operation))
    plans.known = [{ plan, switched }, ...plans.known].slice(0, shapesKept)
    return { plan, args: plan.argumentsFor(variables) }
  }

  async #planned(
    fragments: Record<string, FragmentDefinitionNode>,
    variables: Record<string, unknown>,
    objects: 'plain' | 'typed',
    make: (planner: Planner) => Plan,
  ): Promise<Plan> {
    const planner = (kept: ReadonlySet<string>) => new Planner(this.#schema, this.#roots, kept, fragments, variables, objects)
    const plan = make(planner(this.#kept ?? new Set()))
    if (plan.moments.length === 0 || this.#kept !== undefined) return plan
    this.#kept = await keptTables(this.#session)
    return make(planner(this.#kept))
  }

  /** What a plan is sent and assembled with; of a moment that may still change, so much is known before anything is read. */
  async #bound(plan: Plan, args: Record<string, unknown>[], languages: readonly string[]): Promise<Bound> {
    let settledUntil = ''
    for (const field of plan.moments) settledUntil = await this.#watermark.until(args[field]?.asOf as string)
    return { args, languages: candidates(languages), settledUntil }
  }
}

/** A response without errors, whole. */
export const responseOf = (data: string): string => `{"data":${data}}`

const languagesKept = 16

function requestOf({ source, operationName, variables }: Operation, { requests }: Asked, languages: readonly string[]): string {
  const wanted = languages.join()
  let request = requests.get(wanted)
  if (request === undefined) {
    if (requests.size === languagesKept) requests.clear()
    request = requestKey(source, [operationName, variables], languages)
    requests.set(wanted, request)
  }
  return request
}

interface Bound extends Binding {
  settledUntil: string
}

/** The boolean variables of an operation. */
function switchesOf({ variableDefinitions = [] }: OperationDefinitionNode): string[] {
  return variableDefinitions
    .filter(({ type }) => {
      const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type
      return named.kind === Kind.NAMED_TYPE && named.name.value === 'Boolean'
    })
    .map(({ variable }) => variable.name.value)
}

function statementsOf(plan: Plan, binding: Binding): Statement[] {
  return plan.statements.map(({ text, params }) => ({ text, values: params.map((param) => param(binding)) }))
}

function assembled(plan: Plan, binding: Bound, results: readonly TextRow[][]): Answered {
  const found = results.map((rows, index) => shaped[plan.shapes[index] as Shape](rows))
  const answer: Answer = {
    rows: (statement, parent) => {
      const rows = found[statement] as TextRow[] | Map<string, TextRow[]>
      return (rows instanceof Map ? rows.get(parent) : rows) ?? []
    },
    told: (statement, parent) => (found[statement] as Map<string, string | null>).get(parent),
    args: binding.args,
    languages: binding.languages,
    settledUntil: binding.settledUntil,
    indexes: [],
    errors: [],
  }
  return { data: plan.write(answer) ?? 'null', errors: answer.errors }
}

const shaped = {
  rows: (rows: TextRow[]) => rows,
  rowsByParent: (rows: TextRow[]) => {
    const groups = new Map<string, TextRow[]>()
    for (const row of rows) {
      const group = groups.get(row[0] as string)
      if (group === undefined) groups.set(row[0] as string, [row])
      else group.push(row)
    }
    return groups
  },
  toldByParent: (rows: TextRow[]) => new Map(rows.map(([parent, told]) => [parent as string, told as string | null])),
} satisfies Record<Shape, (rows: TextRow[]) => unknown>
