import { eq, sql } from 'drizzle-orm'
import { memberOn, membershipEntity } from '../organisation/read.ts'
import type { allianceMembership } from '../organisation/table.ts'
import { type Entity, entity, group, leaf, localised, many, one, root } from '../read/model.ts'
import { pillar, policyKind, policyLink, programme, programmeSdg, result, sdgGoal, theme } from './table.ts'

type Programme = typeof programme

export const programmeEntity: Entity = entity<typeof programme>({
  name: 'Programme',
  table: programme,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    code: leaf('text', (t) => t.code),
    name: localised((t) => t.name),
    summary: localised((t) => t.summary),
    term: group({ startsOn: leaf('date', (t: Programme) => t.startsOn), endsOn: leaf('date', (t: Programme) => t.endsOn) }),
    pillars: many<Programme, typeof pillar>({
      to: () => pillarEntity,
      as: 'list',
      on: (t, p) => eq(p.programmeId, t.id),
      order: [{ sql: (p) => p.position, type: 'int' }],
    }),
    themes: many<Programme, typeof theme>({
      to: () => themeEntity,
      as: 'list',
      on: (t, c) => eq(c.programmeId, t.id),
      order: [{ sql: (c) => c.code, type: 'text' }],
    }),
    sdgs: many<Programme, typeof sdgGoal, typeof programmeSdg>({
      to: () => sdgGoalEntity,
      as: 'list',
      through: { table: programmeSdg, on: (t, x) => eq(x.programmeId, t.id) },
      on: (_t, g, _args, x) => eq(g.id, x.sdgGoalId),
      order: [{ sql: (g) => g.number, type: 'int' }],
      shared: true,
    }),
    results: many<Programme, typeof result>({
      to: () => resultEntity,
      as: 'list',
      on: (t, r) => eq(r.programmeId, t.id),
      order: [{ sql: (r) => r.code, type: 'text' }],
    }),
    policyLinks: many<Programme, typeof policyLink>({
      to: () => policyLinkEntity,
      as: 'list',
      on: (t, l) => eq(l.programmeId, t.id),
      order: [{ sql: (l) => l.kind, type: 'policy_kind', values: policyKind.enumValues }],
    }),
    alliance: many<Programme, typeof allianceMembership>({
      to: () => membershipEntity,
      as: 'connection',
      on: (t, m, args) =>
        sql`${eq(m.programmeId, t.id)} and ${memberOn(m, args.has('on') ? args.value('on', 'date') : sql`(select today())`)}`,
      order: [
        { sql: (m) => m.startsOn, type: 'date' },
        { sql: (m) => sql`(select o.slug from organisation o where o.id = ${m.organisationId})`, type: 'text' },
      ],
    }),
  },
})

export const pillarEntity: Entity = entity<typeof pillar>({
  name: 'Pillar',
  table: pillar,
  fields: {
    id: leaf('id', (t) => t.id),
    code: leaf('text', (t) => t.code),
    position: leaf('int', (t) => t.position),
    name: localised((t) => t.name),
  },
})

export const themeEntity: Entity = entity<typeof theme>({
  name: 'Theme',
  table: theme,
  fields: { id: leaf('id', (t) => t.id), code: leaf('text', (t) => t.code), name: localised((t) => t.name) },
})

export const sdgGoalEntity: Entity = entity<typeof sdgGoal>({
  name: 'SdgGoal',
  table: sdgGoal,
  fields: { id: leaf('id', (t) => t.id), number: leaf('int', (t) => t.number), name: localised((t) => t.name) },
})

export const resultEntity: Entity = entity<typeof result>({
  name: 'Result',
  table: result,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    code: leaf('text', (t) => t.code),
    type: leaf('text', (t) => t.type),
    horizon: leaf('text', (t) => t.horizon),
    title: localised((t) => t.title),
    pillar: one<typeof result, typeof pillar>({ to: () => pillarEntity, on: (t, p) => eq(p.id, t.pillarId) }),
    parent: one<typeof result, typeof result>({ to: () => resultEntity, on: (t, p) => eq(p.id, t.parentId) }),
  },
})

export const policyLinkEntity: Entity = entity<typeof policyLink>({
  name: 'PolicyLink',
  table: policyLink,
  fields: {
    id: leaf('id', (t) => t.id),
    kind: leaf('text', (t) => t.kind),
    name: localised((t) => t.name),
    term: group({ startsOn: leaf('date', (t: typeof policyLink) => t.startsOn), endsOn: leaf('date', (t: typeof policyLink) => t.endsOn) }),
  },
})

export const programmeEntities = [programmeEntity, pillarEntity, themeEntity, sdgGoalEntity, resultEntity, policyLinkEntity]

export const programmeRoots = {
  programme: root<Programme>({ to: () => programmeEntity, as: 'one', on: (t, args) => sql`${t.code} = ${args.value('code', 'text')}` }),
}
