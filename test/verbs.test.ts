import t from 'tap'
import { features } from '../src/features.ts'
import { makeSchema } from '../src/graphql/schema.ts'
import { accessDatabase } from './access/database.ts'
import { ask } from './access/doors.ts'
import type { Caller } from './access/fixture.ts'
import { attempt } from './access/least.ts'
import type { Role } from './access/matrix.ts'

/** Who may use each verb, typed by hand (domain §6); whoever is not named is refused, whatever it asks. */
const users: Readonly<Record<string, readonly Role[]>> = {
  planSubmit: ['PROGRAMME_TEAM'],
  planAdopt: ['PROGRAMME_TEAM'],
  planCreate: ['PROGRAMME_TEAM'],
  planDraftStart: ['PROGRAMME_TEAM'],
  planVersionEdit: ['PROGRAMME_TEAM'],
  planReturn: ['PROGRAMME_TEAM'],
  planWithdraw: ['PROGRAMME_TEAM'],
  planAmend: ['PORTFOLIO_HOLDER'],
  documentAttach: ['PROGRAMME_TEAM'],
  documentWithdraw: ['PROGRAMME_TEAM'],
  decisionRecord: ['PROGRAMME_TEAM'],
  decisionCorrect: ['PROGRAMME_TEAM'],
  actionRecordStatus: ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM'],
  noteCreate: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'],
  statusReportRetract: ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM'],
  statusReportDiscard: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  statusReportAccept: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  actionCreate: ['PROGRAMME_TEAM'],
  actionEditAgreed: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  actionRemoveFromDraft: ['PROGRAMME_TEAM'],
  actionHandOverLead: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  participationStart: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  participationEnd: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  milestoneAdd: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  milestoneEdit: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  milestoneReach: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  actionRelate: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  actionUnrelate: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  actionCarryOver: ['PROGRAMME_TEAM'],
  organisationCreate: ['ADMIN'],
  allianceJoin: ['ADMIN'],
  allianceLeave: ['ADMIN'],
  agendaThemeAdd: ['PROGRAMME_TEAM'],
  agendaThemeEdit: ['PROGRAMME_TEAM'],
  themeLinkMake: ['PROGRAMME_TEAM'],
  themeLinkEnd: ['PROGRAMME_TEAM'],
  agendaStepAdd: ['PROGRAMME_TEAM'],
  agendaStepEdit: ['PROGRAMME_TEAM'],
  breakthroughSignal: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'],
  breakthroughAdvance: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'],
  lobbyStart: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'],
  lobbySupportAdd: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'],
  lobbyConclude: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'],
  programmeExtend: ['PROGRAMME_TEAM'],
  themeAdd: ['PROGRAMME_TEAM'],
  resultAdd: ['PROGRAMME_TEAM'],
  resultEdit: ['PROGRAMME_TEAM'],
  policyLinkAdd: ['PROGRAMME_TEAM'],
  policyAlign: ['PROGRAMME_TEAM'],
  financialFrameAdd: ['PROGRAMME_TEAM'],
  financialFrameEdit: ['PROGRAMME_TEAM'],
  budgetLineAdd: ['PROGRAMME_TEAM'],
  budgetLineRevise: ['PROGRAMME_TEAM'],
  capacityAgreementRequest: ['PROGRAMME_TEAM'],
  capacityAgreementEdit: ['PROGRAMME_TEAM'],
  capacityAgreementAdvance: ['PROGRAMME_TEAM'],
  workStockItemAdd: ['PROGRAMME_TEAM'],
  workStockItemEnd: ['PROGRAMME_TEAM'],
  contributionRecord: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'],
  contributionEdit: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'],
  contributionWithdraw: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'],
  lessonRecord: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  lessonEdit: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  riskRecord: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  riskEdit: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'],
  indicatorNameSdg: ['RESEARCH_STATISTICS'],
  indicatorSetDisclosure: ['RESEARCH_STATISTICS'],
  regionConversionRecord: ['RESEARCH_STATISTICS'],
  neighbourhoodChooseHeadlines: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS'],
  participationEventRecord: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  participationEventCorrect: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  monitoringPlanDraft: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS'],
  monitoringPlanAdvance: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS'],
  evaluationRecord: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS'],
  publicationTextCreate: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  publicationTextEdit: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  publicationTextReview: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  publicationTextPublish: ['COMMUNICATION', 'PROGRAMME_TEAM'],
  councilNoticeRecord: ['PROGRAMME_TEAM'],
  councilNoticeCorrect: ['PROGRAMME_TEAM'],
  councilNoticeUnlinkDuty: ['PROGRAMME_TEAM'],
  informationDutyReschedule: ['PROGRAMME_TEAM'],
}

/** How the caller itself is refused, or nothing: what is wrong with the rest is not asked here. */
function refusal(body: string): string | undefined {
  const { errors } = JSON.parse(body) as { errors?: { extensions: { code: string } }[] }
  return errors?.[0]?.extensions.code
}

function expected(caller: Caller, allowed: readonly Role[]): string | undefined {
  if (caller.refused) return caller.refused === 'SP401' ? 'UNAUTHENTICATED' : 'MEMBERSHIP_ENDED'
  if (caller.key === undefined) return 'UNAUTHENTICATED'
  if (!caller.roles.some((role) => allowed.includes(role))) return 'FORBIDDEN'
  return caller.scoped ? undefined : 'SCOPE_MISSING'
}

t.test('every verb of the schema is for whom the matrix names, and needs its scope', async (t) => {
  const schema = makeSchema(features)
  const verbs = Object.keys(schema.getMutationType()?.getFields() ?? {})
  t.same(verbs.toSorted(), Object.keys(users).toSorted(), 'the matrix names every verb there is')
  const { fixture, app } = await accessDatabase(t)
  for (const verb of verbs) {
    const { query, variables } = attempt(schema, verb)
    const wrong: string[] = []
    for (const caller of fixture.callers) {
      const found = refusal((await ask(app, caller, query, variables)).body)
      const wanted = expected(caller, users[verb] ?? [])
      if (found !== wanted) wrong.push(`${caller.name}: ${found ?? 'let through'}, not ${wanted ?? 'let through'}`)
    }
    t.same(wrong, [], verb)
  }
})
