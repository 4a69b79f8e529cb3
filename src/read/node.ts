import { sql } from 'drizzle-orm'
import { type Entity, leaf, type RootField, root } from './model.ts'

/** The interface of whatever has a global id, and the root field that finds it: which table to look in, the id itself says. */
export function nodes(entities: readonly Entity[]): { nodeEntity: Entity; nodeRoot: RootField } {
  const types = entities.filter(({ node }) => node)
  const nodeEntity: Entity = {
    name: 'Node',
    table: (types[0] as Entity).table,
    node: false,
    fields: { id: leaf('id', (table: { id: ReturnType<typeof sql> }) => table.id) },
    abstract: { types, typename: () => sql`null` },
  }
  return {
    nodeEntity,
    nodeRoot: root<{ id: unknown }>({ to: () => nodeEntity, as: 'node', on: (table, args) => sql`${table.id} = ${args.id('id')}` }),
  }
}
