import { and, eq } from 'drizzle-orm'
import { record } from '../audit/record.ts'
import { parseKey } from '../auth/key.ts'
import { type Role, roles, scopesOf } from '../auth/permissions.ts'
import { install, type Session } from '../db/session.ts'
import { planAdopt } from '../governance/write.ts'
import { neighbourhood } from '../neighbourhood/table.ts'
import { organisation } from '../organisation/table.ts'
import { issueKeys, type KeyRequest, keyCreated } from '../organisation/write.ts'
import { plan, planVersion } from '../plan/table.ts'
import { corePartners, municipality, plans, text } from './programme.ts'

/** The roles that every partner has machines for, and so has the municipality; all others are the municipality's. */
const everyones: readonly Role[] = ['PARTNER_READER', 'PARTNER_EDITOR', 'PARTNER_SYSTEM', 'BI_READER']

const holders: readonly { slug: string; role: Role }[] = [
  ...corePartners.flatMap((slug) => everyones.map((role) => ({ slug, role }))),
  ...roles.map((role) => ({ slug: municipality, role })),
]

/** Keys to try everything with, by `<role>@<organisation slug>`: one for each role of the access matrix and each alliance organisation. */
export async function makeDemoKeys(ownerUrl: string): Promise<Record<string, string>> {
  return install(ownerUrl, async (tx, actor) => {
    const known = await tx.db.select({ slug: organisation.slug, id: organisation.id }).from(organisation)
    const idOf = new Map(known.map(({ slug, id }) => [slug, id]))
    const requests = holders.map(({ slug, role }): KeyRequest => {
      const organisationId = idOf.get(slug)
      if (organisationId === undefined) throw new Error(`There is no ${slug}: seed first`)
      const label = `${role.toLowerCase()}@${slug}`
      return { organisationId, roles: [role], label, scopes: scopesOf([role]), expiresAt: null, environment: 'demo' }
    })
    const issued = await issueKeys(tx, requests)
    await record(tx, actor, ...issued.map((key) => keyCreated(key)))
    return Object.fromEntries(issued.map(({ label, key }) => [label, key]))
  })
}

/** No such decision was taken; the college had yet to decide on the execution plans when the source was written. */
const exampleDecision = {
  reference: 'VOORBEELD-2025-01',
  body: 'COLLEGE',
  decidedOn: '2025-10-07',
  outcome: 'CONFORM',
  title: text('Voorbeeld: uitvoeringsplan Pottenberg 2025-2026', 'Example: execution plan Pottenberg 2025-2026'),
  text: text(
    'Voorbeeld: het uitvoeringsplan 2025-2026 voor Pottenberg vast te stellen.',
    'Example: to adopt the execution plan 2025-2026 for Pottenberg.',
  ),
  example: true,
} as const

/** Adopts Pottenberg's execution plan, so that there is one to see in force; Nazareth's stays to be tried. Does nothing when that is done. */
export async function adoptExamplePlan(session: Session, programmeTeamKey: string): Promise<void> {
  const credential = parseKey(programmeTeamKey)
  if (credential === undefined) throw new Error('The key of the programme team is not a key')
  await session.write(credential, undefined, async (tx, actor) => {
    const { startsOn } = plans.find(({ key }) => key === 'pottenberg') as (typeof plans)[0]
    const [submitted] = await tx.db
      .select({ planId: plan.id, expectedVersion: planVersion.version })
      .from(planVersion)
      .innerJoin(plan, eq(plan.id, planVersion.planId))
      .innerJoin(neighbourhood, eq(neighbourhood.id, plan.neighbourhoodId))
      .where(and(eq(neighbourhood.slug, 'pottenberg'), eq(plan.startsOn, startsOn), eq(planVersion.state, 'SUBMITTED')))
    if (submitted) await planAdopt(tx, actor, { ...submitted, decision: exampleDecision })
  })
}
