import pg from 'pg'
import t from 'tap'
import { install } from '../src/db/session.ts'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}

const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('the programme', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']

  t.test('S09 rests on three pillars, by which anybody filters actions', async (t) => {
    const { data } = await ask<{ programme: { pillars: { code: string }[] } }>(
      db,
      undefined,
      '{ programme(code: "VW") { pillars { code } } }',
    )
    const codes = data.programme.pillars.map(({ code }) => code)
    t.same(codes, ['BESTAANSZEKERHEID', 'POSITIEVE_GEZONDHEID', 'GELIJKE_KANSEN'])
    for (const code of codes) {
      const filtered = await ask<{ actions: { nodes: { pillars: { code: string }[] }[] } }>(
        db,
        team,
        `{ actions(where: { pillar: { eq: "${code}" } }) { nodes { pillars { code } } } }`,
      )
      t.ok(filtered.data.actions.nodes.length > 0, code)
      t.ok(filtered.data.actions.nodes.every(({ pillars }) => pillars.some((pillar) => pillar.code === code)))
    }
  })

  t.test('S10 lasts twenty years; it is extended by a decision to do so, by the team, and never shortened', async (t) => {
    const extend = (key: string | undefined, input: object) =>
      ask<{ programmeExtend: Told & { programme: { version: number } | null } }>(
        db,
        key,
        `mutation E($input: ProgrammeExtendInput!) { programmeExtend(code: "VW", input: $input) { programme { version term { startsOn endsOn } } ${errors} } }`,
        { input },
      )
    const { data } = await ask<{ programme: { version: number; term: object } }>(
      db,
      undefined,
      '{ programme(code: "VW") { version term { startsOn endsOn } } }',
    )
    t.same(data.programme.term, { startsOn: '2025-01-01', endsOn: '2044-12-31' })
    const expectedVersion = data.programme.version
    const given = { expectedVersion, endsOn: '2049-12-31', decision: 'VERLENGING-1' }
    t.match((await extend(team, given)).data.programmeExtend, {
      programme: null,
      userErrors: [{ code: 'DECISION_REQUIRED', path: ['input', 'decision'] }],
    })
    t.match((await extend(team, { ...given, decision: 'BW-2025-06-24' })).data.programmeExtend, {
      userErrors: [{ code: 'DECISION_REQUIRED' }],
    })
    await install(db.ownerUrl, async (tx) => {
      await tx.db.execute(`insert into decision (id, programme_id, reference, body, decided_on, outcome, title)
        select gen_random_uuid(), p.id, 'VERLENGING-1', 'COUNCIL', '2025-10-01', 'CONFORM', '{"source": "nl", "nl": "Verlenging"}' from programme p`)
      await tx.db.execute(`insert into decision_point (id, decision_id, number, type, outcome, text)
        select gen_random_uuid(), d.id, 1, 'EXTENSION', 'CONFORM', '{"source": "nl", "nl": "Te verlengen"}' from decision d where d.reference = 'VERLENGING-1'`)
    })
    for (const role of ['partner_editor@woonpunt', 'portfolio_holder@gemeente-maastricht', 'admin@gemeente-maastricht']) {
      t.equal((await extend(keys[role], given)).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    }
    t.match((await extend(team, { ...given, endsOn: '2044-12-30' })).data.programmeExtend, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'endsOn'] }],
    })
    t.match((await extend(team, given)).data.programmeExtend, { programme: { term: { startsOn: '2025-01-01', endsOn: '2049-12-31' } } })
    t.match((await extend(team, { ...given, endsOn: '2050-12-31' })).data.programmeExtend, { userErrors: [{ code: 'VERSION_CONFLICT' }] })

    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const refused = client.query(`update programme set ends_on = '2048-12-31'`).then(
      () => undefined,
      (error: { code: string }) => error.code,
    )
    t.equal(await refused, '23514', 'not in SQL either')
  })

  t.test('S11 one action serves several pillars, themes and goals, and says that it crosses domains', async (t) => {
    const { data } = await ask<{ actions: { nodes: { crossDomain: boolean; pillars: object[]; themes: object[]; sdgs: object[] }[] } }>(
      db,
      team,
      '{ actions(first: 50) { nodes { crossDomain pillars { code } themes { code } sdgs { number } } } }',
    )
    t.ok(data.actions.nodes.some(({ pillars, themes, sdgs }) => pillars.length > 1 && themes.length > 1 && sdgs.length > 1))
    t.ok(data.actions.nodes.some(({ crossDomain }) => crossDomain) && data.actions.nodes.some(({ crossDomain }) => !crossDomain))
  })

  t.test('S12, S13 starts in Pottenberg and Nazareth, each with the evidence why', async (t) => {
    const { data } = await ask<{ neighbourhoods: { slug: string; enrolment: { evidence: { text: string } } }[] }>(
      db,
      undefined,
      '{ neighbourhoods { slug enrolment { evidence { text } } } }',
    )
    t.same(data.neighbourhoods.map(({ slug }) => slug).sort(), ['nazareth', 'pottenberg'])
    t.ok(data.neighbourhoods.every(({ enrolment }) => /cijfers en ervaringen/.test(enrolment.evidence.text)))
  })
})
