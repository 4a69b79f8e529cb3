import { type SQL, sql } from 'drizzle-orm'
import type { FieldNode, GraphQLObjectType } from 'graphql'
import type { FieldArgs } from './arguments.ts'
import { constant, leafOf, objectOf, type PathStep, settled, unless, type Writer } from './assemble.ts'
import { localised } from './localised.ts'
import { manyOf } from './many.ts'
import type { AnyField, BesideField, Entity, Field, GroupField, OneField, Through } from './model.ts'
import { objectAt, placeOf, type TypedPlace } from './place.ts'
import { fieldName, type Planning } from './planning.ts'
import { type Aliased, column, type Instance, neverNull } from './statements.ts'

/**
 * Plans the fields selected of an entity's row: each asks the row's statement for its columns, joins what is to-one, or opens a statement for what is
 * to-many, and returns the writer of its value. Of an interface: for each concrete type its own, chosen by the row.
 */
export function selection(
  planning: Planning,
  entity: Entity,
  instance: Instance,
  nodes: readonly FieldNode[],
  path: readonly PathStep[],
): Writer {
  if (entity.abstract === undefined) return object({ planning, entity, instance }, entity.fields, entity.name, nodes, path)
  const typename = column(instance.source, sql`${entity.abstract.typename(instance.table)}`)
  const byType = new Map(
    entity.abstract.types.map((type) => [type.name, object({ planning, entity: type, instance }, type.fields, type.name, nodes, path)]),
  )
  return (row, answer) => byType.get(row[typename] as string)?.(row, answer)
}

/** A row of an entity, while the fields selected of it are planned. */
interface Row {
  planning: Planning
  entity: Entity
  instance: Instance
}

function object(
  row: Row,
  fields: Record<string, Field<Aliased>>,
  typeName: string,
  nodes: readonly FieldNode[],
  path: readonly PathStep[],
): Writer {
  const { planning } = row
  const type = planning.type(typeName)
  const told = planning.typed ? [{ key: '__resolved', write: constant(typeName) }] : []
  return objectOf([
    ...told,
    ...planning.fields(type, nodes).map(([key, keyed]) => ({ key, write: field(row, fields, type, keyed, [...path, key]) })),
  ])
}

function field(
  row: Row,
  fields: Record<string, Field<Aliased>>,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  path: readonly PathStep[],
): Writer {
  const name = fieldName(nodes)
  if (name === '__typename') return constant(type.name)
  const asked = fields[name]
  if (asked === undefined) throw new Error(`${type.name}.${name} is not in the read model`)
  const place = placeOf(type, name, nodes, path)
  if (asked.kind !== 'beside') return ownField(row, asked, type, place)
  const beside = { ...row.instance, table: row.planning.statements.beside(row.instance, asked.row), optional: true }
  return ownField({ ...row, instance: beside }, asked.field, type, place)
}

function ownField(row: Row, asked: Exclude<Field<Aliased>, BesideField<Aliased>>, type: GraphQLObjectType, place: TypedPlace): Writer {
  const { planning, entity, instance } = row
  switch (asked.kind) {
    case 'leaf': {
      const expression = asked.sql(instance.table, planning.args(type, place.nodes))
      const index = column(instance.source, sql`${expression}`)
      return leafOf(asked.leaf, entity.name, index, place, neverNull(expression, instance))
    }
    case 'localised':
      return localised(planning, place, asked.sql(instance.table), instance, planning.args(type, place.nodes))
    case 'group':
      return group(row, place, asked)
    case 'one':
      return one(row, place, asked, planning.args(type, place.nodes))
    case 'any':
      return any(row, place, asked, planning.args(type, place.nodes))
    case 'many': {
      const child = asked.to()
      const args = planning.args(type, place.nodes)
      return manyOf(planning, place, child, asked, args, instance, (...selected) => selection(planning, child, ...selected))
    }
  }
}

/** A value object of the same row. */
function group(row: Row, place: TypedPlace, { fields, present }: GroupField<Aliased>): Writer {
  const { source, table } = row.instance
  const write = object(row, fields, objectAt(place).name, place.nodes, place.path)
  if (present === undefined) return write.source ? write : (values, answer) => settled(place, write(values, answer), answer)
  const index = column(source, sql`${present(table)}`)
  return unless({ source: `row[${index}] !== 't'`, holds: (values) => values[index] !== 't' }, place, write)
}

/** At most one row of another entity. */
function one(row: Row, place: TypedPlace, relation: OneField<Aliased>, args: FieldArgs): Writer {
  const { present, write } = joined(row, place, relation, args)
  return unless({ source: `row[${present}] === null`, holds: (values) => values[present] === null }, place, write)
}

/** The row that is there of several that may be, each of another entity. */
function any(row: Row, place: TypedPlace, { of }: AnyField<Aliased>, args: FieldArgs): Writer {
  const branches = of.map((relation) => joined(row, place, relation, args))
  return (values, answer) => {
    const branch = branches.find(({ present }) => values[present] !== null)
    return settled(place, branch === undefined ? null : branch.write(values, answer), answer)
  }
}

/** A row of another entity, joined into this row's statement: the column by which it is there, and its writer. */
function joined(
  { planning, instance: parent }: Row,
  place: TypedPlace,
  relation: OneField<Aliased>,
  args: FieldArgs,
): { present: number; write: Writer } {
  const { statements } = planning
  const entity = relation.to()
  const child = statements.name(entity.table)
  const between = relation.through && statements.name(relation.through.table)
  const joins: SQL[] = []
  if (between)
    joins.push(sql` left join ${between.from} on ${(relation.through as Through<Aliased, Aliased>).on(parent.table, between.table, args)}`)
  joins.push(sql` left join ${child.from} on ${relation.on(parent.table, child.table, args, between?.table)}`)
  const instance = statements.join(parent, child, joins)
  const present = column(instance.source, sql`${child.table.id}`)
  return { present, write: selection(planning, entity, instance, place.nodes, place.path) }
}
