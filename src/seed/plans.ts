import { hash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { foldStatus, type Report } from '../action/status.ts'
import {
  action,
  actionParticipation,
  agreedAction,
  agreedActionPillar,
  agreedActionResult,
  agreedActionSdg,
  agreedActionTheme,
  statusReport,
  statusReportNarrative,
  statusReportSource,
} from '../action/table.ts'
import { decision, decisionPoint, mandate } from '../governance/table.ts'
import { planAdopt } from '../governance/write.ts'
import { plan, planVersion } from '../plan/table.ts'
import { type ExampleAction, type ExampleReport, exampleActions } from './actions.ts'
import { decisionOfTheExecutive, decisionPoints, mandateOfPointTwo, plans, theProgramme } from './programme.ts'
import type { Sowing } from './seed.ts'

export async function sowPlans({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(plan).values(
    plans.map(({ key, kind, title, startsOn, endsOn, neighbourhood }) => ({
      id: id('plan', key),
      programmeId,
      kind,
      title,
      startsOn,
      endsOn,
      neighbourhoodId: neighbourhood && id('neighbourhood', neighbourhood),
    })),
  )
  await db.insert(planVersion).values(
    plans.map(({ key, ambitions, objectives, approach }) => ({
      id: id('planVersion', key),
      planId: id('plan', key),
      number: 1,
      ambitions,
      objectives,
      approach,
    })),
  )
}

/** The example actions, as agreed in the first version of their plan, with what the programme team reported of some. */
export async function sowActions(sowing: Sowing): Promise<void> {
  const { tx, programmeId, id } = sowing
  const reported = exampleActions.map((of) => ({ of, reports: (of.reports ?? []).map((report) => reportOf(of.ref, report)) }))
  await tx.db.insert(action).values(
    reported.map(({ of: { ref, plan: ofPlan }, reports }) => ({
      id: id('action', ref),
      programmeId,
      planId: id('plan', ofPlan),
      ref,
      agreedActionId: id('agreedAction', ref),
      example: true,
      ...foldStatus(reports).current,
    })),
  )
  await sowAgreements(sowing)
  const all = reported.flatMap(({ of, reports }) => reports.map((report) => ({ ...report, actionId: id('action', of.ref) })))
  await sowReports(sowing, all)
}

async function sowAgreements({ tx: { db }, id }: Sowing): Promise<void> {
  await db.insert(agreedAction).values(
    exampleActions.map(({ ref, plan: of, title, description, kind, scale, planned, crossDomain = false }) => ({
      id: id('agreedAction', ref),
      actionId: id('action', ref),
      planId: id('plan', of),
      planVersionId: id('planVersion', of),
      versionState: 'DRAFT' as const,
      versionNumber: 1,
      title,
      description,
      kind,
      scale,
      plannedStartOn: planned[0],
      plannedEndOn: planned[1],
      crossDomain,
    })),
  )
  const tagged = <Tag>(tags: (of: ExampleAction) => readonly Tag[]) =>
    exampleActions.flatMap((of) => tags(of).map((tag) => ({ agreedActionId: id('agreedAction', of.ref), tag })))
  await db
    .insert(agreedActionPillar)
    .values(tagged((of) => of.pillars).map(({ tag, ...link }) => ({ ...link, pillarId: id('pillar', tag) })))
  await db.insert(agreedActionTheme).values(tagged((of) => of.themes).map(({ tag, ...link }) => ({ ...link, themeId: id('theme', tag) })))
  await db.insert(agreedActionSdg).values(tagged((of) => of.sdgs).map(({ tag, ...link }) => ({ ...link, sdgGoalId: id('sdg', tag) })))
  await db
    .insert(agreedActionResult)
    .values(tagged((of) => of.results).map(({ tag, ...link }) => ({ ...link, resultId: id('result', tag) })))
  await db.insert(actionParticipation).values(
    exampleActions.flatMap((of) =>
      parts(of).map(({ slug, role }) => ({
        actionId: id('action', of.ref),
        organisationId: id('organisation', slug),
        role,
        startsOn: of.planned[0] < theProgramme.startsOn ? of.planned[0] : theProgramme.startsOn,
      })),
    ),
  )
}

const parts = ({ lead, contributors, funders = [] }: ExampleAction) => [
  { slug: lead, role: 'LEAD' as const },
  ...contributors.map((slug) => ({ slug, role: 'CONTRIBUTING' as const })),
  ...funders.map((slug) => ({ slug, role: 'FUNDING' as const })),
]

/** All plans are submitted; when that was, the source does not say. */
export async function submitPlans({ tx: { db } }: Sowing): Promise<void> {
  await db.update(planVersion).set({ state: 'SUBMITTED' }).where(eq(planVersion.state, 'DRAFT'))
}

/** The decision of the executive with its two points, and what follows from each. */
export async function adoptProgrammePlan({ tx, actor, programmeId, id }: Sowing): Promise<void> {
  const decisionId = uuidv7()
  const points = decisionPoints.map((point) => ({
    ...point,
    id: uuidv7(),
    decisionId,
    outcome: decisionOfTheExecutive.outcome,
    planVersionId: point.type === 'ADOPTION' ? id('planVersion', 'programme') : null,
  }))
  const [adoption, grant] = points as [(typeof points)[0], (typeof points)[0]]
  await tx.db.insert(decision).values({ id: decisionId, programmeId, ...decisionOfTheExecutive })
  await tx.db.insert(decisionPoint).values(points)
  await tx.db
    .insert(mandate)
    .values({ decisionPointId: grant.id, planId: id('plan', 'programme'), ...mandateOfPointTwo, kinds: [...mandateOfPointTwo.kinds] })
  // The second state of a version that was made and submitted.
  await planAdopt(tx, actor, { planId: id('plan', 'programme'), expectedVersion: 2, decisionPointId: adoption.id })
}

type ToldReport = Report & { narrative: string }

async function sowReports({ tx: { db }, actor: { organisationId } }: Sowing, reports: readonly (ToldReport & { actionId: string })[]) {
  await db.insert(statusReport).values(reports.map((report) => ({ ...report, standing: 'ACCEPTED' as const })))
  await db.insert(statusReportSource).values(reports.map(({ id: reportId, ...source }) => ({ reportId, organisationId, ...source })))
  await db.insert(statusReportNarrative).values(
    reports.map(({ id: reportId, actionId, narrative }) => ({
      reportId,
      actionId,
      organisationId,
      narrative,
      visibility: 'ALLIANCE' as const,
    })),
  )
}

const reportOf = (ref: string, { on, ...said }: ExampleReport): ToldReport => ({
  ...said,
  id: uuidv7(),
  subject: 'ACTION',
  effectiveAt: `${on}T10:00:00.000000Z`,
  sourceSequence: null,
  tieBreak: hash('sha256', `${ref} ${on}`, 'hex'),
  pushed: false,
  hasNarrative: true,
})
