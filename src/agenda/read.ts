import { eq, sql } from 'drizzle-orm'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { executionPlanEntity, strategicAgendaEntity } from '../plan/read.ts'
import type { plan } from '../plan/table.ts'
import { themeEntity } from '../programme/read.ts'
import type { theme } from '../programme/table.ts'
import { type Args, type Entity, entity, group, leaf, localised, many, one } from '../read/model.ts'
import { agendaStep, agendaTheme, themeLink } from './table.ts'

type Theme = typeof agendaTheme
type Link = typeof themeLink
type Step = typeof agendaStep

export const agendaThemeEntity: Entity = entity<Theme>({
  name: 'AgendaTheme',
  table: agendaTheme,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    scope: leaf('text', (t) => t.scope),
    title: localised((t) => t.title),
    text: localised((t) => t.text),
    example: leaf('boolean', (t) => t.example),
    theme: one<Theme, typeof theme>({ to: () => themeEntity, on: (t, c) => eq(c.id, t.themeId) }),
    agenda: one<Theme, typeof plan>({ to: () => strategicAgendaEntity, on: (t, p) => eq(p.id, t.planId) }),
    links: many<Theme, Link>({
      to: () => themeLinkEntity,
      as: 'list',
      on: (t, l, args) => sql`${l.agendaThemeId} = ${t.id} and ${holdsOn(l, args)}`,
      order: [{ sql: (l) => l.startsOn, type: 'date' }],
    }),
    steps: many<Theme, Step>({
      to: () => agendaStepEntity,
      as: 'list',
      on: (t, s) => eq(s.agendaThemeId, t.id),
      order: [{ sql: (s) => s.createdAt, type: 'timestamptz' }],
    }),
    viewerCanEdit: leaf('boolean', () => sql`(select caller_may('team')) is true`),
  },
})

/** On the day asked for; when none is, at any time. */
const holdsOn = (l: Link, args: Args) =>
  args.has('on') ? sql`${args.value('on', 'date')} between ${l.startsOn} and ${l.endsOn}` : sql`true`

export const themeLinkEntity: Entity = entity<Link>({
  name: 'ThemeLink',
  table: themeLink,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    term: group({ startsOn: leaf('date', (t: Link) => t.startsOn), endsOn: leaf('date', (t: Link) => t.endsOn) }),
    theme: one<Link, Theme>({ to: () => agendaThemeEntity, on: (t, a) => eq(a.id, t.agendaThemeId) }),
    plan: one<Link, typeof plan>({ to: () => executionPlanEntity, on: (t, p) => eq(p.id, t.planId) }),
    action: one<Link, typeof action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
  },
})

export const agendaStepEntity: Entity = entity<Step>({
  name: 'AgendaStep',
  table: agendaStep,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    kind: leaf('text', (t) => t.kind),
    title: localised((t) => t.title),
    state: leaf('text', (t) => t.state),
    dueOn: leaf('date', (t) => t.dueOn),
    owner: one<Step, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    theme: one<Step, Theme>({ to: () => agendaThemeEntity, on: (t, a) => eq(a.id, t.agendaThemeId) }),
  },
})

strategicAgendaEntity.fields.themes = many<typeof plan, Theme>({
  to: () => agendaThemeEntity,
  as: 'list',
  on: (t, a) => eq(a.planId, t.id),
  order: [{ sql: (a) => a.createdAt, type: 'timestamptz' }],
})

executionPlanEntity.fields.themeLinks = many<typeof plan, Link>({
  to: () => themeLinkEntity,
  as: 'list',
  on: (t, l, args) => sql`${l.planId} = ${t.id} and ${holdsOn(l, args)}`,
  order: [{ sql: (l) => l.startsOn, type: 'date' }],
})

actionEntity.fields.themeLinks = many<typeof action, Link>({
  to: () => themeLinkEntity,
  as: 'list',
  on: (t, l, args) => sql`${l.actionId} = ${t.id} and ${holdsOn(l, args)}`,
  order: [{ sql: (l) => l.startsOn, type: 'date' }],
})

export const agendaEntities = [agendaThemeEntity, themeLinkEntity, agendaStepEntity]
