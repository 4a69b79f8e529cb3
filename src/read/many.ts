import { type SQL, sql } from 'drizzle-orm'
import type { FieldNode } from 'graphql'
import { isAfter } from '../db/watermark.ts'
import { NotSettled, Problem } from '../errors.ts'
import type { FieldArgs } from './arguments.ts'
import { listOf, type PathStep, quote, settled, type Writer } from './assemble.ts'
import { connection } from './connection.ts'
import type { Entity, ManyField, Order, RootField, Through } from './model.ts'
import { chosenOrders, type Ordering } from './page.ts'
import { itemsNonNull, placeOf, refused, type TypedPlace } from './place.ts'
import { fieldName, type Planning } from './planning.ts'
import { type Aliased, type Instance, keyOf, type Named, type RowsOf, toldOf } from './statements.ts'
import { canWrite, type Member, mostMembers, objectText } from './whole.ts'

/** Plans what is selected of each row. */
export type Select = (instance: Instance, nodes: readonly FieldNode[], path: readonly PathStep[]) => Writer

/** The rows of a list or connection, with what its order is called in a cursor. */
export interface ListOf extends RowsOf {
  names: readonly string[]
  args: FieldArgs
}

/** Plans the rows of a root field or a to-many relation: one, a list, or a connection. One statement, however many parents there are. */
export function manyOf(
  planning: Planning,
  place: TypedPlace,
  entity: Entity,
  field: RootField | ManyField<Aliased>,
  args: FieldArgs,
  parent: Instance | undefined,
  select: Select,
): Writer {
  const write = rowsAt(planning, place, entity, field, args, parent, select)
  return args.has('asOf') ? settledOnly(planning, place, args, parent, write) : write
}

/** Tells what was known at a moment only when nothing more can be recorded of it. A moment within a moment means nothing. */
function settledOnly(planning: Planning, place: TypedPlace, args: FieldArgs, parent: Instance | undefined, write: Writer): Writer {
  if (parent?.source.asOf !== undefined) {
    const twice = new Problem('BAD_USER_INPUT', 'What is above is told as of a moment already', ['asOf'])
    return (_row, answer) => refused(place, twice, answer)
  }
  planning.moments.push(args.field)
  return (row, answer) => {
    const { asOf } = answer.args[args.field] as { asOf: string }
    return isAfter(asOf, answer.settledUntil) ? refused(place, new NotSettled(answer.settledUntil, ['asOf']), answer) : write(row, answer)
  }
}

function rowsAt(
  planning: Planning,
  place: TypedPlace,
  entity: Entity,
  field: RootField | ManyField<Aliased>,
  args: FieldArgs,
  parent: Instance | undefined,
  select: Select,
): Writer {
  const rows = rowsOf(planning, entity, field, args, parent)
  if (field.as === 'connection') return connection(planning, place, rows, select)
  if (field.as === 'list' && parent !== undefined) {
    const whole = wholeList(planning, place, entity, { ...rows, parent })
    if (whole !== undefined) return whole
  }
  const instance = planning.statements.rows(rows)
  if (field.as === 'list') return list(planning, place, instance, parent, select)
  const write = select(instance, place.nodes, place.path)
  return (_row, answer) => {
    const found = answer.rows(instance.source.index, '')[0]
    return settled(place, found === undefined ? null : write(found, answer), answer)
  }
}

/** Which rows, and in which order: a client's own orders before those of the list, and the id last where they leave it open. */
function rowsOf(
  { statements }: Planning,
  entity: Entity,
  field: RootField | ManyField<Aliased>,
  args: FieldArgs,
  parent: Instance | undefined,
): ListOf {
  const named = statements.name(entity.table)
  const from = 'from' in field && field.from ? field.from(args) : entity.from
  const child = from === undefined ? named : { ...named, from: sql`${from} ${sql.identifier(named.name)}` }
  const between = 'through' in field ? (field.through as Through<Aliased, Aliased> | undefined) : undefined
  const through = between && statements.name(between.table)
  const orders = [
    ...chosenOrders(args, field.orderings),
    ...field.order.map((order, index) => ({ name: `${index}`, order: order as Order<Aliased, Aliased> })),
  ]
  const orderings: Ordering[] = orders.map(({ order }) => ({
    expression: sql`${order.sql(child.table, through?.table)}`,
    type: order.type,
    values: order.values,
    descending: order.descending ?? false,
  }))
  if (field.as === 'connection' || !orders.at(-1)?.order.unique)
    orderings.push({ expression: sql`${child.table.id}`, type: 'uuid', descending: false })
  return {
    parent,
    child,
    through,
    where: sql.join(
      conditions(entity, field, args, parent, child, through).map((condition) => sql`(${condition})`),
      sql` and `,
    ),
    orderings,
    names: [...orders.map(({ name }) => name), 'id'],
    args,
    asOf: parent?.source.asOf ?? (args.has('asOf') ? args.value('asOf', 'timestamptz') : undefined),
    shared: 'shared' in field ? (field.shared ?? false) : false,
  }
}

function conditions(
  entity: Entity,
  field: RootField | ManyField<Aliased>,
  args: FieldArgs,
  parent: Instance | undefined,
  { table }: Named,
  through: Named | undefined,
): SQL[] {
  const { on } = field as { on: (...tables: Aliased[]) => SQL }
  const between = 'through' in field ? (field.through as Through<Aliased, Aliased> | undefined) : undefined
  const past = parent?.source.asOf !== undefined || args.has('asOf')
  const filters = Object.entries(field.filters ?? {}).filter(([name]) => args.has(`where.${name}`))
  return [
    parent === undefined ? on(table, args) : on(parent.table, table, args, through?.table),
    ...(entity.scope ? [entity.scope(table)] : []),
    ...filters.map(([name, filter]) => filter(table, args.test(`where.${name}`), past)),
    ...(between && parent ? [between.on(parent.table, through?.table, args)] : []),
  ]
}

function list(planning: Planning, place: TypedPlace, instance: Instance, parent: Instance | undefined, select: Select): Writer {
  const slot = planning.slot()
  const write = listOf(slot, itemsNonNull(place), select(instance, place.nodes, [...place.path, { slot }]))
  const key = keyOf(parent)
  return (row, answer) => settled(place, write(answer.rows(instance.source.index, key(row)), answer), answer)
}

/** A list of objects of mere leaves that cannot fail, which the database writes whole. */
function wholeList(planning: Planning, place: TypedPlace, entity: Entity, rows: ListOf & { parent: Instance }): Writer | undefined {
  if (entity.abstract !== undefined || rows.asOf !== undefined) return undefined
  const type = planning.type(entity.name)
  const members: Member[] = planning.typed ? [{ key: '__resolved', constant: quote(type.name) }] : []
  for (const [key, nodes] of planning.fields(type, place.nodes)) {
    const name = fieldName(nodes)
    const field = entity.fields[name]
    if (name === '__typename') members.push({ key, constant: quote(type.name) })
    else if (field?.kind !== 'leaf') return undefined
    else {
      const expression = field.sql(rows.child.table, planning.args(type, nodes)) as SQL
      if (!canWrite(field.leaf, expression, placeOf(type, name, nodes, []).nonNull)) return undefined
      members.push({ key, leaf: field.leaf, expression })
    }
  }
  if (members.length > mostMembers) return undefined
  return toldOf(planning.statements.whole(rows, objectText(members)), rows.parent, (items) => `'[' + (${items} ?? '') + ']'`)
}
