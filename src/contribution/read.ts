import { eq, type SQL, sql } from 'drizzle-orm'
import { actionEntity } from '../action/read.ts'
import type { action } from '../action/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { type Entity, entity, group, leaf, localised, many, type Order, one } from '../read/model.ts'
import { contribution } from './table.ts'

type Contribution = typeof contribution

const mayWrite = sql`(select caller_may('member') and (caller_may('edit') or caller_may('push'))) is true`
const latestFirst: readonly Order<Contribution, undefined>[] = [{ sql: (c) => c.startsOn, type: 'date', descending: true }]

/** The sum of the rows that the caller sees: nothing where it sees none. */
const contributedAmount = (t: typeof action): SQL =>
  sql`(select sum(c.amount) from contribution c where c.action_id = ${t.id} and c.withdrawn_on is null)`

export const contributionEntity: Entity = entity<Contribution>({
  name: 'Contribution',
  table: contribution,
  fields: {
    id: leaf('id', (t) => t.id),
    version: leaf('int', (t) => t.version),
    kind: leaf('text', (t) => t.kind),
    amount: leaf('decimal', (t) => t.amount),
    hours: leaf('decimal', (t) => t.hours),
    fte: leaf('decimal', (t) => t.fte),
    description: localised((t) => t.description),
    period: group({ startsOn: leaf('date', (t: Contribution) => t.startsOn), endsOn: leaf('date', (t: Contribution) => t.endsOn) }),
    withdrawnOn: leaf('date', (t) => t.withdrawnOn),
    organisation: one<Contribution, typeof organisation>({ to: () => organisationEntity, on: (t, o) => eq(o.id, t.organisationId) }),
    action: one<Contribution, typeof action>({ to: () => actionEntity, on: (t, a) => eq(a.id, t.actionId) }),
    viewerCanEdit: leaf(
      'boolean',
      (t) => sql`(${mayWrite} and ${t.organisationId} = (select caller_organisation()) and ${t.withdrawnOn} is null)`,
    ),
  },
})

actionEntity.fields.contributions = many<typeof action, Contribution>({
  to: () => contributionEntity,
  as: 'connection',
  on: (t, c) => eq(c.actionId, t.id),
  order: latestFirst,
})
actionEntity.fields.contributedAmount = leaf('decimal', contributedAmount)
actionEntity.fields.viewerCanRecordContribution = leaf('boolean', () => mayWrite)

organisationEntity.fields.contributions = many<typeof organisation, Contribution>({
  to: () => contributionEntity,
  as: 'connection',
  on: (t, c) => eq(c.organisationId, t.id),
  order: latestFirst,
})

export const contributionEntities = [contributionEntity]
