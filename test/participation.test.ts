import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Payload {
  participationEvent: { id: string; version: number } | null
  userErrors: { code: string; path: string[] }[]
}

interface Shown {
  neighbourhood: { participationEvents: { totalCount: number; nodes: { subject: { text: string }; outcome: { text: string } | null }[] } }
}

t.test('what residents and partners brought in', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const communication = keys['communication@gemeente-maastricht']
  const record = (key: string | undefined, input: object) =>
    ask<{ participationEventRecord: Payload }>(
      db,
      key,
      `mutation R($input: ParticipationEventRecordInput!) { participationEventRecord(input: $input)
        { participationEvent { id version organisation { slug } residentGroup neighbourhood { slug } } userErrors { code path } } }`,
      { input },
    )
  const shown = async (key: string | undefined, slug = 'nazareth') =>
    (
      await ask<Shown>(
        db,
        key,
        `{ neighbourhood(slug: "${slug}") { participationEvents { totalCount nodes { heldOn subject { text } outcome { text } } } } }`,
      )
    ).data.neighbourhood.participationEvents
  const event = { neighbourhood: 'nazareth', heldOn: '2025-05-10', residentGroup: 'bewoners van de flats', subject: 'Spelen in de buurt' }

  t.test('S06 the communication adviser records it, the public reads it, and what it led to is told later', async (t) => {
    const { participationEventRecord: made } = (await record(communication, event)).data
    t.match(made, {
      participationEvent: { version: 1, organisation: null, residentGroup: 'bewoners van de flats', neighbourhood: { slug: 'nazareth' } },
      userErrors: [],
    })
    t.match((await shown(undefined)).nodes[0], { heldOn: '2025-05-10', subject: { text: 'Spelen in de buurt' }, outcome: null })
    const correct = (expectedVersion: number) =>
      ask<{ participationEventCorrect: Payload }>(
        db,
        communication,
        `mutation C($id: ID!, $v: Int!) { participationEventCorrect(id: $id, input: { expectedVersion: $v, outcome: "Een speelplek in het plan" })
          { participationEvent { version outcome { text } } userErrors { code path } } }`,
        { id: made.participationEvent?.id, v: expectedVersion },
      )
    t.match((await correct(7)).data.participationEventCorrect, {
      participationEvent: { version: 1, outcome: null },
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
    })
    t.match((await correct(1)).data.participationEventCorrect, { participationEvent: { version: 2 }, userErrors: [] })
    t.match((await shown(undefined)).nodes[0], { outcome: { text: 'Een speelplek in het plan' } })
  })

  t.test('S06 a partner may take part; what it was about is seen by whoever sees that version', async (t) => {
    const { data } = await ask<{ executionPlans: { nodes: { latestVersion: { id: string } }[] } }>(
      db,
      communication,
      '{ executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { latestVersion { id } } } }',
    )
    const planVersionId = data.executionPlans.nodes[0]?.latestVersion.id
    const before = await shown(undefined)
    const { residentGroup, ...rest } = event
    t.ok(residentGroup)
    t.match(
      (await record(communication, { ...rest, planVersionId, organisation: 'trajekt', subject: 'Inbreng' })).data.participationEventRecord,
      {
        participationEvent: { organisation: { slug: 'trajekt' }, residentGroup: null },
      },
    )
    t.equal((await shown(undefined)).totalCount, before.totalCount, 'the version is only submitted')
    t.equal((await shown(keys['partner_reader@woonpunt'])).totalCount, before.totalCount + 1)
  })

  t.test('others do not record it, and what is wrong is told all at once', async (t) => {
    for (const name of ['partner_editor@trajekt', 'portfolio_holder@gemeente-maastricht', 'council_reader@gemeente-maastricht']) {
      t.equal((await record(keys[name], event)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    t.equal((await record(undefined, event)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    const told = async (input: object) =>
      (await record(communication, input)).data.participationEventRecord.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await told({ ...event, residentGroup: 'bel 043-1234567', subject: ' ' }), [
      'BAD_USER_INPUT input.residentGroup',
      'BAD_USER_INPUT input.subject',
    ])
    t.same(await told({ ...event, neighbourhood: null }), ['BAD_USER_INPUT input.neighbourhood'])
    t.same(await told({ ...event, organisation: 'trajekt' }), ['BAD_USER_INPUT input.residentGroup'])
    t.same(await told({ ...event, heldOn: '2999-01-01' }), ['BAD_USER_INPUT input.heldOn'])
    t.same(await told({ ...event, neighbourhood: 'nowhere' }), ['NOT_FOUND input.neighbourhood'])
    t.same(await told({ ...event, planVersionId: 'nothing' }), ['NOT_FOUND input.planVersionId'])
    t.same(await told({ ...event, residentGroup: null, organisation: 'nobody' }), ['NOT_FOUND input.organisation'])
  })

  t.test('S06 direct SQL cannot record personal data, nobody or nothing', async (t) => {
    const owner = new pg.Client({ connectionString: db.superuserUrl })
    await owner.connect()
    t.teardown(() => owner.end())
    for (const change of [
      `resident_group = 'jan@example.org'`,
      `resident_group = null`,
      `organisation_id = (select id from organisation limit 1)`,
      `neighbourhood_id = null, plan_version_id = null`,
      `subject = '"los"'`,
    ]) {
      await t.rejects(owner.query(`update participation_event set ${change}`), { code: '23514' }, change)
    }
    await t.rejects(owner.query('delete from participation_event'), { code: 'SP409' })
  })
})
