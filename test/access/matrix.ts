/**
 * Who may read and write what: domain.md §6 and decisions.md, typed by hand. Nothing here is read from a policy, and no policy from here.
 * A row of the matrix has several lines where its object is several kinds of rows; a cell says which of these rows, by the words of `Scope`.
 */
export const roles = [
  'PUBLIC',
  'PARTNER_READER',
  'PARTNER_EDITOR',
  'PARTNER_SYSTEM',
  'PROGRAMME_TEAM',
  'PORTFOLIO_HOLDER',
  'RESEARCH_STATISTICS',
  'COUNCIL_READER',
  'BI_READER',
  'COMMUNICATION',
  'AUDITOR',
  'ADMIN',
  /** A partner's system after its organisation left, while it may still push what came late, and nothing else. */
  'GRACE',
] as const
export type Role = (typeof roles)[number]

/**
 * - · all · own: of the caller's organisation · self: of the caller · part: of an action the caller's organisation takes part in today ·
 * ever: in which it takes or took part · lead: that it leads or led · leading: that it leads today · `a|b`: either · `a&b`: both.
 */
export type Scope = string
export type Operation = 'read' | 'insert' | 'update' | 'use'

const readers = `
                      PUBLIC  READER    EDITOR    SYSTEM    TEAM  HOLDER  STATS  COUNCIL  BI    COMM      AUDITOR  ADMIN  GRACE
  register            all     all       all       all       all   all     all    all      all   all       all      all    all
  alliance            all     all       all       all       all   all     all    all      all   all       all      all    all
  identity            self    self      self      self      self  self    self   self     self  self      self     all    self
  decision            all     all       all       all       all   all     all    all      all   all       all      all    all
  in-force            all     all       all       all       all   all     all    all      all   all       all      all    all
  draft               -       all       all       -         all   all     all    -        -     all       -        -      -
  unversioned         -       -         -         -         all   -       -      -        -     -         -        -      -
  agenda              -       all       all       -         all   all     all    all      all   all       -        -      -
  breakthrough        -       all       all       -         all   all     -      -        all   all       -        -      -
  risk                -       all       all       -         all   all     -      -        -     all       -        -      -
  resolved            -       all       all       -         all   all     -      all      all   all       -        -      -
  agenda-version      -       all       all       -         all   all     all    all      all   all       -        -      -
  council             -       -         -         -         all   all     -      all      -     -         -        -      -
  core-adopted        all     all       all       all       all   all     all    all      all   all       all      all    all
  core                -       all       all       -         all   all     all    all      all   all       -        -      -
  action              -       all       all       -         all   all     all    all      all   all       -        -      -
  part                -       all       all       -         all   all     all    all      all   all       -        -      own
  core-drafted        -       all       all       part      all   all     all    -        -     all       -        -      -
  action-drafted      -       all       all       part      all   all     all    -        -     all       -        -      -
  part-drafted        -       all       all       part|own  all   all     all    -        -     all       -        -      own
  report-adopted      all     all       all       all       all   all     all    all      all   all       all      all    all
  report              -       all       all       part      all   all     all    all      all   all       -        -      own
  report-drafted      -       all       all       part|own  all   all     all    -        -     all       -        -      own
  words-public        -       all       all       part      all   all     all    all      all   all       -        -      own
  words-parties       -       part|own  part|own  part|own  all   -       -      -        -     part|own  -        -      own
  words-own           -       own       own       own       -     -       -      -        -     own       -        -      own
  words-team          -       own       own       own       all   -       -      -        -     own       -        -      own
  external-ref        -       own       own       own       -     -       -      -        -     own       -        -      own
  event               -       own       own       own       own   -       -      -        -     own       -        -      own
  batch               -       own|self  own|self  own|self  self  self    self   self     self  own|self  self     self   own|self
  note-alliance       -       all       all       all       all   all     -      -        -     all       -        -      -
  note-parties        -       part      part      part      all   -       -      -        -     part      -        -      -
  note-own            -       own       own       own       -     -       -      -        -     own       -        -      -
  note-drafted        -       all       all       part      all   all     -      -        -     all       -        -      -
  note-drafted-own    -       own       own       own&part  -     -       -      -        -     own       -        -      -
  contribution        -       own|part  own|part  own       all   all     -      -        own   own|part  -        -      -
  indicator           all     all       all       all       all   all     all    all      all   all       all      all    all
  import              -       all       all       all       all   all     all    all      all   all       -        -      -
  published           all     all       all       all       all   all     all    all      all   all       all      all    all
  unpublished         -       -         -         -         all   -       -      -        -     all       -        -      -
  withheld            -       -         -         -         -     -       all    -        -     -         -        -      -
  withheld-since      -       -         -         -         -     -       all    -        -     -         -        -      -
  audit               -       own       own       -         all   all     -      -        -     own       all      -      -
  audit-key           -       -         -         -         all   all     -      -        -     -         all      -      -
  audit-note-parties  -       own       own       -         all   -       -      -        -     own       all      -      -
  audit-note-own      -       own       own       -         -     -       -      -        -     own       all      -      -
`

const inserters = `
                    PUBLIC  READER    EDITOR    SYSTEM    TEAM      HOLDER    STATS     COUNCIL   BI        COMM      AUDITOR   ADMIN     GRACE
  register          -       -         -         -         all       -         -         -         -         -         -         -         -
  register-link     -       -         -         -         all       -         -         -         -         -         -         -         -
  region            -       -         -         -         all       -         all       -         -         -         -         -         -
  alliance          -       -         -         -         -         -         -         -         -         -         -         all       -
  identity          -       -         -         -         -         -         -         -         -         -         -         all       -
  plan              -       -         -         -         all       -         -         -         -         -         -         -         -
  amendable         -       -         -         -         all       -         -         -         -         -         -         -         -
  amendment-mandate -       -         -         -         -         all       -         -         -         -         -         -         -
  amendment-decision -      -         -         -         all       -         -         -         -         -         -         -         -
  document          -       -         -         -         all       -         -         -         -         -         -         -         -
  agenda            -       -         -         -         all       -         -         -         -         -         -         -         -
  breakthrough      -       -         own       -         all       all       -         -         -         -         -         -         -
  finance           -       -         -         -         all       -         -         -         -         -         -         -         -
  capacity          -       -         -         -         all       -         -         -         -         -         -         -         -
  duty              -       -         -         -         all       all       -         -         -         -         -         -         -
  notice            -       -         -         -         all       -         -         -         -         -         -         -         -
  notice-duty       -       -         -         -         all       -         -         -         -         -         -         -         -
  breakthrough-once -       -         own       -         all       all       -         -         -         -         -         -         -
  decision          -       -         -         -         all       -         -         -         -         -         -         -         -
  mandate           -       -         -         -         all       -         -         -         -         -         -         -         -
  action            -       -         -         -         all       -         -         -         -         -         -         -         -
  agreed            -       -         lead      -         all       -         -         -         -         -         -         -         -
  agreed-link       -       -         lead      -         all       -         -         -         -         -         -         -         -
  participation     -       -         lead      -         all       -         -         -         -         -         -         -         -
  report-of-action  -       -         lead      lead      all       -         -         -         -         -         -         -         lead
  report-of-part    -       -         ever      ever      all       -         -         -         -         -         -         -         ever
  report-unrelated  -       -         all       all       all       -         -         -         -         -         -         -         all
  report-detail     -       -         own       own       own       -         -         -         -         -         -         -         own
  batch             -       -         own&self  own&self  own&self  -         -         -         -         -         -         -         own&self
  external-ref      -       -         own       own       -         -         -         -         -         -         -         -         -
  note              -       -         own       own       -         -         -         -         -         -         -         -         -
  note-parties      -       -         own&part  own&part  -         -         -         -         -         -         -         -         -
  lesson            -       -         own       -         own       -         -         -         -         -         -         -         -
  risk              -       -         own       -         all       -         -         -         -         -         -         -         -
  contribution      -       -         own       own       -         -         -         -         -         -         -         -         -
  indicator         -       -         -         -         -         -         all       -         -         -         -         -         -
  indicator-link    -       -         -         -         -         -         all       -         -         -         -         -         -
  monitoring-plan   -       -         -         -         all       -         all       -         -         -         -         -         -
  evaluation        -       -         -         -         all       -         all       -         -         -         -         -         -
  headline          -       -         -         -         all       -         all       -         -         -         -         -         -
  publication       -       -         -         -         all       -         -         -         -         all       -         -         -
  participation-event -     -         -         -         all       -         -         -         -         all       -         -         -
  publication-text  -       -         -         -         all       -         -         -         -         all       -         -         -
  audit             -       own&self  own&self  own&self  own&self  own&self  own&self  own&self  own&self  own&self  own&self  own&self  own&self
`

const updaters = `
                    PUBLIC  READER  EDITOR  SYSTEM  TEAM  HOLDER  STATS  COUNCIL  BI  COMM  AUDITOR  ADMIN  GRACE
  register          -       -       -       -       all   -       -      -        -   -     -        -      -
  region            -       -       -       -       all   -       all    -        -   -     -        -      -
  alliance          -       -       -       -       -     -       -      -        -   -     -        all    -
  identity          -       -       -       -       -     -       -      -        -   -     -        all    -
  plan              -       -       -       -       all   -       -      -        -   -     -        -      -
  amendable         -       -       -       -       all   all     -      -        -   -     -        -      -
  document          -       -       -       -       all   -       -      -        -   -     -        -      -
  agenda            -       -       -       -       all   -       -      -        -   -     -        -      -
  breakthrough      -       -       own     -       all   all     -      -        -   -     -        -      -
  finance           -       -       -       -       all   -       -      -        -   -     -        -      -
  capacity          -       -       -       -       all   -       -      -        -   -     -        -      -
  duty              -       -       -       -       all   -       -      -        -   -     -        -      -
  notice            -       -       -       -       all   -       -      -        -   -     -        -      -
  notice-duty       -       -       -       -       all   -       -      -        -   -     -        -      -
  mandate           -       -       -       -       all   -       -      -        -   -     -        -      -
  action            -       -       leading leading all   -       -      -        -   -     -        -      -
  agreed            -       -       lead    -       all   -       -      -        -   -     -        -      -
  agreed-link       -       -       lead    -       all   -       -      -        -   -     -        -      -
  participation     -       -       lead    -       all   -       -      -        -   -     -        -      -
  report-of-action  -       -       lead|own lead|own all   -       -      -        -   -     -        -      lead|own
  report-of-part    -       -       lead|own lead|own all   -       -      -        -   -     -        -      lead|own
  report-unrelated  -       -       lead|own lead|own all   -       -      -        -   -     -        -      lead|own
  external-ref      -       -       own     own     -     -       -      -        -   -     -        -      -
  lesson            -       -       own     -       own   -       -      -        -   -     -        -      -
  risk              -       -       own     -       all   -       -      -        -   -     -        -      -
  contribution      -       -       own     own     -     -       -      -        -   -     -        -      -
  indicator         -       -       -       -       -     -       all    -        -   -     -        -      -
  participation-event -       -       -       -       all   -       -      -        -   all   -        -      -
  monitoring-plan   -       -       -       -       all   -       all    -        -   -     -        -      -
  headline          -       -       -       -       all   -       all    -        -   -     -        -      -
  publication-text  -       -       -       -       all   -       -      -        -   all   -        -      -
`

/** Verbs, whom the doors let use them; what a verb then may write, the lines above say. */
const users = `
                      PUBLIC  READER  EDITOR  SYSTEM  TEAM  HOLDER  STATS  COUNCIL  BI  COMM  AUDITOR  ADMIN  GRACE
  noteCreate          -       -       all     all     -     -       -      -        -   -     -        -      -
  noteCreate-parties  -       -       part    part    -     -       -      -        -   -     -        -      -
  actionRecordStatus  -       -       all     all     all   -       -      -        -   -     -        -      -
  planSubmit          -       -       -       -       all   -       -      -        -   -     -        -      -
  planDraftStart      -       -       -       -       all   -       -      -        -   -     -        -      -
  planVersionEdit     -       -       -       -       all   -       -      -        -   -     -        -      -
  planReturn          -       -       -       -       all   -       -      -        -   -     -        -      -
  planWithdraw        -       -       -       -       all   -       -      -        -   -     -        -      -
  decisionRecord      -       -       -       -       all   -       -      -        -   -     -        -      -
  decisionCorrect     -       -       -       -       all   -       -      -        -   -     -        -      -
  planAmend           -       -       -       -       -     all     -      -        -   -     -        -      -
  documentAttach      -       -       -       -       all   -       -      -        -   -     -        -      -
  planAdopt           -       -       -       -       all   -       -      -        -   -     -        -      -
  agenda              -       -       -       -       all   -       -      -        -   -     -        -      -
  breakthrough        -       -       all     -       all   all     -      -        -   -     -        -      -
  actionCreate        -       -       -       -       all   -       -      -        -   -     -        -      -
  actionEditAgreed    -       -       all     -       all   -       -      -        -   -     -        -      -
  actionRemoveFromDraft -     -       -       -       all   -       -      -        -   -     -        -      -
  actionHandOverLead  -       -       all     -       all   -       -      -        -   -     -        -      -
  participationStart  -       -       all     -       all   -       -      -        -   -     -        -      -
  participationEnd    -       -       all     -       all   -       -      -        -   -     -        -      -
  actionRelate        -       -       all     -       all   -       -      -        -   -     -        -      -
  actionCarryOver     -       -       -       -       all   -       -      -        -   -     -        -      -
  actionUnrelate      -       -       all     -       all   -       -      -        -   -     -        -      -
  milestoneAdd        -       -       all     -       all   -       -      -        -   -     -        -      -
  milestoneEdit       -       -       all     -       all   -       -      -        -   -     -        -      -
  milestoneReach      -       -       all     -       all   -       -      -        -   -     -        -      -
  organisationCreate  -       -       -       -       -     -       -      -        -   -     -        all    -
  allianceJoin        -       -       -       -       -     -       -      -        -   -     -        all    -
  allianceLeave       -       -       -       -       -     -       -      -        -   -     -        all    -
  statusReportRetract -       -       all     all     all   -       -      -        -   -     -        -      -
  statusReportDiscard -       -       all     -       all   -       -      -        -   -     -        -      -
  statusReportAccept  -       -       all     -       all   -       -      -        -   -     -        -      -
  finance             -       -       -       -       all   -       -      -        -   -     -        -      -
  contributionRecord  -       -       all     all     -     -       -      -        -   -     -        -      -
  capacity            -       -       -       -       all   -       -      -        -   -     -        -      -
  programme           -       -       -       -       all   -       -      -        -   -     -        -      -
  council             -       -       -       -       all   -       -      -        -   -     -        -      -
  indicatorNameSdg    -       -       -       -       -     -       all    -        -   -     -        -      -
  setDisclosure       -       -       -       -       -     -       all    -        -   -     -        -      -
  recordConversion    -       -       -       -       -     -       all    -        -   -     -        -      -
  push                -       -       all     all     all   -       -      -        -   -     -        -      all
  externalRef         -       -       all     all     -     -       -      -        -   -     -        -      -
  publicationText     -       -       -       -       all   -       -      -        -   all   -        -      -
  participationEvent  -       -       -       -       all   -       -      -        -   all   -        -      -
  evaluation          -       -       -       -       all   -       all    -        -   -     -        -      -
  lessonRecord        -       -       all     -       all   -       -      -        -   -     -        -      -
  riskRecord          -       -       all     -       all   -       -      -        -   -     -        -      -
  chooseHeadlines     -       -       -       -       all   -       all    -        -   -     -        -      -
`

/** A cell that is taken otherwise than the matrix writes it, and why that is right. */
export interface Ruling {
  cells: { operation: Operation; objects: readonly string[]; roles: readonly Role[]; scope: Scope }[]
  because: string
}

export const rulings: readonly Ruling[] = [
  {
    cells: [{ operation: 'read', objects: ['core', 'action', 'part', 'report', 'words-public'], roles: ['PARTNER_SYSTEM'], scope: 'all' }],
    because:
      'A report of one who is no party is quarantined and not answered with UNKNOWN_ACTION (domain §2), so a system sees what it may report on: every action',
  },
  {
    cells: [
      { operation: 'insert', objects: ['agreed', 'agreed-link'], roles: ['PARTNER_EDITOR'], scope: '-' },
      { operation: 'update', objects: ['agreed-link'], roles: ['PARTNER_EDITOR'], scope: '-' },
    ],
    because:
      'What is in a draft, and what it counts for, is put there by the programme team; a lead edits what is there. Narrower than the matrix',
  },
  {
    cells: [{ operation: 'read', objects: ['words-public'], roles: ['PUBLIC', 'AUDITOR', 'ADMIN'], scope: 'adopted' }],
    because: 'Its author marked these words PUBLIC (domain §4, Visibility); they follow a report that the public reads',
  },
]

/**
 * Where the code gives more, or other, than the matrix: known, told, and still so. The suite holds the code to exactly this,
 * so that an entry goes as soon as it is mended, and nothing joins it unseen.
 */
export interface Open {
  id: string
  what: string
  cells: { operation: Operation; objects: readonly string[]; roles: readonly Role[]; scope: Scope }[]
}

export const open: readonly Open[] = []

const columns = (line: string): string[] => line.trim().split(/\s+/)

function parse(text: string): Map<string, Map<Role, Scope>> {
  const [heading, ...lines] = text.trim().split('\n').map(columns)
  if (heading?.length !== roles.length) throw new Error('The heading does not name every role')
  return new Map(
    lines.map(([object, ...scopes]) => {
      if (scopes.length !== roles.length) throw new Error(`${object} has ${scopes.length} cells`)
      return [object as string, new Map(roles.map((role, place) => [role, scopes[place] as string]))]
    }),
  )
}

const literal: Record<Operation, Map<string, Map<Role, Scope>>> = {
  read: parse(readers),
  insert: parse(inserters),
  update: parse(updaters),
  use: parse(users),
}

/** What a cell says after the rulings; with `current`, after what is still open as well. */
export function scopeOf(operation: Operation, object: string, role: Role, current = false): Scope {
  const given = literal[operation].get(object)?.get(role)
  if (given === undefined) {
    if (operation === 'read') throw new Error(`The matrix has no ${object}`)
    return '-'
  }
  let scope = given
  for (const { cells } of [...rulings, ...(current ? open : [])]) {
    for (const cell of cells) {
      if (cell.operation === operation && cell.objects.includes(object) && cell.roles.includes(role)) scope = cell.scope
    }
  }
  return scope
}

/** The columns that a verb may change once a row is there; nothing else is ever written again. */
export const changeable: Readonly<Record<string, readonly string[]>> = {
  organisation: ['name', 'kind'],
  alliance_membership: ['type', 'ends_on', 'reason', 'push_grace_until'],
  principal: ['label', 'disabled'],
  role_grant: ['ends_on'],
  api_key: ['label', 'scopes', 'expires_at', 'revoked_at'],
  programme: ['name', 'summary', 'ends_on'],
  pillar: ['name'],
  theme: ['name'],
  sdg_goal: ['name'],
  result: ['title', 'pillar_id', 'parent_id'],
  policy_link: ['name', 'starts_on', 'ends_on'],
  neighbourhood: ['name'],
  enrolment: ['ends_on', 'evidence'],
  region: ['code', 'name'],
  region_version: ['code', 'name', 'change'],
  neighbourhood_region: ['main', 'ends_on'],
  plan: ['title'],
  plan_version: [
    'state',
    'ambitions',
    'objectives',
    'approach',
    'guiding_principles',
    'submitted_at',
    'effective_from',
    'snapshot',
    'content_hash',
  ],
  document: ['withdrawn'],
  agenda_theme: ['scope', 'title', 'text'],
  theme_link: ['ends_on'],
  agenda_step: ['title', 'organisation_id', 'state', 'due_on'],
  breakthrough: ['state', 'resulting_change'],
  financial_frame: ['structural_budget', 'planned'],
  budget_line: ['revised', 'status'],
  capacity_agreement: ['unit', 'manager_role', 'hours', 'fte', 'starts_on', 'ends_on', 'state'],
  work_stock_item: ['ends_on'],
  lesson_learned: ['effect', 'learnt', 'learnt_on'],
  risk: ['type', 'description', 'effect', 'likelihood', 'impact', 'state'],
  contribution: ['amount', 'hours', 'fte', 'description', 'starts_on', 'ends_on', 'withdrawn_on'],
  information_duty: ['due_on'],
  council_notice: ['subject', 'informed_on', 'reference', 'document'],
  council_notice_duty: ['withdrawn'],
  lobby_effort: ['outcome', 'outcome_on', 'outcome_text'],
  decision: ['reference', 'decided_on', 'title'],
  mandate: ['ends_on', 'revoked_by_id'],
  action: ['agreed_action_id', 'status', 'progress_percent', 'health', 'latest_report_id', 'actual_start_on', 'actual_end_on'],
  agreed_action: ['title', 'description', 'kind', 'scale', 'planned_start_on', 'planned_end_on', 'cross_domain', 'withdrawn'],
  agreed_action_pillar: ['withdrawn'],
  agreed_action_theme: ['withdrawn'],
  agreed_action_sdg: ['withdrawn'],
  agreed_action_result: ['withdrawn'],
  action_participation: ['ends_on'],
  milestone: ['position', 'title', 'planned_on', 'reached_on'],
  action_relation: ['ended_on'],
  external_ref: ['external_id'],
  status_report: ['standing', 'admitted'],
  data_source: ['publisher', 'title', 'licence'],
  indicator: [
    'pillar_id',
    'name',
    'definition',
    'unit',
    'ascending',
    'aggregation',
    'decimals',
    'disclosure_threshold',
    'numerator_id',
    'rounded_to',
  ],
  import_run: ['state', 'counts', 'finished_at'],
  observation: ['value', 'status', 'revision', 'recorded_at', 'data_source_id', 'import_run_id', 'region_version_id', 'conversion_id'],
  confidential_value: ['revision', 'value', 'status'],
  baseline: ['value'],
  target: ['value'],
  headline: ['indicator_id'],
  monitoring_plan: ['title', 'state'],
  participation_event: ['held_on', 'subject', 'outcome'],
  publication_text: ['summary', 'foreword', 'foreword_author', 'state'],
}
