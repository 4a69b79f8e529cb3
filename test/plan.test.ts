import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Version {
  id: string
  number: number
  state: string
  version: number
}
interface Plan {
  id: string
  latestVersion: Version
  versions: Version[]
}
interface Told {
  plan: Plan | null
  planVersion?: Version
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}

const shown = `id viewerCanStartDraft term { startsOn endsOn } latestVersion { id number state version ambitions { text } guidingPrinciples { position text { text } }
  basedOn { number } viewerCanEdit viewerCanSubmit viewerCanReturn viewerCanAdopt viewerCanWithdraw } versions { id number state version }`
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('plans', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const others = ['partner_editor@woonpunt', 'portfolio_holder@gemeente-maastricht', 'council_reader@gemeente-maastricht']
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  const refusal = async (statement: string) =>
    client.query(statement).then(
      () => undefined,
      async (error: { code: string }) => {
        await client.query('rollback')
        return error.code
      },
    )

  const create = async (input: object, key = team) =>
    ask<{ planCreate: Told }>(
      db,
      key,
      `mutation P($input: PlanCreateInput!) { planCreate(input: $input) { plan { ${shown} } ${errors} } }`,
      {
        input,
      },
    )
  /** A verb on a plan as it stands: the `version` of its latest version unless another is named. */
  const verb = async (name: string, plan: Plan, input: object = {}, key = team) => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const { data, errors: faults } = await ask<Record<string, Told>>(
      db,
      key,
      `mutation V($id: ID!, $input: ${type}!) { ${name}(id: $id, input: $input) { plan { ${shown} } ${errors} } }`,
      { id: plan.id, input: { expectedVersion: plan.latestVersion.version, ...input } },
    )
    return { ...data?.[name], code: faults?.[0]?.extensions.code } as Told & { code?: string }
  }
  const edit = async ({ id, version }: Version, input: object, key = team) => {
    const { data, errors: faults } = await ask<{ planVersionEdit: Told }>(
      db,
      key,
      `mutation E($id: ID!, $input: PlanVersionEditInput!) { planVersionEdit(id: $id, input: $input)
        { planVersion { id number state version ambitions { text } guidingPrinciples { position text { text } } } ${errors} } }`,
      { id, input: { expectedVersion: version, ...input } },
    )
    return { ...data?.planVersionEdit, code: faults?.[0]?.extensions.code }
  }
  const decision = (reference: string) => ({
    decision: { reference, body: 'COLLEGE', decidedOn: '2025-11-04', outcome: 'CONFORM', title: 'Besluit', text: 'Vast te stellen' },
  })
  const done = async (told: Promise<Told>): Promise<Plan> => {
    const { plan, userErrors } = await told
    if (!plan) throw new Error(JSON.stringify(userErrors))
    return plan
  }
  const planOf = async (neighbourhood: string) =>
    (
      await ask<{ executionPlans: { nodes: Plan[] } }>(
        db,
        team,
        `{ executionPlans(where: { neighbourhood: { eq: "${neighbourhood}" }, year: { eq: 2025 } }) { nodes { ${shown} } } }`,
      )
    ).data.executionPlans.nodes[0] as Plan

  t.test('S16 what was in force is asked of any day: not before its first, not after its term', async (t) => {
    const neighbourhood = async (key?: string) =>
      (
        await ask<{ neighbourhood: Record<string, object | null> }>(
          db,
          key,
          `{ neighbourhood(slug: "pottenberg") {
            before: planInForce(on: "2025-10-06") { id } first: planInForce(on: "2025-10-07") { inForce(on: "2025-10-07") { number } early: inForce(on: "2025-10-06") { number } }
            last: planInForce(on: "2026-12-31") { inForce(on: "2026-12-31") { number } } after: planInForce(on: "2027-01-01") { id } unsaid: planInForce(on: null) { id } today: planInForce { id } } }`,
        )
      ).data.neighbourhood
    const told = await neighbourhood()
    t.match(told, { before: null, first: { inForce: { number: 1 }, early: null }, last: { inForce: { number: 1 } }, after: null })
    t.same(told.unsaid, told.today)
    t.same(await neighbourhood(team), told)

    const agenda = '{ strategicAgenda(on: "2027-06-01") { inForce(on: "2027-06-01") { number } } }'
    t.match((await ask(db, undefined, agenda)).data, { strategicAgenda: null }, 'of a plan that is hidden nothing was ever in force')
  })

  const next = { kind: 'EXECUTION_PLAN', title: 'Uitvoeringsplan Pottenberg 2027-2028', neighbourhood: 'pottenberg' }
  const term = (from: number, to: number) => ({ startsOn: `${from}-01-01`, endsOn: `${to}-12-31` })

  t.test('S17, S23, invariant 1, invariant 2, invariant 3: what plans there may be, and all that is wrong told at once', async (t) => {
    const refused = async (input: object) =>
      (await create(input)).data.planCreate.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await refused({ ...next, term: term(2027, 2027) }), ['BAD_USER_INPUT input.term'], 'two years, not one')
    t.same(
      await refused({ ...next, term: { startsOn: '2027-02-01', endsOn: '2029-01-31' } }),
      ['BAD_USER_INPUT input.term'],
      'calendar years',
    )
    t.same(await refused({ ...next, neighbourhood: null, term: term(2027, 2029) }), [
      'BAD_USER_INPUT input.term',
      'BAD_USER_INPUT input.neighbourhood',
    ])
    t.same(await refused({ ...next, term: term(2026, 2027) }), ['PLAN_OVERLAP input.term'])
    t.same(await refused({ ...next, neighbourhood: 'mars', term: term(2044, 2045) }), [
      'BAD_USER_INPUT input.term',
      'NOT_FOUND input.neighbourhood',
    ])
    await client.query(`insert into neighbourhood (id, slug, name) values (gen_random_uuid(), 'wyck', 'Wyck')`)
    t.same(
      await refused({ ...next, neighbourhood: 'wyck', term: term(2027, 2028) }),
      ['BAD_USER_INPUT input.neighbourhood'],
      'not enrolled',
    )
    const agenda = { kind: 'STRATEGIC_AGENDA', title: 'Strategische agenda' }
    t.same(await refused({ ...agenda, term: term(2030, 2033) }), ['BAD_USER_INPUT input.term'])
    t.same(await refused({ ...agenda, term: term(2028, 2032) }), ['PLAN_OVERLAP input.term'])
    t.same(await refused({ ...agenda, term: term(2030, 2034), neighbourhood: 'nazareth' }), ['BAD_USER_INPUT input.neighbourhood'])
    for (const role of others)
      t.equal((await create({ ...next, term: term(2027, 2028) }, keys[role])).errors?.[0]?.extensions.code, 'FORBIDDEN', role)
    t.match((await create({ ...agenda, term: term(2030, 2034) })).data.planCreate, {
      plan: { term: { startsOn: '2030-01-01' }, latestVersion: { number: 1, state: 'DRAFT' } },
      userErrors: [],
    })

    const insert = (
      from: string,
      to: string,
      slug: string,
    ) => `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
      select gen_random_uuid(), p.id, 'EXECUTION_PLAN', n.id, '{"source":"nl","nl":"x"}', '${from}', '${to}' from programme p, neighbourhood n where n.slug = '${slug}'`
    t.equal(await refusal(insert('2027-01-01', '2027-12-31', 'pottenberg')), '23514')
    t.equal(await refusal(insert('2026-01-01', '2027-12-31', 'pottenberg')), '23P01')
    t.equal(await refusal(insert('2044-01-01', '2045-12-31', 'pottenberg')), '23514')
    t.equal(await refusal(insert('2027-01-01', '2028-12-31', 'wyck')), '23514')
  })

  t.test('S16 a plan goes from draft to decision, back to be changed, and away, by the programme team alone', async (t) => {
    let plan = await done(create({ ...next, term: term(2027, 2028) }).then(({ data }) => data.planCreate))
    const hidden = await ask(db, undefined, `{ plan(id: "${plan.id}") { id } }`)
    t.match(hidden.data, { plan: null }, 'the public knows no draft')
    const partner = await ask(db, keys['partner_reader@trajekt'], `{ plan(id: "${plan.id}") { latestVersion { state viewerCanEdit } } }`)
    t.match(partner.data, { plan: { latestVersion: { state: 'DRAFT', viewerCanEdit: false } } })
    t.match(plan, {
      viewerCanStartDraft: false,
      latestVersion: { viewerCanEdit: true, viewerCanSubmit: true, viewerCanReturn: false, viewerCanAdopt: false, viewerCanWithdraw: true },
    })

    t.match(await edit(plan.latestVersion, { ambitions: 'Nieuwe ambities' }), {
      planVersion: { state: 'DRAFT', version: 2, ambitions: { text: 'Nieuwe ambities' } },
      userErrors: [],
    })
    t.match(await edit(plan.latestVersion, { ambitions: 'Te laat' }), { userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 2 }] })
    t.match(
      await edit({ ...plan.latestVersion, version: 2 }, { ambitions: 'Nieuwe ambities' }),
      { planVersion: { version: 2 } },
      'nothing changed',
    )
    for (const role of others) t.equal((await edit(plan.latestVersion, { ambitions: 'x' }, keys[role])).code, 'FORBIDDEN', role)

    plan = await done(verb('planSubmit', { ...plan, latestVersion: { ...plan.latestVersion, version: 2 } }))
    t.match(plan.latestVersion, {
      state: 'SUBMITTED',
      viewerCanEdit: false,
      viewerCanReturn: true,
      viewerCanAdopt: true,
      viewerCanWithdraw: true,
    })
    t.match(await edit(plan.latestVersion, { ambitions: 'Anders' }), { userErrors: [{ code: 'PLAN_STATE', path: ['id'] }] })
    for (const name of ['planReturn', 'planWithdraw', 'planDraftStart'])
      for (const role of others) t.equal((await verb(name, plan, {}, keys[role])).code, 'FORBIDDEN', `${name} ${role}`)
    t.match(await verb('planReturn', plan, { expectedVersion: 1 }), {
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
    })
    plan = await done(verb('planReturn', plan, { reason: 'De begroting ontbreekt' }))
    t.match(plan.latestVersion, { state: 'RETURNED', viewerCanEdit: true, viewerCanSubmit: false, viewerCanWithdraw: false })
    t.match(await verb('planSubmit', plan), { userErrors: [{ code: 'PLAN_STATE' }] }, 'what was returned is changed first')
    t.match(await verb('planWithdraw', plan), { userErrors: [{ code: 'PLAN_STATE' }] })

    t.match(await edit(plan.latestVersion, { ambitions: 'Met begroting' }), {
      planVersion: { state: 'DRAFT', ambitions: { text: 'Met begroting' } },
    })
    plan = await done(verb('planWithdraw', { ...plan, latestVersion: { ...plan.latestVersion, version: plan.latestVersion.version + 1 } }))
    t.match(plan, { viewerCanStartDraft: true, latestVersion: { state: 'WITHDRAWN', viewerCanWithdraw: false } })
    t.match(await edit(plan.latestVersion, { ambitions: 'x' }), { userErrors: [{ code: 'PLAN_STATE' }] })
    t.match(await verb('planDraftStart', plan), {
      plan: { latestVersion: { number: 2, state: 'DRAFT', ambitions: { text: 'Met begroting' }, basedOn: { number: 1 } } },
    })
    const trail = await ask<{ auditTrail: { nodes: { operation: string; after: string }[] } }>(
      db,
      team,
      '{ auditTrail(first: 20) { nodes { operation after } } }',
    )
    t.match(
      trail.data.auditTrail.nodes.find(({ operation }) => operation === 'planReturn'),
      { after: /De begroting ontbreekt/ },
    )
    const history = await ask<{ node: { history: { nodes: { changes: object[] }[] } } }>(
      db,
      team,
      `{ node(id: "${plan.latestVersion.id}") { ... on PlanVersion { history { nodes { changes { field before after } } } } } }`,
    )
    t.match(history.data.node.history.nodes[0]?.changes, [{ field: 'state', before: 'DRAFT', after: 'WITHDRAWN' }])
  })

  t.test('the database itself refuses steps that are none, changes of what is frozen, and two versions under way', async (t) => {
    const of = (state: string) => `where id = (select id from plan_version where state = '${state}' limit 1)`
    t.equal(await refusal(`update plan_version set state = 'DRAFT' ${of('SUBMITTED')}`), 'SP412')
    t.equal(await refusal(`update plan_version set state = 'EXPIRED' ${of('ADOPTED')}`), 'SP412', 'nobody writes that a version expired')
    t.equal(await refusal(`update plan_version set state = 'DRAFT' ${of('WITHDRAWN')}`), 'SP412')
    t.equal(await refusal(`update plan_version set guiding_principles = '[{"source":"nl","nl":"x"}]' ${of('SUBMITTED')}`), 'SP409')
    t.equal(await refusal(`update plan_version set guiding_principles = '["x"]' ${of('DRAFT')}`), '23514')
    t.equal(await refusal(`update plan_version set based_on_id = id ${of('DRAFT')}`), 'SP409')
    t.equal(
      await refusal(
        `insert into plan_version (id, plan_id, number) select gen_random_uuid(), plan_id, 9 from plan_version ${of('SUBMITTED')}`,
      ),
      '23P01',
    )
    t.equal(
      await refusal(`insert into plan_version (id, plan_id, number, based_on_id) select gen_random_uuid(), v.plan_id, 9, (select o.id from plan_version o where o.plan_id <> v.plan_id limit 1)
        from plan_version v where v.state = 'ADOPTED' limit 1`),
      '23503',
      'based on a version of another plan',
    )
  })

  t.test('a draft begins with what is agreed, actions and all, and counts from the day it is adopted for', async (t) => {
    const before = await planOf('pottenberg')
    t.match(before, { viewerCanStartDraft: true, latestVersion: { state: 'ADOPTED' } })
    t.match(await verb('planDraftStart', before, { expectedVersion: 1 }), {
      plan: { id: before.id },
      userErrors: [{ code: 'VERSION_CONFLICT' }],
    })
    const [one, two] = await Promise.all([verb('planDraftStart', before), verb('planDraftStart', before)])
    t.same(
      [one, two].flatMap(({ userErrors }) => userErrors.map(({ code }) => code)),
      ['PLAN_STATE'],
      'of two who begin at once, one',
    )
    let plan = await planOf('pottenberg')
    t.match(plan, { viewerCanStartDraft: false, latestVersion: { number: 2, state: 'DRAFT', basedOn: { number: 1 } } })

    const agreed =
      '{ actions(first: 1, where: { neighbourhood: { eq: "pottenberg" } }) { nodes { id title { text } pillars { code } draft { version title { text } } } } }'
    interface Agreed {
      actions: { nodes: { id: string; title: { text: string }; draft: { version: number; title: { text: string } } }[] }
    }
    const action = (await ask<Agreed>(db, team, agreed)).data.actions.nodes[0] as Agreed['actions']['nodes'][0]
    t.same(action.draft.title, action.title)
    const changed = await ask(
      db,
      team,
      'mutation A($id: ID!, $input: ActionEditAgreedInput!) { actionEditAgreed(id: $id, input: $input) { userErrors { code } } }',
      { id: action.id, input: { expectedVersion: action.draft.version, title: 'Een andere titel' } },
    )
    t.match(changed.data, { actionEditAgreed: { userErrors: [] } })
    t.match(
      (await ask(db, undefined, `{ action(id: "${action.id}") { title { text } } }`)).data,
      { action: { title: action.title } },
      'what is in force still holds',
    )

    plan = await done(verb('planSubmit', plan))
    t.match(await verb('planAdopt', plan, { ...decision('TEST-EERDER'), effectiveFrom: '2025-10-06' }), {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'effectiveFrom'] }],
    })
    plan = await done(verb('planAdopt', plan, { ...decision('TEST-V2'), effectiveFrom: '2026-02-01' }))
    t.match(plan.versions, [{ state: 'SUPERSEDED' }, { state: 'ADOPTED' }])
    const asPublic = await ask(
      db,
      undefined,
      `{ plan(id: "${plan.id}") { on31: inForce(on: "2026-01-31") { number } on1: inForce(on: "2026-02-01") { number } } action(id: "${action.id}") { title { text } pillars { code } } }`,
    )
    t.match(asPublic.data, { plan: { on31: { number: 1 }, on1: { number: 2 } }, action: { title: { text: 'Een andere titel' } } })
    const { rows } =
      await client.query(`select (select count(*) from agreed_action_pillar l join agreed_action g on g.id = l.agreed_action_id join plan_version v on v.id = g.plan_version_id and v.number = n
        and v.plan_id = (select plan_id from plan_version where number = 2 and state = 'ADOPTED')) as count
      from generate_series(1, 2) n`)
    t.same(rows[0], rows[1], 'every tag is copied')
  })

  t.test(
    'S35 guiding principles are a list of a version: edited in its draft, copied to the next, frozen and hashed with it',
    async (t) => {
      const made = await done(
        create({ ...next, neighbourhood: 'nazareth', title: 'Nazareth 2027-2028', term: term(2027, 2028) }).then(
          ({ data }) => data.planCreate,
        ),
      )
      const guidingPrinciples = ['Samen met bewoners', 'Doen wat nodig is']
      t.match(await edit(made.latestVersion, { guidingPrinciples: ['x', ' '] }), {
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'guidingPrinciples', '1'] }],
      })
      const told = await edit(made.latestVersion, { guidingPrinciples })
      t.match(told.planVersion, {
        version: 2,
        guidingPrinciples: guidingPrinciples.map((text, index) => ({ position: index + 1, text: { text } })),
      })
      let plan = await done(verb('planSubmit', { ...made, latestVersion: { ...made.latestVersion, version: 2 } }))
      const principles = `{ plan(id: "${plan.id}") { latestVersion { guidingPrinciples { text { text } } } } }`
      t.match((await ask(db, undefined, principles)).data, { plan: null })
      plan = await done(verb('planAdopt', plan, decision('TEST-PRINCIPES')))
      t.match((await ask(db, undefined, principles)).data, {
        plan: { latestVersion: { guidingPrinciples: [{}, { text: { text: 'Doen wat nodig is' } }] } },
      })
      t.match(await edit(plan.latestVersion, { guidingPrinciples: [] }), { userErrors: [{ code: 'PLAN_STATE' }] })
      const { rows } = await client.query(
        `select snapshot -> 'guidingPrinciples' as principles from plan_version where guiding_principles <> '[]' and state = 'ADOPTED'`,
      )
      t.match(rows, [{ principles: [{ nl: 'Samen met bewoners' }, { nl: 'Doen wat nodig is' }] }])
      plan = await done(verb('planDraftStart', plan))
      t.match(plan.latestVersion, { number: 2, guidingPrinciples: [{}, { text: { text: 'Doen wat nodig is' } }] })
    },
  )

  t.test('an adopted version whose term is over has expired, which nobody has to write', async (t) => {
    let plan = await done(
      create({ kind: 'PROGRAMME_PLAN', title: 'Een kort plan', term: { startsOn: '2025-01-01', endsOn: '2025-12-30' } }).then(
        ({ data }) => data.planCreate,
      ),
    )
    plan = await done(verb('planSubmit', plan))
    plan = await done(verb('planAdopt', plan, decision('TEST-KORT')))
    t.match(plan, { viewerCanStartDraft: false, latestVersion: { state: 'EXPIRED' } })
    t.match(await verb('planDraftStart', plan), { userErrors: [{ code: 'PLAN_STATE' }] })
    const { data } = await ask(
      db,
      undefined,
      `{ plan(id: "${plan.id}") { inForce { number } once: inForce(on: "2025-12-30") { number } } }`,
    )
    t.match(data, { plan: { inForce: null, once: { number: 1 } } })
  })
})
