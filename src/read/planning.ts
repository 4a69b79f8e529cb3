import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { getArgumentValues } from 'graphql/execution/values.js'
import { FieldArgs, type Probe } from './arguments.ts'
import { Statements } from './statements.ts'

type Variables = Record<string, unknown>

/** The fields selected of an object, by response key; each with all its nodes. */
export type Selected = [key: string, nodes: readonly FieldNode[]][]

/**
 * What the planning of one operation has in common: the schema and the variables it is planned for, the statements made so far, and the arguments of
 * each of its fields by number, so that the plan can be bound to other variables.
 */
export class Planning {
  readonly schema: GraphQLSchema
  readonly statements: Statements
  /** What the plan's shape was made to depend on. */
  readonly probes: Probe[] = []
  /** An executor needs to be told which type an object of an interface has. */
  readonly typed: boolean
  readonly #fragments: Record<string, FragmentDefinitionNode>
  readonly #variables: Variables
  readonly #argumented: { field: GraphQLField<unknown, unknown>; node: FieldNode; values: Record<string, unknown> }[] = []
  #slots = 0

  /** The fields whose rows, and all below them, are told as of a moment, by the field's number. */
  readonly moments: number[] = []

  /** @param kept the tables of which the database keeps all states. */
  constructor(
    schema: GraphQLSchema,
    kept: ReadonlySet<string>,
    fragments: Record<string, FragmentDefinitionNode>,
    variables: Variables,
    objects: 'plain' | 'typed',
  ) {
    this.schema = schema
    this.statements = new Statements(kept)
    this.typed = objects === 'typed'
    this.#fragments = fragments
    this.#variables = variables
  }

  /** The fields of an operation's own selection. */
  rootFields(query: GraphQLObjectType, selection: SelectionSetNode): Selected {
    return [...collectFields(this.schema, this.#fragments, this.#variables, query, selection)]
  }

  /** The fields selected below these nodes of an object of this type. */
  fields(type: GraphQLObjectType, nodes: readonly FieldNode[]): Selected {
    return [...collectSubfields(this.schema, this.#fragments, this.#variables, type, nodes)]
  }

  /** The object type of this name. */
  type(name: string): GraphQLObjectType {
    return this.schema.getType(name) as GraphQLObjectType
  }

  /** The arguments of a field, under the next number. */
  args(type: GraphQLObjectType, nodes: readonly FieldNode[]): FieldArgs {
    const node = nodes[0] as FieldNode
    const field = type.getFields()[node.name.value] as GraphQLField<unknown, unknown>
    const values = getArgumentValues(field, node, this.#variables)
    const number = this.#argumented.push({ field, node, values }) - 1
    return new FieldArgs(number, values, this.probes)
  }

  /** A place for the running index of a list. */
  slot(): number {
    return this.#slots++
  }

  /** Reads the arguments of each field, by number, for other variables. What names none stays as it was read here. */
  get argumentsFor(): (variables: Variables) => Record<string, unknown>[] {
    const argumented = this.#argumented.map((asked) => ({
      ...asked,
      varies: (asked.node.arguments ?? []).some(({ value }) => namesVariable(value)),
    }))
    return (variables) => argumented.map(({ field, node, values, varies }) => (varies ? getArgumentValues(field, node, variables) : values))
  }
}

/** The name of a selected field. */
export const fieldName = (nodes: readonly FieldNode[]): string => (nodes[0] as FieldNode).name.value

function namesVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(namesVariable)
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => namesVariable(field.value))
  return value.kind === Kind.VARIABLE
}
