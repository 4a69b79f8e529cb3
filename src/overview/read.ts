import { eq, type SQL, sql } from 'drizzle-orm'
import { actionEntity } from '../action/read.ts'
import { type action, agreedActionPillar, agreedActionSdg } from '../action/table.ts'
import { indicatorEntity } from '../indicator/read.ts'
import type { indicator } from '../indicator/table.ts'
import { pillarEntity, sdgGoalEntity } from '../programme/read.ts'
import { type pillar, sdgGoal } from '../programme/table.ts'
import { type Entity, entity, group, leaf, many, one, root } from '../read/model.ts'
import { indicatorSdg } from './table.ts'

type Goal = typeof sdgGoal
type Pillar = typeof pillar
type Action = typeof action

/** An action is live from its plan until it is closed, cancelled or suspended. */
const live = sql.raw(`('PIPELINE', 'IMPLEMENTATION', 'FINALISATION')`)

/** Counts what the caller may see, as every read does. */
export const sdgCoverageEntity: Entity = entity<Goal>({
  name: 'SdgCoverage',
  table: sdgGoal,
  node: false,
  fields: {
    sdg: one<Goal, Goal>({ to: () => sdgGoalEntity, on: (t, g) => eq(g.id, t.id) }),
    named: leaf('boolean', (t) => sql`exists (select from programme_sdg s where s.sdg_goal_id = ${t.id})`),
    liveActionCount: leaf(
      'int',
      (t) => sql`(select count(*) from agreed_action_sdg l join action a on a.agreed_action_id = l.agreed_action_id
        where l.sdg_goal_id = ${t.id} and not l.withdrawn and a.status in ${live})`,
    ),
    indicatorCount: leaf('int', (t) => sql`(select count(*) from indicator_sdg l where l.sdg_goal_id = ${t.id})`),
    liveActions: many<Goal, Action, typeof agreedActionSdg>({
      to: () => actionEntity,
      as: 'connection',
      through: { table: agreedActionSdg, on: (t, l) => sql`${l.sdgGoalId} = ${t.id} and not ${l.withdrawn}` },
      on: (_t, a, _args, l) => sql`${a.agreedActionId} = ${l.agreedActionId} and ${a.status} in ${live}`,
      order: [{ sql: (a) => a.ref, type: 'text' }],
      shared: true,
    }),
    indicators: many<Goal, typeof indicator, typeof indicatorSdg>({
      to: () => indicatorEntity,
      as: 'list',
      through: { table: indicatorSdg, on: (t, l) => eq(l.sdgGoalId, t.id) },
      on: (_t, i, _args, l) => eq(i.id, l.indicatorId),
      order: [{ sql: (i) => i.code, type: 'text' }],
      shared: true,
    }),
  },
})

indicatorEntity.fields.sdgs = many<typeof indicator, Goal, typeof indicatorSdg>({
  to: () => sdgGoalEntity,
  as: 'list',
  through: { table: indicatorSdg, on: (t, l) => eq(l.indicatorId, t.id) },
  on: (_t, g, _args, l) => eq(g.id, l.sdgGoalId),
  order: [{ sql: (g) => g.number, type: 'int' }],
  shared: true,
})

/** Something computed over the actions of a pillar. */
const ofActions = (what: string, condition?: SQL) => (t: Pillar) =>
  sql`(select ${sql.raw(what)} from agreed_action_pillar l join action a on a.agreed_action_id = l.agreed_action_id
    where l.pillar_id = ${t.id} and not l.withdrawn${condition === undefined ? sql`` : sql` and ${condition}`})`
const inStatus = (status: string) => leaf('int', ofActions('count(*)', sql.raw(`a.status = '${status}'`)))
const inHealth = (health: string) => leaf('int', ofActions('count(*)', sql.raw(`a.health = '${health}'`)))

pillarEntity.fields.rollUp = group<Pillar>({
  actionCount: leaf('int', ofActions('count(*)')),
  byStatus: group({
    pipeline: inStatus('PIPELINE'),
    implementation: inStatus('IMPLEMENTATION'),
    finalisation: inStatus('FINALISATION'),
    closed: inStatus('CLOSED'),
    cancelled: inStatus('CANCELLED'),
    suspended: inStatus('SUSPENDED'),
  }),
  byHealth: group({
    onTrack: inHealth('ON_TRACK'),
    atRisk: inHealth('AT_RISK'),
    offTrack: inHealth('OFF_TRACK'),
    unknown: inHealth('UNKNOWN'),
  }),
  progressCount: leaf('int', ofActions('count(a.progress_percent)')),
  progressMean: leaf('decimal', ofActions('round(avg(a.progress_percent), 1)')),
})

pillarEntity.fields.actions = many<Pillar, Action, typeof agreedActionPillar>({
  to: () => actionEntity,
  as: 'connection',
  through: { table: agreedActionPillar, on: (t, l) => sql`${l.pillarId} = ${t.id} and not ${l.withdrawn}` },
  on: (_t, a, _args, l) => sql`${a.agreedActionId} = ${l.agreedActionId}`,
  order: [{ sql: (a) => a.ref, type: 'text' }],
  shared: true,
})

export const overviewEntities = [sdgCoverageEntity]

export const overviewRoots = {
  sdgCoverage: root<Goal>({
    to: () => sdgCoverageEntity,
    as: 'list',
    on: () => sql`true`,
    order: [{ sql: (g) => g.number, type: 'int' }],
  }),
}
