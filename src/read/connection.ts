import { sql } from 'drizzle-orm'
import type { FieldNode } from 'graphql'
import type { TextRow } from '../db/batch.ts'
import { type Answer, constant, listOf, objectOf, quote, settled, type Writer } from './assemble.ts'
import type { ListOf, Select } from './many.ts'
import { beyond, cursorsOf, limitOf, pageProblem, pageSize, writeCursor } from './page.ts'
import { itemsNonNull, objectAt, placeOf, refused, type TypedPlace } from './place.ts'
import { fieldName, type Planning } from './planning.ts'
import { column, type Instance, keyOf, rankOf, toldOf } from './statements.ts'

/** Plans a connection: a page of rows for each parent in one statement, and their number in another, each only when something selected needs it. */
export function connection(planning: Planning, place: TypedPlace, list: ListOf, select: Select): Writer {
  return new Connection(planning, place, list, select).writer()
}

class Connection {
  readonly #planning: Planning
  readonly #place: TypedPlace
  readonly #list: ListOf
  readonly #select: Select
  readonly #cursors: ReturnType<typeof cursorsOf>
  readonly #backward: boolean
  readonly #hasAfter: boolean
  readonly #hasBefore: boolean
  /** The running index of its items. */
  readonly #slot: number
  readonly #key: (row: TextRow) => string
  /** Whether one row more is read than the page holds. */
  #tellsNext = false
  #page: Instance | undefined

  constructor(planning: Planning, place: TypedPlace, list: ListOf, select: Select) {
    const { args } = list
    this.#planning = planning
    this.#place = place
    this.#list = list
    this.#select = select
    this.#cursors = cursorsOf(place.coordinate, list.orderings, list.names)
    this.#backward = args.has('last')
    this.#hasAfter = args.has('after')
    this.#hasBefore = args.has('before')
    this.#key = keyOf(list.parent)
    this.#slot = planning.slot()
  }

  writer(): Writer {
    const type = objectAt(this.#place)
    const fields = this.#planning.fields(type, this.#place.nodes).map(([key, nodes]) => ({ key, write: this.#field(key, nodes) }))
    const write = objectOf(fields)
    const { field } = this.#list.args
    return (row, answer) => {
      const problem = pageProblem(this.#cursors, answer.args[field] as object)
      if (problem !== undefined) return refused(this.#place, problem, answer)
      return settled(this.#place, write(row, answer), answer)
    }
  }

  #field(responseKey: string, nodes: readonly FieldNode[]): Writer {
    const type = objectAt(this.#place)
    const name = fieldName(nodes)
    if (name === '__typename') return constant(type.name)
    const place = placeOf(type, name, nodes, [...this.#place.path, responseKey])
    if (name === 'totalCount') return this.#totalCount()
    const instance = this.#rows()
    if (name === 'nodes') return this.#items(place, this.#select(instance, nodes, [...place.path, { slot: this.#slot }]))
    const cursor = this.#cursor(instance)
    return name === 'edges' ? this.#items(place, this.#edge(place, instance, cursor)) : this.#pageInfo(place, cursor)
  }

  /** The statement of the page's rows, made when the first field needs it. */
  #rows(): Instance {
    if (this.#page !== undefined) return this.#page
    const { args, orderings, where } = this.#list
    const paging = [where]
    if (this.#hasAfter) paging.push(beyond('after', args, orderings, this.#cursors))
    if (this.#hasBefore) paging.push(beyond('before', args, orderings, this.#cursors))
    this.#page = this.#planning.statements.rows({
      ...this.#list,
      where: sql.join(paging, sql` and `),
      page: { limit: limitOf(args.field, this.#cursors, () => this.#tellsNext), reversed: this.#backward },
    })
    return this.#page
  }

  /** All rows read for a parent: those of its page, and perhaps one more. */
  #read(row: TextRow, answer: Answer): readonly TextRow[] {
    return answer.rows((this.#page as Instance).source.index, this.#key(row))
  }

  #size(answer: Answer): number {
    return pageSize(answer.args[this.#list.args.field] as object)
  }

  #pageRows(row: TextRow, answer: Answer): readonly TextRow[] {
    const size = this.#size(answer)
    const all = this.#read(row, answer)
    const kept = all.length > size ? all.slice(0, size) : all
    return this.#backward ? [...kept].reverse() : kept
  }

  #items(place: TypedPlace, item: Writer): Writer {
    const write = listOf(this.#slot, itemsNonNull(place), item)
    return (row, answer) => settled(place, write(this.#pageRows(row, answer), answer), answer)
  }

  #cursor(instance: Instance): (row: TextRow) => string {
    const ranks = this.#list.orderings.map((_, index) => column(instance.source, rankOf(instance, index)))
    return (row) =>
      quote(
        writeCursor(
          this.#cursors,
          ranks.map((index) => row[index] as string | null),
        ),
      )
  }

  #edge(edges: TypedPlace, instance: Instance, cursor: Writer): Writer {
    const type = objectAt(edges)
    const path = [...edges.path, { slot: this.#slot }]
    const fields = this.#planning.fields(type, edges.nodes).map(([key, nodes]): { key: string; write: Writer } => {
      const name = fieldName(nodes)
      if (name === '__typename') return { key, write: constant(type.name) }
      if (name === 'cursor') return { key, write: cursor }
      const node = placeOf(type, name, nodes, [...path, key])
      const write = this.#select(instance, nodes, node.path)
      return { key, write: (row, answer) => settled(node, write(row, answer), answer) }
    })
    return objectOf(fields)
  }

  #pageInfo(place: TypedPlace, cursor: (row: TextRow) => string): Writer {
    const type = objectAt(place)
    this.#tellsNext = true
    const more: Writer = (row, answer) => String(this.#read(row, answer).length > this.#size(answer))
    const edge =
      (position: 0 | -1): Writer =>
      (row, answer) => {
        const found = this.#pageRows(row, answer).at(position)
        return found === undefined ? 'null' : cursor(found)
      }
    const writers: Record<string, Writer> = {
      __typename: constant(type.name),
      hasNextPage: this.#backward ? () => String(this.#hasBefore) : more,
      hasPreviousPage: this.#backward ? more : () => String(this.#hasAfter),
      startCursor: edge(0),
      endCursor: edge(-1),
    }
    return objectOf(this.#planning.fields(type, place.nodes).map(([key, nodes]) => ({ key, write: writers[fieldName(nodes)] as Writer })))
  }

  #totalCount(): Writer {
    return toldOf(this.#planning.statements.count(this.#list), this.#list.parent, (count) => `(${count} ?? '0')`)
  }
}
