import { sql } from 'drizzle-orm'
import type { PrincipalActor } from '../../auth/actor.ts'
import type { Tx } from '../../db/session.ts'
import { type Path, Problem } from '../../errors.ts'

export interface SteeredAction {
  id: string
  version: number
}

/** An action whose agreed fields or parts are about to change, locked: by the programme team, or by who edits for its lead of today. */
export async function lockSteered(tx: Tx, actor: PrincipalActor, id: string | undefined, path: Path): Promise<SteeredAction> {
  const team = actor.roles.includes('PROGRAMME_TEAM')
  const { rows: seen } = id === undefined ? { rows: [] } : await tx.db.execute(sql`select from action a where a.id = ${id}`)
  if (id === undefined || seen.length === 0) throw new Problem('NOT_FOUND', 'No such action', path)
  const { rows } = await tx.db.execute<{ id: string; version: number }>(
    sql`select a.id, a.version from action a where a.id = ${id} and (${team} or exists (
        select from action_participation p where p.action_id = a.id and p.role = 'LEAD' and p.organisation_id = ${actor.organisationId}
          and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
      for no key update of a`,
  )
  const [found] = rows
  if (found === undefined) throw new Problem('NOT_LEAD', 'Only its lead and the programme team may change this', path)
  return found
}

/** Counts a change of the action that shows in other rows only, so that who saw it before finds that out. */
export async function countChange(tx: Tx, id: string): Promise<void> {
  await tx.db.execute(sql`update action set agreed_action_id = agreed_action_id where id = ${id}`)
}

/**
 * The ids of organisations that may take part from a day on: all but partners that are no member then (S19, S20).
 * Each that is not there or not then is told with its path.
 */
export async function organisationsOn(
  tx: Tx,
  wanted: readonly { slug: string; path: Path }[],
  day: string,
  wrong: Problem[],
): Promise<string[]> {
  const { rows } = await tx.db.execute<{ id: string; slug: string; admitted: boolean }>(
    sql`select o.id, o.slug, coalesce(bool_or(m.starts_on <= ${day} and (m.ends_on is null or m.ends_on > ${day})), true) as admitted
      from organisation o left join alliance_membership m on m.organisation_id = o.id
      where o.slug = any(${sql.param(wanted.map(({ slug }) => slug))}::text[]) group by o.id, o.slug`,
  )
  const known = new Map(rows.map((row) => [row.slug, row]))
  return wanted.flatMap(({ slug, path }) => {
    const found = known.get(slug)
    if (found?.admitted) return [found.id]
    wrong.push(new Problem('BAD_USER_INPUT', found ? `${slug} is no member of the alliance on ${day}` : `There is no "${slug}"`, path))
    return []
  })
}
