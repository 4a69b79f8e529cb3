import assert from 'node:assert/strict'
import fc from 'fast-check'
import fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { type Current, foldStatus, type Report } from '../src/action/status.ts'
import { recordStatus } from '../src/action/write/record-status.ts'
import { parseKey } from '../src/auth/key.ts'
import { type Credential, install } from '../src/db/session.ts'
import { globalId } from '../src/read/model.ts'
import { docs } from '../src/rest/docs.ts'
import { sendProblem } from '../src/rest/problem.ts'
import { testDatabase } from './harness.ts'

interface Item {
  index: number
  externalEventId: string | null
  disposition: string
  actionId?: string
  ref?: string
  currentStatus?: string
  errors: { code: string; path: (string | number)[]; message: string }[]
}

interface Answer {
  batchId: string | null
  dryRun: boolean
  counts: Record<'applied' | 'recordedLate' | 'unchanged' | 'duplicate' | 'quarantined' | 'rejected', number>
  items: Item[]
}

interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  code: string
  errors: { code: string; path: (string | number)[]; message: string }[]
  requestId: string
}

interface Options {
  /** The Idempotency-Key; a new one unless told. */
  key?: string
  dryRun?: boolean
}

/** What the tests do with the service, over a database of their own. */
async function door(t: Test) {
  const db = await testDatabase(t)
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  t.teardown(() => superuser.end())

  async function send(
    method: 'GET' | 'PUT' | 'POST',
    url: string,
    who: string | undefined,
    payload?: object,
    headers: Record<string, string> = {},
  ) {
    const authorization = who === undefined ? {} : { authorization: `Bearer ${db.keys[who] ?? who}` }
    const response = await db.app.inject({ method, url: `/api/v1${url}`, headers: { ...authorization, ...headers }, payload })
    const isJson = String(response.headers['content-type'] ?? '').includes('json')
    return { status: response.statusCode, headers: response.headers, raw: response.body, body: isJson ? response.json() : undefined }
  }

  const pushed = (who: string | undefined, items: readonly unknown[], { key = uuidv7(), dryRun }: Options = {}) =>
    send('POST', '/status-reports', who, { items, ...(dryRun === undefined ? {} : { dryRun }) }, { 'idempotency-key': key })

  /** Pushes what must be taken, and tells the items of the answer. */
  async function push(who: string, items: readonly unknown[], options: Options = {}): Promise<Item[]> {
    const { status, body, raw } = await pushed(who, items, options)
    assert.equal(status, 200, raw)
    return (body as Answer).items
  }

  const rows = async (text: string, values: unknown[] = []) => (await superuser.query(text, values)).rows

  /** How many rows there are of everything that a caller's act can write. */
  async function count(): Promise<Record<string, number>> {
    const tables = await rows(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`)
    const counts = tables.map(({ relname }) => `select '${relname}' as name, count(*)::int as n from ${relname}`)
    return Object.fromEntries((await rows(counts.join(' union all '))).map(({ name, n }) => [name, n]))
  }

  let made = 0
  const [planId, versionId] = [uuidv7(), uuidv7()]
  /** A new action in a draft of Nazareth's next plan, led from 2024 on. */
  async function newAction(lead: string, contributors: readonly string[] = []): Promise<{ id: string; ref: string }> {
    const [id, agreed, ref] = [uuidv7(), uuidv7(), `TEST-${++made}`]
    await install(db.ownerUrl, async (tx) => {
      await tx.rows([
        { text: `select pg_advisory_xact_lock(hashtext('newAction'))`, values: [] },
        {
          text: `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
            select $1, p.programme_id, p.kind, p.neighbourhood_id, p.title, '2027-01-01', '2028-12-31' from plan p join action a on a.plan_id = p.id
            where a.ref = 'NAZ-2025-01' on conflict do nothing`,
          values: [planId],
        },
        {
          text: 'insert into plan_version (id, plan_id, number) values ($1, $2, 1) on conflict (id) do nothing',
          values: [versionId, planId],
        },
        {
          text: `insert into action (id, programme_id, plan_id, ref, agreed_action_id) select $1, programme_id, id, $2, $3 from plan where id = $4`,
          values: [id, ref, agreed, planId],
        },
        {
          text: `insert into agreed_action (id, action_id, plan_id, plan_version_id, version_state, version_number, title, scale)
            values ($1, $2, $3, $4, 'DRAFT', 1, '{"source": "nl", "nl": "Proef"}', 'NEIGHBOURHOOD')`,
          values: [agreed, id, planId, versionId],
        },
        ...[lead, ...contributors].map((slug, place) => ({
          text: `insert into action_participation (id, action_id, organisation_id, role, starts_on)
            select $1, $2, o.id, $3::participation_role, '2024-01-01' from organisation o where o.slug = $4`,
          values: [uuidv7(), id, place === 0 ? 'LEAD' : 'CONTRIBUTING', slug],
        })),
      ])
    })
    return { id, ref }
  }

  const actionRow = async (id: string): Promise<Current> => {
    const [row] = await rows(
      `select status, progress_percent as "progressPercent", health, latest_report_id as "latestReportId", actual_start_on::text as "actualStartOn",
        actual_end_on::text as "actualEndOn" from action where id = $1`,
      [id],
    )
    return row
  }

  const reportsOf = (actionId: string) =>
    rows(
      `select e.external_event_id as event, r.subject, r.standing, r.status, r.progress_percent as progress, o.slug
       from status_report r join status_report_source s on s.report_id = r.id join organisation o on o.id = s.organisation_id
       left join status_report_event e on e.report_id = r.id where r.action_id = $1 order by r.effective_at, r.id`,
      [actionId],
    )

  const credential = (who: string): Credential => parseKey(db.keys[who] as string) as Credential

  return { ...db, send, pushed, push, rows, count, newAction, actionRow, reportsOf, credential }
}

let events = 0
const nextEvent = () => `event-${++events}`

/** A report that is in order, of a day in 2025. */
const report = (action: { ref: string }, day: string, status: string, more: object = {}) => ({
  action: { ref: action.ref },
  externalEventId: nextEvent(),
  effectiveAt: `2025-${day}T10:00:00Z`,
  status,
  ...more,
})

const codesOf = (item: Item | undefined) => item?.errors.map(({ code }) => code)
const dispositionsOf = (items: readonly Item[]) => items.map(({ disposition }) => disposition)

const [woonpunt, trajekt, servatius, envida] = ['woonpunt', 'trajekt', 'servatius', 'envida'].map((slug) => `partner_system@${slug}`) as [
  string,
  string,
  string,
  string,
]
const team = 'programme_team@gemeente-maastricht'

t.test('pushing status reports', async (t) => {
  const { app, keys, ownerUrl, send, pushed, push, rows, count, newAction, actionRow, reportsOf, credential, session } = await door(t)

  t.test('P1 of 200 items 3 are wrong: 197 are stored, each is answered, and a dry run says the same and writes nothing', async (t) => {
    const actions = await Promise.all(Array.from({ length: 20 }, () => newAction('servatius')))
    for (const [place, { ref }] of actions.entries())
      t.equal((await send('PUT', `/actions/${ref}/external-refs/erp`, servatius, { externalId: `S-${place}` })).status, 201)
    const items: Record<string, unknown>[] = Array.from({ length: 200 }, (_, index) => ({
      action: { system: 'erp', externalId: `S-${index % 20}` },
      externalEventId: `p1-${index}`,
      effectiveAt: `2025-03-01T10:${String(Math.floor(index / 20)).padStart(2, '0')}:00.123456+01:00`,
      status: 'IMPLEMENTATION',
      progressPercent: Math.floor(index / 20),
      health: 'ON_TRACK',
      narrative: `Bericht ${index}`,
    }))
    Object.assign(items[7] as object, { action: { system: 'erp', externalId: 'S-99' } })
    Object.assign(items[77] as object, { status: 'FINISHED', progressPercent: 101 })
    Object.assign(items[177] as object, { effectiveAt: '2999-01-01T00:00:00Z' })

    const before = await count()
    const rehearsed = (await pushed(servatius, items, { dryRun: true })).body as Answer
    t.same(await count(), before, 'a dry run leaves no row')
    const { status, body } = await pushed(servatius, items)
    const answer = body as Answer
    t.equal(status, 200)
    t.match(rehearsed, { batchId: null, dryRun: true })
    t.match(answer, { batchId: /^[0-9a-f-]{36}$/, dryRun: false })
    t.same(rehearsed.items, answer.items)
    t.same(answer.counts, { applied: 197, recordedLate: 0, unchanged: 0, duplicate: 0, quarantined: 0, rejected: 3 })
    t.same(
      answer.items.map(({ index, externalEventId }) => [index, externalEventId]),
      items.map((item, index) => [index, item.externalEventId]),
      'in the order they were sent, by their own ids',
    )
    t.same(
      [7, 77, 177].map((index) => answer.items[index]?.errors.map(({ code, path }) => [code, path.join('.')])),
      [
        [['UNKNOWN_ACTION', 'action.externalId']],
        [
          ['BAD_USER_INPUT', 'status'],
          ['BAD_USER_INPUT', 'progressPercent'],
        ],
        [['EFFECTIVE_IN_FUTURE', 'effectiveAt']],
      ],
    )
    t.equal((await count()).status_report, (before.status_report as number) + 197)
    t.match(answer.items[0], {
      actionId: globalId('Action', actions[0]?.id as string),
      ref: actions[0]?.ref,
      currentStatus: 'IMPLEMENTATION',
    })
    t.match(await actionRow(actions[0]?.id as string), {
      status: 'IMPLEMENTATION',
      progressPercent: 9,
      health: 'ON_TRACK',
      actualStartOn: '2025-03-01',
    })
    const [stored] = await rows(
      `select r.effective_at at time zone 'UTC' as at, r.effective_at = '2025-03-01 09:00:00.123456Z' as exact, n.narrative, n.visibility
       from status_report r join status_report_event e on e.report_id = r.id join status_report_narrative n on n.report_id = r.id where e.external_event_id = 'p1-0'`,
    )
    t.match(stored, { exact: true, narrative: 'Bericht 0', visibility: 'ALLIANCE' }, 'to the microsecond')
  })

  t.test('P2 invariant 11: a request again gets the same answer and changes nothing; its key for another is refused', async (t) => {
    const action = await newAction('servatius')
    const items = [report(action, '04-01', 'IMPLEMENTATION'), report(action, '04-02', 'CLOSED')]
    const first = await pushed(servatius, items, { key: 'a key of 2025' })
    t.equal(first.status, 400, 'a raw key has no spaces')
    const sent = await pushed(servatius, items, { key: '"a key of 2025"' })
    t.equal(sent.status, 200)
    t.equal(sent.headers['idempotent-replayed'], undefined)
    const before = await count()
    const again = await pushed(servatius, items, { key: '"a key of 2025"' })
    t.equal(again.status, 200)
    t.equal(again.headers['idempotent-replayed'], 'true')
    t.equal(again.raw, sent.raw)
    const other = await pushed(servatius, items.slice(1), { key: '"a key of 2025"' })
    t.match([other.status, (other.body as ProblemBody).code], [422, 'IDEMPOTENCY_KEY_REUSED'])
    t.match((other.body as ProblemBody).type, /\/idempotency-key-reused$/)
    t.same(await count(), before)
    const reordered = items.map((item) => Object.fromEntries(Object.entries(item).reverse()))
    t.equal((await pushed(servatius, reordered, { key: '"a key of 2025"' })).raw, sent.raw, 'the order of fields is no content')
    t.same(dispositionsOf(await push(servatius, items, { key: uuidv7() })), ['DUPLICATE', 'DUPLICATE'], 'events are known under any key')
    t.equal(
      (await pushed(woonpunt, items, { key: '"a key of 2025"' })).headers['idempotent-replayed'],
      undefined,
      'a key is its sender’s own',
    )

    const { batchId } = sent.body as Answer
    const looked = await send('GET', `/status-reports/batches/${batchId}`, 'partner_reader@servatius')
    const given = sent.body as Answer
    t.same(
      looked.body,
      { ...given, items: given.items.map((item) => ({ ...item, standing: 'ACCEPTED' })) },
      'as it was given, with how they stand',
    )
    for (const who of [woonpunt, team]) t.equal((await send('GET', `/status-reports/batches/${batchId}`, who)).status, 404)
    for (const id of [uuidv7(), 'nothing', `${batchId}0`])
      t.equal((await send('GET', `/status-reports/batches/${id}`, servatius)).status, 404)
    t.equal((await send('GET', `/status-reports/batches/${batchId}`, undefined)).status, 401)
  })

  t.test('P3 a late report takes its place and leaves the current status', async (t) => {
    const action = await newAction('woonpunt')
    const [closed] = await push(woonpunt, [report(action, '05-12', 'CLOSED')])
    t.match(closed, { disposition: 'APPLIED', currentStatus: 'CLOSED' })
    const [late] = await push(woonpunt, [report(action, '05-03', 'IMPLEMENTATION', { progressPercent: 60 })])
    t.match(late, { disposition: 'RECORDED_LATE', currentStatus: 'CLOSED', errors: [] })
    t.match(await actionRow(action.id), { status: 'CLOSED', actualStartOn: '2025-05-03', actualEndOn: '2025-05-12' })
    t.same(
      (await reportsOf(action.id)).map(({ status, standing }) => [status, standing]),
      [
        ['IMPLEMENTATION', 'ACCEPTED'],
        ['CLOSED', 'ACCEPTED'],
      ],
      'the timeline shows it on its day',
    )
  })

  t.test('P3 invariant 9: whatever the order of arrival and the size of batches, an action ends the same', async () => {
    const told = fc.record({
      day: fc.constantFrom('05-01', '05-02', '05-03'),
      status: fc.constantFrom('PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED'),
      progressPercent: fc.option(fc.integer({ min: 0, max: 100 })),
      narrative: fc.option(fc.constant('Omdat')),
    })
    const orders = fc
      .array(told, { minLength: 2, maxLength: 6 })
      .chain((reports) => fc.tuple(fc.constant(reports), fc.shuffledSubarray([...reports.keys()], { minLength: reports.length })))
    await fc.assert(
      fc.asyncProperty(orders, async ([reports, order]) => {
        const [together, apart] = [await newAction('woonpunt'), await newAction('woonpunt')]
        const of = (action: { ref: string }, index: number) => {
          const { day, status, ...more } = reports[index] as (typeof reports)[0]
          return report(action, day, status, { ...more, sourceSequence: index, externalEventId: `${action.ref}/${index}` })
        }
        await push(
          woonpunt,
          [...reports.keys()].map((index) => of(together, index)),
        )
        for (const index of order) await push(woonpunt, [of(apart, index)])
        const [one, other] = [await actionRow(together.id), await actionRow(apart.id)]
        assert.deepEqual({ ...other, latestReportId: null }, { ...one, latestReportId: null })
        const standings = async (action: { id: string; ref: string }) =>
          (await reportsOf(action.id)).map(({ event, standing }) => [event.slice(action.ref.length), standing]).sort()
        assert.deepEqual(await standings(apart), await standings(together))
      }),
      { numRuns: 15 },
    )
  })

  t.test('P3 reports of one instant end alike whatever the order they come in, and none is refused by chance', async (t) => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const action = await newAction('woonpunt')
      await push(woonpunt, [report(action, '05-01', 'FINALISATION')])
      const words = [{ narrative: 'Toch niet klaar' }, {}, {}]
      for (const index of order) await push(woonpunt, [report(action, '05-02', 'IMPLEMENTATION', words[index])])
      t.match(await actionRow(action.id), { status: 'IMPLEMENTATION' })
      t.same(await rows(`select distinct standing from status_report where action_id = '${action.id}'`), [{ standing: 'ACCEPTED' }])
    }
  })

  t.test('P5 a contributor tells of its own part and never of the action', async (t) => {
    const action = await newAction('woonpunt', ['trajekt'])
    await push(woonpunt, [report(action, '05-01', 'IMPLEMENTATION', { progressPercent: 30 })])
    const before = await actionRow(action.id)
    const [item] = await push(trajekt, [report(action, '05-02', 'CANCELLED', { narrative: 'Wij stoppen' })])
    t.match(item, { disposition: 'APPLIED', currentStatus: 'IMPLEMENTATION' })
    t.same(codesOf(item), ['NOT_LEAD'])
    t.same(await actionRow(action.id), before)
    t.match((await reportsOf(action.id)).at(-1), { subject: 'CONTRIBUTION', standing: 'ACCEPTED', status: 'CANCELLED', slug: 'trajekt' })
  })

  t.test('who leads is judged on the day of which a report tells', async (t) => {
    const action = await newAction('woonpunt')
    await install(ownerUrl, async (tx) => {
      await tx.rows([
        { text: `update action_participation set ends_on = '2025-06-01' where action_id = $1`, values: [action.id] },
        {
          text: `insert into action_participation (id, action_id, organisation_id, role, starts_on) select $1, $2, id, 'LEAD', '2025-06-01' from organisation where slug = 'trajekt'`,
          values: [uuidv7(), action.id],
        },
      ])
    })
    const edge = { effectiveAt: '2025-05-31T21:59:59.999999Z' }
    t.same(dispositionsOf(await push(woonpunt, [report(action, '05-31', 'IMPLEMENTATION', edge)])), ['APPLIED'])
    const notParty = { disposition: 'QUARANTINED', errors: [{ code: 'REPORTER_NOT_PARTY', path: ['action'] }] }
    t.match(await push(woonpunt, [report(action, '06-01', 'CLOSED', { effectiveAt: '2025-05-31T22:00:00Z' })]), [notParty])
    t.match(await push(trajekt, [report(action, '06-02', 'FINALISATION')]), [{ disposition: 'APPLIED', errors: [] }])
    t.match(
      await push(trajekt, [report(action, '05-02', 'CLOSED')]),
      [notParty],
      'of a day before it was a party it waits, and counts for nothing',
    )
    t.match(await actionRow(action.id), { status: 'FINALISATION', actualStartOn: '2025-05-31' })
  })

  t.test('P7 an unknown external id is told back, and another partner’s is as unknown', async (t) => {
    const action = await newAction('woonpunt')
    t.equal((await send('PUT', `/actions/${action.id}/external-refs/erp`, woonpunt, { externalId: 'W-1' })).status, 201)
    const ask = async (who: string, externalId: string, system?: string) =>
      (await push(who, [{ ...report(action, '05-01', 'IMPLEMENTATION'), action: { externalId, system } }]))[0]
    t.match(await ask(woonpunt, 'W-1', 'erp'), { disposition: 'APPLIED' })
    t.same(codesOf(await ask(woonpunt, 'W-1')), ['UNKNOWN_ACTION'], 'each system has its own ids')
    const hidden = await ask(servatius, 'W-1', 'erp')
    const absent = await ask(servatius, 'W-2', 'erp')
    t.match(hidden?.errors, [{ code: 'UNKNOWN_ACTION', path: ['action', 'externalId'], message: /"W-1" in your system "erp"/ }])
    t.same(hidden?.errors[0]?.message.replace('W-1', 'W-2'), absent?.errors[0]?.message)
    t.equal(hidden?.actionId, undefined)
    for (const selector of [{ ref: 'NOTHING' }, { id: uuidv7() }, { id: globalId('Plan', action.id) }, { id: '!' }])
      t.match(await push(woonpunt, [{ ...report(action, '05-01', 'CLOSED'), action: selector }]), [
        { disposition: 'REJECTED', errors: [{ code: 'UNKNOWN_ACTION', path: ['action', Object.keys(selector)[0]] }] },
      ])
    for (const id of [action.id, action.id.toUpperCase(), globalId('Action', action.id)])
      t.match(await push(woonpunt, [{ ...report(action, '05-01', 'IMPLEMENTATION'), action: { id } }]), [{ ref: action.ref, errors: [] }])
  })

  t.test('P10 invariant 30: a push carries no plan changes and no identity', async (t) => {
    const action = await newAction('woonpunt')
    const smuggled = {
      title: 'Iets anders',
      lead: 'trajekt',
      plannedStartOn: '2025-01-01',
      objectives: 'Een ander doel',
      organisationId: uuidv7(),
      disposition: 'APPLIED',
    }
    const [item] = await push(woonpunt, [
      { ...report(action, '05-01', 'IMPLEMENTATION', smuggled), action: { ref: action.ref, title: 'Iets anders' } },
    ])
    t.equal(item?.disposition, 'REJECTED')
    t.same(
      item?.errors.map(({ code, path }) => [code, path.join('.')]).sort(),
      ['action.title', 'disposition', 'lead', 'objectives', 'organisationId', 'plannedStartOn', 'title'].map((path) => [
        'FIELD_NOT_PUSHABLE',
        path,
      ]),
    )
    t.same(await reportsOf(action.id), [])
  })

  t.test('a field that there is not is told as such, by its path, and not as one that a push may not change', async (t) => {
    const action = await newAction('woonpunt')
    const mistyped = { progresPercent: 10, Health: 'ON_TRACK', constructor: 1 }
    const [item] = await push(woonpunt, [{ ...report(action, '05-01', 'IMPLEMENTATION', mistyped), action: { ref: action.ref, goal: 1 } }])
    t.equal(item?.disposition, 'REJECTED')
    t.same(
      item?.errors.map(({ code, path }) => [code, path.join('.')]).sort(),
      ['Health', 'action.goal', 'constructor', 'progresPercent'].map((path) => ['UNKNOWN_PROPERTY', path]),
    )
    t.same(await reportsOf(action.id), [])
  })

  t.test('repetitions within one batch are as repetitions of requests', async (t) => {
    const action = await newAction('woonpunt')
    const one = report(action, '05-01', 'IMPLEMENTATION', { progressPercent: 10 })
    const written = { ...one, effectiveAt: '2025-05-01T12:00:00.000+02:00', health: null }
    const items = await push(woonpunt, [{ ...one, progressPercent: 200 }, one, written, { ...one, progressPercent: 11 }, one])
    t.same(dispositionsOf(items), ['REJECTED', 'APPLIED', 'DUPLICATE', 'REJECTED', 'DUPLICATE'])
    t.same(
      items[3]?.errors.map(({ code, path }) => [code, ...path]),
      [['EVENT_ID_REUSED', 'externalEventId']],
    )
    t.equal((await reportsOf(action.id)).length, 1)
    const [again, changed] = await push(woonpunt, [one, { ...one, status: 'CLOSED' }])
    t.match(again, { disposition: 'DUPLICATE', ref: action.ref, currentStatus: 'IMPLEMENTATION', errors: [] })
    t.same(codesOf(changed), ['EVENT_ID_REUSED'])
    t.match(await push(trajekt, [one]), [{ disposition: 'QUARANTINED' }], 'another organisation has its own event ids')
    t.same(dispositionsOf(await push(trajekt, [one])), ['DUPLICATE'])
    t.same(codesOf((await push(trajekt, [one]))[0]), ['REPORTER_NOT_PARTY'], 'the first answer, with its reason')
  })

  t.test('a report that says what is known is stored and told as such', async (t) => {
    const action = await newAction('woonpunt')
    const known = { progressPercent: 50, health: 'AT_RISK' }
    const items = await push(woonpunt, [
      report(action, '05-01', 'IMPLEMENTATION', known),
      report(action, '05-02', 'IMPLEMENTATION', known),
      report(action, '05-03', 'IMPLEMENTATION'),
      report(action, '05-04', 'IMPLEMENTATION', { progressPercent: 51 }),
    ])
    t.same(dispositionsOf(items), ['APPLIED', 'UNCHANGED', 'UNCHANGED', 'APPLIED'])
    t.match(await actionRow(action.id), { progressPercent: 51, health: 'AT_RISK' })
  })

  t.test('a push that would reopen is quarantined; the lead’s editor reopens by hand, with words', async (t) => {
    const action = await newAction('woonpunt')
    await push(woonpunt, [report(action, '05-01', 'CLOSED')])
    const [item] = await push(woonpunt, [report(action, '05-02', 'IMPLEMENTATION', { narrative: 'Toch niet klaar' })])
    t.match(item, { disposition: 'QUARANTINED', currentStatus: 'CLOSED', errors: [{ code: 'LEAVES_TERMINAL_STATE', path: ['status'] }] })
    t.match(await actionRow(action.id), { status: 'CLOSED', actualEndOn: '2025-05-01' })
    let day = 3
    const byHand = async (who: string, more: object) =>
      session.write(credential(who), undefined, (tx, actor) =>
        recordStatus(tx, actor, { ...report(action, `05-0${day++}`, 'IMPLEMENTATION'), externalEventId: null, ...more }),
      )
    const narrative = 'De laatste woning is toch nog niet opgeleverd'
    t.match(await byHand(woonpunt, { narrative }), { disposition: 'QUARANTINED' }, 'a system stays a system at every door')
    t.match(await byHand('partner_editor@woonpunt', {}), {
      disposition: 'QUARANTINED',
      errors: [{ code: 'NARRATIVE_MISSING', path: ['narrative'] }],
    })
    t.match(await byHand('partner_editor@trajekt', { narrative }), { disposition: 'QUARANTINED', errors: [{ code: 'REPORTER_NOT_PARTY' }] })
    t.match(await byHand('partner_editor@woonpunt', { narrative }), { disposition: 'APPLIED', currentStatus: 'IMPLEMENTATION' })
    t.match(await actionRow(action.id), { status: 'IMPLEMENTATION', actualEndOn: null })
    await t.rejects(byHand('partner_reader@woonpunt', { narrative }), { code: 'FORBIDDEN' })
    t.match(await push(team, [report(action, '05-20', 'FINALISATION')]), [{ disposition: 'APPLIED', currentStatus: 'FINALISATION' }])
  })

  t.test('a step back without words is told as that, and as another thing than a step that is none', async (t) => {
    const action = await newAction('woonpunt')
    const back = report(action, '05-02', 'IMPLEMENTATION')
    const none = report(action, '05-03', 'PIPELINE')
    const items = await push(woonpunt, [report(action, '05-01', 'FINALISATION'), back, none])
    t.same(
      items.slice(1).map(({ disposition, errors }) => [disposition, errors.map(({ code, path }) => [code, ...path])]),
      [
        ['QUARANTINED', [['NARRATIVE_MISSING', 'narrative']]],
        ['QUARANTINED', [['TRANSITION_NOT_ALLOWED', 'status']]],
      ],
    )
    t.not(items[1]?.errors[0]?.message, items[2]?.errors[0]?.message)
    const byHand = async (status: string, narrative?: string) => {
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { authorization: `Bearer ${keys['partner_editor@woonpunt']}`, 'content-type': 'application/json' },
        payload: JSON.stringify({
          query: `mutation R($id: ID!, $input: StatusReportInput!) { actionRecordStatus(id: $id, input: $input) { disposition userErrors { code path } } }`,
          variables: { id: globalId('Action', action.id), input: { status, narrative } },
        }),
      })
      return response.json().data.actionRecordStatus
    }
    const held = (code: string, field: string) => ({ disposition: 'QUARANTINED', userErrors: [{ code, path: ['input', field] }] })
    t.match(await byHand('IMPLEMENTATION'), held('NARRATIVE_MISSING', 'narrative'))
    t.match(await byHand('PIPELINE', 'Omdat'), held('TRANSITION_NOT_ALLOWED', 'status'))
    t.match(await byHand('IMPLEMENTATION', 'Omdat'), { disposition: 'APPLIED', userErrors: [] })
  })

  t.test('P8 invariant 12: a wrong report is taken back by its event id: kept, it does not count, and the rest follows anew', async (t) => {
    const action = await newAction('woonpunt', ['trajekt'])
    const [first, wrong] = [report(action, '05-01', 'IMPLEMENTATION'), report(action, '05-03', 'CANCELLED')]
    await push(woonpunt, [first, wrong, report(action, '05-05', 'FINALISATION', { progressPercent: 90 })])
    const standings = async () => (await reportsOf(action.id)).map(({ status, standing }) => `${status} ${standing}`)
    t.same(await standings(), ['IMPLEMENTATION ACCEPTED', 'CANCELLED ACCEPTED', 'FINALISATION QUARANTINED'])
    const retract = (who: string | undefined, payload: object) => send('POST', '/status-reports/retractions', who, payload)
    const given = { externalEventId: wrong.externalEventId, reason: 'Verkeerde actie' }
    t.match(await retract(servatius, given), { status: 404, body: { code: 'NOT_FOUND' } }, "another's event is as unknown as none")
    t.equal((await retract(undefined, given)).status, 401)
    t.match(await retract('partner_reader@woonpunt', given), { status: 403, body: { code: 'FORBIDDEN' } })
    t.match(await retract(woonpunt, { reason: 'x', other: 1 }), { status: 400, body: { code: 'BAD_USER_INPUT' } })
    t.same(await standings(), ['IMPLEMENTATION ACCEPTED', 'CANCELLED ACCEPTED', 'FINALISATION QUARANTINED'])

    t.match(await retract(woonpunt, given), { status: 200, body: { ref: action.ref, currentStatus: 'FINALISATION' } })
    t.same(await standings(), ['IMPLEMENTATION ACCEPTED', 'CANCELLED RETRACTED', 'FINALISATION ACCEPTED'])
    t.match(await actionRow(action.id), { status: 'FINALISATION', progressPercent: 90, actualStartOn: '2025-05-01', actualEndOn: null })
    const before = await count()
    t.match(await retract(woonpunt, given), { status: 200, body: { currentStatus: 'FINALISATION' } })
    t.same(await count(), before, 'taking back again writes nothing')
    t.match(await push(woonpunt, [wrong]), [{ disposition: 'DUPLICATE' }], 'sent again, it is still known')
    await push(woonpunt, [report(action, '05-02', 'SUSPENDED'), report(action, '05-03', 'IMPLEMENTATION')])
    t.same(
      (await standings()).filter((standing) => standing.startsWith('CANCELLED')),
      ['CANCELLED RETRACTED'],
      'and stays taken back',
    )

    const own = report(action, '05-04', 'CANCELLED')
    await push(trajekt, [own])
    t.match(await retract(trajekt, { externalEventId: own.externalEventId }), { status: 200 }, 'a contributor takes back its own')
    await t.rejects(rows(`update status_report set status = 'CLOSED' where action_id = $1`, [action.id]), { code: 'SP409' }, 'invariant 12')
  })

  t.test('a report in quarantine is set aside by the lead or the team, in GraphQL, and by nobody else', async (t) => {
    const action = await newAction('woonpunt')
    await push(servatius, [report(action, '05-01', 'CANCELLED')])
    await push(woonpunt, [report(action, '05-02', 'IMPLEMENTATION')])
    const ids = (await rows('select id, standing from status_report where action_id = $1 order by effective_at', [action.id])) as {
      id: string
    }[]
    const [strange, plain] = ids.map(({ id }) => globalId('StatusReport', id))
    const discard = async (who: string, id: string | undefined, verb = 'statusReportDiscard') => {
      const response = await app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { authorization: `Bearer ${keys[who]}`, 'content-type': 'application/json' },
        payload: JSON.stringify({
          query: `mutation D($id: ID!) { done: ${verb}(id: $id, input: { reason: "Niet van ons" }) { report { standing action { status } } userErrors { code path } } }`,
          variables: { id },
        }),
      })
      const { data, errors } = response.json()
      return data?.done ?? errors[0].extensions.code
    }
    t.match(await discard('partner_editor@mondriaan', strange), { report: null, userErrors: [{ code: 'NOT_LEAD', path: ['id'] }] })
    t.equal(await discard(woonpunt, strange), 'FORBIDDEN', 'a system judges nobody')
    t.match(await discard('partner_editor@woonpunt', plain), { userErrors: [{ code: 'CONFLICT', path: ['id'] }] })
    t.match(await discard('partner_editor@woonpunt', strange), {
      report: { standing: 'DISCARDED', action: { status: 'IMPLEMENTATION' } },
      userErrors: [],
    })
    t.match(await discard('partner_editor@mondriaan', plain, 'statusReportRetract'), { userErrors: [{ code: 'NOT_FOUND', path: ['id'] }] })
    t.match(await discard('partner_editor@woonpunt', plain, 'statusReportRetract'), {
      report: { standing: 'RETRACTED', action: { status: 'PIPELINE' } },
      userErrors: [],
    })
  })

  t.test('a report in quarantine is accepted by the lead or the team, with the reason, and by nobody else', async (t) => {
    const action = await newAction('woonpunt')
    await push(woonpunt, [report(action, '05-01', 'FINALISATION'), report(action, '05-02', 'CLOSED')])
    const reopened = await pushed(woonpunt, [
      report(action, '05-03', 'IMPLEMENTATION', { progressPercent: 80 }),
      report(action, '05-04', 'SUSPENDED'),
    ])
    const strange = await pushed(servatius, [report(action, '05-05', 'CANCELLED')])
    const batchOf = async (who: string, { body }: typeof strange) =>
      ((await send('GET', `/status-reports/batches/${(body as Answer).batchId}`, who)).body as Answer).items
    const ids = (await rows('select id from status_report where action_id = $1 order by effective_at', [action.id])) as { id: string }[]
    const [, closes, reopens, suspends, cancels] = ids.map(({ id }) => globalId('StatusReport', id))
    const ask = async (who: string | undefined, query: string, variables: object) => {
      const headers = { 'content-type': 'application/json', ...(who === undefined ? {} : { authorization: `Bearer ${keys[who]}` }) }
      const { data, errors } = (
        await app.inject({ method: 'POST', url: '/graphql', headers, payload: JSON.stringify({ query, variables }) })
      ).json()
      return data?.done ?? errors?.[0].extensions.code
    }
    const judge = (who: string, id: string | undefined, verb = 'Accept') =>
      ask(
        who,
        `mutation J($id: ID!) { done: statusReport${verb}(id: $id, input: { reason: "Klopt, overlegd" }) {
          report { standing viewerCanAccept action { status progressPercent } } userErrors { code path } } }`,
        { id },
      )
    const mayJudge = async (who: string, id: string | undefined) =>
      (await ask(who, 'query C($id: ID!) { done: node(id: $id) { ... on StatusReport { viewerCanAccept } } }', { id })).viewerCanAccept
    t.same(
      await Promise.all(['partner_editor@woonpunt', team, 'partner_editor@mondriaan', woonpunt].map((who) => mayJudge(who, reopens))),
      [true, true, false, false],
    )
    t.equal(await mayJudge(team, closes), false, 'what counts already does not wait')
    const waiting = async (who: string | undefined) => {
      const query = '{ done: quarantinedReports(last: 3) { totalCount nodes { id standing viewerCanAccept action { ref } } } }'
      return ask(who, query, {})
    }
    t.match((await waiting('partner_editor@woonpunt')).nodes, [
      { id: reopens, standing: 'QUARANTINED', viewerCanAccept: true, action: { ref: action.ref } },
      { id: suspends, viewerCanAccept: true },
      { id: cancels, viewerCanAccept: true },
    ])
    t.match((await waiting('partner_editor@mondriaan')).nodes, [{ viewerCanAccept: false }, {}, {}])
    t.equal((await waiting(undefined)).totalCount, 0, 'the public reads what counts alone')

    const refused = (code: string) => ({ report: null, userErrors: [{ code, path: ['id'] }] })
    t.match(await judge('partner_editor@mondriaan', reopens), refused('NOT_LEAD'))
    t.match(await judge('partner_editor@servatius', cancels), refused('NOT_LEAD'), 'its reporter does not accept it')
    t.equal(await judge(woonpunt, reopens), 'FORBIDDEN', 'a system judges nobody')
    t.match(await judge('partner_editor@woonpunt', closes), refused('CONFLICT'))
    t.match(await judge('partner_editor@woonpunt', globalId('StatusReport', uuidv7())), refused('NOT_FOUND'))
    t.match(await judge('partner_editor@woonpunt', suspends), refused('TRANSITION_NOT_ALLOWED'), 'what is closed is not suspended')
    t.match(await actionRow(action.id), { status: 'CLOSED' })

    const accepted = {
      report: { standing: 'ACCEPTED', viewerCanAccept: false, action: { status: 'SUSPENDED', progressPercent: 80 } },
      userErrors: [],
    }
    t.match(await judge('partner_editor@woonpunt', reopens), accepted, 'reopened; and what followed counts by that')
    t.match(await batchOf(woonpunt, reopened), [
      { disposition: 'QUARANTINED', standing: 'ACCEPTED' },
      { disposition: 'QUARANTINED', standing: 'ACCEPTED' },
    ])
    const before = await count()
    t.match(await judge(team, reopens), accepted)
    t.same(await count(), before, 'accepting again writes nothing')
    const [audit] = await rows(`select after from audit_entry where operation = 'statusReportAccept' and after ->> 'reason' is not null`)
    t.match(audit, { after: { standing: 'ACCEPTED', reason: 'Klopt, overlegd' } })

    t.match(await batchOf(servatius, strange), [{ disposition: 'QUARANTINED', standing: 'QUARANTINED' }])
    t.match(await judge(team, cancels), { report: { standing: 'ACCEPTED', action: { status: 'CANCELLED' } } }, 'of a stranger, too')
    t.match(await batchOf(servatius, strange), [{ standing: 'ACCEPTED' }])
    t.match(await judge('partner_editor@servatius', cancels, 'Retract'), refused('CONFLICT'))
    t.match(
      await push(woonpunt, [report(action, '05-02', 'CLOSED')]),
      [{ currentStatus: 'CANCELLED' }],
      'a later fold keeps what was accepted',
    )
    t.match(await judge('partner_editor@woonpunt', cancels, 'Discard'), {
      report: { standing: 'DISCARDED', action: { status: 'SUSPENDED' } },
    })
    t.match(await judge('partner_editor@woonpunt', cancels), refused('CONFLICT'))
    await t.rejects(rows('update status_report set admitted = false where action_id = $1', [action.id]), { code: 'SP409' })
    await t.rejects(rows(`update status_report set admitted = true where action_id = $1 and status = 'CLOSED'`, [action.id]), {
      code: 'SP409',
    })
  })

  t.test('a late report may put accepted ones in quarantine, or take them out', async (t) => {
    const action = await newAction('woonpunt')
    await push(woonpunt, [report(action, '05-01', 'SUSPENDED'), report(action, '05-09', 'CLOSED')])
    const standings = async () => (await reportsOf(action.id)).map(({ status, standing }) => `${status} ${standing}`)
    t.same(await standings(), ['SUSPENDED ACCEPTED', 'CLOSED QUARANTINED'])
    t.match(await push(woonpunt, [report(action, '05-05', 'PIPELINE')]), [{ disposition: 'RECORDED_LATE', currentStatus: 'CLOSED' }])
    t.same(await standings(), ['SUSPENDED ACCEPTED', 'PIPELINE ACCEPTED', 'CLOSED ACCEPTED'])
    t.match(await push(woonpunt, [report(action, '05-03', 'CANCELLED')]), [{ disposition: 'APPLIED', currentStatus: 'CANCELLED' }])
    t.same(await standings(), ['SUSPENDED ACCEPTED', 'CANCELLED ACCEPTED', 'PIPELINE QUARANTINED', 'CLOSED QUARANTINED'])
  })

  t.test('what is suspended returns to the status before, at every door, whatever came in between and when', async (t) => {
    const action = await newAction('woonpunt')
    await push(woonpunt, [report(action, '05-02', 'IMPLEMENTATION')])
    await push(woonpunt, [report(action, '05-10', 'SUSPENDED')])
    const other = report(action, '05-12', 'FINALISATION')
    const refused = {
      disposition: 'QUARANTINED',
      currentStatus: 'SUSPENDED',
      errors: [{ code: 'TRANSITION_NOT_ALLOWED', path: ['status'] }],
    }
    t.match(await push(woonpunt, [other], { dryRun: true }), [refused])
    t.match(await push(woonpunt, [other]), [refused])
    const byHand = (day: string, status: string) =>
      session.write(credential('partner_editor@woonpunt'), undefined, (tx, actor) =>
        recordStatus(tx, actor, { ...report(action, day, status, { narrative: 'Omdat' }), externalEventId: null }),
      )
    t.match(await byHand('05-11', 'PIPELINE'), refused, 'words do not help')
    const returns = report(action, '05-13', 'IMPLEMENTATION')
    t.match(await push(woonpunt, [returns], { dryRun: true }), [{ disposition: 'APPLIED', currentStatus: 'IMPLEMENTATION' }])
    t.match(await actionRow(action.id), { status: 'SUSPENDED' })
    t.match(await byHand('05-13', 'IMPLEMENTATION'), { disposition: 'APPLIED', currentStatus: 'IMPLEMENTATION' })

    const late = report(action, '05-09', 'FINALISATION')
    t.match(await push(woonpunt, [late]), [{ disposition: 'RECORDED_LATE', currentStatus: 'IMPLEMENTATION' }])
    const standings = async () => (await reportsOf(action.id)).map(({ status, standing }) => `${status} ${standing}`)
    t.same(
      await standings(),
      [
        'IMPLEMENTATION ACCEPTED',
        'FINALISATION ACCEPTED',
        'SUSPENDED ACCEPTED',
        'PIPELINE QUARANTINED',
        'FINALISATION ACCEPTED',
        'IMPLEMENTATION ACCEPTED',
      ],
      'it was in finalisation when it was suspended, and returned there; words explain the step back',
    )
    const retracted = await send('POST', '/status-reports/retractions', woonpunt, { externalEventId: late.externalEventId })
    t.match(retracted, { status: 200, body: { currentStatus: 'IMPLEMENTATION' } })
    t.same(
      (await standings()).slice(-2),
      ['FINALISATION QUARANTINED', 'IMPLEMENTATION ACCEPTED'],
      'and without it again from implementation',
    )
  })

  t.test('a stranger’s report is stored, does not count, and the public does not see it', async (t) => {
    const [action] = (await rows(`select id, ref from action where ref = 'POT-2025-08'`)) as [{ id: string; ref: string }]
    const before = await actionRow(action.id)
    const seen = async () => {
      const statement = { text: 'select count(*) from status_report where action_id = $1', values: [action.id] }
      return Number((await session.read({ kind: 'public' }, [statement]))[0]?.[0]?.[0])
    }
    const atFirst = await seen()
    const [item] = await push(servatius, [report(action, '05-01', 'CANCELLED', { narrative: 'x', visibility: 'PUBLIC' })])
    t.match(item, { disposition: 'QUARANTINED', errors: [{ code: 'REPORTER_NOT_PARTY', path: ['action'] }] })
    t.same(await actionRow(action.id), before)
    t.equal(await seen(), atFirst)
    await push(woonpunt, [report(action, '05-02', 'IMPLEMENTATION')])
    t.equal(await seen(), atFirst + 1)
    const asPublic = await send('GET', `/actions/${action.ref}`, undefined)
    t.match(asPublic.body, { id: globalId('Action', action.id), ref: action.ref, status: 'IMPLEMENTATION', health: before.health })
  })

  t.test('twenty at once with one key have one effect', async (t) => {
    const action = await newAction('woonpunt')
    const items = Array.from({ length: 50 }, (_, index) =>
      report(action, '05-01', 'IMPLEMENTATION', { sourceSequence: index, progressPercent: index }),
    )
    const before = await count()
    const answers = await Promise.all(Array.from({ length: 20 }, () => pushed(woonpunt, items, { key: 'twenty' })))
    const taken = answers.filter(({ status }) => status === 200)
    t.equal(taken.filter(({ headers }) => headers['idempotent-replayed'] === undefined).length, 1)
    t.equal(new Set(taken.map(({ raw }) => raw)).size, 1)
    const running = answers.filter(({ status }) => status !== 200)
    t.ok(
      running.every(
        ({ status, body, headers }) => status === 409 && (body as ProblemBody).code === 'IDEMPOTENCY_KEY_IN_USE' && headers['retry-after'],
      ),
    )
    const after = await count()
    t.equal(after.status_report, (before.status_report as number) + 50)
    t.equal(after.status_report_batch, (before.status_report_batch as number) + 1)
    t.equal(after.audit_entry, (before.audit_entry as number) + 1)
  })

  t.test('the same events at once under different keys are stored once', async (t) => {
    const actions = await Promise.all(Array.from({ length: 5 }, () => newAction('woonpunt')))
    const items = Array.from({ length: 40 }, (_, index) =>
      report(actions[index % 5] as { ref: string }, '05-01', 'IMPLEMENTATION', { sourceSequence: index }),
    )
    const answers = await Promise.all(Array.from({ length: 6 }, (_, turn) => push(woonpunt, turn % 2 ? [...items].reverse() : items)))
    const first = answers.flat().filter(({ disposition }) => disposition !== 'DUPLICATE')
    t.equal(first.length, 40)
    t.equal(new Set(first.map(({ externalEventId }) => externalEventId)).size, 40)
  })

  t.test('what is wrong is told whole, item by item, with code and path', async (t) => {
    const action = await newAction('woonpunt')
    const wrong: [string, Record<string, unknown>, string[]][] = [
      ['no item at all', {}, ['action', 'effectiveAt', 'externalEventId', 'status']],
      ['NUL', { narrative: 'a\0b' }, ['narrative']],
      ['half a surrogate pair', { externalEventId: 'a\ud800', narrative: '\udc00' }, ['externalEventId', 'narrative']],
      ['too long', { externalEventId: 'x'.repeat(201), narrative: 'x'.repeat(10_001) }, ['externalEventId', 'narrative']],
      [
        'other types',
        { progressPercent: '50', sourceSequence: 1.5, visibility: 'ALL' },
        ['progressPercent', 'sourceSequence', 'visibility'],
      ],
      ['out of range', { progressPercent: -1, sourceSequence: 2 ** 53 }, ['progressPercent', 'sourceSequence']],
      ['no offset', { effectiveAt: '2025-05-01T10:00:00' }, ['effectiveAt']],
      ['no such day', { effectiveAt: '2025-02-29T10:00:00Z', health: 'FINE' }, ['effectiveAt', 'health']],
      ['two names', { action: { ref: action.ref, externalId: 'x' } }, ['action']],
      ['a system alone', { action: { ref: action.ref, system: 'erp' } }, ['action.system']],
      [
        'two faults of different kinds',
        { action: { ref: 'NOTHING' }, effectiveAt: '2999-01-01T00:00:00Z', status: 'OPEN' },
        ['action.ref', 'effectiveAt', 'status'],
      ],
    ]
    const items: unknown[] = wrong.map(([name, more]) =>
      name === 'no item at all' ? {} : { ...report(action, '05-01', 'CLOSED'), ...more },
    )
    const before = await count()
    const answered = await push(woonpunt, [...items, null, 7, [], report(action, '05-01', 'IMPLEMENTATION')])
    for (const [index, [name, , paths]] of wrong.entries()) {
      t.equal(answered[index]?.disposition, 'REJECTED', name)
      t.same(answered[index]?.errors.map(({ path }) => path.join('.')).sort(), paths, name)
    }
    t.same(dispositionsOf(answered.slice(wrong.length)), ['REJECTED', 'REJECTED', 'REJECTED', 'APPLIED'], 'the others are untouched')
    t.equal((await count()).status_report, (before.status_report as number) + 1)
    const odd = await push(woonpunt, [JSON.parse('{"a\\u0000b":1,"\\ud800":1}')])
    t.equal(odd[0]?.disposition, 'REJECTED', 'not even a field’s name breaks the batch')
  })

  t.test('a request that cannot be taken is refused as a problem, and nothing is written', async (t) => {
    const action = await newAction('woonpunt')
    const item = report(action, '05-01', 'IMPLEMENTATION')
    const before = await count()
    const post = (payload: string, headers: Record<string, string> = {}, who: string | undefined = woonpunt) =>
      send('POST', '/status-reports', who, payload as unknown as object, {
        'content-type': 'application/json',
        'idempotency-key': uuidv7(),
        ...headers,
      })
    const body = JSON.stringify({ items: [item] })
    const deep = `{"items":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`
    const refused: [string, number, string, Awaited<ReturnType<typeof post>>][] = [
      ['no credential', 401, 'UNAUTHENTICATED', await send('POST', '/status-reports', undefined, { items: [item] })],
      ['no key at all', 401, 'UNAUTHENTICATED', await post(body, {}, 'ssp_demo_nothing')],
      ['a reader', 403, 'FORBIDDEN', await post(body, {}, 'partner_reader@woonpunt')],
      ['no Idempotency-Key', 400, 'IDEMPOTENCY_KEY_MISSING', await send('POST', '/status-reports', woonpunt, { items: [item] })],
      ['an Idempotency-Key of 256', 400, 'BAD_USER_INPUT', await post(body, { 'idempotency-key': 'x'.repeat(256) })],
      ['half a quoted Idempotency-Key', 400, 'BAD_USER_INPUT', await post(body, { 'idempotency-key': '"x' })],
      ['half a document', 400, 'BAD_REQUEST', await post('{"items":[')],
      ['no document', 400, 'BAD_REQUEST', await post('')],
      ['a prototype', 400, 'BAD_REQUEST', await post('{"items":[{"__proto__":{"status":"CLOSED"}}]}')],
      ['a constructor', 400, 'BAD_REQUEST', await post('{"items":[{"constructor":{"prototype":{"status":"CLOSED"}}}]}')],
      ['deep nesting', 400, 'BAD_USER_INPUT', await post(deep)],
      ['no items', 400, 'BAD_USER_INPUT', await post('{"items":[]}')],
      ['a list', 400, 'BAD_USER_INPUT', await post('[]')],
      ['another field', 400, 'BAD_USER_INPUT', await post(JSON.stringify({ items: [item], organisation: 'trajekt' }))],
      ['10 001 items', 400, 'BAD_USER_INPUT', await post(JSON.stringify({ items: new Array(10_001).fill(0) }))],
      ['more than 10 MiB', 413, 'CONTENT_TOO_LARGE', await post(`{"items":["${'x'.repeat(10 * 1024 * 1024)}"]}`)],
      ['text', 415, 'UNSUPPORTED_MEDIA_TYPE', await post(body, { 'content-type': 'text/plain' })],
      ['a form', 415, 'UNSUPPORTED_MEDIA_TYPE', await post('items=1', { 'content-type': 'application/x-www-form-urlencoded' })],
    ]
    for (const [name, status, code, answer] of refused) {
      const problem = answer.body as ProblemBody
      t.same([answer.status, problem.code, problem.status], [status, code, status], name)
      t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
      t.match(problem, { type: new RegExp(`/${code.toLowerCase().replaceAll('_', '-')}$`), title: /./, detail: /./, requestId: /./ }, name)
      t.equal(answer.headers['www-authenticate'] !== undefined, status === 401, name)
      t.notMatch(answer.raw, /select |insert |status_report|node_modules|at .*\.ts/, name)
    }
    t.same(
      refused.filter(([name]) => name === 'no items').map(([, , , { body }]) => (body as ProblemBody).errors.map(({ path }) => path)),
      [[['items']]],
    )
    t.same(await count(), { ...before, audit_entry: (before.audit_entry as number) + 1 }, 'but that somebody known was refused')
  })

  t.test('every answer of the door keeps the NLGov rules', async (t) => {
    const ask = (method: 'GET' | 'DELETE' | 'OPTIONS', url: string) => app.inject({ method, url: `/api/v1${url}` })
    const answers = {
      found: await ask('GET', '/openapi.json'),
      slash: await ask('GET', '/openapi.json/'),
      absent: await ask('GET', '/nothing'),
      method: await ask('DELETE', '/status-reports'),
      options: await ask('OPTIONS', '/actions/x'),
    }
    t.same(
      Object.values(answers).map(({ statusCode }) => statusCode),
      [200, 404, 404, 405, 405],
    )
    t.equal(answers.method.headers.allow, 'POST')
    t.equal(answers.options.headers.allow, 'GET, HEAD')
    for (const [name, { headers }] of Object.entries(answers)) {
      t.equal(headers['api-version'], '1.0.0', name)
      t.match(headers, { 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'strict-transport-security': /max-age/ }, name)
      t.match(headers['content-security-policy'], /frame-ancestors 'none'/, name)
    }
    t.equal(answers.found.headers['access-control-allow-origin'], '*')
    const document = answers.found.json()
    t.match(document, { openapi: /^3\.1/, info: { version: '1.0.0', contact: { name: /./, email: /@/, url: /^https:/ } } })
    const references = JSON.stringify(document).match(/"#\/components\/schemas\/\w+"/g) ?? []
    for (const reference of new Set(references))
      t.ok(document.components.schemas[reference.slice(1, -1).split('/').at(-1) as string], reference)
  })

  t.test('one statement more or less for ten items or ten thousand', async (t) => {
    const actions = await Promise.all(Array.from({ length: 10 }, () => newAction('woonpunt')))
    const batch = (size: number) =>
      Array.from({ length: size }, (_, index) =>
        report(actions[index % 10] as { ref: string }, '05-01', 'IMPLEMENTATION', {
          sourceSequence: index,
          progressPercent: index % 100,
          narrative: 'x',
        }),
      )
    const query = pg.Client.prototype.query
    const counted: number[] = []
    for (const size of [10, 10, 1_000, 10_000]) {
      const items = batch(size)
      let statements = 0
      pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
        // When keys were last used is written on a timer, not by the push.
        if (!JSON.stringify(args[0]).includes('record_key_use')) statements++
        return Reflect.apply(query, this, args)
      } as typeof query
      const started = performance.now()
      try {
        t.equal((await push(woonpunt, items)).length, size)
      } finally {
        pg.Client.prototype.query = query
      }
      counted.push(statements)
      t.comment(`${size} items: ${statements} statements, ${Math.round(performance.now() - started)} ms`)
    }
    t.equal(new Set(counted.slice(1)).size, 1, counted.join())
    t.ok((counted[0] as number) <= 22)
  })

  t.test('invariant 9: the projection of every action is what its reports fold to', async (t) => {
    const actions = await rows('select id, ref from action')
    const all = await rows(
      `select r.id, r.action_id, r.standing, case when r.admitted then 'ACTION' else r.subject end as subject, r.status, r.progress_percent as "progressPercent", r.health,
        to_char(r.effective_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "effectiveAt", s.source_sequence as sequence, s.tie_break as "tieBreak",
        s.pushed and not r.admitted as pushed, s.has_narrative or r.admitted as "hasNarrative" from status_report r join status_report_source s on s.report_id = r.id where r.standing in ('ACCEPTED', 'QUARANTINED')`,
    )
    t.ok(all.length > 10_000)
    const reports = all.map(({ sequence, ...one }) => ({ ...one, sourceSequence: sequence === null ? null : BigInt(sequence) }))
    for (const { id, ref } of actions) {
      const own: (Report & { standing: string })[] = reports.filter((one) => one.action_id === id)
      const fold = foldStatus(own)
      t.same(await actionRow(id), fold.current, ref)
      t.same(
        own.filter((one) => one.standing !== fold.standing.get(one.id)).map((one) => one.id),
        [],
        ref,
      )
    }
  })
})

t.test('the reference is a page of this server alone, and what comes before routing is a problem too', async (t) => {
  const app = fastify({ frameworkErrors: sendProblem })
  t.teardown(() => app.close())
  await app.register(docs, { prefix: '/api/docs' })
  const page = await app.inject('/api/docs')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], /default-src 'none'; script-src 'self';/)
  t.notMatch(page.body, /https?:/)
  const named = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string)
  t.equal(named.length, 4)
  for (const url of named) t.equal((await app.inject(url)).statusCode, 200, url)
  t.match((await app.inject('/api/docs/start.js')).body, '/api/v1/openapi.json')
  const malformed = await app.inject('/%zz')
  t.match([malformed.statusCode, malformed.json().code], [400, 'BAD_REQUEST'])
})

t.test('P6 who left the alliance may only tell, for as long as it was granted, of the time before', async (t) => {
  const { send, pushed, push, rows, newAction, actionRow } = await door(t)
  const action = await newAction('envida')
  const daysAgo = (days: number) => ({ effectiveAt: new Date(Date.now() - days * 86_400_000).toISOString() })
  await push(envida, [report(action, '05-01', 'IMPLEMENTATION')])
  const leave = (grace: string | null) =>
    rows(
      `update alliance_membership set ends_on = today() - 5, push_grace_until = now() + $1::interval
       where organisation_id = (select id from organisation where slug = 'envida')`,
      [grace],
    )
  await leave(null)
  for (const who of [envida, 'partner_editor@envida', 'partner_reader@envida']) {
    const { status, body } = await pushed(who, [report(action, '05-02', 'CLOSED', daysAgo(10))])
    t.match([status, (body as ProblemBody).code], [403, 'MEMBERSHIP_ENDED'], who)
  }
  await leave('1 day')
  t.match(await push(envida, [report(action, '05-02', 'FINALISATION', daysAgo(10)), report(action, '05-03', 'CLOSED', daysAgo(1))]), [
    { disposition: 'APPLIED', currentStatus: undefined },
    { disposition: 'REJECTED', errors: [{ code: 'MEMBERSHIP_ENDED', path: ['effectiveAt'] }] },
  ])
  t.equal((await send('GET', `/actions/${action.ref}`, envida)).status, 404, 'it reads what the public reads, and this is only in a draft')
  t.equal((await pushed('partner_editor@envida', [])).status, 403, 'whatever it sends')
  t.match((await pushed('partner_editor@envida', [report(action, '05-02', 'CLOSED')])).body, { code: 'MEMBERSHIP_ENDED' })
  await leave('-1 day')
  t.equal((await pushed(envida, [report(action, '05-02', 'CLOSED', daysAgo(10))])).status, 403)
  t.match(await actionRow(action.id), { status: 'FINALISATION' })
  const authors = await rows(
    'select distinct o.slug from status_report_source s join organisation o on o.id = s.organisation_id join status_report r on r.id = s.report_id where r.action_id = $1',
    [action.id],
  )
  t.same(authors, [{ slug: 'envida' }], 'what it told stays under its name')
  t.equal((await send('GET', `/actions/${action.ref}`, woonpunt)).status, 200)
})

t.test('an action by its id, its reference and a partner’s own id', async (t) => {
  const { send, rows, newAction, count, push } = await door(t)
  const [adopted, submitted] = ['POT-2025-01', 'NAZ-2025-01']
  const [{ id }] = (await rows('select id from action where ref = $1', [adopted])) as [{ id: string }]

  t.test('is found by whoever may see it, and answered from memory while it is the same', async (t) => {
    const first = await send('GET', `/actions/${adopted}`, undefined)
    t.match(first.body, { id: globalId('Action', id), ref: adopted, status: /./, version: /\d/ })
    t.match(first.headers['cache-control'], /^public/)
    for (const name of [id, globalId('Action', id)]) t.equal((await send('GET', `/actions/${name}`, undefined)).raw, first.raw)
    const again = await send('GET', `/actions/${adopted}`, undefined, undefined, { 'if-none-match': `"x", W/${first.headers.etag}` })
    t.match([again.status, again.raw, again.headers.etag], [304, '', first.headers.etag])
    t.equal((await send('GET', `/actions/${submitted}`, undefined)).status, 404)
    const asPartner = await send('GET', `/actions/${submitted}`, woonpunt)
    t.equal(asPartner.status, 200)
    t.match(asPartner.headers['cache-control'], /^private/)
    for (const name of ['NOTHING', uuidv7(), globalId('Plan', id), 'a%00b', "'", 'x'.repeat(400)])
      t.match((await send('GET', `/actions/${name}`, woonpunt)).body, { code: 'NOT_FOUND' }, name)
    t.match((await send('GET', `/actions/${adopted}`, 'Basic nonsense')).body, { code: 'UNAUTHENTICATED' })
  })

  t.test('a partner says by which id it knows an action', async (t) => {
    const [one, other] = [await newAction('woonpunt'), await newAction('woonpunt')]
    const name = (who: string | undefined, ref: string, externalId: unknown, headers = {}, system = 'default') =>
      send('PUT', `/actions/${ref}/external-refs/${system}`, who, { externalId }, headers)
    const before = await count()
    const created = await name(woonpunt, one.ref, 'A-1')
    t.match(created, {
      status: 201,
      headers: { etag: '"1"' },
      body: { actionId: globalId('Action', one.id), ref: one.ref, system: 'default', externalId: 'A-1' },
    })
    t.match(await name('partner_editor@woonpunt', one.id, 'A-1'), { status: 200, body: { version: 1 } })
    const after = await count()
    t.same(
      [after.external_ref, after.audit_entry],
      [(before.external_ref as number) + 1, (before.audit_entry as number) + 1],
      'the same again leaves no row',
    )
    t.match(await name(woonpunt, other.ref, 'A-1'), {
      status: 409,
      body: { code: 'EXTERNAL_ID_TAKEN', errors: [{ path: ['externalId'] }] },
    })
    t.match(await name(woonpunt, other.ref, 'A-1', {}, 'second'), { status: 201 }, 'another system has its own ids')
    t.match(await name(trajekt, other.ref, 'A-1'), { status: 201 }, 'and so has another organisation')
    t.match(await name(woonpunt, one.ref, 'A-2', { 'if-match': '"7"' }), { status: 412, body: { code: 'VERSION_CONFLICT', detail: /1/ } })
    t.match(await name(woonpunt, one.ref, 'A-2', { 'if-match': '"1"' }), {
      status: 200,
      headers: { etag: '"2"' },
      body: { externalId: 'A-2', version: 2 },
    })
    t.match(await push(woonpunt, [{ ...report(one, '05-01', 'CLOSED'), action: { externalId: 'A-2' } }]), [
      { ref: one.ref, disposition: 'APPLIED' },
    ])
    t.match(await name(undefined, one.ref, 'A-3'), { status: 401 })
    t.match(await name('partner_reader@woonpunt', one.ref, 'A-3'), { status: 403, body: { code: 'FORBIDDEN' } })
    t.match(await name(woonpunt, 'NOTHING', 'A-3'), { status: 404, body: { code: 'NOT_FOUND' } })
    for (const wrong of [undefined, '', 7, 'a\0', 'x'.repeat(201)])
      t.match(await name(woonpunt, one.ref, wrong), { status: 400, body: { code: 'BAD_USER_INPUT', errors: [{ path: ['externalId'] }] } })
    const raced = await Promise.all(
      Array.from({ length: 6 }, (_, turn) => name(woonpunt, (turn % 2 ? one : other).ref, 'RACE', {}, 'raced')),
    )
    t.same(new Set(raced.map(({ status }) => status)).has(201), true)
    t.equal((await rows(`select from external_ref where system = 'raced'`)).length, 1)
    t.ok(raced.every(({ status }) => [200, 201, 409].includes(status)))
  })
})
