import { getTableName } from 'drizzle-orm'
import type { Tx } from '../db/session.ts'
import type { Stale } from '../errors.ts'
import { instant } from '../read/assemble.ts'
import type { Entity } from '../read/model.ts'
import { fieldsOf, named } from './fields.ts'

/** What became of a row since a version of it, as the caller may see it. */
export interface Changed {
  fields: readonly string[]
  organisationId: string | undefined
  at: string | undefined
}

const kept = "'id', 'system_period', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by'"

/** Compares a row with what it was in its base version. A caller who may not see one of the two is told no field. */
export async function changedSince(reader: Pick<Tx, 'rows'>, { table, id, base }: Stale, entities: readonly Entity[]): Promise<Changed> {
  const text = `select c.updated_at, case when (select caller_may('content') or caller_may('audit_all')) then organisation_of(c.updated_by) end,
      (select json_agg(f.key order by f.key) from "${table}_as_known" b, jsonb_each(to_jsonb(c)) f
        where b.id = c.id and b.version = $2::int and f.key not in (${kept}) and f.value is distinct from to_jsonb(b) -> f.key)
    from "${table}" c where c.id = $1::uuid`
  const [rows] = await reader.rows([{ text, values: [id, String(base)] }])
  const [at, organisationId, columns] = rows?.[0] ?? []
  const entity = entities.find((of) => getTableName(of.table) === table)
  const names = entity && fieldsOf(entity)
  const fields = (JSON.parse(columns ?? '[]') as string[]).flatMap((column) => (names ? (names[column] ?? []) : named(column)))
  return { fields: [...new Set(fields)].sort(), organisationId: organisationId ?? undefined, at: at ? instant(at) : undefined }
}

/** The object that the payload of a refused change shows: the row itself, or the one that the verb names. */
export const shownOf = ({ table, id, shows }: Stale, entity: Entity): string | undefined =>
  shows ?? (getTableName(entity.table) === table ? id : undefined)
