import type { FastifyInstance } from 'fastify'
import { type Answer, ask, send } from './doors.ts'
import type { Caller } from './fixture.ts'

/** What came of a verb: the code of its refusal, or that it was let through, perhaps with something to say. */
export type Outcome = { refused: string; answer: Answer } | { refused: undefined; said: string[]; answer: Answer }

/** What mutations show of what they changed: as much as they could give away. */
const shown = `action { ref title { text } notes(first: 50) { totalCount nodes { body organisation { slug } } }
  statusReports(first: 50) { totalCount nodes { narrative reportedBy { slug } effectiveAt } } }`

interface Told {
  data: Record<string, { userErrors: { code: string }[] }> | null
  errors?: { extensions: { code: string } }[]
}

/** Refusals of the caller; all other codes are about what it asked. */
const refusals = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'SCOPE_MISSING', 'MEMBERSHIP_ENDED'])

async function mutate(app: FastifyInstance, caller: Caller, query: string, variables: object): Promise<Outcome> {
  const answer = await ask(app, caller, query, variables)
  const { data, errors } = JSON.parse(answer.body) as Told
  const code = errors?.[0]?.extensions.code
  if (code !== undefined) return { refused: code, answer }
  return { refused: undefined, said: Object.values(data ?? {}).flatMap(({ userErrors }) => userErrors.map((error) => error.code)), answer }
}

async function call(app: FastifyInstance, caller: Caller, method: 'POST' | 'PUT', url: string, payload: object): Promise<Outcome> {
  const answer = await send(app, caller, method, url, payload)
  const { code } = JSON.parse(answer.body) as { code?: string }
  return code !== undefined && refusals.has(code) ? { refused: code, answer } : { refused: undefined, said: code ? [code] : [], answer }
}

export interface Given {
  app: FastifyInstance
  caller: Caller
  /** Global ids. */
  action: string
  plan: string
  planVersion: string
}

export const recordStatus = ({ app, caller, action }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    `mutation ($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, progressPercent: 20, narrative: "woorden", visibility: OWN_ORGANISATION })
      { disposition ${shown} userErrors { code } } }`,
    { id: action },
  )

export const createNote = ({ app, caller, action }: Given, visibility: string): Promise<Outcome> =>
  mutate(
    app,
    caller,
    `mutation ($id: ID!, $visibility: Visibility!) { noteCreate(actionId: $id, input: { body: "woorden", visibility: $visibility })
      { note { body ${shown} } userErrors { code } } }`,
    { id: action, visibility },
  )

export const submitPlan = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { planSubmit(id: $id, input: { expectedVersion: 99 }) { plan { title { text } versions { ambitions { text } } } userErrors { code } } }',
    { id: plan },
  )

export const adoptPlan = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { planAdopt(id: $id, input: { expectedVersion: 99 }) { plan { title { text } versions { ambitions { text } } } userErrors { code } } }',
    { id: plan },
  )

export const addAgendaTheme = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { agendaThemeAdd(agendaId: $id, input: { scope: NEIGHBOURHOOD_WIDE, title: "woorden" }) { agendaTheme { title { text } } userErrors { code } } }',
    { id: plan },
  )

export const advanceBreakthrough = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { breakthroughAdvance(id: $id, input: { expectedVersion: 99, to: ANALYSED }) { breakthrough { obstacle { text } } userErrors { code } } }',
    { id: plan },
  )

/** Verbs that change an action's agreed fields and parts; of a version that nobody has seen. */
export const steering: Readonly<Record<string, (given: Given) => Promise<Outcome>>> = {
  ...Object.fromEntries(
    ['planDraftStart', 'planReturn', 'planWithdraw'].map((verb) => [
      verb,
      ({ app, caller, plan }: Given) =>
        mutate(
          app,
          caller,
          `mutation ($id: ID!) { ${verb}(id: $id, input: { expectedVersion: 99 }) { plan { title { text } versions { ambitions { text } } } userErrors { code } } }`,
          { id: plan },
        ),
    ]),
  ),
  planVersionEdit: ({ app, caller, planVersion }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { planVersionEdit(id: $id, input: { expectedVersion: 99, ambitions: "woorden" }) { planVersion { ambitions { text } } userErrors { code } } }',
      { id: planVersion },
    ),
  planAmend: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { planAmend(id: $id, input: { expectedVersion: 99, mandateId: "x", kind: ACCENT, rationale: "woorden" })
        { plan { versions { ambitions { text } } } userErrors { code } } }`,
      { id: plan },
    ),
  documentAttach: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { documentAttach(planVersionId: $id, input: { kind: PLAN, title: "woorden", mediaType: "application/pdf", sha256: "${'0'.repeat(64)}", url: "https://example.org" })
        { document { title { text } } userErrors { code } } }`,
      { id: plan },
    ),
  decisionRecord: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { decisionRecord(input: { reference: "woorden", body: COLLEGE, decidedOn: "2025-06-24", outcome: CONFORM, title: "woorden",
        points: [{ type: MANDATE_GRANT, text: "woorden", grants: { planId: $id, kinds: [ACCENT] } }] }) { decision { title { text } } userErrors { code } } }`,
      { id: plan },
    ),
  decisionCorrect: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { decisionCorrect(id: $id, input: { expectedVersion: 99, title: "woorden" }) { decision { title { text } } userErrors { code } } }',
      { id: plan },
    ),
  actionCreate: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionCreate(planId: $id, input: { ref: "X-1", title: "woorden", scale: NEIGHBOURHOOD, lead: "nobody" }) { ${shown} userErrors { code } } }`,
      { id: plan },
    ),
  actionEditAgreed: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionEditAgreed(id: $id, input: { expectedVersion: 99, title: "woorden" }) { ${shown} userErrors { code } } }`,
      { id: action },
    ),
  actionRemoveFromDraft: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionRemoveFromDraft(id: $id, input: { expectedVersion: 99 }) { ${shown} userErrors { code } } }`,
      { id: action },
    ),
  actionHandOverLead: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionHandOverLead(id: $id, input: { expectedVersion: 99, to: "nobody", on: "2026-01-01" }) { ${shown} userErrors { code } } }`,
      { id: action },
    ),
  participationStart: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { participationStart(actionId: $id, input: { organisation: "nobody", startsOn: "2026-01-01" }) { ${shown} userErrors { code } } }`,
      { id: action },
    ),
  participationEnd: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { participationEnd(id: $id, input: { expectedVersion: 99, endsOn: "2026-01-01" }) { ${shown} userErrors { code } } }`,
      { id: action },
    ),
  milestoneAdd: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { milestoneAdd(actionId: $id, input: { title: "woorden", plannedOn: "2026-01-01" })
        { milestone { title { text } ${shown} } userErrors { code } } }`,
      { id: action },
    ),
  milestoneEdit: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { milestoneEdit(id: $id, input: { expectedVersion: 99, title: "woorden" }) { milestone { ${shown} } userErrors { code } } }`,
      { id: action },
    ),
  milestoneReach: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { milestoneReach(id: $id, input: { expectedVersion: 99 }) { milestone { ${shown} } userErrors { code } } }`,
      { id: action },
    ),
  capacity: ({ app, caller, plan }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { capacityAgreementAdvance(id: $id, input: { expectedVersion: 99, to: AGREED }) { capacityAgreement { unit } userErrors { code } } }',
      { id: plan },
    ),
  actionRelate: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionRelate(actionId: $id, input: { kind: PART_OF, works: { source: "woorden", reference: "woorden", description: "woorden" } })
        { relation { kind ${shown} } userErrors { code } } }`,
      { id: action },
    ),
  actionUnrelate: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { actionUnrelate(id: $id, input: { expectedVersion: 99 }) { relation { ${shown} } userErrors { code } } }`,
      { id: action },
    ),
  riskRecord: ({ app, caller }) =>
    mutate(
      app,
      caller,
      `mutation { riskRecord(input: { type: TRUST, description: "woorden", effect: "woorden", likelihood: LOW, impact: HIGH })
        { risk { type programme { name { text } } } userErrors { code } } }`,
      {},
    ),
  lessonRecord: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { lessonRecord(subjectId: $id, input: { effect: SIMPLIFICATION, learnt: "Korter" })
        { lessonLearned { effect action { ref title { text } } } userErrors { code } } }`,
      { id: action },
    ),
  actionCarryOver: ({ app, caller, action, plan }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!, $plan: ID!) { actionCarryOver(id: $id, input: { planId: $plan, ref: "X-2" }) { ${shown} userErrors { code } } }`,
      { id: action, plan },
    ),
  contributionRecord: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      `mutation ($id: ID!) { contributionRecord(actionId: $id, input: { kind: MONEY, amount: "1", startsOn: "2026-01-01" })
        { contribution { amount action { ref title { text } contributedAmount contributions { nodes { description { text } } } } } userErrors { code } } }`,
      { id: action },
    ),
  statusReportRetract: ({ app, caller, action }) =>
    mutate(app, caller, 'mutation ($id: ID!) { statusReportRetract(id: $id, input: {}) { report { narrative } userErrors { code } } }', {
      id: action,
    }),
  statusReportDiscard: ({ app, caller, action }) =>
    mutate(app, caller, 'mutation ($id: ID!) { statusReportDiscard(id: $id, input: {}) { report { narrative } userErrors { code } } }', {
      id: action,
    }),
  statusReportAccept: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { statusReportAccept(id: $id, input: { reason: "woorden" }) { report { narrative } userErrors { code } } }',
      { id: action },
    ),
  organisationCreate: ({ app, caller }) =>
    mutate(
      app,
      caller,
      'mutation { organisationCreate(input: { slug: "Not a slug", name: "x", kind: OTHER }) { organisation { name } userErrors { code } } }',
      {},
    ),
  allianceJoin: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { allianceJoin(organisationId: $id, input: { programme: "VW", type: CORE, startsOn: "2026-01-01" }) { membership { reason } userErrors { code } } }',
      { id: action },
    ),
  allianceLeave: ({ app, caller, action }) =>
    mutate(
      app,
      caller,
      'mutation ($id: ID!) { allianceLeave(id: $id, input: { expectedVersion: 99, endsOn: "2026-01-01" }) { membership { reason } userErrors { code } } }',
      { id: action },
    ),
}
export const addFinancialFrame = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation { financialFrameAdd(input: { year: 1999, structuralBudget: "1" }) { financialFrame { year } userErrors { code } } }',
    {},
  )

export const recordNotice = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation { councilNoticeRecord(input: { kind: SITE_VISIT, subject: "woorden" }) { councilNotice { subject { text } } userErrors { code } } }',
    {},
  )

export const addTheme = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation { themeAdd(input: { code: "theme-1", name: "woorden" }) { theme { name { text } } userErrors { code } } }',
    {},
  )

export const nameSdg = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { indicatorNameSdg(id: $id, input: { sdg: 1 }) { indicator { name { text } } userErrors { code } } }',
    { id: plan },
  )

export const setDisclosure = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation ($id: ID!) { indicatorSetDisclosure(id: $id, input: { threshold: 5 }) { indicator { name { text } } userErrors { code } } }',
    { id: plan },
  )

export const recordConversion = ({ app, caller, plan }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    `mutation ($id: ID!) { regionConversionRecord(input: { fromVersionId: $id, toVersionId: $id, method: "Naar rato",
      figures: [{ indicatorVersionId: $id, period: "2020", value: 1 }] }) { regionConversion { method { text } } userErrors { code } } }`,
    { id: plan },
  )

export const item = (action: object, externalEventId = 'event') => ({
  action,
  externalEventId,
  effectiveAt: '2025-06-02T10:00:00Z',
  status: 'IMPLEMENTATION',
})

export const push = ({ app, caller, action }: Given): Promise<Outcome> =>
  call(app, caller, 'POST', '/api/v1/status-reports', { dryRun: true, items: [item({ id: action })] })

export const nameAction = ({ app, caller, action }: Given): Promise<Outcome> =>
  call(app, caller, 'PUT', `/api/v1/actions/${action}/external-refs/other`, { externalId: 'name' })

export const publishText = ({ app, caller, planVersion }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    `mutation ($of: ID!) { publicationTextCreate(planVersionId: $of, input: { neighbourhood: "nowhere", language: "nl", summary: "woorden" })
      { publicationText { summary publication { texts { summary } } } userErrors { code } } }`,
    { of: planVersion },
  )

export const chooseHeadlines = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation { neighbourhoodChooseHeadlines(slug: "wijk-1", input: { indicators: [] }) { neighbourhood { name } userErrors { code } } }',
    {},
  )

export const recordParticipation = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    `mutation { participationEventRecord(input: { neighbourhood: "nowhere", heldOn: "2025-03-01", residentGroup: "bewoners", subject: "woorden" })
      { participationEvent { subject { text } } userErrors { code } } }`,
    {},
  )

export const draftMonitoring = ({ app, caller }: Given): Promise<Outcome> =>
  mutate(
    app,
    caller,
    'mutation { monitoringPlanDraft(input: { title: "woorden", indicators: ["nothing"] }) { monitoringPlan { title { text } } userErrors { code } } }',
    {},
  )
