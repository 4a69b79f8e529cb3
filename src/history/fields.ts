import { Column, is } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/pg-core'
import type { Args, Entity, Field } from '../read/model.ts'

/** Fields that depend on an argument are not a column of the table. */
const none = new Proxy({} as Args, {
  get: () => () => {
    throw new Error('no arguments')
  },
})

/** The columns of an entity's table that the schema tells of → the field's name there (`term.startsOn` within a group). */
export function fieldsOf({ table, fields }: Entity): Record<string, string> {
  const columns = new Set(getTableConfig(table).columns.map(({ name }) => name))
  const found: Record<string, string> = {}
  const visit = (level: Record<string, Field<unknown>>, prefix: string) => {
    for (const [name, field] of Object.entries(level)) {
      if (field.kind === 'group') visit(field.fields, `${prefix}${name}.`)
      // What is worked out of a column bears its name.
      const column = field.kind === 'one' ? snake(`${name}Id`) : (columnOf(field, table) ?? snake(name))
      if (column !== undefined && columns.has(column)) found[column] ??= prefix + name
    }
  }
  visit(fields, '')
  delete found.id
  delete found.version
  return found
}

function columnOf(field: Field<unknown>, table: unknown): string | undefined {
  if (field.kind !== 'leaf' && field.kind !== 'localised') return undefined
  try {
    const expression = field.sql(table, none)
    return is(expression, Column) ? expression.name : undefined
  } catch {
    return undefined
  }
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A column that no entity tells of, as the schema would name it: `cross_domain` → `crossDomain`, `pillar_id` → `pillar`. */
export const named = (column: string): string =>
  column.replace(/_id$/, '').replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
