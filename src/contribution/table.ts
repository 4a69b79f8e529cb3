import { sql } from 'drizzle-orm'
import { check, date, index, numeric, pgEnum, pgTable, uuid } from 'drizzle-orm/pg-core'
import { action, isParty } from '../action/table.ts'
import { callerOrganisation, id, localised, may, register, stamps } from '../db/columns.ts'
import { organisation } from '../organisation/table.ts'

export const contributionKind = pgEnum('contribution_kind', ['MONEY', 'STAFF', 'IN_KIND'])

const own = sql`organisation_id = ${callerOrganisation}`

/**
 * What an organisation puts into an action of its own: money, staff or something else (S30). It stands apart from the municipal budget and
 * counts in none of its totals. Its organisation alone writes it; what is withdrawn stays as it was (trigger).
 */
export const contribution = pgTable(
  'contribution',
  {
    id: id(),
    actionId: uuid('action_id')
      .notNull()
      .references(() => action.id),
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisation.id),
    kind: contributionKind('kind').notNull(),
    /** In euros. */
    amount: numeric('amount', { precision: 14, scale: 2 }),
    hours: numeric('hours', { precision: 9, scale: 2 }),
    fte: numeric('fte', { precision: 6, scale: 2 }),
    description: localised('description'),
    startsOn: date('starts_on', { mode: 'string' }).notNull(),
    endsOn: date('ends_on', { mode: 'string' }),
    withdrawnOn: date('withdrawn_on', { mode: 'string' }),
    ...stamps(),
  },
  (t) => [
    check(
      'contribution_measure',
      sql`case ${t.kind}
        when 'MONEY' then ${t.amount} is not null and num_nonnulls(${t.hours}, ${t.fte}) = 0
        when 'STAFF' then ${t.amount} is null and num_nonnulls(${t.hours}, ${t.fte}) = 1
        else num_nonnulls(${t.amount}, ${t.hours}, ${t.fte}) = 0 and ${t.description} is not null end`,
    ),
    check('contribution_positive', sql`${t.amount} > 0 and ${t.hours} > 0 and ${t.fte} > 0`),
    check('contribution_description', sql`is_localised(${t.description})`),
    check('contribution_period', sql`${t.endsOn} >= ${t.startsOn}`),
    index('contribution_action').on(t.actionId, t.startsOn),
    index('contribution_organisation').on(t.organisationId, t.startsOn),
    ...register(
      'contribution',
      sql`${may('team')} or ${may('portfolio')} or (${may('contributions')} and ${own}) or (${may('party_contributions')} and ${isParty('contribution')})`,
      sql`${own} and ${may('member')} and (${may('edit')} or ${may('push')})`,
    ),
  ],
)
