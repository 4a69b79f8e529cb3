import { type FieldNode, GraphQLError } from 'graphql'
import type { TextRow } from '../db/batch.ts'
import { globalId, type Leaf } from './model.ts'

/** A place in the answer: response keys, and for each list around it the slot that holds the running index. */
export type PathStep = string | { slot: number }

/** What assembling one answer needs beside the plan: the rows of each statement, the language, the errors met. */
export interface Answer {
  /** Rows of a statement by the key of their parent ('' for a root). */
  rows(statement: number, parent: string): readonly TextRow[]
  /** The arguments of each field, by the field's number. */
  args: readonly Record<string, unknown>[]
  languages: readonly string[]
  indexes: number[]
  errors: GraphQLError[]
}

/** Writes a value of a row as JSON text; undefined when a null stood where the schema forbids one, to be told by the nearest nullable parent. */
export type Writer = (row: TextRow, answer: Answer) => string | undefined

const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

export const quote = (text: string): string => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`)

/** `2025-06-24 10:00:00.5+00` → `2025-06-24T10:00:00.5Z`; connections run in UTC. */
export const instant = (text: string): string => `${text.slice(0, 10)}T${text.slice(11).replace(/\+00(:00)?$/, '')}Z`

const formats: Record<Exclude<Leaf, 'id'>, (text: string) => string> = {
  text: quote,
  int: (text) => text,
  float: (text) => text,
  decimal: (text) => `"${text}"`,
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  date: (text) => `"${text}"`,
  datetime: (text) => `"${instant(text)}"`,
  json: (text) => text,
}

export function formatOf(leaf: Leaf, typeName: string): (text: string) => string {
  return leaf === 'id' ? (uuid) => `"${globalId(typeName, uuid)}"` : formats[leaf]
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
  const parts = fields.map(({ key, write }, index) => ({ lead: `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`, write }))
  return (row, answer) => {
    let text = ''
    for (const { lead, write } of parts) {
      const value = write(row, answer)
      if (value === undefined) return undefined
      text += lead + value
    }
    return parts.length === 0 ? '{}' : `${text}}`
  }
}

/** A list of items; an item that fails is null where the list allows it, else fails the list. */
export function listOf(
  slot: number,
  itemNonNull: boolean,
  write: Writer,
): (rows: readonly TextRow[], answer: Answer) => string | undefined {
  return (rows, answer) => {
    let text = '['
    for (let index = 0; index < rows.length; index++) {
      answer.indexes[slot] = index
      const item = write(rows[index] as TextRow, answer)
      if (item === undefined && itemNonNull) return undefined
      text += (index === 0 ? '' : ',') + (item ?? 'null')
    }
    return `${text}]`
  }
}
