import { sql } from 'drizzle-orm'
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { FieldArgs, PlannedStatement, Probe } from './arguments.ts'
import { type Answer, constant, objectOf, type PathStep, settled, type Writer } from './assemble.ts'
import { manyOf } from './many.ts'
import type { Entity, RootField } from './model.ts'
import { parseGlobalId } from './model.ts'
import { placeOf } from './place.ts'
import { fieldName, Planning } from './planning.ts'
import { selection } from './selection.ts'
import type { Shape } from './statements.ts'

/** An operation made into flat statements and a writer of its answer. Holds for every request that answers its probes alike. */
export interface Plan {
  statements: readonly PlannedStatement[]
  /** What each statement returns. */
  shapes: readonly Shape[]
  /** Writes the `data` of the answer, undefined when it is null. */
  write: (answer: Answer) => string | undefined
  /** The arguments of each field for these variables. */
  argumentsFor(variables: Record<string, unknown>): Record<string, unknown>[]
  /** The fields that are told as of a moment, by number. */
  moments: readonly number[]
  probes: readonly Probe[]
}

/** Plans one operation, or the selection of one object, from the read model. Used once. */
export class Planner {
  readonly #roots: Readonly<Record<string, RootField>>
  readonly #planning: Planning

  constructor(
    schema: GraphQLSchema,
    roots: Readonly<Record<string, RootField>>,
    kept: ReadonlySet<string>,
    fragments: Record<string, FragmentDefinitionNode>,
    variables: Record<string, unknown>,
    objects: 'plain' | 'typed' = 'plain',
  ) {
    this.#roots = roots
    this.#planning = new Planning(schema, kept, fragments, variables, objects)
  }

  /** Plans a query operation. */
  operation({ selectionSet }: OperationDefinitionNode): Plan {
    const query = this.#planning.schema.getQueryType() as GraphQLObjectType
    const selected = this.#planning.rootFields(query, selectionSet)
    const write = objectOf(selected.map(([key, nodes]) => ({ key, write: this.#rootField(query, key, nodes) })))
    return this.#plan((answer) => write([], answer))
  }

  /** Plans the fields selected of one object that is known by its uuid, as a mutation's payload needs. */
  object(entity: Entity, uuid: string, nodes: readonly FieldNode[], path: readonly PathStep[]): Plan {
    const { statements } = this.#planning
    const child = statements.name(entity.table)
    const where = sql`${child.table.id} = ${uuid}::uuid`
    const instance = statements.rows({ parent: undefined, child, through: undefined, where, orderings: [], asOf: undefined })
    const write = selection(this.#planning, entity, instance, nodes, path)
    return this.#plan((answer) => {
      const row = answer.rows(instance.source.index, '')[0]
      return row === undefined ? 'null' : write(row, answer)
    })
  }

  #plan(write: Plan['write']): Plan {
    const { statements, probes, argumentsFor, moments } = this.#planning
    return { statements: statements.planned, shapes: statements.shapes, write, argumentsFor, moments, probes }
  }

  #rootField(query: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Writer {
    const name = fieldName(nodes)
    if (name === '__typename') return constant(query.name)
    const field = this.#roots[name]
    if (field === undefined) throw new Error(`Query.${name} has no root in the read model`)
    const place = placeOf(query, name, nodes, [key])
    const args = this.#planning.args(query, nodes)
    const entity = field.as === 'node' ? entityOfId(field, args) : field.to()
    if (entity === undefined) return (_row, answer) => settled(place, null, answer)
    return manyOf(this.#planning, place, entity, field, args, undefined, (...selected) => selection(this.#planning, entity, ...selected))
  }
}

/** `node(id)`: the id names the type, so the shape depends on that part of it. */
function entityOfId(field: RootField, args: FieldArgs): Entity | undefined {
  const type = args.probe((values) => parseGlobalId(String(values.id ?? ''))?.type)
  return field.to().abstract?.types.find((entity) => entity.name === type)
}

export function fragmentsOf(document: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  }
  return fragments
}
