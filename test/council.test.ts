import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import t from 'tap'
import { migrationsFolder } from '../src/db/migrate.ts'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Duty {
  id: string
  version: number
  state: string
  adoptedOn: string
  dueOn: string
  overdue: boolean
  fulfilledOn: string | null
  plan: { title: { text: string } }
}
interface Notice {
  id: string
  version: number
  kind: string
  duties: { id: string }[]
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'
const duty = 'id version state adoptedOn dueOn overdue fulfilledOn plan { title { text } } planVersion { number } viewerCanReschedule'
const notice = 'id version kind subject { text } informedOn reference document example duties { id state } viewerCanCorrect'

t.test('informing the council', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const holder = keys['portfolio_holder@gemeente-maastricht']
  const council = keys['council_reader@gemeente-maastricht']
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const refusal = (...statements: string[]) =>
    owner.query(statements.join(';')).then(
      () => undefined,
      async (error: { code: string }) => {
        await owner.query('rollback')
        return error.code
      },
    )

  const duties = async (key: string | undefined, where = '') =>
    (
      await ask<{ informationDuties: { totalCount: number; nodes: Duty[] } }>(
        db,
        key,
        `{ informationDuties(first: 100${where}) { totalCount nodes { ${duty} } } }`,
      )
    ).data.informationDuties
  const dutyOf = async (title: string) => (await duties(team)).nodes.find(({ plan }) => plan.title.text === title) as Duty
  const notices = async (key: string | undefined, where = '') =>
    (
      await ask<{ councilNotices: { totalCount: number; nodes: Notice[] } }>(
        db,
        key,
        `{ councilNotices(first: 100${where}) { totalCount nodes { ${notice} } } }`,
      )
    ).data.councilNotices
  const inform = (key: string | undefined, input: object) =>
    ask<{ councilNoticeRecord: Told & { councilNotice: Notice | null } }>(
      db,
      key,
      `mutation R($input: CouncilNoticeRecordInput!) { councilNoticeRecord(input: $input) { councilNotice { ${notice} } ${errors} } }`,
      { input },
    )
  const correct = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ councilNoticeCorrect: Told & { councilNotice: Notice | null } }>(
      db,
      key,
      `mutation C($id: ID!, $input: CouncilNoticeCorrectInput!) { councilNoticeCorrect(id: $id, input: $input) { councilNotice { ${notice} } ${errors} } }`,
      { id, input },
    )
  const reschedule = (key: string | undefined, id: string, input: object) =>
    ask<{ informationDutyReschedule: Told & { informationDuty: Duty | null } }>(
      db,
      key,
      `mutation D($id: ID!, $input: InformationDutyRescheduleInput!) { informationDutyReschedule(id: $id, input: $input)
        { informationDuty { ${duty} } ${errors} } }`,
      { id, input },
    )
  const unlink = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ councilNoticeUnlinkDuty: Told & { councilNotice: Notice | null } }>(
      db,
      key,
      `mutation U($id: ID!, $input: CouncilNoticeUnlinkDutyInput!) { councilNoticeUnlinkDuty(id: $id, input: $input) { councilNotice { ${notice} } ${errors} } }`,
      { id, input },
    )
  const codeOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) => errors?.[0]?.extensions.code
  const programmePlan = 'Programmaplan Veerkrachtige Wijken'
  const nazareth = 'Uitvoeringsplan Nazareth 2025-2026'

  t.test('S51 the adoption of 24 June 2025 opened a duty, and its letter fulfils it only when it is sent', async (t) => {
    const open = await dutyOf(programmePlan)
    t.match(open, { state: 'OPEN', adoptedOn: '2025-06-24', dueOn: '2025-07-24', fulfilledOn: null, overdue: true })
    const [letter] = (await notices(council, ', where: { kind: { eq: RIB } }')).nodes
    t.match(letter, { kind: 'RIB', informedOn: null, example: false, duties: [{ id: open.id, state: 'OPEN' }], viewerCanCorrect: false })
  })

  t.test('S53 the committee meeting of 1 April 2025 is on record, and fulfils no duty: it was before the adoption', async (t) => {
    const [meeting] = (await notices(council, ', where: { kind: { eq: COMMITTEE_MEETING } }')).nodes
    t.match(meeting, { informedOn: '2025-04-01', example: false, duties: [] })
    const { id } = await dutyOf(programmePlan)
    t.match((await correct(team, meeting?.id, { expectedVersion: meeting?.version, dutyIds: [id] })).data.councilNoticeCorrect, {
      userErrors: [{ code: 'NOTICE_BEFORE_ADOPTION', path: ['input', 'dutyIds', '0'] }],
    })
  })

  t.test(
    'S52 adoption of an execution plan opens a duty to inform the council in the same transaction; before it the council has nothing',
    async (t) => {
      const versions = `{ executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { id latestVersion { id version informationDuty { id } } } } }`
      interface Plans {
        executionPlans: { nodes: { id: string; latestVersion: { id: string; version: number; informationDuty: object | null } }[] }
      }
      const [plan] = (await ask<Plans>(db, team, versions)).data.executionPlans.nodes
      t.equal(plan?.latestVersion.informationDuty, null)
      t.same((await ask<Plans>(db, council, versions)).data.executionPlans.nodes, [], 'the council does not see the plan')
      const before = await duties(council)
      const adopted = await ask<{ planAdopt: Told & { plan: { latestVersion: { informationDuty: Duty } } } }>(
        db,
        team,
        `mutation A($id: ID!, $input: PlanAdoptInput!) { planAdopt(id: $id, input: $input) { plan { latestVersion { informationDuty { ${duty} } } } ${errors} } }`,
        {
          id: plan?.id,
          input: {
            expectedVersion: plan?.latestVersion.version,
            decision: { reference: 'PROEF-1', body: 'COLLEGE', decidedOn: '2025-11-04', outcome: 'CONFORM', title: 'Proef', text: 'Proef' },
          },
        },
      )
      t.match(adopted.data.planAdopt, {
        plan: {
          latestVersion: {
            informationDuty: { state: 'OPEN', adoptedOn: '2025-11-04', dueOn: '2025-12-04', plan: { title: { text: nazareth } } },
          },
        },
        userErrors: [],
      })
      t.equal((await duties(council)).totalCount, before.totalCount + 1)
      t.equal((await ask<Plans>(db, council, versions)).data.executionPlans.nodes.length, 1)
    },
  )

  t.test('S51, S54 the team records a notice that fulfils duties; who may not is refused', async (t) => {
    const { id } = await dutyOf(nazareth)
    const input = {
      kind: 'WRITTEN',
      subject: 'Uitvoeringsplan Nazareth',
      informedOn: '2025-11-20',
      reference: 'RIB-1',
      document: 'zaak 12',
      dutyIds: [id],
    }
    for (const role of ['portfolio_holder', 'council_reader', 'communication', 'partner_editor', 'admin']) {
      t.equal(codeOf(await inform(keys[`${role}@gemeente-maastricht`], input)), 'FORBIDDEN', role)
    }
    t.equal(codeOf(await inform(undefined, input)), 'UNAUTHENTICATED')
    t.match((await inform(team, input)).data.councilNoticeRecord, {
      councilNotice: {
        kind: 'WRITTEN',
        informedOn: '2025-11-20',
        document: 'zaak 12',
        duties: [{ id, state: 'FULFILLED' }],
        viewerCanCorrect: true,
      },
      userErrors: [],
    })
    t.match(await dutyOf(nazareth), { state: 'FULFILLED', fulfilledOn: '2025-11-20', overdue: false })
    t.match((await inform(team, { ...input, kind: 'SITE_VISIT', reference: null, dutyIds: [] })).data.councilNoticeRecord, {
      councilNotice: { kind: 'SITE_VISIT', duties: [] },
    })
  })

  t.test('all that is wrong with a notice is told at once', async (t) => {
    const { id } = await dutyOf(nazareth)
    const told = async (input: object) =>
      (await inform(team, { kind: 'RIB', subject: 'x', ...input })).data.councilNoticeRecord.userErrors.map(
        ({ code, path }) => `${code} ${path.join('.')}`,
      )
    t.same(await told({ subject: ' ', reference: '' }), ['BAD_USER_INPUT input.subject', 'BAD_USER_INPUT input.reference'])
    t.same(await told({ kind: 'COMMITTEE_MEETING' }), ['BAD_USER_INPUT input.informedOn'])
    t.same(await told({ informedOn: '2999-01-01' }), ['BAD_USER_INPUT input.informedOn'])
    t.same(await told({ reference: 'RIB-1' }), ['CONFLICT input.reference'])
    t.same(await told({ programme: 'XX' }), ['NOT_FOUND input.programme'])
    t.same(await told({ informedOn: '2025-11-03', dutyIds: [id, 'nothing'] }), [
      'NOTICE_BEFORE_ADOPTION input.dutyIds.0',
      'NOT_FOUND input.dutyIds.1',
    ])
  })

  t.test('S52 a notice cannot cite a version that is not adopted', async (t) => {
    const { data } = await ask<{ strategicAgenda: { latestVersion: { id: string } } }>(
      db,
      team,
      '{ strategicAgenda(on: "2026-01-01") { latestVersion { id } } }',
    )
    const uuid = Buffer.from(data.strategicAgenda.latestVersion.id, 'base64url').toString().split(':')[1]
    for (const id of [data.strategicAgenda.latestVersion.id, Buffer.from(`InformationDuty:${uuid}`).toString('base64url')]) {
      t.match((await inform(team, { kind: 'RIB', subject: 'Te vroeg', dutyIds: [id] })).data.councilNoticeRecord, {
        councilNotice: null,
        userErrors: [{ code: 'NOT_FOUND', path: ['input', 'dutyIds', '0'] }],
      })
    }
    t.equal(await refusal(`insert into information_duty (id) values ('${uuid}')`), '23514')
  })

  t.test('S62 a date is corrected and what it was stays on record; not to before the adoption', async (t) => {
    const [sent] = (await notices(team, ', where: { kind: { eq: WRITTEN } }')).nodes as [Notice]
    t.equal(codeOf(await correct(council, sent.id, { expectedVersion: 1, informedOn: '2025-11-21' })), 'FORBIDDEN')
    t.match((await correct(team, sent.id, { expectedVersion: 7, informedOn: '2025-11-21' })).data.councilNoticeCorrect, {
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: sent.version }],
    })
    t.match((await correct(team, sent.id, { expectedVersion: sent.version, informedOn: '2025-11-03' })).data.councilNoticeCorrect, {
      userErrors: [{ code: 'NOTICE_BEFORE_ADOPTION', path: ['input', 'informedOn'] }],
    })
    t.match((await correct(team, sent.id, { expectedVersion: sent.version, informedOn: '2025-11-21' })).data.councilNoticeCorrect, {
      councilNotice: { informedOn: '2025-11-21' },
      userErrors: [],
    })
    t.match(await dutyOf(nazareth), { fulfilledOn: '2025-11-21' })
    const { data } = await ask<{ node: { history: { nodes: { changes: object[] }[] } } }>(
      db,
      holder,
      'query H($id: ID!) { node(id: $id) { ... on CouncilNotice { history { nodes { changes { field before after } } } } } }',
      { id: sent.id },
    )
    t.same(data.node.history.nodes[0]?.changes, [{ field: 'informedOn', before: '2025-11-20', after: '2025-11-21' }])
  })

  t.test('S51 the letter on the programme plan is dated, and fulfils its duty then', async (t) => {
    const [letter] = (await notices(team, ', where: { kind: { eq: RIB } }')).nodes as [Notice]
    t.match(
      (await correct(team, letter.id, { expectedVersion: letter.version, informedOn: '2025-07-01', reference: 'RIB-2' })).data
        .councilNoticeCorrect,
      {
        councilNotice: { informedOn: '2025-07-01', reference: 'RIB-2', duties: [{ state: 'FULFILLED' }] },
      },
    )
    t.match((await correct(team, letter.id, { expectedVersion: letter.version + 1 })).data.councilNoticeCorrect, {
      councilNotice: { version: letter.version + 1 },
    })
    t.match(
      (await duties(council, ', where: { state: { eq: FULFILLED }, overdue: { eq: false } }')).nodes.map(({ fulfilledOn }) => fulfilledOn),
      ['2025-07-01', '2025-11-21'],
    )
  })

  t.test(
    'S62 a notice is taken off a duty that it was not about: the duty is open and overdue again, and known as it was then',
    async (t) => {
      const pottenberg = await dutyOf('Uitvoeringsplan Pottenberg 2025-2026')
      const right = await dutyOf(nazareth)
      const input = { kind: 'WRITTEN', subject: 'Vervolg Nazareth', informedOn: '2025-11-10', dutyIds: [pottenberg.id] }
      const made = (await inform(team, input)).data.councilNoticeRecord.councilNotice as Notice
      t.match(await dutyOf('Uitvoeringsplan Pottenberg 2025-2026'), { state: 'FULFILLED', fulfilledOn: '2025-11-10', overdue: false })
      const { rows } = await owner.query(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment`)
      const overdueDuties = async () =>
        (
          await ask<{ overdue: { planVersion: { informationDuty: { id: string } | null } }[] }>(
            db,
            council,
            '{ overdue { planVersion { informationDuty { id } } } }',
          )
        ).data.overdue.map(({ planVersion }) => planVersion.informationDuty?.id)
      t.same(await overdueDuties(), [])

      const wrong = { expectedVersion: made.version, dutyId: pottenberg.id }
      for (const role of ['portfolio_holder', 'council_reader', 'communication', 'partner_editor', 'admin'])
        t.equal(codeOf(await unlink(keys[`${role}@gemeente-maastricht`], made.id, wrong)), 'FORBIDDEN', role)
      t.equal(codeOf(await unlink(undefined, made.id, wrong)), 'UNAUTHENTICATED')
      const refusalsOf = async (id: string, given: object) => (await unlink(team, id, given)).data.councilNoticeUnlinkDuty.userErrors
      t.match(await refusalsOf(made.id, { ...wrong, expectedVersion: 7 }), [
        { code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: made.version },
      ])
      for (const dutyId of [right.id, made.id, 'nothing'])
        t.match(await refusalsOf(made.id, { ...wrong, dutyId }), [{ code: 'NOT_FOUND', path: ['input', 'dutyId'] }], dutyId)
      t.match(await refusalsOf(pottenberg.id, wrong), [{ code: 'NOT_FOUND', path: ['id'] }])
      t.match(await dutyOf('Uitvoeringsplan Pottenberg 2025-2026'), { state: 'FULFILLED' }, 'what was refused changed nothing')

      t.match((await unlink(team, made.id, wrong)).data.councilNoticeUnlinkDuty, {
        councilNotice: { version: made.version + 1, duties: [] },
        userErrors: [],
      })
      t.match(await dutyOf('Uitvoeringsplan Pottenberg 2025-2026'), { state: 'OPEN', fulfilledOn: null, overdue: true })
      t.same(await overdueDuties(), [pottenberg.id])
      const { data } = await ask<{ councilDigest: { adoptions: { nodes: object[] } }; auditTrail: { nodes: object[] } }>(
        db,
        holder,
        `query T($id: ID) { councilDigest(since: "2025-10-07") { adoptions { nodes { id state notices { id } } } }
        auditTrail(first: 1, subject: $id) { nodes { operation before after } } }`,
        { id: made.id },
      )
      t.match(
        data.councilDigest.adoptions.nodes.find((duty) => (duty as Duty).id === pottenberg.id),
        { state: 'OPEN', notices: [] },
      )
      const uuid = Buffer.from(pottenberg.id, 'base64url').toString().split(':')[1]
      t.same(data.auditTrail.nodes, [{ operation: 'councilNoticeUnlinkDuty', before: `{"duty": "${uuid}"}`, after: '{"duty": null}' }])
      const then = await ask<{ executionPlans: { nodes: { latestVersion: { informationDuty: Duty | null } }[] } }>(
        db,
        council,
        `query A($asOf: DateTime) { executionPlans(where: { neighbourhood: { eq: "pottenberg" } }, asOf: $asOf) {
        nodes { latestVersion { informationDuty { state fulfilledOn notices { id } } } } } }`,
        { asOf: rows[0].moment },
      )
      t.same(
        then.data.executionPlans.nodes[0]?.latestVersion.informationDuty,
        { state: 'FULFILLED', fulfilledOn: '2025-11-10', notices: [{ id: made.id }] },
        'as it was known then',
      )
      t.match(await refusalsOf(made.id, { ...wrong, expectedVersion: made.version + 1 }), [{ code: 'NOT_FOUND' }], 'once')
    },
  )

  t.test('S62 the right duty is named instead, and a duty that was taken off can be named again', async (t) => {
    const pottenberg = await dutyOf('Uitvoeringsplan Pottenberg 2025-2026')
    const right = await dutyOf(nazareth)
    const made = (await notices(team)).nodes.find(
      (one) => (one as unknown as { subject: { text: string } }).subject.text === 'Vervolg Nazareth',
    )
    let version = made?.version ?? 0
    const corrected = async (input: object) =>
      (await correct(team, made?.id, { expectedVersion: version++, ...input })).data.councilNoticeCorrect
    const unlinked = async (dutyId: string) =>
      (await unlink(team, made?.id, { expectedVersion: version++, dutyId })).data.councilNoticeUnlinkDuty
    t.match(await corrected({ dutyIds: [right.id] }), { councilNotice: { duties: [{ id: right.id }] }, userErrors: [] })
    t.match(await dutyOf(nazareth), { fulfilledOn: '2025-11-10' }, 'the earlier of its two notices')
    t.match(await unlinked(right.id), { councilNotice: { duties: [] } })
    t.match(await dutyOf(nazareth), { state: 'FULFILLED', fulfilledOn: '2025-11-21' }, 'the other still fulfils it')

    t.match(await corrected({ informedOn: '2025-10-20' }), { userErrors: [] }, 'it may be dated before what it is not about')
    t.match(await corrected({ dutyIds: [right.id] }), { userErrors: [{ code: 'NOTICE_BEFORE_ADOPTION', path: ['input', 'dutyIds', '0'] }] })
    version--
    t.equal(await refusal('update council_notice_duty set withdrawn = false where withdrawn'), 'SP440', 'nor by the database itself')
    t.match(await corrected({ dutyIds: [pottenberg.id] }), { councilNotice: { duties: [{ id: pottenberg.id }] }, userErrors: [] })
    t.match(await corrected({ informedOn: '2025-10-06' }), {
      userErrors: [{ code: 'NOTICE_BEFORE_ADOPTION', path: ['input', 'informedOn'] }],
    })
    version--
    t.match(await unlinked(pottenberg.id), { councilNotice: { duties: [] }, userErrors: [] })
  })

  t.test('S51 the last day of a duty is set by the team, not before the adoption', async (t) => {
    const pottenberg = await dutyOf('Uitvoeringsplan Pottenberg 2025-2026')
    t.match(pottenberg, { state: 'OPEN', dueOn: '2025-11-06', overdue: true })
    t.equal(codeOf(await reschedule(holder, pottenberg.id, { expectedVersion: 1, dueOn: '2999-01-01' })), 'FORBIDDEN')
    t.match((await reschedule(team, pottenberg.id, { expectedVersion: 1, dueOn: '2025-10-06' })).data.informationDutyReschedule, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'dueOn'] }],
    })
    t.match((await reschedule(team, pottenberg.id, { expectedVersion: 1, dueOn: '2999-01-01' })).data.informationDutyReschedule, {
      informationDuty: { dueOn: '2999-01-01', overdue: false, version: 2 },
    })
    t.match((await reschedule(team, pottenberg.id, { expectedVersion: 1, dueOn: '2999-01-02' })).data.informationDutyReschedule, {
      userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 2 }],
    })
  })

  t.test('the team, the portfolio holder and the council read duties and notices, nobody else', async (t) => {
    const all = [(await duties(team)).totalCount, (await notices(team)).totalCount]
    for (const role of ['portfolio_holder', 'council_reader']) {
      const key = keys[`${role}@gemeente-maastricht`]
      t.same([(await duties(key)).totalCount, (await notices(key)).totalCount], all, role)
    }
    for (const role of ['partner_editor', 'partner_reader', 'bi_reader', 'communication', 'research_statistics', 'auditor']) {
      const key = keys[`${role}@gemeente-maastricht`]
      t.same(
        [await duties(key), await notices(key)],
        [
          { totalCount: 0, nodes: [] },
          { totalCount: 0, nodes: [] },
        ],
        role,
      )
    }
    t.equal((await duties(undefined)).totalCount, 0)
  })

  t.test(
    'invariant 6: the database itself refuses a notice before the adoption, another adoption than was decided, and to undo either',
    async (t) => {
      const early = (day: string) =>
        `begin; insert into council_notice (id, programme_id, kind, subject, informed_on)
        select gen_random_uuid(), id, 'RIB', '{"source":"nl","nl":"x"}', '${day}' from programme;
      insert into council_notice_duty (council_notice_id, information_duty_id)
        select n.id, d.id from council_notice n, information_duty d where n.subject ->> 'nl' = 'x' and d.adopted_on = '2025-11-04'; commit`
      t.equal(await refusal(early('2025-11-03')), 'SP440')
      t.equal(await refusal(early('2999-01-01')), '23514')
      t.equal(await refusal(early('2025-11-04')), undefined, 'on the day itself it does')
      t.equal(await refusal(`update council_notice set informed_on = '2025-11-03' where subject ->> 'nl' = 'x'`), 'SP440')
      t.equal(await refusal(`update council_notice set informed_on = null where kind = 'SITE_VISIT'`), '23514')
      t.equal(await refusal(`update information_duty set due_on = '2025-01-01'`), '23514')
      t.equal(await refusal('delete from information_duty'), 'SP409')
      t.equal(await refusal(`update council_notice_duty set information_duty_id = gen_random_uuid()`), 'SP409')
      t.equal(await refusal(`update council_notice_duty set council_notice_id = gen_random_uuid()`), 'SP409')
      t.equal(await refusal('delete from council_notice_duty'), 'SP409')
      const told = await owner.query(
        `select count(*)::int as versions, count(d.id)::int as duties from plan_version v left join information_duty d on d.id = v.id where v.state = 'ADOPTED'`,
      )
      t.same(told.rows, [{ versions: 3, duties: 3 }], 'each adopted version has one')
    },
  )

  t.test('S53: notices come the latest first, and after them what is still to be sent', async (t) => {
    await owner.query(
      `insert into council_notice (id, programme_id, kind, subject) select gen_random_uuid(), id, 'RIB', '{"source":"nl","nl":"nog te sturen"}' from programme`,
    )
    const told = (await notices(team)).nodes as (Notice & { informedOn: string | null })[]
    const days = told.map(({ informedOn }) => informedOn)
    const sent = days.filter((day) => day !== null)
    t.ok(sent.length > 1 && sent.length < days.length)
    t.same(days, [...sent.toSorted().reverse(), ...days.filter((day) => day === null)])
  })

  t.test('S51: what was adopted before there were duties has one after the upgrade', async (t) => {
    const all = 'select id, adopted_on::text, due_on::text from information_duty order by id'
    const before = (await owner.query('select id, adopted_on::text, (adopted_on + 30)::text as due_on from information_duty order by id'))
      .rows
    await owner.query(
      `begin; set local session_replication_role = replica; delete from council_notice_duty; delete from information_duty; commit`,
    )
    const migration = readdirSync(migrationsFolder).find((name) => name.endsWith('_earlier_duties.sql')) as string
    const migrator = new pg.Client({ connectionString: db.ownerUrl })
    await migrator.connect()
    t.teardown(() => migrator.end())
    const upgrade = readFileSync(path.join(migrationsFolder, migration), 'utf8')
    await migrator.query(upgrade)
    t.same((await owner.query(all)).rows, before)
    await migrator.query(upgrade)
    t.same((await owner.query(all)).rows, before, 'once')
    const { rows } = await owner.query(
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relrowsecurity and not relforcerowsecurity`,
    )
    t.same(rows, [], 'and the owner passes no policy again')
  })
})
