import { hash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/session.ts'
import { canonical } from '../input.ts'

/** What a version agrees, by the words people know it by: readable for as long as the programme lasts, without this database. */
export type Snapshot = Record<string, unknown>

/** All that is agreed in a version, in one statement, so of one moment, however many actions there are. */
export async function snapshotOf(tx: Tx, planVersionId: string): Promise<Snapshot> {
  const { rows } = await tx.db.execute<{ snapshot: Snapshot }>(sql`
    select json_build_object(
      'plan', json_build_object('kind', p.kind, 'title', p.title, 'startsOn', p.starts_on, 'endsOn', p.ends_on, 'neighbourhood', n.slug),
      'number', v.number, 'ambitions', v.ambitions, 'objectives', v.objectives, 'approach', v.approach,
      'guidingPrinciples', v.guiding_principles,
      'documents', (
        select coalesce(json_agg(json_build_object('kind', d.kind, 'title', d.title, 'mediaType', d.media_type, 'sha256', d.sha256, 'url', d.url) order by d.sha256), '[]')
        from document d where d.plan_version_id = v.id and not d.withdrawn),
      'actions', (
        select coalesce(json_agg(json_build_object(
          'ref', a.ref, 'title', g.title, 'description', g.description, 'kind', g.kind, 'scale', g.scale,
          'plannedStartOn', g.planned_start_on, 'plannedEndOn', g.planned_end_on, 'crossDomain', g.cross_domain, 'example', a.example,
          'pillars', array(select c.code from agreed_action_pillar l join pillar c on c.id = l.pillar_id
            where l.agreed_action_id = g.id and not l.withdrawn order by c.code collate "C"),
          'themes', array(select c.code from agreed_action_theme l join theme c on c.id = l.theme_id
            where l.agreed_action_id = g.id and not l.withdrawn order by c.code collate "C"),
          'sdgs', array(select c.number from agreed_action_sdg l join sdg_goal c on c.id = l.sdg_goal_id
            where l.agreed_action_id = g.id and not l.withdrawn order by c.number),
          'results', array(select c.code from agreed_action_result l join result c on c.id = l.result_id
            where l.agreed_action_id = g.id and not l.withdrawn order by c.code collate "C"),
          'participations', (
            select coalesce(json_agg(json_build_object(
              'role', r.role, 'organisation', o.slug, 'startsOn', r.starts_on, 'endsOn', r.ends_on
            ) order by r.role, o.slug collate "C", r.starts_on), '[]')
            from action_participation r join organisation o on o.id = r.organisation_id where r.action_id = a.id)
        ) order by a.ref collate "C"), '[]')
        from agreed_action g join action a on a.id = g.action_id where g.plan_version_id = v.id and not g.withdrawn)
    ) as snapshot
    from plan_version v join plan p on p.id = v.plan_id left join neighbourhood n on n.id = p.neighbourhood_id
    where v.id = ${planVersionId}`)
  return (rows[0] as { snapshot: Snapshot }).snapshot
}

/** SHA-256 (hex) of a snapshot, the same however its keys are ordered: jsonb keeps no order. */
export const contentHashOf = (snapshot: Snapshot): string => hash('sha256', canonical(snapshot), 'hex')
