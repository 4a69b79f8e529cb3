import { Column, is, type SQL, sql } from 'drizzle-orm'
import { PgEnumColumn } from 'drizzle-orm/pg-core'
import type { Leaf } from './model.ts'

/** A member of an object that the database can write: an expression of this kind, or words that are the same in every object. */
export type Member = { key: string; leaf: Leaf; expression: SQL | Column } | { key: string; constant: string }

/** How the database writes a leaf, for `concat`, which takes values as they are printed; `quoted` stand in quotes. */
const written: Partial<Record<Leaf, { value: (value: SQL) => SQL; quoted?: true }>> = {
  text: { value: (value) => sql`to_json(${value}::text)` },
  int: { value: (value) => value },
  float: { value: (value) => value },
  boolean: { value: (value) => sql`${value}::text` },
  decimal: { value: (value) => value, quoted: true },
  date: { value: (value) => value, quoted: true },
}

/** The words of an enum need no escape. */
const word = { value: (value: SQL) => value, quoted: true as const }

/** Whether the database can write this leaf as this module's reader would, and cannot fail: a null where the schema forbids one is an error with a path. */
export const canWrite = (leaf: Leaf, expression: unknown, nonNull: boolean): boolean =>
  leaf in written && (!nonNull || (is(expression, Column) && expression.notNull))

/** A function of PostgreSQL takes a hundred arguments; a member is at most two, and the words after the last one. */
export const mostMembers = 49

/**
 * A row as the text of a JSON object, for lists of small objects (a series' figures): the database sends one text for each parent, in the time it
 * takes it to send the rows, and here nothing is left to do for each of them. In one `concat`, which writes into one buffer, where each `||` copies all
 * that is before it.
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
    const { value, quoted } = is(expression, PgEnumColumn) ? word : (written[leaf] as typeof word)
    const quote = quoted ? '"' : ''
    if (is(expression, Column) && expression.notNull) {
      parts.push(literal(words + quote), value(sql`${expression}`))
      words = quote
    } else {
      const text = quoted ? sql`'"' || ${expression} || '"'` : sql`${value(sql`${expression}`)}::text`
      parts.push(literal(words), sql`coalesce(${text}, 'null')`)
      words = ''
    }
  }
  parts.push(literal(`${words}}`))
  return sql`concat(${sql.join(parts, sql`, `)})`
}

/** Response keys and type names are GraphQL names, so that no quote or backslash is among these words but our own. */
const literal = (words: string): SQL => sql.raw(`'${words}'`)
