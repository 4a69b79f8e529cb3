import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { globalId } from '../../src/read/model.ts'
import { type Caller, canariesIn, type Fixture, numberOf, type Row } from './fixture.ts'

/** An answer with all that a caller gets to see of it: status, headers, body. */
export interface Answer {
  status: number
  body: string
  /** Everything, for the search of what should not be there. */
  raw: string
  /** Everything that does not change from one request to the next, for telling two answers apart. */
  same: string
}

/** The `requestId` of a problem and the headers of the moment name the request, not the answer. */
function answerOf(response: LightMyRequestResponse): Answer {
  const { date, ...headers } = response.headers
  const body = response.body
  const head = JSON.stringify([response.statusCode, headers])
  return { status: response.statusCode, body, raw: head + body, same: head + body.replace(/"requestId":"[^"]+"/, '"requestId":""') }
}

export const authorised = ({ key }: Pick<Caller, 'key'>): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` }

export async function get(app: FastifyInstance, caller: Pick<Caller, 'key'>, url: string, headers: Record<string, string> = {}) {
  return answerOf(await app.inject({ method: 'GET', url, headers: { ...authorised(caller), ...headers } }))
}

export async function send(
  app: FastifyInstance,
  caller: Pick<Caller, 'key'>,
  method: 'POST' | 'PUT',
  url: string,
  payload: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return answerOf(await app.inject({ method, url, headers: { ...authorised(caller), ...headers }, payload }))
}

export const ask = (app: FastifyInstance, caller: Pick<Caller, 'key'>, query: string, variables: object = {}): Promise<Answer> =>
  send(app, caller, 'POST', '/graphql', { query, variables })

const words = '{ text }'
const relation = `relatedAction { ref title ${words} } action { ref } works { source reference description ${words} }`
const history = 'history(first: 3) { totalCount nodes { version changedAt changedBy { name } changes { field before after } } }'
const audit = 'operation subjectType subjectId outcome requestId organisation { name } before after'
const version = `guidingPrinciples { text ${words} } basedOn { ambitions ${words} } documents { title ${words} url } amendment { rationale ${words} mandate { holder } }
  changes(first: 50) { totalCount nodes { kind field before after action { ref } } }`
const plan = `id title ${words} inForce { id } latestVersion { id ambitions ${words} } versions { id state ambitions ${words} objectives ${words} approach ${words} ${version} contentHash }
  mandates { holder }`
const report = 'id status effectiveAt subject standing reportedBy { slug } narrative restrictedFields'
const note = 'id body visibility organisation { slug }'

const breakthrough = `obstacle ${words} resultingChange ${words} owner { name } agendaTheme { title ${words} } steps { explanation }
  lobbyEfforts { request ${words} supporters { name } }`
const publication = `summary ${words} foreword ${words} forewordAuthor ${words} outdated texts { language state summary foreword forewordAuthor }`

/** What is asked of an object of each type: all its words, and the way to its neighbours. */
const fields: Readonly<Record<string, string>> = {
  Organisation: `slug name membership { id } ${history}`,
  AllianceMembership: 'startsOn endsOn organisation { name }',
  Programme: `code name ${words} summary ${words}`,
  Pillar: `code name ${words} ${history}`,
  Theme: `code name ${words}`,
  SdgGoal: `number name ${words}`,
  Result: `code title ${words} pillar { name ${words} } parent { title ${words} }`,
  PolicyLink: `name ${words} plans { title ${words} } agendaThemes { title ${words} } actions(first: 10) { totalCount nodes { ref title ${words} } }`,
  Neighbourhood: `slug name region { name } regions { name } enrolment { evidence ${words} } executionPlans(first: 10) { totalCount nodes { title ${words} } }
    planInForce { title ${words} } publication { ${publication} } publications { id ${publication} } headlines { indicator { name ${words} } actual { value } }
    participationEvents { totalCount nodes { subject ${words} } }`,
  Enrolment: `evidence ${words} ${history}`,
  Region: 'code name versions { name }',
  RegionVersion: 'year name',
  RegionConversion: 'method { text }',
  ProgrammePlan: plan,
  StrategicAgenda: `${plan} themes { title ${words} text ${words} links { plan { title ${words} } action { ref } } steps { title ${words} } }`,
  AgendaTheme: `title ${words} text ${words} theme { name ${words} } agenda { title ${words} } links { id } breakthroughs { obstacle ${words} }
    steps { title ${words} owner { name } }`,
  ThemeLink: `theme { title ${words} } plan { title ${words} } action { ref title ${words} }`,
  AgendaStep: `title ${words} owner { name } theme { title ${words} }`,
  Breakthrough: breakthrough,
  FinancialFrame: `structuralBudget planned lines { name ${words} }`,
  BudgetLine: `name ${words} chapter frame { year }`,
  Contribution: `kind amount description ${words} organisation { name } action { ref } ${history}`,
  Risk: `type description ${words} effect ${words} state owner { name } programme { code } ${history}`,
  LessonLearned: `effect learnt ${words} organisation { name } action { ref } evaluation { title ${words} } programme { code } ${history}`,
  CapacityAgreement: `unit managerRole ${words} fte state action { ref } ${history}`,
  WorkStockItem: 'unit reference action { ref }',
  InformationDuty: `adoptedOn dueOn state fulfilledOn overdue plan { title ${words} } planVersion { state } notices { subject ${words} reference document } ${history}`,
  CouncilNotice: `kind subject ${words} informedOn reference document duties { plan { title ${words} } } ${history}`,
  BreakthroughStep: 'state explanation',
  LobbyEffort: `request ${words} outcomeText ${words} leader { name } supporters { name } breakthrough { obstacle ${words} }`,
  ExecutionPlan: `${plan} neighbourhood { name } actions(first: 10) { totalCount nodes { ref title ${words} } }`,
  PlanVersion: `${history} state ${version} ambitions ${words} objectives ${words} approach ${words} contentHash adoptedBy { text ${words} decision { title ${words} } }`,
  Document: `${history} kind title ${words} url planVersion { ambitions ${words} }`,
  Decision: `${history} reference title ${words} points { text ${words} planVersion { ambitions ${words} objectives ${words} approach ${words} contentHash } }`,
  DecisionPoint: `text ${words} planVersion { ambitions ${words} } mandates { plan { title ${words} } }`,
  Mandate: `${history} holder grantedBy { text ${words} } revokedBy { text ${words} } plan { title ${words} latestVersion { ambitions ${words} } }`,
  Action: `${history} ref title ${words} description ${words} draft { title ${words} description ${words} } leadNeeded lead { name } contributors { name } participations { role organisation { name } }
    plan { title ${words} } pillars { name ${words} } themes { name ${words} } sdgs { name ${words} } results { title ${words} }
    latestStatus { ${report} } statusReports(first: 10) { totalCount nodes { ${report} } } notes(first: 10) { totalCount nodes { ${note} } }
    contributions(first: 10) { totalCount nodes { amount description ${words} } } contributedAmount milestones { title ${words} }
    capacityGap lessonsLearned(first: 10) { totalCount nodes { learnt ${words} } } capacityAgreements { unit } workStockItems { reference }
    relations(first: 10) { totalCount nodes { ${relation} } } relationsFromOthers(first: 10) { totalCount nodes { ${relation} } }`,
  Milestone: `title ${words} plannedOn reachedOn action { ref title ${words} } ${history}`,
  ActionRelation: `kind ${relation} ${history}`,
  ActionParticipation: 'role organisation { name }',
  StatusReport: `${report} action { ref title ${words} }`,
  Note: `${note} action { ref }`,
  Indicator: `code name ${words} definition ${words} unit ${words} pillar { name ${words} }`,
  Series: 'indicator { code } region { name } observations { id } targets { value } baseline { value }',
  Observation: 'period value status confidentialValue restrictedFields source { publisher title licence } revisions { value status }',
  ObservationRevision: 'value status',
  Target: `value ${history}`,
  Baseline: 'value',
  DataSource: `publisher title licence ${history}`,
  AuditEntry: audit,
  Headline: `position indicator { name ${words} } baseline { value } target { value } actual { value status }`,
  Publication: `${publication} neighbourhood { name } planVersion { ambitions ${words} }`,
  MonitoringPlan: `title ${words} state indicators { code } evaluations { title ${words} }`,
  Evaluation: `lessonsLearned(first: 10) { totalCount nodes { learnt ${words} } } title ${words} verdict ${words} asOf results { title ${words} } figures { region figure { value } }`,
  EvaluationFigure: 'region period indicator { code } figure { value status }',
  ParticipationEvent: `heldOn residentGroup organisation { name } subject ${words} outcome ${words} neighbourhood { name } planVersion { ambitions ${words} }`,
  PublicationText: 'language state summary foreword forewordAuthor publication { id }',
}

const camel = (table: string): string => table.replace(/(?:^|_)(\w)/g, (_match, letter: string) => letter.toUpperCase())
const planTypes: Readonly<Record<string, string>> = {
  PROGRAMME_PLAN: 'ProgrammePlan',
  STRATEGIC_AGENDA: 'StrategicAgenda',
  EXECUTION_PLAN: 'ExecutionPlan',
}

/** The type by which GraphQL knows a row; rows without one are only shown as part of another. */
export function typeOf({ table, values }: Row): string | undefined {
  const type = table === 'plan' ? (planTypes[values.kind as string] as string) : camel(table)
  return type in fields ? type : undefined
}

export const globalIdOf = (row: Row): string => globalId(typeOf(row) as string, row.key.id as string)

const atOnce = 20

/** Asks `node(id)` of rows of one type: for each, what came of it. */
export async function nodes(
  app: FastifyInstance,
  caller: Caller,
  type: string,
  ids: readonly string[],
): Promise<{ raw: string; found: boolean[] }> {
  let raw = ''
  const found: boolean[] = []
  for (let from = 0; from < ids.length; from += atOnce) {
    const some = ids.slice(from, from + atOnce)
    const heading = some.map((_id, place) => `$i${place}: ID!`).join(', ')
    const body = some.map((_id, place) => `n${place}: node(id: $i${place}) { ...shown }`).join(' ')
    const query = `query (${heading}) { ${body} } fragment shown on ${type} { id ${fields[type]} }`
    const answer = await ask(app, caller, query, Object.fromEntries(some.map((id, place) => [`i${place}`, id])))
    const { data, errors } = JSON.parse(answer.body) as { data: Record<string, object | null> | null; errors?: object[] }
    if (errors) throw new Error(JSON.stringify(errors))
    raw += answer.raw
    for (const place of some.keys()) found.push(data?.[`n${place}`] !== null)
  }
  return { raw, found }
}

/** What the lists show, with their counts; each answer as it came. */
export const lists: readonly string[] = [
  `{ viewer { label organisation { name } roles } programme(code: "VW") { ${fields.Programme} pillars { name ${words} } themes { ${fields.Theme} }
    sdgs { name ${words} } results { ${fields.Result} } policyLinks { name ${words} } monitoringPlans { title ${words} evaluations { verdict ${words} figures { figure { value } } } } alliance(first: 100) { totalCount nodes { organisation { name } } } }
    neighbourhoods { ${fields.Neighbourhood} } }`,
  `{ programme(code: "VW") { pillars { rollUp { actionCount progressCount } actions(first: 100) { totalCount nodes { ref } } }
    financialFrames { structuralBudget planned lines { name ${words} } } } }`,
  `{ sdgCoverage { sdg { name ${words} } liveActionCount liveActions(first: 20) { totalCount nodes { ref title ${words} } } indicators { name ${words} } } }`,
  '{ organisations(first: 100) { totalCount nodes { id name } } }',
  `{ executionPlans(first: 100) { totalCount nodes { id title ${words} versions { ambitions ${words} adoptedBy { text ${words} } } actions(first: 20) { totalCount nodes { ref } } } } }`,
  `{ now: strategicAgenda(on: "2026-01-01") { ${plan} } next: strategicAgenda(on: "2031-01-01") { ${plan} } }`,
  `{ actions(first: 100) { totalCount nodes { id ref title ${words} description ${words} themes { name ${words} } draft { title ${words} description ${words} } milestones { title ${words} } lead { name } latestStatus { ${report} } } } }`,
  `{ actions(first: 100) { totalCount nodes { id statusReports(first: 100) { totalCount nodes { ${report} } } } } }`,
  `{ quarantinedReports(first: 100) { totalCount nodes { ${report} } } }`,
  `{ actions(first: 100) { totalCount nodes { id notes(first: 100) { totalCount nodes { ${note} } } } } }`,
  `{ actions(first: 100) { totalCount nodes { id contributedAmount contributions(first: 100) { totalCount nodes { amount description ${words} organisation { slug } } } } } }`,
  `{ organisations(first: 100) { totalCount nodes { id contributions(first: 100) { totalCount nodes { amount action { ref } } } } } }`,
  `{ actions(first: 100) { totalCount nodes { id relations(first: 20) { totalCount nodes { id ${relation} } } relationsFromOthers(first: 20) { totalCount nodes { ${relation} } } } } }`,
  `{ auditTrail(first: 100) { totalCount nodes { id ${audit} } } }`,
  `{ decisions(first: 100) { totalCount nodes { ${fields.Decision} } } }`,
  `{ breakthroughs(first: 100) { totalCount nodes { id ${breakthrough} } } }`,
  `{ informationDuties(first: 100) { totalCount nodes { id state plan { title ${words} } } } councilNotices(first: 100) { totalCount nodes { id subject ${words} reference document } } }`,
  `{ councilDigest(since: "2025-01-01") { startsOn changedActions(first: 100) { totalCount nodes { ref title ${words} } } adoptions { totalCount nodes { plan { title ${words} } } }
    revisedIndicators { totalCount nodes { name ${words} } } resolvedBreakthroughs { totalCount nodes { obstacle ${words} } } }
    overdue { kind dueOn plan { title ${words} } planVersion { ambitions ${words} } } }`,
  `{ search(words: "canary", first: 100) { totalCount nodes { kind node { ... on Action { ref agreed: title ${words} description ${words} } ... on ExecutionPlan { title ${words} }
    ... on StrategicAgenda { title ${words} } ... on ProgrammePlan { title ${words} } ... on AgendaTheme { title ${words} } ... on Decision { title ${words} } ... on LessonLearned { learnt ${words} } } } } }`,
  `{ indicators(first: 10) { totalCount nodes { ${fields.Indicator} series { observations { ${fields.Observation} } targets { value } baseline { value } } } } }`,
]

/** Filters that would tell hidden things apart from absent ones, as pairs: of a hidden row, and of none. */
export function filters(hidden: Row): [string, object, object][] {
  const mark = `canary-${String(hidden.n).padStart(4, '0')}`
  const none = 'canary-9999'
  const both = (query: string, of: (word: string) => object): [string, object, object] => [query, of(mark), of(none)]
  switch (hidden.table) {
    case 'action':
      return [both('query ($x: String) { action(ref: $x) { id title { text } } }', (word) => ({ x: word.toUpperCase() }))]
    case 'agreed_action':
      return [
        both('query ($x: String) { actions(first: 5, where: { text: { contains: $x } }) { totalCount nodes { id } } }', (x) => ({ x })),
        both(
          'query ($x: String) { executionPlans(first: 5) { nodes { actions(where: { text: { contains: $x } }) { totalCount } } } }',
          (x) => ({ x }),
        ),
      ]
    case 'theme':
      return [
        [
          'query ($x: String) { actions(first: 5, where: { theme: { eq: $x } }) { totalCount nodes { id } } }',
          { x: hidden.values.code as string },
          { x: 'no-theme' },
        ],
      ]
    default:
      return []
  }
}

export const sets: Readonly<Record<string, string>> = {
  observation: 'Observations',
  target: 'Targets',
  indicator: 'Indicators',
  region: 'Regions',
  action: 'Actions',
  status_report: 'ActionStatusHistory',
  region_version: 'RegionVersions',
  organisation: 'Organisations',
  pillar: 'Pillars',
  sdg_goal: 'SdgGoals',
  neighbourhood: 'Neighbourhoods',
}

/** A set that is made of the rows of another: where a neighbourhood is one region, as here, each figure of a region is one of it. */
export const madeSets: readonly [table: string, set: string, of?: string][] = [['observation', 'NeighbourhoodFigures', 'Observations']]

/** As `filters`, for the sets of the BI feed. */
export function feedFilters(hidden: Row): [string, string][] {
  const digits = String(hidden.n).padStart(4, '0')
  const pair = (of: (digits: string) => string): [string, string] => [of(digits), of('9999')]
  const set = (name: string, filter: (digits: string) => string) =>
    pair((text) => `/odata/v4/${name}?$count=true&$filter=${encodeURIComponent(filter(text))}`)
  switch (hidden.table) {
    case 'action':
      return [
        set('Actions', (text) => `Ref eq 'CANARY-${text}'`),
        pair((text) => `/odata/v4/Actions/$count?$filter=Ref%20eq%20'CANARY-${text}'`),
      ]
    case 'agreed_action':
      return [
        set('Actions', (text) => `contains(Title,'canary-${text}')`),
        set('Actions', (text) => `startswith(tolower(Title),'canary-${text}')`),
      ]
    case 'status_report':
      return [set('ActionStatusHistory', (text) => `EffectiveAt eq 2025-06-01T10:07:13.7${text}7Z`)]
    case 'confidential_value':
    case 'observation_revision':
      return ['Observations', 'NeighbourhoodFigures'].map((name) =>
        set(name, (text) => `Value eq ${numberOf(hidden.n).replace(digits, text)}`),
      )
    default:
      return []
  }
}

/** Rows that show their canary in an answer: all of what a search of raw bytes can find. */
export const marked = ({ rows }: Fixture): Row[] => rows.filter((row) => canariesIn(JSON.stringify(row.values)).has(row.n))
