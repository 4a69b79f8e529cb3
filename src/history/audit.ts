import { sql } from 'drizzle-orm'
import { auditEntry } from '../audit/table.ts'
import { organisationEntity } from '../organisation/read.ts'
import type { organisation } from '../organisation/table.ts'
import { entity, globalIdOf, leaf, one, root } from '../read/model.ts'

type Entry = typeof auditEntry

export const auditEntryEntity = entity<Entry>({
  name: 'AuditEntry',
  table: auditEntry,
  fields: {
    id: leaf('id', (t) => t.id),
    at: leaf('datetime', (t) => t.at),
    operation: leaf('text', (t) => t.operation),
    subjectType: leaf('text', (t) => t.subjectType),
    subjectId: leaf('text', (t) => globalIdOf(sql`${t.subjectType}`, sql`${t.subjectId}`)),
    outcome: leaf('text', (t) => t.outcome),
    requestId: leaf('text', (t) => t.requestId),
    actor: leaf('text', (t) => t.principalId),
    organisation: one<Entry, typeof organisation>({ to: () => organisationEntity, on: (t, o) => sql`${o.id} = ${t.organisationId}` }),
    before: leaf('text', (t) => t.before),
    after: leaf('text', (t) => t.after),
  },
})

export const auditRoots = {
  auditTrail: root<Entry>({
    to: () => auditEntryEntity,
    as: 'connection',
    on: (t, args) => {
      const conditions = [sql`true`]
      if (args.has('subject')) conditions.push(sql`${t.subjectId} = ${args.id('subject')}`)
      if (args.has('organisation'))
        conditions.push(
          sql`exists (select from organisation o where o.id = ${t.organisationId} and o.slug = ${args.value('organisation', 'text')})`,
        )
      if (args.has('from')) conditions.push(sql`${t.at} >= ${args.value('from', 'timestamptz')}`)
      if (args.has('to')) conditions.push(sql`${t.at} < ${args.value('to', 'timestamptz')}`)
      return sql.join(conditions, sql` and `)
    },
    order: [{ sql: (t) => t.at, type: 'timestamptz', descending: true }],
  }),
}
