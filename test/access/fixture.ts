import { crc32 } from 'node:zlib'
import { sql } from 'drizzle-orm'
import { makeKey, parseKey } from '../../src/auth/key.ts'
import { scopesOf } from '../../src/auth/permissions.ts'
import { type Credential, install, type Tx } from '../../src/db/session.ts'
import type { Role } from './matrix.ts'

export type Organisation = 'municipality' | 'alpha' | 'beta' | 'gamma' | 'left' | 'grace'

/** A row, and all that the oracle needs to know of it. */
export interface Row {
  /** Its number; the row is known by `canary-<n>` in every text it has. */
  n: number
  table: string
  key: Readonly<Record<string, string>>
  /** The line of the matrix by which it is read, and by which it is written. */
  reads: string
  writes: string
  organisation: Organisation | undefined
  principal: string | undefined
  /** Of an action: who leads or led it, who leads it today, who takes part in it today, and who ever did. */
  leads: readonly Organisation[]
  leading: readonly Organisation[]
  parts: readonly Organisation[]
  ever: readonly Organisation[]
  /** Stands under a plan that was ever adopted. */
  adopted: boolean
  values: Readonly<Record<string, unknown>>
  /** False where its state keeps everyone from writing such a row, so that inserting it again tells nothing. */
  insertable: boolean
  /** Whether the doors show it: GraphQL by its id or on the way to it, and which OData set. */
  graphql: boolean
  feed: string | undefined
  /** Written only after the parts in actions that are over have ended. */
  later: boolean
}

export interface Caller {
  name: string
  organisation: Organisation | undefined
  principal: string | undefined
  /** What it holds today; `PUBLIC` is what everybody holds. */
  roles: readonly Exclude<Role, 'PUBLIC'>[]
  key: string | undefined
  /** Its key carries the scopes that its roles need. */
  scoped: boolean
  credential: Credential
  /** The signal with which the door of identity turns it away. */
  refused: 'SP401' | 'SP403' | undefined
}

export interface Fixture {
  rows: readonly Row[]
  callers: readonly Caller[]
  /** Hashes of keys, as text in the database; no answer ever holds one. */
  secrets: readonly string[]
  idOf(name: string): string
}

const prefix = '0190acce-0000-7000-8000-'
export const idOf = (n: number): string => prefix + String(n).padStart(12, '0')
/** An id of the same form that names nothing. */
export const nothing = idOf(999_999_999)

const digits = (n: number): string => String(n).padStart(4, '0')
const word = (n: number): string => `canary-${digits(n)}`
const words = (n: number) => ({ source: 'nl', nl: `${word(n)} tekst`, en: `${word(n)} text` })
/** A number and a moment by which a row without words is known. */
export const numberOf = (n: number): string => `770${digits(n)}077`
const moment = (n: number): string => `2025-06-01T10:07:13.7${digits(n)}7Z`

const marks = /canary-(\d{4})|770(\d{4})077|10:07:13\.7(\d{4})7/gi

/** The numbers of all rows of which an answer holds a trace. */
export function canariesIn(text: string): Set<number> {
  const found = new Set<number>()
  for (const [, ...groups] of text.matchAll(marks)) found.add(Number(groups.find((group) => group !== undefined)))
  return found
}

interface Facts {
  name?: string
  reads: string
  writes?: string
  organisation?: Organisation
  principal?: string
  of?: ActionFacts
  adopted?: boolean
  insertable?: boolean
  graphql?: boolean
  feed?: string
  later?: boolean
}

interface ActionFacts {
  id: string
  leads: readonly Organisation[]
  leading: readonly Organisation[]
  parts: readonly Organisation[]
  ever: readonly Organisation[]
}

const nobody = '01900000-0000-7000-8000-000000000000'

/** The rows in the order in which they must be written. */
class Sowing {
  readonly rows: Row[] = []
  readonly #names = new Map<string, string>()

  id(name: string): string {
    const id = this.#names.get(name)
    if (id === undefined) throw new Error(`Nothing is called ${name}`)
    return id
  }

  add(table: string, facts: Facts, make: (n: number) => Record<string, unknown>, key: readonly string[] = ['id']): string {
    const n = this.rows.length + 1
    const id = idOf(n)
    const values = key[0] === 'id' ? { id, ...make(n) } : make(n)
    this.rows.push({
      n,
      table,
      key: Object.fromEntries(key.map((column) => [column, (values as Record<string, string>)[column] as string])),
      reads: facts.reads,
      writes: facts.writes ?? facts.reads,
      organisation: facts.organisation,
      principal: facts.principal,
      leads: facts.of?.leads ?? [],
      leading: facts.of?.leading ?? [],
      parts: facts.of?.parts ?? [],
      ever: facts.of?.ever ?? [],
      adopted: facts.adopted ?? false,
      values,
      insertable: facts.insertable ?? true,
      graphql: facts.graphql ?? false,
      feed: facts.feed,
      later: facts.later ?? false,
    })
    if (facts.name) this.#names.set(facts.name, id)
    return id
  }
}

const organisations: readonly { name: Organisation; slug: string; kind: string; from?: string; to?: string; grace?: boolean }[] = [
  { name: 'municipality', slug: 'gemeente-maastricht', kind: 'MUNICIPALITY' },
  { name: 'alpha', slug: 'alpha', kind: 'HOUSING_ASSOCIATION', from: '2025-01-01' },
  { name: 'beta', slug: 'beta', kind: 'WELFARE', from: '2025-01-01' },
  { name: 'gamma', slug: 'gamma', kind: 'CARE', from: '2025-01-01' },
  { name: 'left', slug: 'left', kind: 'OTHER', from: '2025-01-01', to: '2026-01-01' },
  { name: 'grace', slug: 'grace', kind: 'OTHER', from: '2025-01-01', to: '2026-01-01', grace: true },
]

type Granted = readonly Exclude<Role, 'PUBLIC' | 'GRACE'>[]
type Held = readonly Exclude<Role, 'PUBLIC'>[]

interface Wanted {
  name: string
  organisation: Organisation
  granted: Granted
  /** What is left of it today. */
  held?: Held
  refused?: 'SP401' | 'SP403'
  key?: Record<string, unknown>
  principal?: Record<string, unknown>
  grant?: Record<string, unknown>
}

const everyones: Granted = ['PARTNER_READER', 'PARTNER_EDITOR', 'PARTNER_SYSTEM', 'BI_READER']
const others: Granted = ['PROGRAMME_TEAM', 'PORTFOLIO_HOLDER', 'RESEARCH_STATISTICS', 'COUNCIL_READER', 'COMMUNICATION', 'AUDITOR', 'ADMIN']
const one = (organisation: Organisation, role: Granted[number]): Wanted => ({
  name: `${role.toLowerCase()}@${organisation}`,
  organisation,
  granted: [role],
})

const wanted: readonly Wanted[] = [
  ...(['alpha', 'beta', 'gamma', 'municipality'] as const).flatMap((organisation) => everyones.map((role) => one(organisation, role))),
  ...others.map((role) => one('municipality', role)),
  { name: 'several roles', organisation: 'municipality', granted: ['PROGRAMME_TEAM', 'PARTNER_READER'] },
  { name: 'auditor and admin', organisation: 'municipality', granted: ['AUDITOR', 'ADMIN'] },
  { name: 'editor without scopes', organisation: 'alpha', granted: ['PARTNER_EDITOR'], key: { scopes: [] } },
  { name: 'no role', organisation: 'alpha', granted: [] },
  { name: 'a role from tomorrow', organisation: 'alpha', granted: ['PARTNER_EDITOR'], held: [], grant: { starts_on: '2199-01-01' } },
  { name: 'a role until today', organisation: 'alpha', granted: ['PARTNER_EDITOR'], held: [], grant: { ends_on: '$today' } },
  { ...one('left', 'PARTNER_EDITOR'), refused: 'SP403' },
  { ...one('left', 'PARTNER_SYSTEM'), refused: 'SP403' },
  { ...one('left', 'PROGRAMME_TEAM'), refused: 'SP403' },
  { ...one('grace', 'PARTNER_EDITOR'), refused: 'SP403' },
  { ...one('grace', 'PARTNER_SYSTEM'), held: ['GRACE'] },
  { name: 'team and system in grace', organisation: 'grace', granted: ['PROGRAMME_TEAM', 'PARTNER_SYSTEM'], held: ['GRACE'] },
  { name: 'revoked', organisation: 'alpha', granted: ['PARTNER_EDITOR'], refused: 'SP401', key: { revoked_at: '2025-02-01T00:00:00Z' } },
  { name: 'expired', organisation: 'alpha', granted: ['PARTNER_EDITOR'], refused: 'SP401', key: { expires_at: '2025-02-01T00:00:00Z' } },
  { name: 'disabled', organisation: 'alpha', granted: ['PARTNER_EDITOR'], refused: 'SP401', principal: { disabled: true } },
]

export function makeFixture(): Fixture {
  const s = new Sowing()
  const { callers, secrets } = addCallersAndRegisters(s)
  const principalOf = (name: string): string => callers.find((caller) => caller.name === name)?.principal as string
  const systemOf = (organisation: Organisation): string => principalOf(`partner_system@${organisation === 'left' ? 'left' : organisation}`)
  addPlans(s)
  const actions = addActions(s)
  addMilestones(s, actions)
  addRelations(s, actions)
  addCouncil(s)
  addAgenda(s)
  addBreakthroughs(s)
  addReports(s, actions, systemOf, principalOf)
  addMoneyAndPolicy(s, actions)
  addNotes(s, actions, systemOf)
  addContributions(s, actions, systemOf)
  addCapacity(s)
  addFigures(s)
  addPublications(s)
  addParticipation(s)
  addEvaluation(s)
  addLessons(s)
  addRisks(s)
  addAudit(s, principalOf)
  return { rows: s.rows, callers, secrets, idOf: (name) => s.id(name) }
}

function addCallersAndRegisters(s: Sowing): { callers: Caller[]; secrets: string[] } {
  const shown = { graphql: true }
  for (const { name, slug, kind } of organisations) {
    s.add('organisation', { name, reads: 'alliance', ...shown }, (n) => ({ slug, name: word(n), kind }))
  }
  const programme_id = s.add('programme', { name: 'programme', reads: 'register', ...shown }, (n) => ({
    code: 'VW',
    name: words(n),
    summary: words(n),
    starts_on: '2025-01-01',
    ends_on: '2044-12-31',
  }))
  for (const { name, from, to, grace } of organisations) {
    if (from === undefined) continue
    s.add('alliance_membership', { reads: 'alliance' }, (n) => ({
      programme_id,
      organisation_id: s.id(name),
      type: 'CORE',
      starts_on: from,
      ends_on: to ?? null,
      reason: word(n),
      push_grace_until: grace ? '2199-01-01T00:00:00Z' : null,
    }))
  }
  for (const position of [1, 2]) {
    s.add('pillar', { name: `pillar ${position}`, reads: 'register', ...shown }, (n) => ({
      programme_id,
      code: `P${n}`,
      position,
      name: words(n),
    }))
    s.add('theme', { name: `theme ${position}`, reads: 'agenda', writes: 'register', ...shown }, (n) => ({
      programme_id,
      code: `theme-${position}`,
      name: words(n),
    }))
    const sdg_goal_id = s.add('sdg_goal', { name: `sdg ${position}`, reads: 'register', ...shown }, (n) => ({
      number: position,
      name: words(n),
    }))
    s.add('programme_sdg', { reads: 'register', writes: 'register-link' }, () => ({ programme_id, sdg_goal_id }), [
      'programme_id',
      'sdg_goal_id',
    ])
  }
  for (const name of ['long', 'short']) {
    s.add('result', { name, reads: 'register', ...shown }, (n) => ({
      programme_id,
      pillar_id: s.id('pillar 1'),
      parent_id: name === 'short' ? s.id('long') : null,
      code: name,
      type: 'OUTCOME',
      horizon: name.toUpperCase(),
      title: words(n),
    }))
  }
  s.add('policy_link', { name: 'policy', reads: 'register', ...shown }, (n) => ({ programme_id, kind: 'IZA', name: words(n) }))
  for (const place of [1, 2, 3, 4]) {
    const neighbourhood_id = s.add(
      'neighbourhood',
      { name: `neighbourhood ${place}`, reads: 'register', ...shown, feed: 'Neighbourhoods' },
      (n) => ({
        slug: `wijk-${place}`,
        name: word(n),
      }),
    )
    s.add('enrolment', { reads: 'register', ...shown }, (n) => ({
      programme_id,
      neighbourhood_id,
      starts_on: '2025-01-01',
      evidence: words(n),
    }))
    const region_id = s.add('region', { name: `region ${place}`, reads: 'register', writes: 'region', ...shown, feed: 'Regions' }, (n) => ({
      code: `BU0935000${place}`,
      type: 'BU',
      name: word(n),
    }))
    s.add('region_version', { name: `region ${place} 2024`, reads: 'register', writes: 'region', ...shown }, (n) => ({
      region_id,
      year: 2024,
      code: `BU0935000${place}`,
      name: word(n),
      change: 'NONE',
    }))
    s.add('neighbourhood_region', { reads: 'register' }, () => ({ neighbourhood_id, region_id, main: true, starts_on: '2025-01-01' }))
  }

  const callers: Caller[] = [
    {
      name: 'public',
      organisation: undefined,
      principal: undefined,
      roles: [],
      key: undefined,
      scoped: true,
      credential: { kind: 'public' },
      refused: undefined,
    },
  ]
  const secrets: string[] = []
  for (const { name, organisation, granted, held = granted, refused, key, principal, grant } of wanted) {
    const made = makeKey('test')
    secrets.push(made.hash.toString('hex'))
    // The facts of a row name its principal, whose id is the row's own number.
    const id = idOf(s.rows.length + 1)
    const identity = { reads: 'identity', principal: id }
    s.add('principal', identity, (n) => ({ organisation_id: s.id(organisation), kind: 'MACHINE', label: word(n), ...principal }))
    for (const role of granted) s.add('role_grant', identity, () => ({ principal_id: id, role, starts_on: '2025-01-01', ...grant }))
    s.add('api_key', { ...identity, name: `key of ${name}` }, (n) => ({
      key_id: made.keyId,
      principal_id: id,
      label: word(n),
      hash: `\\x${made.hash.toString('hex')}`,
      scopes: scopesOf(granted),
      ...key,
    }))
    callers.push({
      name,
      organisation,
      principal: id,
      roles: held,
      key: made.key,
      scoped: !(key && 'scopes' in key),
      credential: parseKey(made.key) as Credential,
      refused,
    })
  }
  const stray = makeKey('test')
  callers.push({
    name: 'unknown key',
    organisation: undefined,
    principal: undefined,
    roles: [],
    key: stray.key,
    scoped: true,
    credential: parseKey(stray.key) as Credential,
    refused: 'SP401',
  })
  // The id of a key is no secret: with another's it opens nothing.
  const known = /^ssp_test_(\w{16})_/.exec(callers.find(({ name }) => name === 'partner_editor@alpha')?.key as string)?.[1] as string
  const forged = `ssp_test_${known}_${stray.key.slice(26, 26 + 43)}`
  const key = forged + crc32(forged).toString(16).padStart(8, '0')
  callers.push({ ...(callers.at(-1) as Caller), name: 'wrong secret', key, credential: parseKey(key) as Credential })
  // Nor does a key's secret under the id of another.
  const other = callers.find(({ name }) => name === 'partner_editor@beta')?.key as string
  const mixed = `ssp_test_${known}_${other.slice(26, 26 + 43)}`
  const mixedKey = mixed + crc32(mixed).toString(16).padStart(8, '0')
  callers.push({ ...(callers.at(-1) as Caller), name: "another's secret", key: mixedKey, credential: parseKey(mixedKey) as Credential })
  return { callers, secrets }
}

type State = 'DRAFT' | 'SUBMITTED' | 'RETURNED' | 'WITHDRAWN' | 'ADOPTED' | 'SUPERSEDED'

const everAdopted = (state: State): boolean => ['ADOPTED', 'SUPERSEDED'].includes(state)

const plans: readonly { name: string; kind: string; place?: number; from: number; to: number; states: readonly State[] }[] = [
  { name: 'adopted', kind: 'EXECUTION_PLAN', place: 1, from: 2025, to: 2026, states: ['SUPERSEDED', 'ADOPTED', 'DRAFT'] },
  { name: 'submitted', kind: 'EXECUTION_PLAN', place: 2, from: 2025, to: 2026, states: ['SUBMITTED'] },
  { name: 'drafted', kind: 'EXECUTION_PLAN', place: 3, from: 2025, to: 2026, states: ['DRAFT'] },
  { name: 'returned', kind: 'EXECUTION_PLAN', place: 1, from: 2027, to: 2028, states: ['RETURNED'] },
  { name: 'withdrawn', kind: 'EXECUTION_PLAN', place: 2, from: 2027, to: 2028, states: ['WITHDRAWN'] },
  { name: 'expired', kind: 'EXECUTION_PLAN', place: 3, from: 2027, to: 2028, states: ['ADOPTED'] },
  { name: 'unversioned', kind: 'EXECUTION_PLAN', place: 4, from: 2025, to: 2026, states: [] },
  { name: 'straddling', kind: 'EXECUTION_PLAN', place: 4, from: 2029, to: 2030, states: ['DRAFT'] },
  { name: 'programme plan', kind: 'PROGRAMME_PLAN', from: 2025, to: 2044, states: ['ADOPTED', 'SUBMITTED'] },
  { name: 'amended plan', kind: 'PROGRAMME_PLAN', from: 2025, to: 2044, states: ['SUPERSEDED', 'ADOPTED', 'DRAFT'] },
  { name: "plan of the team's mandate", kind: 'PROGRAMME_PLAN', from: 2025, to: 2044, states: ['SUBMITTED'] },
  { name: 'agenda', kind: 'STRATEGIC_AGENDA', from: 2025, to: 2029, states: ['ADOPTED', 'DRAFT'] },
  { name: 'next agenda', kind: 'STRATEGIC_AGENDA', from: 2030, to: 2034, states: ['DRAFT'] },
  { name: 'amended agenda', kind: 'STRATEGIC_AGENDA', from: 2035, to: 2039, states: ['SUPERSEDED', 'ADOPTED'] },
]

/** The line of the matrix for a plan in one state; the agenda has its own. */
function readsOf(kind: string, state: State | undefined): string {
  if (state === undefined) return 'unversioned'
  if (!everAdopted(state)) return 'draft'
  return kind === 'STRATEGIC_AGENDA' ? 'agenda' : 'in-force'
}

const readsOfVersion = (kind: string, state: State): string => {
  const reads = readsOf(kind, state)
  return reads === 'agenda' ? 'agenda-version' : reads
}

/** The portfolio holder brings versions into force, and takes the place of them, of the plans that a mandate reaches. */
const writesOfVersion = (plan: string, state: State): string =>
  ['programme plan', 'amended plan'].includes(plan) && ['SUBMITTED', 'ADOPTED', 'SUPERSEDED'].includes(state) ? 'amendable' : 'plan'

function addPlans(s: Sowing): void {
  const programme_id = s.id('programme')
  for (const { name, kind, place, from, to, states } of plans) {
    const plan_id = s.add('plan', { name: `plan ${name}`, reads: readsOf(kind, states[0]), writes: 'plan', graphql: true }, (n) => ({
      programme_id,
      kind,
      neighbourhood_id: place === undefined ? null : s.id(`neighbourhood ${place}`),
      title: words(n),
      starts_on: `${from}-01-01`,
      ends_on: `${to}-12-31`,
    }))
    for (const [index, state] of states.entries()) {
      const number = index + 1
      const draft = (n: number) => ({
        plan_id,
        number,
        ambitions: words(n),
        objectives: words(n),
        approach: words(n),
        guiding_principles: [words(n)],
      })
      s.add(
        'plan_version',
        {
          name: `${name} ${number}`,
          reads: readsOfVersion(kind, state),
          writes: writesOfVersion(name, state),
          adopted: everAdopted(state),
          graphql: true,
        },
        draft,
      )
    }
  }
  const decision_id = s.add('decision', { reads: 'decision', writes: 'mandate', graphql: true }, (n) => ({
    programme_id,
    reference: word(n),
    body: 'COLLEGE',
    decided_on: '2025-03-01',
    outcome: 'CONFORM',
    title: words(n),
  }))
  const adopted = plans.flatMap(({ name, states }) =>
    states.flatMap((state, index) => (everAdopted(state) && `${name} ${index + 1}` !== 'amended plan 2' ? [`${name} ${index + 1}`] : [])),
  )
  for (const [index, version] of [...adopted, 'submitted 1', 'next agenda 1'].entries()) {
    s.add('decision_point', { name: `point ${version}`, reads: 'decision', graphql: true }, (n) => ({
      decision_id,
      number: index + 1,
      type: 'ADOPTION',
      outcome: adopted.includes(version) ? 'CONFORM' : 'HELD_OVER',
      text: words(n),
      plan_version_id: s.id(version),
    }))
  }
  const grant = s.add('decision_point', { reads: 'decision', graphql: true }, (n) => ({
    decision_id,
    number: adopted.length + 3,
    type: 'MANDATE_GRANT',
    outcome: 'CONFORM',
    text: words(n),
  }))
  for (const [plan, holder] of [
    ['programme plan', 'PORTFOLIO_HOLDER'],
    ['amended plan', 'PORTFOLIO_HOLDER'],
    ["plan of the team's mandate", 'PROGRAMME_TEAM'],
  ]) {
    s.add('mandate', { name: `mandate over ${plan}`, reads: 'decision', writes: 'mandate', graphql: true }, () => ({
      decision_point_id: grant,
      plan_id: s.id(`plan ${plan}`),
      holder,
      kinds: ['CHANGE'],
      starts_on: '2025-03-01',
    }))
  }
  const amend = (reads: string, writes: string, version: string, force: object) =>
    s.add('amendment', { reads, writes, graphql: true }, (n) => ({
      plan_version_id: s.id(version),
      kind: 'CHANGE',
      rationale: words(n),
      ...force,
    }))
  amend('in-force', 'amendment-mandate', 'amended plan 2', { mandate_id: s.id('mandate over amended plan') })
  amend('agenda', 'amendment-decision', 'amended agenda 2', { decision_point_id: s.id('point amended agenda 2') })
  for (const [reads, version] of [
    ['in-force', 'adopted 2'],
    ['draft', 'submitted 1'],
    ['agenda', 'agenda 1'],
  ] as const) {
    // What belongs to an adopted version is frozen for everyone.
    s.add('document', { reads, writes: 'document', graphql: true, insertable: reads === 'draft' }, (n) => ({
      plan_version_id: s.id(version),
      kind: 'PLAN',
      title: words(n),
      media_type: 'application/pdf',
      sha256: String(n).padStart(64, '0'),
      url: `https://example.org/${word(n)}`,
    }))
  }
}

/** Adoption opens a duty of its own; here each is told of by a letter that was sent and by one that was not, which was about one of them only by mistake. */
function addCouncil(s: Sowing): void {
  const adopted = plans.flatMap(({ name, states }) =>
    states.flatMap((state, index) => (everAdopted(state) ? [s.id(`${name} ${index + 1}`)] : [])),
  )
  for (const id of adopted) s.add('information_duty', { reads: 'council', writes: 'duty', graphql: true }, () => ({ id }))
  for (const informed_on of ['2025-04-10', null]) {
    const council_notice_id = s.add('council_notice', { reads: 'council', writes: 'notice', graphql: true }, (n) => ({
      programme_id: s.id('programme'),
      kind: 'RIB',
      subject: words(n),
      informed_on,
      reference: word(n),
      document: word(n),
    }))
    // What was amended under a mandate was so today, later than any letter.
    for (const information_duty_id of adopted.filter((id) => id !== s.id('amended plan 2'))) {
      const withdrawn = informed_on === null && information_duty_id === adopted[0]
      s.add(
        'council_notice_duty',
        { reads: 'council', writes: 'notice-duty' },
        () => ({ council_notice_id, information_duty_id, withdrawn }),
        ['council_notice_id', 'information_duty_id'],
      )
    }
  }
}

/** The first day of what has no other. */
const start = '2025-01-01'

interface Part {
  organisation: Organisation
  role: 'LEAD' | 'CONTRIBUTING' | 'FUNDING'
  from?: string
  to?: string
}

const left: Part = { organisation: 'grace', role: 'CONTRIBUTING', to: '2026-01-01' }
const lead = (organisation: Organisation): Part => ({ organisation, role: 'LEAD' })
const contributes = (organisation: Organisation): Part => ({ organisation, role: 'CONTRIBUTING' })

/** Actions by what they show; the last version of each is what it points to, the agreed one before any draft. */
const actions: readonly {
  name: string
  plan: string
  versions: readonly number[]
  points: number
  parts: readonly Part[]
  /** Taken out of the draft again, so that it is agreed in no version. */
  withdrawn?: true
}[] = [
  { name: 'A1', plan: 'adopted', versions: [1, 2, 3], points: 2, parts: [lead('alpha'), contributes('gamma')] },
  { name: 'A2', plan: 'adopted', versions: [1, 2], points: 2, parts: [lead('beta'), contributes('alpha')] },
  { name: 'A3', plan: 'adopted', versions: [1, 2], points: 2, parts: [lead('beta'), { organisation: 'gamma', role: 'FUNDING' }] },
  {
    name: 'A4',
    plan: 'adopted',
    versions: [3],
    points: 3,
    parts: [
      lead('alpha'),
      left,
      { organisation: 'beta', role: 'CONTRIBUTING', to: '2025-07-01' },
      { organisation: 'gamma', role: 'CONTRIBUTING', from: '2199-01-01' },
    ],
  },
  { name: 'A5', plan: 'submitted', versions: [1], points: 1, parts: [lead('alpha'), contributes('beta'), left] },
  {
    name: 'A6',
    plan: 'adopted',
    versions: [1, 2],
    points: 2,
    parts: [
      { organisation: 'gamma', role: 'LEAD', to: '2025-07-01' },
      { organisation: 'alpha', role: 'LEAD', from: '2025-07-01' },
      { organisation: 'beta', role: 'CONTRIBUTING', to: '2025-07-01' },
    ],
  },
  { name: 'A7', plan: 'drafted', versions: [1], points: 1, parts: [lead('beta')] },
  {
    name: 'A8',
    plan: 'adopted',
    versions: [1, 2],
    points: 2,
    parts: [{ organisation: 'left', role: 'LEAD', to: '2026-01-01' }, contributes('municipality')],
  },
  { name: 'A9', plan: 'expired', versions: [1], points: 1, parts: [lead('beta'), { organisation: 'grace', role: 'CONTRIBUTING' }] },
  { name: 'A10', plan: 'returned', versions: [1], points: 1, parts: [lead('municipality')] },
  {
    name: 'A11',
    plan: 'adopted',
    versions: [1, 2],
    points: 2,
    parts: [lead('municipality'), { organisation: 'alpha', role: 'CONTRIBUTING', from: '2199-01-01' }],
  },
  { name: 'A12', plan: 'straddling', versions: [1], points: 1, parts: [lead('municipality')] },
  {
    name: 'A13',
    plan: 'adopted',
    versions: [1],
    points: 1,
    parts: [lead('municipality'), { organisation: 'grace', role: 'CONTRIBUTING' }],
    withdrawn: true,
  },
]

interface Known extends ActionFacts {
  name: string
  /** Since when an organisation takes part in it. */
  since: Partial<Record<Organisation, string>>
  adopted: boolean
  /** Agreed in later drafts only, so that it is as hidden as they are. */
  drafted: boolean
}

const stateOf = (plan: string, number: number): State => plans.find(({ name }) => name === plan)?.states[number - 1] as State

/** A first version is the action's only core text; a later draft is a draft. */
function readsOfAgreed(state: State, number: number, withdrawn?: true): string {
  if (withdrawn) return 'draft'
  if (everAdopted(state)) return 'core-adopted'
  return number === 1 ? 'core' : 'draft'
}

function coreOf({ adopted, drafted }: Pick<Known, 'adopted' | 'drafted'>, core = 'core'): string {
  if (adopted) return 'core-adopted'
  return drafted ? `${core}-drafted` : core
}

function addActions(s: Sowing): Map<string, Known> {
  const known = new Map<string, Known>()
  for (const { name, plan, versions, points, parts, withdrawn } of actions) {
    const adopted = !withdrawn && everAdopted(stateOf(plan, points))
    const today = ({ from = start, to }: Part): boolean => from <= '2026-01-01' && to === undefined
    const led = parts.filter(({ role }) => role === 'LEAD')
    const facts: ActionFacts = {
      id: idOf(s.rows.length + 1),
      leads: led.map(({ organisation }) => organisation),
      leading: led.filter(today).map(({ organisation }) => organisation),
      parts: parts.filter(today).map(({ organisation }) => organisation),
      ever: parts.map(({ organisation }) => organisation),
    }
    const drafted = withdrawn ?? (!adopted && !versions.includes(1))
    known.set(name, {
      ...facts,
      name,
      adopted,
      drafted,
      since: Object.fromEntries(parts.map(({ organisation, from = start }) => [organisation, from])),
    })
    const core = coreOf({ adopted, drafted }, 'action')
    const firstVersion = s.rows.length + 2
    s.add('action', { name: `action ${name}`, reads: core, writes: 'action', of: facts, adopted, graphql: true, feed: 'Actions' }, (n) => ({
      programme_id: s.id('programme'),
      plan_id: s.id(`plan ${plan}`),
      ref: word(n).toUpperCase(),
      // Agreed fields follow, in the order of the versions.
      agreed_action_id: idOf(firstVersion + versions.indexOf(points)),
    }))
    for (const number of versions) {
      const state = stateOf(plan, number)
      const current = number === points
      s.add(
        'agreed_action',
        {
          name: `${name} agreed ${number}`,
          reads: readsOfAgreed(state, number, withdrawn),
          writes: 'agreed',
          of: facts,
          adopted: !withdrawn && everAdopted(state),
          graphql: current || state === 'DRAFT',
          ...(current ? { feed: 'Actions' } : {}),
        },
        (n) => ({
          action_id: facts.id,
          plan_id: s.id(`plan ${plan}`),
          plan_version_id: s.id(`${plan} ${number}`),
          version_state: 'DRAFT',
          version_number: number,
          title: words(n),
          description: words(n),
          kind: 'ACTION',
          scale: 'NEIGHBOURHOOD',
          withdrawn: withdrawn ?? false,
        }),
      )
    }
  }
  for (const { name, plan, versions, withdrawn } of actions) {
    const of = known.get(name) as Known
    for (const number of versions) {
      const state = stateOf(plan, number)
      const reads = readsOfAgreed(state, number, withdrawn)
      const agreed_action_id = s.id(`${name} agreed ${number}`)
      // What is agreed is frozen for everyone, so only a link of a draft tells who may write one.
      const facts: Facts = { reads, writes: 'agreed-link', of, adopted: everAdopted(state), insertable: state === 'DRAFT' }
      s.add('agreed_action_pillar', facts, () => ({ agreed_action_id, pillar_id: s.id('pillar 1') }), ['agreed_action_id', 'pillar_id'])
      s.add('agreed_action_sdg', facts, () => ({ agreed_action_id, sdg_goal_id: s.id('sdg 1') }), ['agreed_action_id', 'sdg_goal_id'])
      s.add('agreed_action_result', facts, () => ({ agreed_action_id, result_id: s.id('short') }), ['agreed_action_id', 'result_id'])
      s.add(
        'agreed_action_theme',
        // Themes are the agenda's; a link is read by who reads both.
        { ...facts, reads: reads === 'draft' ? reads : 'agenda' },
        () => ({ agreed_action_id, theme_id: s.id('theme 1') }),
        ['agreed_action_id', 'theme_id'],
      )
    }
  }
  for (const { name, parts } of actions) {
    const of = known.get(name) as Known
    for (const { organisation, role, from = start, to } of parts) {
      s.add(
        'action_participation',
        {
          reads: coreOf(of, 'part'),
          writes: 'participation',
          organisation,
          of,
          adopted: of.adopted,
          graphql: true,
          later: from > start,
        },
        () => ({ action_id: of.id, organisation_id: s.id(organisation), role, starts_on: from, ends_on: to ?? null }),
      )
    }
  }
  return known
}

/** Themes of an agenda that holds and of one that is still a draft; a link is read by who reads both of its ends. */
function addAgenda(s: Sowing): void {
  for (const [agenda, reads] of [
    ['agenda', 'agenda'],
    ['next agenda', 'draft'],
  ] as const) {
    const facts = { reads, writes: 'agenda', graphql: true }
    const agenda_theme_id = s.add('agenda_theme', { name: `theme of ${agenda}`, ...facts }, (n) => ({
      plan_id: s.id(`plan ${agenda}`),
      theme_id: s.id('theme 1'),
      scope: 'NEIGHBOURHOOD_WIDE',
      title: words(n),
      text: words(n),
    }))
    s.add('agenda_step', facts, (n) => ({ agenda_theme_id, organisation_id: s.id('alpha'), kind: 'STEP', title: words(n) }))
  }
  const link = (reads: string, target: object, agenda = 'agenda', year = 2025) =>
    s.add('theme_link', { reads, writes: 'agenda' }, () => ({
      agenda_theme_id: s.id(`theme of ${agenda}`),
      ...target,
      starts_on: `${year}-01-01`,
      ends_on: `${year}-12-31`,
    }))
  link('agenda', { plan_id: s.id('plan adopted') })
  link('draft', { plan_id: s.id('plan submitted') })
  for (const name of ['A1', 'A5']) link('agenda', { action_id: s.id(`action ${name}`) })
  link('draft', { action_id: s.id('action A4') })
  // Of an action that more may read than the theme.
  link('draft', { action_id: s.id('action A12') }, 'next agenda', 2030)
}

const lifeOf = { SIGNALLED: ['SIGNALLED'], RESOLVED: ['SIGNALLED', 'ANALYSED', 'ESCALATED', 'RESOLVED'] } as const

function addBreakthroughs(s: Sowing): void {
  const known = (['SIGNALLED', 'RESOLVED'] as const).flatMap((state) =>
    (['alpha', 'beta'] as const).map((organisation) => {
      const reads = state === 'RESOLVED' ? 'resolved' : 'breakthrough'
      const facts = { reads, writes: 'breakthrough', organisation, graphql: true }
      const breakthrough_id = s.add('breakthrough', { ...facts, name: `${state} ${organisation}` }, (n) => ({
        programme_id: s.id('programme'),
        organisation_id: s.id(organisation),
        obstacle: words(n),
        level: 'NATIONAL',
        resulting_change: words(n),
      }))
      return { state, facts, breakthrough_id }
    }),
  )
  for (const { state, facts, breakthrough_id } of known) {
    for (const [index, step] of lifeOf[state].entries()) {
      s.add('breakthrough_step', { ...facts, writes: 'breakthrough-once' }, (n) => ({
        breakthrough_id,
        number: index + 1,
        state: step,
        taken_on: '2025-09-01',
        explanation: word(n),
      }))
    }
  }
  for (const { facts, breakthrough_id } of known) {
    for (const organisation of ['alpha', 'beta'] as const) {
      s.add('lobby_effort', { ...facts, organisation, name: `lobby ${breakthrough_id} ${organisation}` }, (n) => ({
        breakthrough_id,
        organisation_id: s.id(organisation),
        addressee: 'RIJK',
        request: words(n),
        started_on: '2025-10-01',
      }))
    }
  }
  for (const { facts, breakthrough_id } of known) {
    for (const [leader, organisation] of [
      ['alpha', 'beta'],
      ['beta', 'alpha'],
    ] as const) {
      s.add(
        'lobby_support',
        { ...facts, writes: 'breakthrough-once', organisation, graphql: false },
        () => ({ lobby_effort_id: s.id(`lobby ${breakthrough_id} ${leader}`), organisation_id: s.id(organisation) }),
        ['lobby_effort_id', 'organisation_id'],
      )
    }
  }
}

function addMoneyAndPolicy(s: Sowing, known: Map<string, Known>): void {
  const frame_id = s.add('financial_frame', { reads: 'register', writes: 'finance', graphql: true }, (n) => ({
    programme_id: s.id('programme'),
    year: 2025,
    structural_budget: numberOf(n),
  }))
  s.add('budget_line', { reads: 'agenda', writes: 'finance', graphql: true }, (n) => ({
    frame_id,
    category: 'STAFF',
    name: words(n),
    original: '100',
    chapter: '9',
  }))
  const align = (reads: string, side: object, of?: Known) =>
    s.add('policy_alignment', { reads, writes: 'register-link', of }, () => ({ policy_link_id: s.id('policy'), ...side }))
  align('in-force', { plan_id: s.id('plan adopted') })
  align('draft', { plan_id: s.id('plan submitted') })
  align('agenda', { agenda_theme_id: s.id('theme of agenda') })
  align('draft', { agenda_theme_id: s.id('theme of next agenda') })
  align('core-adopted', { action_id: s.id('action A1') })
  align('core', { action_id: s.id('action A5') })
  align('core-drafted', { action_id: s.id('action A4') }, known.get('A4'))
}

const visibilities = ['PUBLIC', 'ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION', 'PROGRAMME_TEAM'] as const
const narrower = { ACTION_PARTIES: 'words-parties', OWN_ORGANISATION: 'words-own', PROGRAMME_TEAM: 'words-team' } as const

function wordsOf(visibility: (typeof visibilities)[number], { drafted }: Known): string {
  if (visibility !== 'PUBLIC' && visibility !== 'ALLIANCE') return narrower[visibility]
  if (drafted) return 'report-drafted'
  return visibility === 'PUBLIC' ? 'words-public' : 'report'
}

type Subject = 'ACTION' | 'CONTRIBUTION' | 'UNRELATED'

interface FixtureReport {
  action: string
  by: Organisation
  subject: Subject
  standing: 'ACCEPTED' | 'QUARANTINED'
  admitted?: true
}

const reports: readonly FixtureReport[] = [
  { action: 'A1', by: 'alpha', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A1', by: 'alpha', subject: 'ACTION', standing: 'QUARANTINED' },
  { action: 'A1', by: 'gamma', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A1', by: 'beta', subject: 'UNRELATED', standing: 'QUARANTINED' },
  { action: 'A1', by: 'beta', subject: 'UNRELATED', standing: 'ACCEPTED', admitted: true },
  { action: 'A1', by: 'municipality', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A2', by: 'beta', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A2', by: 'alpha', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A3', by: 'beta', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A3', by: 'gamma', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A4', by: 'alpha', subject: 'ACTION', standing: 'ACCEPTED' },
  // Of another on what is only in a draft: its lead's system sees it because it takes part, and for nothing else.
  { action: 'A4', by: 'left', subject: 'UNRELATED', standing: 'QUARANTINED' },
  { action: 'A5', by: 'alpha', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A5', by: 'beta', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A5', by: 'grace', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A6', by: 'gamma', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A6', by: 'alpha', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A7', by: 'beta', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A8', by: 'left', subject: 'ACTION', standing: 'ACCEPTED' },
  { action: 'A9', by: 'grace', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
  { action: 'A9', by: 'beta', subject: 'CONTRIBUTION', standing: 'ACCEPTED' },
]

const writesOf = { ACTION: 'report-of-action', CONTRIBUTION: 'report-of-part', UNRELATED: 'report-unrelated' } as const

function addReports(
  s: Sowing,
  known: Map<string, Known>,
  systemOf: (organisation: Organisation) => string,
  principalOf: (name: string) => string,
): void {
  for (const { action, by, subject, standing, admitted = false } of reports) {
    const of = known.get(action) as Known
    for (const visibility of visibilities) {
      const read = of.adopted && (subject === 'ACTION' || admitted) && standing === 'ACCEPTED'
      const shared = of.drafted ? 'report-drafted' : 'report'
      const author = { organisation: by, principal: systemOf(by), of, adopted: read }
      const report_id = s.add(
        'status_report',
        {
          ...author,
          reads: read ? 'report-adopted' : shared,
          writes: writesOf[subject],
          graphql: true,
          feed: 'ActionStatusHistory',
        },
        (n) => ({
          action_id: of.id,
          subject,
          standing,
          admitted,
          status: 'IMPLEMENTATION',
          progress_percent: 10,
          health: 'ON_TRACK',
          effective_at: moment(n),
        }),
      )
      const detail = { ...author, writes: 'report-detail' }
      const organisation_id = s.id(by)
      s.add(
        'status_report_source',
        { ...detail, reads: shared },
        (n) => ({ report_id, organisation_id, pushed: true, source_sequence: n, tie_break: word(n), has_narrative: true }),
        ['report_id'],
      )
      s.add(
        'status_report_event',
        { ...detail, reads: 'event' },
        (n) => ({ report_id, organisation_id, external_event_id: word(n), fingerprint: word(n), answer: { disposition: word(n) } }),
        ['report_id'],
      )
      s.add(
        'status_report_narrative',
        { ...detail, reads: wordsOf(visibility, of), graphql: true },
        (n) => ({ report_id, action_id: of.id, organisation_id, narrative: word(n), visibility }),
        ['report_id'],
      )
    }
  }
  // Also by hand, and in the name of another organisation, which nobody may.
  const senders = [
    ['alpha', systemOf('alpha')],
    ['beta', systemOf('beta')],
    ['municipality', systemOf('municipality')],
    ['grace', systemOf('grace')],
    ['alpha', principalOf('partner_editor@alpha')],
    ['alpha', principalOf('partner_reader@alpha')],
    ['municipality', principalOf('programme_team@municipality')],
    ['beta', principalOf('partner_editor@alpha')],
  ] as const
  for (const [organisation, principal] of senders) {
    s.add('status_report_batch', { name: `batch ${organisation} ${principal}`, reads: 'batch', organisation, principal }, (n) => ({
      principal_id: principal,
      organisation_id: s.id(organisation),
      idempotency_key: word(n),
      fingerprint: word(n),
      answer: {
        batchId: idOf(n),
        dryRun: false,
        counts: { applied: 0, recordedLate: 0, unchanged: 0, duplicate: 0, quarantined: 0, rejected: 1 },
        items: [{ index: 0, externalEventId: word(n), disposition: 'REJECTED', errors: [] }],
      },
    }))
    if (principal !== systemOf(organisation)) continue
    for (const action of ['A1', 'A3', 'A5']) {
      const of = known.get(action) as Known
      s.add('external_ref', { reads: 'external-ref', organisation, principal, of }, (n) => ({
        organisation_id: s.id(organisation),
        system: 'default',
        external_id: word(n),
        action_id: of.id,
      }))
    }
  }
}

const notes = { ALLIANCE: 'note-alliance', ACTION_PARTIES: 'note-parties', OWN_ORGANISATION: 'note-own' } as const
const notesOfDrafted = { ...notes, ALLIANCE: 'note-drafted', OWN_ORGANISATION: 'note-drafted-own' } as const

function addNotes(s: Sowing, known: Map<string, Known>, systemOf: (organisation: Organisation) => string): void {
  for (const of of known.values()) {
    for (const organisation of ['alpha', 'beta', 'gamma', 'municipality', 'left', 'grace'] as const) {
      for (const [visibility, reads] of Object.entries(of.drafted ? notesOfDrafted : notes)) {
        // Only a party writes for the parties, at the time; one that is still to come has not.
        const since = of.since[organisation]
        if (visibility === 'ACTION_PARTIES' && (since === undefined || since > '2026-01-01')) continue
        const later = since !== undefined && since > start
        const author = { later, organisation, principal: systemOf(organisation), of, adopted: of.adopted, graphql: true }
        s.add(
          'note',
          { ...author, name: `note ${of.name} ${organisation} ${visibility}`, reads, writes: reads === 'note-parties' ? reads : 'note' },
          (n) => ({
            action_id: of.id,
            organisation_id: s.id(organisation),
            body: word(n),
            visibility,
          }),
        )
      }
    }
  }
}

/** Seen with the action they belong to. */
function addMilestones(s: Sowing, known: Map<string, Known>): void {
  for (const of of known.values()) {
    const facts = { reads: coreOf(of), writes: 'participation', of, adopted: of.adopted, graphql: true }
    s.add('milestone', facts, (n) => ({ action_id: of.id, position: 1, title: words(n), planned_on: '2025-06-01' }))
  }
}

/** Written by who leads the action, seen by who sees both ends: each way between one that all see, one of the alliance and one in a draft. */
function addRelations(s: Sowing, known: Map<string, Known>): void {
  const ends = ['A1', 'A2', 'A5', 'A4'].map((name) => known.get(name) as Known)
  for (const [place, from] of ends.entries()) {
    const add = (to: Known, values: (n: number) => object) => {
      // Of two ends, the one that fewer see.
      const narrower = ends.indexOf(to) > place ? to : from
      const of = { ...from, ever: narrower.ever, parts: narrower.parts }
      s.add('action_relation', { reads: coreOf(narrower), writes: 'participation', of, adopted: narrower.adopted, graphql: true }, (n) => ({
        action_id: from.id,
        ...values(n),
      }))
    }
    for (const to of ends) {
      if (to !== from) add(to, () => ({ kind: ends.indexOf(to) > place ? 'FOLLOWS' : 'PART_OF', related_action_id: to.id }))
    }
    add(from, (n) => ({ kind: 'COUPLED_WITH', works_source: word(n), works_reference: word(n), works_description: words(n) }))
  }
}

/** Also by organisations that take no part in the action, have done so or are still to. */
function addContributions(s: Sowing, known: Map<string, Known>, systemOf: (organisation: Organisation) => string): void {
  for (const name of ['A1', 'A2', 'A4', 'A6', 'A11']) {
    const of = known.get(name) as Known
    for (const organisation of ['alpha', 'beta', 'gamma', 'municipality', 'left', 'grace'] as const) {
      const facts = { reads: 'contribution', organisation, principal: systemOf(organisation), of, graphql: true }
      s.add('contribution', facts, (n) => ({
        action_id: of.id,
        organisation_id: s.id(organisation),
        kind: 'MONEY',
        amount: numberOf(n),
        description: words(n),
        starts_on: '2025-06-01',
      }))
    }
  }
}

/** Seen by whoever sees the action; of one that is only in a later draft, by whoever reads drafts. */
function addCapacity(s: Sowing): void {
  for (const [name, reads] of [
    ['A1', 'agenda'],
    ['A4', 'draft'],
    ['A5', 'agenda'],
  ] as const) {
    const facts = { reads, writes: 'capacity', graphql: true }
    const action_id = s.id(`action ${name}`)
    s.add('capacity_agreement', facts, (n) => ({
      action_id,
      unit: word(n),
      manager_role: { source: 'nl', nl: 'teammanager' },
      fte: '1',
      starts_on: '2025-06-01',
    }))
    s.add('work_stock_item', facts, (n) => ({ action_id, unit: 'team', reference: word(n) }))
  }
}

function addFigures(s: Sowing): void {
  const shown = { reads: 'indicator', graphql: true }
  const data_source_id = s.add('data_source', { ...shown }, (n) => ({
    code: `table-${n}`,
    publisher: word(n),
    title: word(n),
    licence: word(n),
  }))
  const indicator_id = s.add('indicator', { ...shown, name: 'indicator', feed: 'Indicators' }, (n) => ({
    programme_id: s.id('programme'),
    pillar_id: s.id('pillar 1'),
    code: 'indicator-1',
    name: words(n),
    definition: words(n),
    unit: words(n),
    measure: 'UNIT',
    aggregation: 'SUM',
    disclosure_threshold: 10,
  }))
  const indicator_version_id = s.add('indicator_version', { reads: 'indicator', writes: 'indicator-link' }, () => ({
    indicator_id,
    number: 1,
    starts_on: '2020-01-01',
  }))
  s.add('indicator_sdg', { reads: 'indicator', writes: 'indicator-link' }, () => ({ indicator_id, sdg_goal_id: s.id('sdg 1') }), [
    'indicator_id',
    'sdg_goal_id',
  ])
  const series_id = s.add('series', { ...shown, writes: 'indicator-link' }, () => ({
    indicator_id,
    indicator_version_id,
    region_id: s.id('region 1'),
  }))
  const import_run_id = s.add('import_run', { reads: 'import', writes: 'indicator' }, (n) => ({
    data_source_id,
    release: word(n),
    state: 'DONE',
    counts: { [word(n)]: n },
  }))
  const place = { region_version_id: s.id('region 1 2024'), data_source_id, import_run_id }
  const redrawn = s.add('region_version', { reads: 'register', writes: 'region', graphql: true }, (n) => ({
    region_id: s.id('region 1'),
    year: 2025,
    code: 'BU09350001',
    name: word(n),
    change: 'REDRAWN',
  }))
  s.add('region_conversion', { reads: 'indicator', writes: 'indicator-link', graphql: true }, (n) => ({
    region_id: s.id('region 1'),
    from_version_id: s.id('region 1 2024'),
    to_version_id: redrawn,
    method: words(n),
  }))
  const figures = [
    { period: '2020', hidden: false, former: false },
    { period: '2021', hidden: true, former: false },
    // Published once, and withheld since: what was published is not, any more.
    { period: '2022', hidden: true, former: true },
  ]
  for (const { period, hidden, former } of figures) {
    const value = (n: number) => (hidden ? { value: null, status: 'SUPPRESSED' } : { value: numberOf(n), status: 'NORMAL' })
    const observation_id = s.add('observation', { ...shown, name: `observation ${period}`, feed: 'Observations' }, (n) => ({
      series_id,
      period,
      ...place,
      ...value(n),
      revision: former ? 2 : 1,
    }))
    const revision = (number: number, of: (n: number) => object, facts: Facts) =>
      s.add('observation_revision', { ...facts, graphql: true }, (n) => ({ observation_id, revision: number, import_run_id, ...of(n) }))
    if (former) {
      revision(1, (n) => ({ value: numberOf(n), status: 'NORMAL' }), { reads: 'withheld-since', writes: 'indicator-link' })
    }
    revision(former ? 2 : 1, value, { name: `observation revision ${period}`, reads: 'indicator', writes: 'indicator-link' })
    if (hidden) {
      s.add(
        'confidential_value',
        { reads: 'withheld', writes: 'indicator', graphql: true },
        (n) => ({ observation_id, revision: former ? 2 : 1, value: numberOf(n), status: 'NORMAL' }),
        ['observation_id'],
      )
    }
  }
  s.add('baseline', { ...shown }, (n) => ({ indicator_version_id, series_id, period: '2020', value: numberOf(n) }))
  // Elsewhere the figure of the same year is withheld, so what change is counted from is as well.
  const withheld = s.add('series', { ...shown, writes: 'indicator-link' }, () => ({
    indicator_id,
    indicator_version_id,
    region_id: s.id('region 2'),
  }))
  s.add('observation', { ...shown, feed: 'Observations' }, () => ({
    series_id: withheld,
    period: '2020',
    ...place,
    region_version_id: s.id('region 2 2024'),
    value: null,
    status: 'SUPPRESSED',
  }))
  s.add('baseline', { ...shown, reads: 'withheld-since', writes: 'indicator' }, (n) => ({
    indicator_version_id,
    series_id: withheld,
    period: '2020',
    value: numberOf(n),
  }))
  s.add('headline', { reads: 'indicator', writes: 'headline', graphql: true }, () => ({
    neighbourhood_id: s.id('neighbourhood 1'),
    position: 1,
    indicator_id,
  }))
  s.add('target', { ...shown, feed: 'Targets' }, (n) => ({ indicator_version_id, series_id, period: '2026', value: numberOf(n) }))
}

/** Publications by version and place, with how far the text in each language has come. */
const publications: readonly { version: string; place: number; texts: Readonly<Record<string, TextState>> }[] = [
  { version: 'programme plan 1', place: 1, texts: { nl: 'PUBLISHED', en: 'PUBLISHED', fr: 'REVIEWED', de: 'DRAFT' } },
  { version: 'adopted 1', place: 1, texts: { nl: 'OUTDATED', en: 'REVIEWED' } },
  { version: 'adopted 2', place: 1, texts: { nl: 'DRAFT' } },
  { version: 'programme plan 2', place: 1, texts: { nl: 'REVIEWED' } },
  { version: 'submitted 1', place: 2, texts: {} },
]
type TextState = 'DRAFT' | 'REVIEWED' | 'PUBLISHED' | 'OUTDATED'

const isPublished = (state: TextState): boolean => state === 'PUBLISHED' || state === 'OUTDATED'

function addPublications(s: Sowing): void {
  for (const { version, place, texts } of publications) {
    const reads = Object.values(texts).some(isPublished) ? 'published' : 'unpublished'
    const publication_id = s.add('publication', { reads, writes: 'publication', graphql: true }, () => ({
      neighbourhood_id: s.id(`neighbourhood ${place}`),
      plan_version_id: s.id(version),
    }))
    for (const [language, state] of Object.entries(texts)) {
      s.add(
        'publication_text',
        {
          name: `text ${version} ${language}`,
          reads: isPublished(state) ? 'published' : 'unpublished',
          writes: 'publication-text',
          graphql: true,
        },
        (n) => ({ publication_id, language, summary: word(n), foreword: word(n), foreword_author: 'een bewoner' }),
      )
    }
  }
}

/** Seen by whoever sees the version it was about; by all, where it was about a neighbourhood. */
function addParticipation(s: Sowing): void {
  const about = [
    { reads: 'in-force', version: 'adopted 1' },
    { reads: 'draft', version: 'submitted 1' },
    { reads: 'agenda-version', version: 'agenda 1' },
    { reads: 'register', version: undefined },
  ]
  for (const { reads, version } of about) {
    s.add('participation_event', { reads, writes: 'participation-event', graphql: true }, (n) => ({
      programme_id: s.id('programme'),
      plan_version_id: version === undefined ? null : s.id(version),
      neighbourhood_id: s.id('neighbourhood 1'),
      held_on: '2025-03-01',
      organisation_id: s.id('alpha'),
      subject: words(n),
      outcome: words(n),
    }))
  }
}

function addRisks(s: Sowing): void {
  for (const organisation of ['alpha', 'beta', 'municipality', 'left', 'grace'] as const) {
    s.add('risk', { reads: 'risk', writes: 'risk', organisation, graphql: true }, (n) => ({
      programme_id: s.id('programme'),
      organisation_id: s.id(organisation),
      type: 'TRUST',
      description: words(n),
      effect: words(n),
      likelihood: 'LOW',
      impact: 'HIGH',
      recorded_on: '2025-06-01',
    }))
  }
}

function addLessons(s: Sowing): void {
  for (const organisation of ['alpha', 'beta', 'municipality', 'left', 'grace'] as const) {
    for (const subject of [{ action_id: s.id('action A1') }, { action_id: s.id('action A4') }, { programme_id: s.id('programme') }]) {
      s.add('lesson_learned', { reads: 'draft', writes: 'lesson', organisation, graphql: true }, (n) => ({
        ...subject,
        organisation_id: s.id(organisation),
        effect: 'SIMPLIFICATION',
        learnt: words(n),
        learnt_on: '2025-06-01',
      }))
    }
  }
}

function addEvaluation(s: Sowing): void {
  const facts = { reads: 'agenda', writes: 'evaluation' }
  const shown = { ...facts, graphql: true }
  const monitoring_plan_id = s.add('monitoring_plan', { ...shown, writes: 'monitoring-plan' }, (n) => ({
    programme_id: s.id('programme'),
    title: words(n),
    state: 'DRAFT',
  }))
  const indicator_id = s.id('indicator')
  s.add('monitoring_plan_indicator', facts, () => ({ monitoring_plan_id, indicator_id }), ['monitoring_plan_id', 'indicator_id'])
  const evaluation_id = s.add('evaluation', shown, (n) => ({
    monitoring_plan_id,
    title: words(n),
    starts_on: '2025-01-01',
    ends_on: '2025-12-31',
    as_of: '2199-01-01T00:00:00Z',
    verdict: words(n),
  }))
  s.add('evaluation_result', facts, () => ({ evaluation_id, result_id: s.id('short') }), ['evaluation_id', 'result_id'])
  const cited = s.id('observation revision 2020')
  s.add('evaluation_figure', shown, () => ({ evaluation_id, monitoring_plan_id, indicator_id, observation_revision_id: cited }))
}

/** Texts go as far as they should, while their version holds. */
async function publish(tx: Tx, named: (name: string) => string, version: (name: string) => boolean): Promise<void> {
  const reaching = (...states: TextState[]): string[] =>
    publications.flatMap(({ version: of, texts }) =>
      Object.entries(texts).flatMap(([language, state]) =>
        version(of) && states.includes(state) ? [named(`text ${of} ${language}`)] : [],
      ),
    )
  const move = (state: TextState, ids: string[], where = sql`true`) =>
    tx.db.execute(
      sql`update publication_text set state = ${state}::publication_state where id = any(${sql.param(ids)}::uuid[]) and ${where}`,
    )
  await move('REVIEWED', reaching('REVIEWED', 'PUBLISHED', 'OUTDATED'))
  await move('PUBLISHED', reaching('PUBLISHED', 'OUTDATED'), sql`language = 'nl'`)
  await move('PUBLISHED', reaching('PUBLISHED', 'OUTDATED'), sql`language <> 'nl'`)
}

function addAudit(s: Sowing, principalOf: (name: string) => string): void {
  const authors = [
    ['alpha', 'partner_editor@alpha'],
    ['beta', 'partner_editor@beta'],
    ['municipality', 'programme_team@municipality'],
    // In the name of another organisation, which nobody may.
    ['beta', 'partner_editor@alpha'],
  ] as const
  const subjects = [
    { reads: 'audit', operation: 'planAdopt', subject_type: 'Plan', subject: () => s.id('plan adopted') },
    { reads: 'audit-key', operation: 'keyCreate', subject_type: 'ApiKey', subject: () => s.id('key of partner_editor@alpha') },
    {
      reads: 'audit-note-parties',
      operation: 'noteCreate',
      subject_type: 'Note',
      subject: (of: string) => s.id(`note ${of === 'municipality' ? 'A11' : 'A2'} ${of} ACTION_PARTIES`),
    },
    {
      reads: 'audit-note-own',
      operation: 'noteCreate',
      subject_type: 'Note',
      subject: (of: string) => s.id(`note A3 ${of} OWN_ORGANISATION`),
    },
  ]
  for (const [organisation, name] of authors) {
    const principal = principalOf(name)
    for (const { reads, operation, subject_type, subject } of subjects) {
      s.add('audit_entry', { reads, writes: 'audit', organisation, principal, graphql: true }, (n) => ({
        principal_id: principal,
        organisation_id: s.id(organisation),
        operation,
        subject_type,
        subject_id: subject(organisation),
        before: { text: word(n) },
        after: { text: word(n) },
        outcome: 'DONE',
        request_id: word(n),
      }))
    }
  }
}

/** Rows that wait for an adoption, which opens the duties itself. */
const ofAdopted = ['information_duty', 'council_notice_duty']

/** Writes the fixture: rows of one table, author and form at once, each in the name of who it says wrote it. */
export async function sow(ownerUrl: string, { rows, idOf: named }: Fixture): Promise<void> {
  await install(ownerUrl, async (tx) => {
    await write(
      tx,
      // As they were before any of them ended.
      rows
        .filter(({ later, table }) => !later && !ofAdopted.includes(table))
        .map((row) => (row.table === 'action_participation' ? { ...row, values: { ...row.values, ends_on: null } } : row)),
      named,
    )
    await enterAs(tx, nobody, nobody)
    const ended = rows.filter(({ table, values }) => table === 'action_participation' && values.ends_on !== null)
    await tx.db.execute(sql`update action_participation p set ends_on = e.ends_on
      from jsonb_populate_recordset(null::action_participation, ${JSON.stringify(ended.map(({ values }) => values))}::jsonb) e where e.id = p.id`)
    await write(
      tx,
      rows.filter(({ later }) => later),
      named,
    )
    await enterAs(tx, nobody, nobody)
    await bringToState(tx, named)
    await write(
      tx,
      rows.filter(({ table }) => table === 'council_notice_duty'),
      named,
    )
  })
}

async function write(tx: Tx, rows: readonly Row[], named: (name: string) => string): Promise<void> {
  for (const group of grouped(rows)) {
    const [first] = group as [Row]
    await enterAs(tx, first.principal ?? nobody, first.organisation === undefined ? nobody : named(first.organisation))
    const columns = sql.join(
      Object.keys(first.values).map((column) => sql.identifier(column)),
      sql`, `,
    )
    const table = sql.identifier(first.table)
    const values = JSON.stringify(group.map((row) => row.values)).replaceAll('"$today"', `"${await today(tx)}"`)
    await tx.db.execute(
      sql`insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, ${values}::jsonb)`,
    )
  }
}

async function today(tx: Tx): Promise<string> {
  const { rows } = await tx.db.execute<{ today: string }>(sql`select today()::text as today`)
  return rows[0]?.today as string
}

async function enterAs(tx: Tx, principal: string, organisation: string): Promise<void> {
  await tx.db.execute(sql`select set_config('app.principal', ${principal}, true), set_config('app.organisation', ${organisation}, true),
    set_config('app.capabilities', capabilities(enum_range(null::role)), true)`)
}

/** Neighbours of one table, author and set of columns; the order of the tables stays. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    // Parents come before their children, so a table may come back for rows that lean on later ones.
    const early = ['organisation', 'programme', 'result', 'principal'].includes(row.table)
    const key = [row.table, row.organisation, early ? '' : row.principal, Object.keys(row.values).join()].join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

/** Plan versions begin as drafts, breakthroughs as signalled, and reach their state as they would in life. */
async function bringToState(tx: Tx, named: (name: string) => string): Promise<void> {
  const resolved = sql.param([named('RESOLVED alpha'), named('RESOLVED beta')])
  for (const state of lifeOf.RESOLVED.slice(1)) {
    await tx.db.execute(sql`update breakthrough set state = ${state}::breakthrough_state where id = any(${resolved}::uuid[])`)
  }
  const steps: [State, readonly State[]][] = [
    ['SUBMITTED', ['SUBMITTED', 'RETURNED', 'WITHDRAWN', 'ADOPTED', 'SUPERSEDED']],
    ['RETURNED', ['RETURNED']],
    ['WITHDRAWN', ['WITHDRAWN']],
    ['ADOPTED', ['SUPERSEDED']],
    ['SUPERSEDED', ['SUPERSEDED']],
    ['ADOPTED', ['ADOPTED']],
  ]
  for (const [state, ending] of steps) {
    const ids = plans.flatMap(({ name, states }) =>
      states.flatMap((last, index) => (ending.includes(last) ? [named(`${name} ${index + 1}`)] : [])),
    )
    const content =
      state === 'ADOPTED'
        ? sql`, effective_from = case when exists (select from amendment a where a.plan_version_id = plan_version.id and a.mandate_id is not null)
            then today() else (select starts_on from plan p where p.id = plan_id) end, snapshot = ambitions, content_hash = ambitions ->> 'nl'`
        : sql``
    await tx.db.execute(sql`update plan_version set state = ${state}::plan_state${content} where id = any(${sql.param(ids)}::uuid[])`)
    if (state === 'ADOPTED')
      await publish(tx, named, ending.includes('ADOPTED') ? (name) => name !== 'adopted 1' : (name) => name === 'adopted 1')
  }
}
