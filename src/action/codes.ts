import { type SQL, sql } from 'drizzle-orm'

const keyed = { pillar: 'c.code collate "C"', theme: 'c.code collate "C"', sdg_goal: 'c.number', result: 'c.code collate "C"' } as const
const lists = {
  pillars: { link: 'pillar', of: 'pillar' },
  themes: { link: 'theme', of: 'theme' },
  sdgs: { link: 'sdg', of: 'sdg_goal' },
  results: { link: 'result', of: 'result' },
} as const

export type TagList = keyof typeof lists

/** The codes of what an agreed action is tagged with, as far as the caller sees them, as a JSON list. */
export function agreedCodes(agreedActionId: SQL, list: TagList): SQL {
  const { link, of } = lists[list]
  const key = sql.raw(keyed[of])
  return sql`coalesce((select jsonb_agg(${key} order by ${key}) from ${sql.raw(`agreed_action_${link} l join ${of} c on c.id = l.${of}_id`)}
    where l.agreed_action_id = ${agreedActionId} and l.withdrawn is not true), '[]')`
}
