import { type SQL, sql } from 'drizzle-orm'
import { pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { agreedCodes } from '../action/codes.ts'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { planVersionEntity } from '../plan/read.ts'
import type { planVersion } from '../plan/table.ts'
import { type Entity, entity, leaf, many, one } from '../read/model.ts'

const planVersionChange = pgTable('plan_version_change', {
  id: uuid('id'),
  planVersionId: uuid('plan_version_id'),
  actionId: uuid('action_id'),
  kind: text('kind'),
  field: text('field'),
  before: text('before'),
  after: text('after'),
})
type Change = typeof planVersionChange

/** What is agreed of an action: the field as it is told, and its column. */
const agreedFields = [
  ['title', 'title'],
  ['description', 'description'],
  ['kind', 'kind'],
  ['scale', 'scale'],
  ['planned.startsOn', 'planned_start_on'],
  ['planned.endsOn', 'planned_end_on'],
  ['crossDomain', 'cross_domain'],
] as const
const tagLists = ['pillars', 'themes', 'sdgs', 'results'] as const

/** The slug of who leads an action, as the version froze it; of a version that is not frozen yet, as it is recorded now. */
const leadIn = (version: 'b' | 'v'): SQL => {
  const snapshot = sql.raw(`${version}.snapshot`)
  return sql`case when ${snapshot} is null then (
      select to_jsonb(o.slug) from action_participation p join organisation o on o.id = p.organisation_id
      where p.action_id = pair.action_id and p.role = 'LEAD' order by p.starts_on desc limit 1)
    else (
      select part -> 'organisation' from action a,
        jsonb_path_query(${snapshot}, '$.actions[*] ? (@.ref == $ref).participations[*] ? (@.role == "LEAD")', jsonb_build_object('ref', a.ref)) part
      where a.id = pair.action_id order by part ->> 'startsOn' desc limit 1) end`
}

const [formerId, nowId] = [sql`pair.former_id`, sql`pair.now_id`]

/** What may differ of an action in both versions, a row each. */
const compared = sql.join(
  [
    ...agreedFields.map(([field, column]) => sql.raw(`('${field}', to_jsonb(pair.former_${column}), to_jsonb(pair.now_${column}))`)),
    ...tagLists.map((list) => sql`(${sql.raw(`'${list}'`)}, ${agreedCodes(formerId, list)}, ${agreedCodes(nowId, list)})`),
    sql`('lead', ${leadIn('b')}, ${leadIn('v')})`,
  ],
  sql`, `,
)

const pairColumns = sql.raw(agreedFields.map(([, column]) => `o.${column} as former_${column}, n.${column} as now_${column}`).join(', '))
const agreedIn = (version: 'b' | 'v'): SQL =>
  sql.raw(`(select * from agreed_action g where g.plan_version_id = ${version}.id and g.withdrawn is not true)`)

/**
 * What differs between a version and the one it is based on, from the rows that each of them froze, as far as the caller sees both; a row for each
 * thing. No view and no function of the database: as of a moment, the tables named here stand for what they were known to hold.
 */
const differences = sql`(
  select md5(concat_ws('/', d.plan_version_id, d.action_id, d.kind, d.field))::uuid as id, d.plan_version_id, d.action_id, d.kind, d.field,
    d.before #>> '{}' as before, d.after #>> '{}' as after
  from (
    select v.id as plan_version_id, null::uuid as action_id, 'CHANGED' as kind, t.field, t.before, t.after
    from plan_version v join plan_version b on b.id = v.based_on_id
      cross join lateral (values
        ('ambitions', b.ambitions, v.ambitions), ('objectives', b.objectives, v.objectives), ('approach', b.approach, v.approach),
        ('guidingPrinciples', b.guiding_principles, v.guiding_principles)) t (field, before, after)
    where t.before is distinct from t.after
    union all
    select v.id, pair.action_id, c.kind, c.field, c.before, c.after
    from plan_version v join plan_version b on b.id = v.based_on_id
      cross join lateral (
        select coalesce(n.action_id, o.action_id) as action_id, o.id as former_id, n.id as now_id, ${pairColumns}
        from ${agreedIn('b')} o full join ${agreedIn('v')} n on n.action_id = o.action_id) pair
      cross join lateral (
        select case when pair.former_id is null then 'ADDED' else 'REMOVED' end as kind, null as field, null::jsonb as before, null::jsonb as after
        where pair.former_id is null or pair.now_id is null
        union all
        select 'CHANGED', f.field, f.before, f.after from (values ${compared}) f (field, before, after)
        where pair.former_id is not null and pair.now_id is not null and f.before is distinct from f.after) c) d)`

export const planVersionChangeEntity: Entity = entity<Change>({
  name: 'PlanVersionChange',
  table: planVersionChange,
  node: false,
  from: differences,
  fields: {
    kind: leaf('text', (c) => c.kind),
    action: one<Change, typeof action>({ to: () => actionEntity, on: (c, a) => sql`${a.id} = ${c.actionId}` }),
    field: leaf('text', (c) => c.field),
    before: leaf('text', (c) => c.before),
    after: leaf('text', (c) => c.after),
  },
})

planVersionEntity.fields.changes = many<typeof planVersion, Change>({
  to: () => planVersionChangeEntity,
  as: 'connection',
  on: (t, c) => sql`${c.planVersionId} = ${t.id}`,
  order: [
    { sql: (c) => sql`coalesce((select a.ref from action a where a.id = ${c.actionId}), '')`, type: 'text' },
    { sql: (c) => sql`coalesce(${c.field}, '')`, type: 'text' },
  ],
})
