import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { canonical } from '../../input.ts'
import { agreedCodes } from '../codes.ts'

const codes = z.array(z.string().max(100)).max(50)

/** What an action counts for, each by the codes people know it by. */
export const tagLists = { pillars: codes, themes: codes, sdgs: z.array(z.int()).max(50), results: codes }
type List = keyof typeof tagLists
export type Tags = { [Name in List]?: readonly (string | number)[] | null | undefined }

/** Where a list is kept: a link to the thing, which a key names within the programme. */
const kept: Record<List, { link: string; tag: string; key: string; everywhere?: true }> = {
  pillars: { link: 'agreed_action_pillar', tag: 'pillar', key: 'code' },
  themes: { link: 'agreed_action_theme', tag: 'theme', key: 'code' },
  sdgs: { link: 'agreed_action_sdg', tag: 'sdg_goal', key: 'number', everywhere: true },
  results: { link: 'agreed_action_result', tag: 'result', key: 'code' },
}
const lists = Object.keys(kept) as List[]

/** The ids of the lists that are given; each code that is not there is told with its place. */
export async function tagIds(tx: Tx, given: Tags, programmeId: string, wrong: Problem[]): Promise<Partial<Record<List, string[]>>> {
  const found: Partial<Record<List, string[]>> = {}
  for (const list of lists) {
    const values = given[list]
    if (values == null) continue
    const { tag, key, everywhere } = kept[list]
    found[list] = await idsOf(tx, tag, key, values, list, wrong, everywhere ? sql`true` : sql`programme_id = ${programmeId}`)
  }
  return found
}

async function idsOf(
  tx: Tx,
  table: string,
  key: string,
  values: readonly (string | number)[],
  field: string,
  wrong: Problem[],
  within: SQL,
): Promise<string[]> {
  if (values.length === 0) return []
  const column = sql.identifier(key)
  const { rows } = await tx.db.execute<{ id: string; key: string }>(
    sql`select id, ${column}::text as key from ${sql.identifier(table)} where ${within} and ${column}::text = any(${sql.param(values.map(String))}::text[])`,
  )
  const known = new Map(rows.map((row) => [row.key, row.id]))
  for (const [place, value] of values.entries())
    if (!known.has(String(value))) wrong.push(new Problem('BAD_USER_INPUT', `There is no "${value}"`, [field, place]))
  return [...known.values()]
}

/** Tags an action in a draft with exactly these. */
export async function setTags(tx: Tx, agreedActionId: string, wanted: Partial<Record<List, string[]>>): Promise<void> {
  for (const list of lists) {
    const ids = wanted[list]
    if (ids === undefined) continue
    const link = sql.identifier(kept[list].link)
    const tag = sql.identifier(`${kept[list].tag}_id`)
    const given = sql`${sql.param(ids)}::uuid[]`
    await tx.db.execute(
      sql`update ${link} set withdrawn = true where agreed_action_id = ${agreedActionId} and not withdrawn and ${tag} <> all(${given})`,
    )
    await tx.db.execute(sql`insert into ${link} (agreed_action_id, ${tag}) select ${agreedActionId}, unnest(${given})
      on conflict (agreed_action_id, ${tag}) do update set withdrawn = false where ${link}.withdrawn`)
  }
}

/** Tags an action in a draft with what another is tagged with. */
export async function copyTags(tx: Tx, from: string, to: string): Promise<void> {
  for (const list of lists) {
    const link = sql.identifier(kept[list].link)
    const tag = sql.identifier(`${kept[list].tag}_id`)
    await tx.db.execute(
      sql`insert into ${link} (agreed_action_id, ${tag}) select ${to}, ${tag} from ${link} where agreed_action_id = ${from} and not withdrawn`,
    )
  }
}

/** The given lists that are another than the action has in the draft: as they were and as they are to be, in order. */
export async function changedTags(tx: Tx, agreedActionId: string, given: Tags): Promise<{ before: Tags; after: Tags }> {
  const before: Tags = {}
  const after: Tags = {}
  for (const list of lists) {
    if (given[list] == null) continue
    const { rows } = await tx.db.execute<{ codes: (string | number)[] }>(sql`select ${agreedCodes(sql`${agreedActionId}`, list)} as codes`)
    const was = rows[0]?.codes ?? []
    const wanted = inOrder(given[list])
    if (canonical(was) === canonical(wanted)) continue
    before[list] = was
    after[list] = wanted
  }
  return { before, after }
}

/** As the database orders codes: by their bytes, and numbers by their size. */
const inOrder = (values: readonly (string | number)[]): (string | number)[] =>
  [...new Set(values)].sort((a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : a < b ? -1 : 1))
