import { type FieldNode, GraphQLError } from 'graphql'
import type { TextRow } from '../db/batch.ts'
import { globalId, type Leaf } from './model.ts'

/** A place in the answer: response keys, and for each list around it the slot that holds the running index. */
export type PathStep = string | { slot: number }

/** What assembling one answer needs beside the plan: the rows of each statement, the language, the errors met. */
export interface Answer {
  /** Rows of a statement by the key of their parent ('' for a root). */
  rows(statement: number, parent: string): readonly TextRow[]
  /** What a statement that tells one thing for each parent tells of this one. */
  told(statement: number, parent: string): string | null | undefined
  /** The arguments of each field, by the field's number. */
  args: readonly Record<string, unknown>[]
  languages: readonly string[]
  /** The watermark, where something is told as of a moment. */
  settledUntil: string
  indexes: number[]
  errors: GraphQLError[]
}

/** Writes a value of a row as JSON text; undefined when a null stood where the schema forbids one, to be told by the nearest nullable parent. */
export interface Writer {
  (row: TextRow, answer: Answer): string | undefined
  /** The same as JavaScript over `row`, where it cannot fail: the object around it is then written without calling it. */
  source?: string
}

const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

export const quote = (text: string): string => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`)

/** `2025-06-24 10:00:00.5+00` → `2025-06-24T10:00:00.5Z`; connections run in UTC. */
export const instant = (text: string): string => `${text.slice(0, 10)}T${text.slice(11).replace(/\+00(:00)?$/, '')}Z`

/** JavaScript that writes a leaf, from the JavaScript of its value. */
const sources: Record<Leaf, (value: string, typeName: string) => string> = {
  text: (value) => `quote(${value})`,
  int: (value) => value,
  float: (value) => value,
  json: (value) => value,
  decimal: (value) => `'"' + ${value} + '"'`,
  date: (value) => `'"' + ${value} + '"'`,
  boolean: (value) => `(${value} === 't' ? 'true' : 'false')`,
  datetime: (value) => `'"' + instant(${value}) + '"'`,
  id: (value, typeName) => `'"' + globalId('${typeName}', ${value}) + '"'`,
}

/**
 * Makes a function of JavaScript: an answer of 50 rows takes a sixth less time than through closures for each field (measured). All that stands in the
 * text is numbers, our own words, and names that GraphQL's grammar lets through (letters, digits and _), as JSON strings.
 */
function compiled<T>(body: string, called: readonly Writer[] = []): T {
  return new Function('quote', 'instant', 'globalId', 'called', body)(quote, instant, globalId, called)
}

/** A leaf in a column. `certain`: the column is never null. */
export function leafOf(leaf: Leaf, typeName: string, index: number, place: Place, certain: boolean): Writer {
  const value = `row[${index}]`
  const written = sources[leaf](value, typeName)
  if (certain) return inline(written)
  if (!place.nonNull) return inline(`(${value} === null ? 'null' : ${written})`)
  const write = inline(written)
  return (row, answer) => (row[index] === null ? settled(place, null, answer) : write(row, answer))
}

/** A writer of what cannot fail. */
export const inline = (source: string): Writer => Object.assign(compiled<Writer>(`return (row) => ${source}`), { source })

/** A name of the schema's own, as it is in every answer. */
export const constant = (name: string): Writer => inline(`'"${name}"'`)

/** What stands in a row, or null where a column tells that it does not: `absent` is JavaScript over the row. */
export function unless(absent: { source: string; holds: (row: TextRow) => boolean }, place: Place, write: Writer): Writer {
  if (!place.nonNull && write.source !== undefined) return inline(`(${absent.source} ? 'null' : ${write.source})`)
  return (row, answer) => settled(place, absent.holds(row) ? null : write(row, answer), answer)
}

export function pathOf(steps: readonly PathStep[], answer: Answer): (string | number)[] {
  return steps.map((step) => (typeof step === 'string' ? step : (answer.indexes[step.slot] as number)))
}

export interface Place {
  /** `Type.field`, for the message. */
  coordinate: string
  path: readonly PathStep[]
  nodes: readonly FieldNode[]
  nonNull: boolean
}

/** Settles a value that may be missing: null where the schema allows it, else an error at this place and the parent's to settle. */
export function settled(place: Place, text: string | undefined | null, answer: Answer): string | undefined {
  if (text !== null && text !== undefined) return text
  if (!place.nonNull) return 'null'
  if (text === null) {
    answer.errors.push(
      new GraphQLError(`Cannot return null for non-nullable field ${place.coordinate}.`, {
        nodes: place.nodes,
        path: pathOf(place.path, answer),
      }),
    )
  }
  return undefined
}

/** An object of fields in the order asked for. */
export function objectOf(fields: readonly { key: string; write: Writer }[]): Writer {
  if (fields.length === 0) return inline(`'{}'`)
  const leads = fields.map(({ key }, index) => JSON.stringify(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`))
  if (fields.every(({ write }) => write.source !== undefined)) {
    return inline(`${fields.map(({ write }, index) => `${leads[index]} + ${write.source}`).join(' + ')} + '}'`)
  }
  const lines = fields.map(({ write }, index) =>
    write.source !== undefined
      ? `text += ${leads[index]} + ${write.source}`
      : `value = write${index}(row, answer)\nif (value === undefined) return undefined\ntext += ${leads[index]} + value`,
  )
  const names = fields.map((_field, index) => `write${index}`)
  return compiled(
    `const [${names}] = called\nreturn (row, answer) => {\nlet value, text = ''\n${lines.join('\n')}\nreturn text + '}'\n}`,
    fields.map(({ write }) => write),
  )
}

/** A list of items; an item that fails is null where the list allows it, else fails the list. */
export function listOf(
  slot: number,
  itemNonNull: boolean,
  write: Writer,
): (rows: readonly TextRow[], answer: Answer) => string | undefined {
  const item = write.source ?? 'write(row, answer)'
  const failed = itemNonNull ? 'return undefined' : `item = 'null'`
  return compiled(
    `const [write] = called
return (rows, answer) => {
  let text = '['
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]
    answer.indexes[${slot}] = index
    let item = ${item}
    if (item === undefined) ${failed}
    text += index === 0 ? item : ',' + item
  }
  return text + ']'
}`,
    [write],
  )
}
