import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  decision: { id: string; version: number; points: { id: string; mandates: { id: string }[] }[] } | null
  userErrors: { code: string; message: string; path: string[] }[]
}

const shown = `id version reference body decidedOn outcome viewerCanCorrect points { id number type outcome text { text } planVersion { number }
  mandates { id holder kinds startsOn endsOn plan { id } grantedBy { number } revokedBy { number } } }`
const errors = 'userErrors { code message path ... on ConflictError { currentVersion } }'

t.test('the register of decisions', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const others = [
    'portfolio_holder@gemeente-maastricht',
    'council_reader@gemeente-maastricht',
    'partner_editor@woonpunt',
    'auditor@gemeente-maastricht',
  ]
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  const refusal = async (statement: string) =>
    client.query(statement).then(
      () => undefined,
      (error: { code: string }) => error.code,
    )

  const record = async (input: object, key = team) =>
    ask<{ decisionRecord: Told }>(
      db,
      key,
      `mutation D($input: DecisionRecordInput!) { decisionRecord(input: $input) { decision { ${shown} } ${errors} } }`,
      {
        input: { ...base, ...input },
      },
    )
  const correct = async (id: string, input: object, key = team) =>
    ask<{ decisionCorrect: Told }>(
      db,
      key,
      `mutation C($id: ID!, $input: DecisionCorrectInput!) { decisionCorrect(id: $id, input: $input) { decision { ${shown} } ${errors} } }`,
      { id, input },
    )
  const base = { reference: 'BW-2025-11-11', body: 'COLLEGE', decidedOn: '2025-11-11', outcome: 'CONFORM', title: 'Besluitenlijst' }

  interface Plans {
    programmePlan: { id: string }
    nazareth: { nodes: { id: string; latestVersion: { id: string; version: number } }[] }
    seed: { nodes: { points: { planVersion: { id: string } | null; mandates: { id: string; plan: { id: string } }[] }[] }[] }
  }
  const { data } = await ask<Plans>(
    db,
    team,
    `{ nazareth: executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { id latestVersion { id version } } }
      seed: decisions(where: { type: { eq: MANDATE_GRANT } }) { nodes { points { planVersion { id } mandates { id plan { id } } } } } }`,
  )
  const nazareth = data.nazareth.nodes[0] as Plans['nazareth']['nodes'][0]
  const held = data.seed.nodes[0]?.points[1]?.mandates[0] as { id: string; plan: { id: string } }
  const programmePlan = held.plan.id

  t.test('S02, S03: one decision has numbered points, each with what it does and what came of it', async (t) => {
    const points = [
      { type: 'ADOPTION', text: 'Het uitvoeringsplan Nazareth vast te stellen', planVersionId: nazareth.latestVersion.id },
      {
        type: 'MANDATE_GRANT',
        text: 'Te mandateren voor accenten',
        grants: { planId: programmePlan, kinds: ['ACCENT', 'ACCENT'], endsOn: '2026-11-11' },
      },
      { type: 'MANDATE_GRANT', outcome: 'REJECTED', text: 'Te mandateren voor alles' },
      { type: 'TAKEN_NOTE', outcome: 'HELD_OVER', text: 'Kennis te nemen van de voortgang' },
      { type: 'EXTENSION', text: 'Het programma te verlengen' },
    ]
    for (const role of others) t.equal((await record({ points }, keys[role])).errors?.[0]?.extensions.code, 'FORBIDDEN', role)

    const told = (await record({ points })).data.decisionRecord
    t.match(told, {
      decision: {
        version: 1,
        viewerCanCorrect: true,
        points: [
          { number: 1, type: 'ADOPTION', outcome: 'CONFORM', planVersion: { number: 1 }, mandates: [] },
          {
            number: 2,
            outcome: 'CONFORM',
            mandates: [
              { holder: 'PORTFOLIO_HOLDER', kinds: ['ACCENT'], startsOn: '2025-11-11', endsOn: '2026-11-11', grantedBy: { number: 2 } },
            ],
          },
          { number: 3, outcome: 'REJECTED', mandates: [] },
          { number: 4, outcome: 'HELD_OVER' },
          { number: 5, type: 'EXTENSION' },
        ],
      },
      userErrors: [],
    })
    t.match((await record({ points })).data.decisionRecord, {
      decision: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'reference'] }],
    })
    const asPublic = await ask(
      db,
      undefined,
      `query D($id: ID!) { decision(id: $id) { reference viewerCanCorrect points { number planVersion { id } mandates { kinds } } } }`,
      { id: told.decision?.id },
    )
    t.match(asPublic.data, {
      decision: { viewerCanCorrect: false, points: [{ number: 1, planVersion: null }, { mandates: [{ kinds: ['ACCENT'] }] }, {}, {}, {}] },
    })
    t.match(
      (
        await ask(
          db,
          undefined,
          '{ decisions(where: { body: { eq: COLLEGE }, type: { in: [TAKEN_NOTE] }, decidedOn: { gte: "2025-11-01", lte: "2025-11-30" } }) { totalCount nodes { reference } } }',
        )
      ).data,
      { decisions: { totalCount: 1, nodes: [{ reference: 'BW-2025-11-11' }] } },
    )
  })

  t.test('S03: a point has what its type needs and nothing else, and all that is wrong is told at once', async (t) => {
    const refused = async (points: object[], input: object = {}) =>
      (await record({ reference: 'FOUT', ...input, points })).data.decisionRecord.userErrors.map(
        ({ code, path }) => `${code} ${path.slice(1).join('.')}`,
      )
    const grants = { planId: programmePlan, kinds: ['CHANGE'] }
    t.same(
      await refused(
        [
          { type: 'ADOPTION', text: 'a' },
          { type: 'TAKEN_NOTE', text: 'b', planVersionId: nazareth.latestVersion.id },
          { type: 'MANDATE_GRANT', text: 'c' },
          { type: 'MANDATE_GRANT', outcome: 'REJECTED', text: 'd', grants },
          { type: 'MANDATE_REVOKE', text: 'e' },
          { type: 'ADOPTION', text: 'f', planVersionId: held.id },
          { type: 'MANDATE_GRANT', text: 'g', grants: { ...grants, planId: nazareth.id, startsOn: '2998-01-01', endsOn: '2998-01-01' } },
        ],
        { decidedOn: '2999-01-01' },
      ),
      [
        'BAD_USER_INPUT decidedOn',
        'BAD_USER_INPUT points.0.planVersionId',
        'BAD_USER_INPUT points.1.planVersionId',
        'BAD_USER_INPUT points.2.grants',
        'BAD_USER_INPUT points.3.grants',
        'BAD_USER_INPUT points.4.revokes',
        'NOT_FOUND points.5.planVersionId',
        'BAD_USER_INPUT points.6.grants.planId',
        'BAD_USER_INPUT points.6.grants.startsOn',
        'BAD_USER_INPUT points.6.grants.endsOn',
      ],
    )
    t.same(await refused([]), ['BAD_USER_INPUT points'])
    t.same(await refused([{ type: 'MANDATE_GRANT', text: 'h', grants: { ...grants, kinds: [] } }]), [
      'BAD_USER_INPUT points.0.grants.kinds',
    ])
    t.match((await ask(db, team, '{ decisions(first: 100) { nodes { reference } } }')).raw, /BW-2025/)
    t.notMatch((await ask(db, team, '{ decisions(first: 100) { nodes { reference } } }')).raw, /FOUT/, 'nothing of it is on record')
  })

  t.test('S03: a plan is adopted by a point on record that adopts it, and by no other', async (t) => {
    const pointOf = async (reference: string, point: object) => {
      const told = (await record({ reference, points: [{ text: 'x', ...point }] })).data.decisionRecord
      return told.decision?.points[0]?.id
    }
    const adopt = async (decisionPointId: string | undefined) =>
      (
        await ask<{ planAdopt: Told & { plan: object | null } }>(
          db,
          team,
          `mutation A($id: ID!, $input: PlanAdoptInput!) { planAdopt(id: $id, input: $input) { plan { inForce { adoptedBy { decision { reference } } } } ${errors} } }`,
          { id: nazareth.id, input: { expectedVersion: nazareth.latestVersion.version, decisionPointId } },
        )
      ).data.planAdopt
    const about = { planVersionId: nazareth.latestVersion.id }
    const notThis = { plan: null, userErrors: [{ code: 'DECISION_REQUIRED', path: ['input', 'decisionPointId'] }] }
    t.match(await adopt(await pointOf('AANGEHOUDEN', { type: 'ADOPTION', outcome: 'HELD_OVER', ...about })), notThis)
    t.match(await adopt(await pointOf('KENNIS', { type: 'TAKEN_NOTE' })), notThis)
    const programmes = data.seed.nodes[0]?.points[0]?.planVersion?.id
    t.match(await adopt(await pointOf('ANDER', { type: 'ADOPTION', planVersionId: programmes })), notThis)
    t.match(await adopt(await pointOf('NAZARETH', { type: 'ADOPTION', ...about })), { userErrors: [], plan: {} })
    const { rows } = await client.query(
      `select count(*)::int as count from plan_version where state = 'ADOPTED' and id = (select plan_version_id from decision_point p join decision d on d.id = p.decision_id where d.reference = 'NAZARETH')`,
    )
    t.same(rows, [{ count: 1 }])
  })

  t.test('S04: a mandate is taken back by a decision, once, from the day of that decision or later', async (t) => {
    const revoke = async (reference: string, revokes: object, input: object = {}) =>
      (await record({ reference, ...input, points: [{ type: 'MANDATE_REVOKE', text: 'In te trekken', revokes }] })).data.decisionRecord
    const at = (field: string) => ['input', 'points', '0', 'revokes', field]
    t.match(await revoke('R1', { mandateId: nazareth.id }), { userErrors: [{ code: 'NOT_FOUND', path: at('mandateId') }] })
    t.match(await revoke('R1', { mandateId: held.id, endsOn: '2025-11-10' }), {
      userErrors: [{ code: 'BAD_USER_INPUT', path: at('endsOn') }],
    })
    const holds = async (on: string) =>
      (
        await ask<{ plan: { mandates: { id: string }[] } }>(
          db,
          undefined,
          `{ plan(id: "${programmePlan}") { mandates(on: "${on}") { id } } }`,
        )
      ).data.plan.mandates.some(({ id }) => id === held.id)
    t.ok(await holds('2026-03-01'))
    t.match(await revoke('R1', { mandateId: held.id, endsOn: '2026-01-01' }), {
      decision: { points: [{ type: 'MANDATE_REVOKE' }] },
      userErrors: [],
    })
    t.same(
      [await holds('2025-06-23'), await holds('2025-06-24'), await holds('2025-12-31'), await holds('2026-01-01')],
      [false, true, true, false],
    )
    t.match(await revoke('R2', { mandateId: held.id }), { userErrors: [{ code: 'CONFLICT', path: at('mandateId') }] })
    const history = await ask(
      db,
      undefined,
      `{ node(id: "${held.id}") { ... on Mandate { endsOn revokedBy { decision { reference } } history { totalCount } } } }`,
    )
    t.match(history.data, { node: { endsOn: '2026-01-01', revokedBy: { decision: { reference: 'R1' } }, history: { totalCount: 2 } } })
  })

  t.test('S62: what was recorded wrongly of a decision is corrected, and what it said is kept', async (t) => {
    const made = (await record({ reference: 'TYPFUOT', decidedOn: '2025-11-20', points: [{ type: 'TAKEN_NOTE', text: 'x' }] })).data
      .decisionRecord.decision
    const id = made?.id as string
    const change = { expectedVersion: 1, reference: 'TYPFOUT', decidedOn: '2024-11-20', title: 'Zonder typfout' }
    for (const role of others) t.equal((await correct(id, change, keys[role])).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    t.match((await correct(id, { ...change, decidedOn: '2999-01-01', reference: 'R1' })).data.decisionCorrect, {
      decision: null,
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'decidedOn'] },
        { code: 'CONFLICT', path: ['input', 'reference'] },
      ],
    })
    t.match((await correct(held.id, change)).data.decisionCorrect, { userErrors: [{ code: 'NOT_FOUND', path: ['id'] }] })
    t.match((await correct(id, change)).data.decisionCorrect, {
      decision: { version: 2, reference: 'TYPFOUT', decidedOn: '2024-11-20' },
      userErrors: [],
    })
    t.match((await correct(id, change)).data.decisionCorrect, { userErrors: [{ code: 'VERSION_CONFLICT' }] })
    t.match((await correct(id, { ...change, expectedVersion: 2 })).data.decisionCorrect, { decision: { version: 2 } }, 'nothing changed')
    const asPublic = await ask(
      db,
      undefined,
      `{ decision(id: "${id}") { decidedOn history { nodes { version changes { field before after } } } } }`,
    )
    t.match(asPublic.data, {
      decision: {
        history: {
          nodes: [
            {
              version: 2,
              changes: [
                { field: 'decidedOn', before: '2025-11-20', after: '2024-11-20' },
                { field: 'reference', before: 'TYPFUOT', after: 'TYPFOUT' },
                { field: 'title' },
              ],
            },
            { version: 1 },
          ],
        },
      },
    })
    const grants = { planId: programmePlan, kinds: ['CHANGE'] }
    const granting = (await record({ reference: 'MANDAAT', points: [{ type: 'MANDATE_GRANT', text: 'x', grants }] })).data.decisionRecord
      .decision
    t.match((await correct(granting?.id as string, { expectedVersion: 1, decidedOn: '2025-11-12' })).data.decisionCorrect, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'decidedOn'] }],
    })
  })

  t.test('the database itself refuses a mandate that no decision grants or takes back, and a decision still to come', async (t) => {
    const grant = (point: string, plan: string, startsOn: string) =>
      `insert into mandate (id, decision_point_id, plan_id, holder, kinds, starts_on) select gen_random_uuid(), p.id, l.id, 'PORTFOLIO_HOLDER', '{CHANGE}', '${startsOn}'
        from (select p.id from decision_point p where ${point} limit 1) p, (select id from plan where kind = '${plan}' limit 1) l`
    t.equal(await refusal(grant(`type = 'ADOPTION'`, 'PROGRAMME_PLAN', '2026-01-01')), '23514')
    t.equal(await refusal(grant(`type = 'MANDATE_GRANT' and outcome = 'REJECTED'`, 'PROGRAMME_PLAN', '2026-01-01')), '23514')
    t.equal(await refusal(grant(`type = 'MANDATE_GRANT' and outcome = 'CONFORM'`, 'EXECUTION_PLAN', '2026-01-01')), '23514')
    t.equal(await refusal(grant(`type = 'MANDATE_GRANT' and outcome = 'CONFORM'`, 'PROGRAMME_PLAN', '2025-01-01')), '23514')
    t.equal(await refusal(`update mandate set ends_on = '2025-12-01' where revoked_by_id is null`), 'SP409')
    t.equal(await refusal(`update mandate set ends_on = null where revoked_by_id is not null`), 'SP409')
    t.equal(
      await refusal(`update mandate set ends_on = '2025-12-01', revoked_by_id = decision_point_id where revoked_by_id is null`),
      'SP409',
    )
    t.equal(await refusal(`update decision set decided_on = '2999-01-01'`), '23514')
    t.equal(await refusal(`update decision set decided_on = '2025-11-12' where reference = 'MANDAAT'`), '23514')
    t.equal(await refusal(`update decision_point set outcome = 'CONFORM'`), 'SP409')
  })
})
