import { eq, sql } from 'drizzle-orm'
import { agendaThemeEntity } from '../agenda/read.ts'
import type { agendaTheme } from '../agenda/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { type Entity, entity, leaf, localised, many, one, root } from '../read/model.ts'
import { breakthrough, breakthroughStep, lobbyEffort, lobbySupport } from './table.ts'

type Breakthrough = typeof breakthrough
type Step = typeof breakthroughStep
type Effort = typeof lobbyEffort

const mayChange = (t: Breakthrough | Effort) =>
  sql`(caller_may('team') or caller_may('portfolio') or (caller_may('edit') and ${t.organisationId} = caller_organisation())) is true`

export const breakthroughEntity: Entity = entity<Breakthrough>({
  name: 'Breakthrough',
  table: breakthrough,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    obstacle: localised((t) => t.obstacle),
    level: leaf('text', (t) => t.level),
    state: leaf('text', (t) => t.state),
    resultingChange: localised((t) => t.resultingChange),
    example: leaf('boolean', (t) => t.example),
    owner: one<Breakthrough, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    agendaTheme: one<Breakthrough, typeof agendaTheme>({ to: () => agendaThemeEntity, on: (t, a) => eq(a.id, t.agendaThemeId) }),
    steps: many<Breakthrough, Step>({
      to: () => breakthroughStepEntity,
      as: 'list',
      on: (t, s) => eq(s.breakthroughId, t.id),
      order: [{ sql: (s) => s.number, type: 'int' }],
    }),
    lobbyEfforts: many<Breakthrough, Effort>({
      to: () => lobbyEffortEntity,
      as: 'list',
      on: (t, l) => eq(l.breakthroughId, t.id),
      order: [{ sql: (l) => l.startedOn, type: 'date' }],
    }),
    viewerCanAdvance: leaf('boolean', (t) => mayChange(t)),
  },
})

export const breakthroughStepEntity: Entity = entity<Step>({
  name: 'BreakthroughStep',
  table: breakthroughStep,
  fields: {
    id: leaf('id', (t) => t.id),
    state: leaf('text', (t) => t.state),
    takenOn: leaf('date', (t) => t.takenOn),
    explanation: leaf('text', (t) => t.explanation),
  },
})

export const lobbyEffortEntity: Entity = entity<Effort>({
  name: 'LobbyEffort',
  table: lobbyEffort,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    addressee: leaf('text', (t) => t.addressee),
    request: localised((t) => t.request),
    startedOn: leaf('date', (t) => t.startedOn),
    outcome: leaf('text', (t) => t.outcome),
    outcomeOn: leaf('date', (t) => t.outcomeOn),
    outcomeText: localised((t) => t.outcomeText),
    leader: one<Effort, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    breakthrough: one<Effort, Breakthrough>({ to: () => breakthroughEntity, on: (t, b) => eq(b.id, t.breakthroughId) }),
    supporters: many<Effort, typeof organisation, typeof lobbySupport>({
      to: () => organisationEntity,
      as: 'list',
      through: { table: lobbySupport, on: (t, x) => eq(x.lobbyEffortId, t.id) },
      on: (_t, o, _args, x) => eq(o.id, x.organisationId),
      order: [{ sql: (o) => o.slug, type: 'text' }],
      shared: true,
    }),
    viewerCanConclude: leaf('boolean', (t) => mayChange(t)),
  },
})

agendaThemeEntity.fields.breakthroughs = many<typeof agendaTheme, Breakthrough>({
  to: () => breakthroughEntity,
  as: 'list',
  on: (t, b) => eq(b.agendaThemeId, t.id),
  order: [{ sql: (b) => b.createdAt, type: 'timestamptz' }],
})

export const breakthroughEntities = [breakthroughEntity, breakthroughStepEntity, lobbyEffortEntity]

export const breakthroughRoots = {
  breakthroughs: root<Breakthrough>({
    to: () => breakthroughEntity,
    as: 'connection',
    on: () => sql`true`,
    order: [{ sql: (t) => t.createdAt, type: 'timestamptz', descending: true }],
    filters: {
      state: (t, test) => test(t.state, 'breakthrough_state'),
      level: (t, test) => test(t.level, 'breakthrough_level'),
      owner: (t, test) => sql`exists (select from organisation o where o.id = ${t.organisationId} and ${test(sql`o.slug`, 'text')})`,
    },
  }),
}
