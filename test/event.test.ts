import assert from 'node:assert/strict'
import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { recordStatus } from '../src/action/write/record-status.ts'
import { parseKey } from '../src/auth/key.ts'
import type { Credential } from '../src/db/session.ts'
import { features } from '../src/features.ts'
import { parseGlobalId } from '../src/read/model.ts'
import { ask, testDatabase } from './harness.ts'

interface Event {
  id: string
  source: string
  specversion: string
  type: string
  subject: string
  time: string
  sequence: string
  data: Record<string, unknown>
}

const team = 'programme_team@gemeente-maastricht'
const woonpunt = 'partner_system@woonpunt'
const trajekt = 'partner_system@trajekt'

/** What the tests do with the service, over a database of their own. */
async function door(t: Test) {
  const db = await testDatabase(t)
  const { app, keys } = db

  async function get(who: string | undefined, url: string, headers: Record<string, string> = {}) {
    const authorization = who === undefined ? {} : { authorization: `Bearer ${keys[who] ?? who}` }
    const { statusCode: status, headers: told, body } = await app.inject({ method: 'GET', url, headers: { ...authorization, ...headers } })
    return { status, headers: told, raw: body, body: JSON.parse(body) }
  }

  /** All events from a place on, a page at a time, and where to go on. */
  async function follow(who: string | undefined, from = '/api/v1/events?limit=1000'): Promise<{ events: Event[]; next: string }> {
    const events: Event[] = []
    for (let next = from; ; ) {
      const { status, headers, raw, body } = await get(who, next)
      assert.equal(status, 200, raw)
      next = /^<(.*)>; rel="next"$/.exec(String(headers.link))?.[1] as string
      if (body.length === 0) return { events, next }
      events.push(...body)
    }
  }

  /** Where somebody stands who has had all there is. */
  const caughtUp = async (who: string | undefined, query = '') => (await follow(who, `/api/v1/events?limit=1000${query}`)).next
  const since = async (who: string | undefined, next: string) => (await follow(who, next)).events

  async function push(who: string, items: object[], more: object = {}, key: string = uuidv7()) {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/status-reports',
      headers: { authorization: `Bearer ${keys[who]}`, 'idempotency-key': key },
      payload: { items, ...more },
    })
    assert.equal(response.statusCode, 200, response.body)
    return response.json().items as { disposition: string; actionId: string }[]
  }

  async function verb(who: string, name: string, id: string | undefined, input: object, payload = '') {
    const type = `${name[0]?.toUpperCase()}${name.slice(1).replace(/(?<=Text)(Review|Publish)$/, 'Step')}Input!`
    const [declared, given] =
      id === undefined ? ['', ''] : ['$id: ID!, ', `${name === 'publicationTextCreate' ? 'planVersionId' : 'id'}: $id, `]
    const { data, errors } = await ask<Record<string, Record<string, unknown> & { userErrors: object[] }>>(
      db,
      keys[who],
      `mutation V(${declared}$input: ${type}) { done: ${name}(${given}input: $input) { ${payload} userErrors { code path message } } }`,
      { id, input },
    )
    assert.deepEqual([errors, data?.done?.userErrors], [undefined, []], name)
    return data.done as unknown
  }

  return { db, keys, get, follow, caughtUp, since, push, verb }
}

let events = 0
const report = (ref: string, day: string, status: string, more: object = {}) => ({
  action: { ref },
  externalEventId: `event-${++events}`,
  effectiveAt: `2026-${day}T10:00:00Z`,
  status,
  ...more,
})

const short = ({ type, data }: Event) => [type.replace('nl.samenspel.', ''), data.ref, data.status]

t.test('P9 following what happens', async (t) => {
  const { db, keys, get, follow, caughtUp, since, push, verb } = await door(t)
  const { data } = await ask<{ actions: { nodes: { ref: string; id: string; lead: { slug: string } }[] } }>(
    db,
    keys[team],
    '{ actions(first: 100) { nodes { ref id lead { slug } } } }',
  )
  const ledBy = (slug: string) => data.actions.nodes.find(({ lead }) => lead?.slug === slug) as (typeof data.actions.nodes)[0]
  const action = ledBy('woonpunt')

  t.test('P2 P3 P8 a report, a late one and one that is taken back are told once, and where the action then stands', async (t) => {
    const before = await caughtUp(woonpunt)
    const first = [report(action.ref, '05-12', 'FINALISATION', { progressPercent: 80 })]
    const key = uuidv7()
    await push(woonpunt, first, { dryRun: true })
    await push(woonpunt, [{ ...first[0], status: 'NONSENSE' }])
    t.same(await since(woonpunt, before), [], 'a rehearsal and what is refused tell nothing')
    await push(woonpunt, first, {}, key)
    await push(woonpunt, first, {}, key)
    await push(woonpunt, first)
    const told = await since(woonpunt, before)
    t.same(
      told.map(short),
      [
        ['action.status-recorded', action.ref, 'FINALISATION'],
        ['action.status-changed', action.ref, 'FINALISATION'],
      ],
      'however often it is sent',
    )
    t.match(told[0], {
      specversion: '1.0',
      source: 'https://samenspel.maastricht.nl',
      subject: action.id,
      datacontenttype: 'application/json',
      data: { about: 'ACTION', progressPercent: 80, effectiveAt: '2026-05-12T10:00:00.000000Z' },
    })
    t.equal(parseGlobalId(told[0]?.data.reportId as string)?.type, 'StatusReport')

    const later = await caughtUp(woonpunt)
    await push(woonpunt, [report(action.ref, '05-03', 'FINALISATION', { progressPercent: 60 })])
    t.same((await since(woonpunt, later)).map(short), [['action.status-recorded-late', action.ref, 'FINALISATION']])

    const last = await caughtUp(woonpunt)
    await db.app.inject({
      method: 'POST',
      url: '/api/v1/status-reports/retractions',
      headers: { authorization: `Bearer ${keys[woonpunt]}` },
      payload: { externalEventId: first[0]?.externalEventId },
    })
    t.same(
      (await since(woonpunt, last)).map(short),
      [
        ['action.status-changed', action.ref, 'FINALISATION'],
        ['action.status-retracted', action.ref, 'FINALISATION'],
      ].sort(byTold(await since(woonpunt, last))),
    )
    t.same(
      (await since('partner_reader@envida', last)).map(({ id }) => id).sort(),
      (await since(woonpunt, last)).map(({ id }) => id).sort(),
      'the alliance is told the same',
    )
    t.same(
      (await since(undefined, last)).map(short),
      [['action.status-changed', action.ref, 'FINALISATION']],
      'the public reads no report that is taken back',
    )
  })

  t.test('P9 who comes back after days goes on where it was, misses nothing and is told everything as before', async (t) => {
    const whole = (await follow(woonpunt)).events
    t.ok(whole.length > 10)
    t.same((await follow(woonpunt, '/api/v1/events?limit=1')).events, whole, 'page by page')
    const half = whole[Math.floor(whole.length / 2)] as Event
    t.same(await since(woonpunt, `/api/v1/events?after=${encodeURIComponent(half.sequence)}`), whole.slice(whole.indexOf(half) + 1))
    const places = whole.map(({ sequence }) => sequence)
    t.same([...places].sort(), places, 'their places sort as they are told')
    t.equal(new Set(whole.map(({ id }) => id)).size, whole.length, 'each has an id of its own')
  })

  t.test('P5 a contribution is told for itself to who reads it, and does not touch the action', async (t) => {
    const [reader, anybody] = [await caughtUp('partner_reader@woonpunt'), await caughtUp(undefined)]
    const shared = data.actions.nodes.map(({ ref }) => ref)
    const items = await push(
      trajekt,
      shared.map((ref) => report(ref, '06-01', 'CANCELLED')),
    )
    const ids = items.flatMap(({ disposition, actionId }, place) =>
      disposition === 'APPLIED' && ledBy('trajekt')?.ref !== shared[place] ? [actionId] : [],
    )
    t.ok(ids.length > 0, 'it contributes to something')
    const told = (await since('partner_reader@woonpunt', reader)).filter(({ data }) => data.about === 'CONTRIBUTION')
    t.same(
      told.map(({ subject, type }) => [subject, type]),
      ids.map((id) => [id, 'nl.samenspel.action.status-recorded']),
    )
    t.same(
      (await since(undefined, anybody)).filter(({ subject }) => ids.includes(subject)),
      [],
      'the public is told nothing of it',
    )
  })

  t.test('a report that one of an earlier moment puts on hold counts no longer, and that is told', async (t) => {
    const province = 'partner_system@provincie-limburg'
    const { ref } = ledBy('provincie-limburg')
    await push(province, [report(ref, '06-12', 'IMPLEMENTATION')])
    const before = await caughtUp(team)
    t.match(await push(province, [report(ref, '06-03', 'CANCELLED')]), [{ disposition: 'APPLIED' }])
    t.same((await since(team, before)).map(short).sort(), [
      ['action.status-changed', ref, 'CANCELLED'],
      ['action.status-recorded', ref, 'CANCELLED'],
      ['action.status-retracted', ref, 'IMPLEMENTATION'],
    ])
  })

  t.test('what comes out of quarantine is told when it does', async (t) => {
    const before = await caughtUp(team)
    const stranger = 'partner_system@mondriaan'
    const sent = report(action.ref, '06-02', 'CLOSED')
    t.match(await push(stranger, [sent]), [{ disposition: 'QUARANTINED' }])
    t.same(await since(team, before), [], 'as long as it waits it does not count')
    const { data: waiting } = await ask<{ quarantinedReports: { nodes: { id: string; status: string; action: { ref: string } }[] } }>(
      db,
      keys[team],
      '{ quarantinedReports(first: 100) { nodes { id status action { ref } } } }',
    )
    const after = await caughtUp(team)
    const { data: done } = await ask<{ statusReportAccept: object }>(
      db,
      keys[team],
      'mutation A($id: ID!) { statusReportAccept(id: $id, input: { reason: "Klopt" }) { userErrors { code } } }',
      { id: waiting.quarantinedReports.nodes.find(({ action: { ref }, status }) => ref === action.ref && status === 'CLOSED')?.id },
    )
    t.same(done.statusReportAccept, { userErrors: [] })
    t.same((await since(team, after)).map(short).sort(), [
      ['action.status-changed', action.ref, 'CLOSED'],
      ['action.status-recorded', action.ref, 'CLOSED'],
    ])
  })

  t.test('invariant 21: nothing is told before all that was recorded until then is, so nobody goes past what comes late', async (t) => {
    const before = await caughtUp(team)
    const other = ledBy('servatius')
    let finish: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    let slow: Promise<unknown> = Promise.resolve()
    const begun = new Promise<void>((resolve, reject) => {
      slow = db.session.write(parseKey(keys[team] as string) as Credential, undefined, async (tx, actor) => {
        await recordStatus(tx, actor, {
          action: { id: action.id },
          status: 'IMPLEMENTATION',
          effectiveAt: '2026-07-01T00:00:00Z',
          narrative: 'Toch weer open',
        })
        resolve()
        await held
      })
      slow.catch(reject)
    })
    await begun
    await push('partner_system@servatius', [report(other.ref, '07-02', 'IMPLEMENTATION')])
    const meanwhile = await follow(team, before)
    t.same(meanwhile.events, [], 'what is recorded already waits for what began before it')
    finish()
    await slow
    const told = await since(team, meanwhile.next)
    t.same([...new Set(told.map(({ data }) => data.ref))], [action.ref, other.ref], 'then both come, in their order')
  })

  t.test('a kind, a subject or the own actions alone', async (t) => {
    const all = (await follow(woonpunt)).events
    const url = (query: string) => `/api/v1/events?limit=1000&${query}`
    const typed = await since(woonpunt, url('type=nl.samenspel.action.status-changed&type=nl.samenspel.plan.adopted'))
    t.same(
      typed,
      all.filter(({ type }) => /status-changed|plan.adopted/.test(type)),
    )
    t.same(
      await since(woonpunt, url(`subject=${action.id}`)),
      all.filter(({ subject }) => subject === action.id),
    )
    const own = await since(woonpunt, url('own=true'))
    t.ok(own.some(({ subject }) => subject === action.id))
    t.notOk(own.some(({ subject }) => subject === ledBy('mondriaan').id))
    t.same(await since(undefined, url('own=true')), [], 'nobody in particular has none')
  })

  t.test('P6 plans, the council, publications and the alliance', async (t) => {
    const before = { team: await caughtUp(team), anybody: await caughtUp(undefined) }
    const { data } = await ask<{
      decisions: { nodes: { points: { mandates: { id: string; plan: { id: string; latestVersion: { version: number } } }[] }[] }[] }
      programme: { alliance: { nodes: { id: string; version: number; organisation: { slug: string } }[] } }
    }>(
      db,
      keys[team],
      `{ decisions(where: { type: { eq: MANDATE_GRANT } }) { nodes { points { mandates { id plan { id latestVersion { version } } } } } }
        programme(code: "VW") { alliance(first: 20) { nodes { id version organisation { slug } } } } }`,
    )
    const mandate = data.decisions.nodes[0]?.points[1]?.mandates[0]
    const versioned = 'plan { id latestVersion { id version } }'
    interface Shown {
      plan: { id: string; latestVersion: { id: string; version: number } }
    }
    const step = async (name: string, input: object, who = team): Promise<Shown['plan']> =>
      ((await verb(who, name, mandate?.plan.id, input, versioned)) as Shown).plan
    const draft = await step('planDraftStart', { expectedVersion: mandate?.plan.latestVersion.version })
    const submitted = await step('planSubmit', { expectedVersion: draft.latestVersion.version })
    t.same(await since(team, before.team), [], 'what is not agreed yet happened to nobody')
    const amended = await step(
      'planAmend',
      { expectedVersion: submitted.latestVersion.version, mandateId: mandate?.id, kind: 'ACCENT', rationale: 'Geleerd' },
      'portfolio_holder@gemeente-maastricht',
    )
    const { data: open } = await ask<{ informationDuties: { nodes: { id: string }[] } }>(
      db,
      keys[team],
      '{ informationDuties(first: 100) { nodes { id planVersion { id } } } }',
    )
    const version = amended.latestVersion.id
    const duty = open.informationDuties.nodes.find((node) => (node as { planVersion?: { id: string } }).planVersion?.id === version)
    interface Noticed {
      councilNotice: { id: string; version: number }
    }
    const notice = 'councilNotice { id version }'
    const written = { programme: 'VW', kind: 'WRITTEN', subject: 'Een accent', dutyIds: [duty?.id] }
    const { councilNotice: letter } = (await verb(team, 'councilNoticeRecord', undefined, written, notice)) as Noticed
    const ofDuties = async (next: string) =>
      (await since(team, next))
        .filter(({ type }) => type.startsWith('nl.samenspel.duty.'))
        .map(({ type, subject }) => [type.slice(18), subject])
    t.same(await ofDuties(before.team), [['opened', duty?.id]], 'a letter that is not sent tells nobody anything')
    for (const [told, name, input] of [
      ['fulfilled', 'councilNoticeCorrect', { informedOn: today() }],
      ['notice-withdrawn', 'councilNoticeUnlinkDuty', { dutyId: duty?.id }],
      ['fulfilled', 'councilNoticeCorrect', { dutyIds: [duty?.id] }],
    ] as const) {
      const next = await caughtUp(team)
      const { councilNotice: now } = (await verb(team, name, letter.id, { expectedVersion: letter.version, ...input }, notice)) as Noticed
      letter.version = now.version
      t.same(await ofDuties(next), [[told, duty?.id]], `${name}: ${told}`)
    }
    const text = (await verb(
      'communication@gemeente-maastricht',
      'publicationTextCreate',
      version,
      { neighbourhood: 'nazareth', language: 'nl', summary: 'Kort', foreword: 'Vooraf', forewordAuthor: 'Een bewoner' },
      'publicationText { id version }',
    )) as { publicationText: { id: string; version: number } }
    for (const [name, of] of [
      ['publicationTextReview', 0],
      ['publicationTextPublish', 1],
    ] as const)
      await verb('communication@gemeente-maastricht', name, text.publicationText.id, { expectedVersion: text.publicationText.version + of })
    const republished = { before: await caughtUp(undefined), version: text.publicationText.version + 2 }
    for (const [name, of, more] of [
      ['publicationTextEdit', 0, { summary: 'Korter' }],
      ['publicationTextReview', 1, {}],
      ['publicationTextPublish', 2, {}],
    ] as const)
      await verb('communication@gemeente-maastricht', name, text.publicationText.id, { expectedVersion: republished.version + of, ...more })
    t.same(
      (await since(undefined, republished.before)).map(({ type, subject }) => [type, subject]),
      [['nl.samenspel.publication.published', text.publicationText.id]],
      'words that were corrected are published once more, also for who never saw the draft',
    )
    const envida = data.programme.alliance.nodes.find(({ organisation }) => organisation.slug === 'envida')
    await verb('admin@gemeente-maastricht', 'allianceLeave', envida?.id, {
      expectedVersion: envida?.version,
      endsOn: today(),
      reason: 'Fusie',
    })

    const told = await since(team, before.team)
    const kinds = (list: readonly Event[]) => list.map(({ type }) => type.replace('nl.samenspel.', ''))
    t.same([...new Set(kinds(told))].sort(), [
      'action.lead-needed',
      'duty.fulfilled',
      'duty.notice-withdrawn',
      'duty.opened',
      'membership.ended',
      'plan.amended',
      'publication.published',
    ])
    const kindOf = (type: string) => told.find((event) => event.type === `nl.samenspel.${type}`)
    t.match(kindOf('plan.amended'), { subject: amended.id, data: { planVersionId: version, number: 2, effectiveFrom: today() } })
    t.match(kindOf('duty.fulfilled'), { subject: duty?.id })
    t.match(kindOf('publication.published'), { subject: text.publicationText.id, data: { language: 'nl', neighbourhood: 'nazareth' } })
    t.match(kindOf('membership.ended'), { subject: envida?.id, data: { organisation: 'envida', endsOn: today() } })
    t.match(kindOf('action.lead-needed'), { data: { formerLead: 'envida', neededFrom: today() } })
    t.same(
      kinds(await since(undefined, before.anybody)).sort(),
      kinds(told)
        .filter((type) => !type.startsWith('duty.'))
        .sort(),
      'of what it is owed the council is told, not everybody',
    )
    t.equal((await get('partner_system@envida', '/api/v1/events')).body.code, 'MEMBERSHIP_ENDED')
    const types = new Set([...(await follow(team)).events].map(({ type }) => type.replace('nl.samenspel.', '')))
    t.same(
      features.events.flatMap((source) => Object.keys(source.types)).filter((type) => !types.has(type)),
      [],
      'each kind has been told',
    )
  })

  t.test('what is asked wrongly is told, and a wrong key is nobody', async (t) => {
    for (const [query, path] of [
      ['after=yesterday', 'after'],
      ['after=2026-13-01T00:00:00.000000Z-01a21a83-4283-7533-9d68-f9a4c47f4882', 'after'],
      ['after=2026-02-30T00:00:00.000000Z-01a21a83-4283-7533-9d68-f9a4c47f4882', 'after'],
      ['after=0000-01-01T00:00:00.000000Z-01a21a83-4283-7533-9d68-f9a4c47f4882', 'after'],
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['type=nl.samenspel.note.written', 'type'],
      ['own=yes', 'own'],
      ['subject=%00', 'subject'],
    ]) {
      const { status, body } = await get(woonpunt, `/api/v1/events?${query}`)
      t.match([status, body.code, body.errors[0]?.path], [400, 'BAD_USER_INPUT', [path]], `${query}`)
    }
    t.match((await get(woonpunt, '/api/v1/events?page=2')).body, { code: 'BAD_USER_INPUT' })
    t.equal((await get('ssp_demo_nobody', '/api/v1/events')).status, 401)
    t.equal((await get(woonpunt, '/api/v1/events', { accept: 'text/html' })).status, 406)
    t.match((await get(woonpunt, '/api/v1/events', { accept: 'application/json' })).headers['content-type'], /^application\/json/)
    t.match((await get(woonpunt, '/api/v1/events')).headers['content-type'], /^application\/cloudevents-batch\+json/)
  })
})

const today = (): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Amsterdam' }).format(new Date())

/** Two events of one moment have no order but that of their ids. */
const byTold = (told: readonly Event[]) => (a: unknown[], b: unknown[]) =>
  told.findIndex((event) => short(event)[0] === a[0]) - told.findIndex((event) => short(event)[0] === b[0])
