import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  action: (Shown & { plan: { id: string } }) | null
  userErrors: { code: string; path: string[] }[]
}
interface Shown {
  id: string
  ref: string
  title: { text: string }
  kind: string
  scale: string
  crossDomain: boolean
  planned: object
  status: string
  lead: { slug: string }
  contributors: { slug: string }[]
  pillars: object[]
  themes: object[]
  sdgs: object[]
  results: object[]
  statusReports: { totalCount: number }
  relations: { nodes: { kind: string; relatedAction: { ref: string } }[] }
  relationsFromOthers: { nodes: { kind: string; action: { ref: string } }[] }
}

const fields = `id ref title { text } kind scale crossDomain planned { startsOn endsOn } status lead { slug } contributors { slug }
  pillars { code } themes { code } sdgs { number } results { code } statusReports { totalCount }
  relations { nodes { kind relatedAction { ref } } } relationsFromOthers { nodes { kind action { ref } } }`

t.test('carrying an action over to the next plan', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const see = async (ref: string, key: string | undefined = team) =>
    (await ask<{ action: Shown }>(db, key, `query S($ref: String) { action(ref: $ref) { ${fields} } }`, { ref })).data.action
  const carry = (key: string | undefined, id: string, input: object) =>
    ask<{ actionCarryOver: Told }>(
      db,
      key,
      `mutation C($id: ID!, $input: ActionCarryOverInput!) { actionCarryOver(id: $id, input: $input) { action { ${fields} plan { id } } userErrors { code path } } }`,
      { id, input },
    )
  const draftOf = async (neighbourhood: string) =>
    (
      await ask<{ planCreate: { plan: { id: string } } }>(
        db,
        team,
        `mutation P($n: String) { planCreate(input: { kind: EXECUTION_PLAN, title: "Volgend plan", neighbourhood: $n,
          term: { startsOn: "2027-01-01", endsOn: "2028-12-31" } }) { plan { id } userErrors { code message } } }`,
        { n: neighbourhood },
      )
    ).data.planCreate.plan.id
  const [planId, nazareth] = [await draftOf('pottenberg'), await draftOf('nazareth')]
  const before = await see('POT-2025-01')

  t.test('invariant 8: it makes a new action that CONTINUES the old, with what was agreed; the history is not moved', async (t) => {
    const { action, userErrors } = (await carry(team, before.id, { planId, ref: 'POT-2027-01' })).data.actionCarryOver
    t.same(userErrors, [])
    const { title, kind, scale, crossDomain, planned, pillars, themes, sdgs, results } = before
    t.match(action, {
      ref: 'POT-2027-01',
      plan: { id: planId },
      status: 'PIPELINE',
      statusReports: { totalCount: 0 },
      relations: { nodes: [{ kind: 'CONTINUES', relatedAction: { ref: 'POT-2025-01' } }] },
      ...{ title, kind, scale, crossDomain, planned, pillars, themes, sdgs, results },
    })
    const after = await see('POT-2025-01')
    t.same({ ...after, relationsFromOthers: before.relationsFromOthers }, before)
    t.match(after.relationsFromOthers.nodes, [{ kind: 'CONTINUES', action: { ref: 'POT-2027-01' } }])
    t.ok(before.statusReports.totalCount > 0)
    const { data } = await ask<{ action: { participations: object[] } }>(
      db,
      team,
      '{ action(ref: "POT-2027-01") { participations { role startsOn organisation { slug } } } }',
    )
    t.match(data.action.participations, [
      { startsOn: '2027-01-01', role: 'LEAD', organisation: before.lead },
      ...before.contributors.map(() => ({ role: 'CONTRIBUTING' })),
    ])
  })

  t.test('invariant 8: refused twice for the same plan, also to two at once, and nothing is made', async (t) => {
    t.match((await carry(team, before.id, { planId, ref: 'POT-2027-02' })).data.actionCarryOver, {
      action: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'planId'] }],
    })
    const { id } = await see('POT-2025-02')
    const both = await Promise.all(['POT-2027-03', 'POT-2027-04'].map((ref) => carry(team, id, { planId, ref })))
    t.same(both.map(({ data }) => data.actionCarryOver.userErrors[0]?.code ?? 'done').sort(), ['CONFLICT', 'done'])
    t.equal(await see('POT-2027-02'), null)
  })

  t.test(
    'invariant 8: no second action of a plan continues an action by another way, by its verb or in SQL; one of another plan does, and one after it ended',
    async (t) => {
      const { id: second } = (await carry(team, (await see('POT-2025-05')).id, { planId, ref: 'POT-2027-08' })).data.actionCarryOver
        .action as Shown
      const { data } = await ask<{ actionRelate: { userErrors: object[] } }>(
        db,
        team,
        `mutation R($id: ID!, $other: ID!) { actionRelate(actionId: $id, input: { kind: CONTINUES, relatedActionId: $other }) { userErrors { code path } } }`,
        { id: second, other: before.id },
      )
      t.match(data.actionRelate.userErrors, [{ code: 'CONFLICT', path: ['input', 'relatedActionId'] }])
      const superuser = new pg.Client({ connectionString: db.superuserUrl })
      await superuser.connect()
      t.teardown(() => superuser.end())
      const insert = `insert into action_relation (id, action_id, kind, related_action_id, plan_id)
      select gen_random_uuid(), f.id, 'CONTINUES', r.id, r.plan_id from action f, action r where f.ref = $1 and r.ref = 'POT-2025-01'`
      const refused = { code: '23505', constraint: 'action_relation_continued_once' }
      await t.rejects(superuser.query(insert, ['POT-2027-08']), refused, 'whatever plan it says it is of')
      await superuser.query(insert, ['NAZ-2025-01'])
      const ended = `update action_relation r set ended_on = today() from action f, action o
      where f.id = r.action_id and o.id = r.related_action_id and f.ref = $1 and o.ref = 'POT-2025-01'`
      await superuser.query(ended, ['POT-2027-01'])
      await superuser.query(insert, ['POT-2027-08'])
      for (const ref of ['POT-2027-08', 'NAZ-2025-01']) await superuser.query(ended, [ref])
      await superuser.query(insert, ['POT-2027-01'])
    },
  )

  t.test('invariant 8: only to the draft of a later plan of its neighbourhood, under a key of its own, with a lead', async (t) => {
    const { id } = await see('POT-2025-03')
    const told = async (input: object) =>
      (await carry(team, id, input)).data.actionCarryOver.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await told({ planId: nazareth, ref: 'POT-2027-05' }), ['BAD_USER_INPUT input.planId'])
    t.same(await told({ planId: 'nothing', ref: 'POT-2027-05' }), ['NOT_FOUND input.planId'])
    t.same(await told({ planId, ref: 'POT-2027-01' }), ['CONFLICT input.ref'])
    t.same(await told({ planId, ref: 'not a ref' }), ['BAD_USER_INPUT input.ref'])
    t.same(await told({ planId, ref: 'POT-2027-05', lead: 'nobody' }), ['BAD_USER_INPUT input.lead'])
    t.same(await told({ planId, ref: 'POT-2027-05', lead: 'trajekt' }), [])
    const { data } = await carry(team, (await see('POT-2027-05')).id, { planId, ref: 'POT-2027-06' })
    t.match(data.actionCarryOver.userErrors, [{ code: 'BAD_USER_INPUT' }], 'not within a plan')
  })

  t.test('invariant 8: it is for the programme team alone; the public sees neither the new action nor its relation', async (t) => {
    const { id } = await see('POT-2025-04')
    for (const key of [keys['partner_editor@woonpunt'], keys['portfolio_holder@gemeente-maastricht']]) {
      const refused = (await carry(key, id, { planId, ref: 'POT-2027-07' })) as unknown as { errors: { extensions: { code: string } }[] }
      t.equal(refused.errors[0]?.extensions.code, 'FORBIDDEN')
    }
    const open = (
      await ask<{ old: Shown; new: Shown | null }>(
        db,
        undefined,
        `{ old: action(ref: "POT-2025-01") { ${fields} } new: action(ref: "POT-2027-01") { id } }`,
      )
    ).data
    t.same([open.old.relationsFromOthers.nodes, open.new], [[], null])
  })
})
