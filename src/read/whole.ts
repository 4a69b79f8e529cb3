import { Column, is, type SQL, sql } from 'drizzle-orm'
import type { Leaf } from './model.ts'

/** A member of an object that the database can write: an expression of this kind, or words that are the same in every object. */
export type Member = { key: string; leaf: Leaf; expression: SQL | Column } | { key: string; constant: string }

const written: Partial<Record<Leaf, (value: SQL) => SQL>> = {
  text: (value) => sql`to_json(${value}::text)::text`,
  int: (value) => sql`${value}::text`,
  float: (value) => sql`${value}::text`,
  boolean: (value) => sql`${value}::text`,
  decimal: (value) => sql`'"' || ${value} || '"'`,
  date: (value) => sql`'"' || ${value} || '"'`,
}

/** Whether the database can write this leaf as this module's reader would, and cannot fail: a null where the schema forbids one is an error with a path. */
export const canWrite = (leaf: Leaf, expression: unknown, nonNull: boolean): boolean =>
  leaf in written && (!nonNull || (is(expression, Column) && expression.notNull))

/**
 * A row as the text of a JSON object, for lists of small objects (a series' figures): the database sends one text for each parent, in the time it
 * takes it to send the rows, and here nothing is left to do for each of them.
 */
export function objectText(members: readonly Member[]): SQL {
  const parts: SQL[] = []
  let words = '{'
  for (const [index, member] of members.entries()) {
    words += `${index === 0 ? '' : ','}${JSON.stringify(member.key)}:`
    if ('constant' in member) {
      words += member.constant
      continue
    }
    const { expression, leaf } = member
    const value = (written[leaf] as (value: SQL) => SQL)(sql`${expression}`)
    const certain = is(expression, Column) && expression.notNull
    parts.push(literal(words), certain ? value : sql`coalesce(${value}, 'null')`)
    words = ''
  }
  parts.push(literal(`${words}}`))
  return sql.join(parts, sql` || `)
}

/** Response keys and type names are GraphQL names, so that no quote or backslash is among these words but our own. */
const literal = (words: string): SQL => sql.raw(`'${words}'`)
