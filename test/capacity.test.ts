import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Agreed extends Told {
  capacityAgreement: { id: string; version: number; state: string } | null
}
interface Item extends Told {
  workStockItem: { id: string; version: number } | null
}
interface Shown {
  id: string
  crossDomain: boolean | null
  capacityGap: boolean | null
  viewerCanRequestCapacity: boolean
  capacityAgreements: { unit: string; state: string }[]
  workStockItems: { unit: string; reference: string; endsOn: string | null }[]
}

const agreement = `id version unit managerRole { text } hours fte period { startsOn endsOn } state action { ref capacityGap } viewerCanEdit viewerCanAdvance`
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('capacity for what crosses domains', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']

  const actionAs = async (key: string | undefined, ref = 'POT-2025-04'): Promise<Shown> =>
    (
      await ask<{ action: Shown }>(
        db,
        key,
        `{ action(ref: "${ref}") { id crossDomain capacityGap viewerCanRequestCapacity viewerCanAddWorkStockItem
          capacityAgreements { ${agreement} } workStockItems { id version unit reference endsOn viewerCanEnd } } }`,
      )
    ).data.action
  const { id: actionId } = await actionAs(undefined)
  const request = (key: string | undefined, input: object, id = actionId) =>
    ask<{ capacityAgreementRequest: Agreed }>(
      db,
      key,
      `mutation R($id: ID!, $input: CapacityAgreementRequestInput!) { capacityAgreementRequest(actionId: $id, input: $input) { capacityAgreement { ${agreement} } ${errors} } }`,
      { id, input },
    )
  const edit = async (id: string | undefined, input: object, key = team) =>
    (
      await ask<{ capacityAgreementEdit: Agreed }>(
        db,
        key,
        `mutation E($id: ID!, $input: CapacityAgreementEditInput!) { capacityAgreementEdit(id: $id, input: $input) { capacityAgreement { ${agreement} } ${errors} } }`,
        { id, input },
      )
    ).data.capacityAgreementEdit
  const advance = (id: string | undefined, expectedVersion: number, to: string, key = team) =>
    ask<{ capacityAgreementAdvance: Agreed }>(
      db,
      key,
      `mutation A($id: ID!, $input: CapacityAgreementAdvanceInput!) { capacityAgreementAdvance(id: $id, input: $input) { capacityAgreement { ${agreement} } ${errors} } }`,
      { id, input: { expectedVersion, to, explanation: 'Afgestemd' } },
    )
  const gaps = async (key: string | undefined, gap = true) =>
    (
      await ask<{ actions: { totalCount: number; nodes: { ref: string; crossDomain: boolean }[] } }>(
        db,
        key,
        `{ actions(first: 100, where: { capacityGap: { eq: ${gap} } }) { totalCount nodes { ref crossDomain } } }`,
      )
    ).data.actions

  const asked = { unit: 'Team Wonen', managerRole: 'teammanager Wonen', fte: '0.5', startsOn: '2025-07-01', endsOn: '2026-12-31' }
  const before = await gaps(team)
  const made = (await request(team, asked)).data.capacityAgreementRequest
  const id = made.capacityAgreement?.id

  t.test('S43, invariant 28: a cross-domain action without an agreed capacity agreement is legal and a visible gap', async (t) => {
    t.ok(before.totalCount > 1)
    t.same(
      before.nodes.filter(({ crossDomain }) => !crossDomain),
      [],
    )
    t.match(
      before.nodes.map(({ ref }) => ref),
      ['NAZ-2025-01'],
    )
    t.match(made, {
      capacityAgreement: {
        version: 1,
        unit: 'Team Wonen',
        managerRole: { text: 'teammanager Wonen' },
        hours: null,
        fte: '0.50',
        period: { startsOn: '2025-07-01', endsOn: '2026-12-31' },
        state: 'REQUESTED',
        action: { ref: 'POT-2025-04', capacityGap: true },
        viewerCanEdit: true,
        viewerCanAdvance: true,
      },
      userErrors: [],
    })
    t.match((await advance(id, 1, 'AGREED')).data.capacityAgreementAdvance, {
      capacityAgreement: { version: 2, state: 'AGREED', action: { capacityGap: false }, viewerCanEdit: false, viewerCanAdvance: true },
      userErrors: [],
    })
    t.same(
      (await gaps(team)).nodes,
      before.nodes.filter(({ ref }) => ref !== 'POT-2025-04'),
      'one gap less',
    )
    t.ok((await gaps(team, false)).nodes.some(({ ref }) => ref === 'POT-2025-04'))
    t.match(await actionAs(team, 'POT-2025-01'), { crossDomain: false, capacityGap: false })
  })

  t.test('S43 one state after the other; what was answered stays as it was asked', async (t) => {
    t.match((await advance(id, 1, 'ENDED')).data.capacityAgreementAdvance, {
      capacityAgreement: { state: 'AGREED' },
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: 2 }],
    })
    for (const to of ['REQUESTED', 'REFUSED', 'AGREED']) {
      t.match((await advance(id, 2, to)).data.capacityAgreementAdvance.userErrors, [{ code: 'CAPACITY_STATE', path: ['input', 'to'] }], to)
    }
    t.match(await edit(id, { expectedVersion: 2, fte: '1' }), { userErrors: [{ code: 'IMMUTABLE', path: ['id'] }] })
    t.match((await advance(id, 2, 'ENDED')).data.capacityAgreementAdvance, {
      capacityAgreement: { state: 'ENDED', action: { capacityGap: true }, viewerCanAdvance: false },
    })
    t.match((await advance(id, 3, 'AGREED')).data.capacityAgreementAdvance.userErrors, [{ code: 'CAPACITY_STATE' }])

    const again = (await request(team, { ...asked, fte: undefined, hours: '120' })).data.capacityAgreementRequest.capacityAgreement
    t.match(await edit(again?.id, { expectedVersion: 1, fte: '0.25', endsOn: '2025-06-30' }), {
      capacityAgreement: null,
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'endsOn'] }],
    })
    t.match(await edit(again?.id, { expectedVersion: 1, fte: '0.25' }), { capacityAgreement: { version: 2, hours: null, fte: '0.25' } })
    t.match((await advance(again?.id, 2, 'REFUSED')).data.capacityAgreementAdvance, {
      capacityAgreement: { state: 'REFUSED', action: { capacityGap: true } },
    })
    const { data } = await ask<{ node: object; auditTrail: { nodes: object[] } }>(
      db,
      team,
      `query H($id: ID!) { node(id: $id) { ... on CapacityAgreement { history { nodes { version changes { field before after } } } } }
        auditTrail(first: 1) { nodes { operation subjectType after } } }`,
      { id },
    )
    t.match(data, {
      node: { history: { nodes: [{ changes: [{ field: 'state', before: 'AGREED', after: 'ENDED' }] }, { version: 2 }, { version: 1 }] } },
      auditTrail: { nodes: [{ operation: 'capacityAgreementAdvance', subjectType: 'CapacityAgreement' }] },
    })
  })

  t.test('S43 all that is wrong is told at once, and a manager is a role, not a person', async (t) => {
    const told = async (input: object, of?: string) =>
      (await request(team, input, of)).data.capacityAgreementRequest.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await told({ ...asked, unit: ' ', managerRole: 'j.jansen@maastricht.nl', fte: '0' }), [
      'BAD_USER_INPUT input.unit',
      'BAD_USER_INPUT input.managerRole',
      'BAD_USER_INPUT input.fte',
    ])
    t.same(await told({ ...asked, hours: '1', endsOn: '2025-06-30' }), ['BAD_USER_INPUT input.hours', 'BAD_USER_INPUT input.endsOn'])
    t.same(await told({ ...asked, fte: undefined }), ['BAD_USER_INPUT input.hours'])
    t.same(await told(asked, 'nothing'), ['NOT_FOUND actionId'])
  })

  t.test('S43 the alliance, the council and BI read agreements and gaps; to others an action is not said to lack one', async (t) => {
    const { capacityAgreements } = await actionAs(team)
    t.equal(capacityAgreements.length, 2)
    for (const name of [
      'partner_reader@woonpunt',
      'partner_editor@envida',
      'bi_reader@trajekt',
      'portfolio_holder@gemeente-maastricht',
      'research_statistics@gemeente-maastricht',
      'council_reader@gemeente-maastricht',
    ]) {
      const shown = await actionAs(keys[name])
      t.match(shown, { capacityGap: true, viewerCanRequestCapacity: false }, name)
      t.equal(shown.capacityAgreements.length, 2, name)
      t.same(await gaps(keys[name]), before, name)
    }
    for (const key of [undefined, keys['partner_system@woonpunt'], keys['auditor@gemeente-maastricht']]) {
      t.match(await actionAs(key), { capacityGap: null, capacityAgreements: [], workStockItems: [] })
      t.equal((await gaps(key)).totalCount, 0)
      t.equal((await gaps(key, false)).totalCount, 0)
      const { data } = await ask<{ hidden: object | null; absent: object | null }>(
        db,
        key,
        'query N($id: ID!) { hidden: node(id: $id) { id } absent: node(id: "nothing") { id } }',
        { id },
      )
      t.same(data, { hidden: null, absent: null })
    }
  })

  const add = (key: string | undefined, input: object) =>
    ask<{ workStockItemAdd: Item }>(
      db,
      key,
      `mutation W($id: ID!, $input: WorkStockItemAddInput!) { workStockItemAdd(actionId: $id, input: $input) { workStockItem { id version unit reference } ${errors} } }`,
      { id: actionId, input },
    )
  const end = async (of: string | undefined, expectedVersion: number) =>
    (
      await ask<{ workStockItemEnd: Item }>(
        db,
        team,
        `mutation W($id: ID!, $v: Int!) { workStockItemEnd(id: $id, input: { expectedVersion: $v, endsOn: "2025-09-30" }) { workStockItem { version endsOn } ${errors} } }`,
        { id: of, v: expectedVersion },
      )
    ).data.workStockItemEnd

  t.test('S42 an action refers to the work stock of teams, each once, until it stands there no more', async (t) => {
    const stock = { unit: 'Team Openbare Ruimte', reference: 'OR-2025-117' }
    const item = (await add(team, stock)).data.workStockItemAdd
    t.match(item, { workStockItem: stock, userErrors: [] })
    t.match((await add(team, stock)).data.workStockItemAdd, {
      workStockItem: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'reference'] }],
    })
    t.match((await add(team, { unit: '', reference: ' ' })).data.workStockItemAdd.userErrors, [
      { path: ['input', 'unit'] },
      { path: ['input', 'reference'] },
    ])
    t.match((await actionAs(keys['partner_reader@envida'])).workStockItems, [{ ...stock, endsOn: null }])
    const of = item.workStockItem?.id
    t.match(await end(of, 7), { userErrors: [{ code: 'VERSION_CONFLICT', currentVersion: 1 }] })
    t.match(await end(of, 1), { workStockItem: { version: 2, endsOn: '2025-09-30' }, userErrors: [] })
    t.match(await end(of, 2), { userErrors: [{ code: 'IMMUTABLE' }] })
    t.match((await add(team, stock)).data.workStockItemAdd.userErrors, [], 'it may come back')
    t.equal((await actionAs(team)).workStockItems.length, 2)
  })

  t.test('S42, S43 nobody but the programme team writes them', async (t) => {
    for (const name of ['partner_editor', 'partner_system', 'portfolio_holder', 'bi_reader', 'council_reader']) {
      const key = keys[`${name}@gemeente-maastricht`]
      for (const { errors: refused } of [
        await request(key, asked),
        await advance(id, 3, 'AGREED', key),
        await add(key, { unit: 'a', reference: 'b' }),
      ]) {
        t.equal(refused?.[0]?.extensions.code, 'FORBIDDEN', name)
      }
    }
    t.equal((await request(undefined, asked)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
  })

  t.test('S43 direct SQL cannot skip a state, change what was answered, name a person or delete', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const columns = 'id, action_id, unit, manager_role, fte, starts_on'
    const insert = (state: string) => `insert into capacity_agreement (${columns}, state)
      select gen_random_uuid(), id, 'direct', '{"source":"nl","nl":"manager"}', 1, '2025-01-01', '${state}' from action where ref = 'POT-2025-01'`
    await t.rejects(client.query(insert('AGREED')), { code: 'SP443' })
    await client.query(insert('REQUESTED'))
    const change = (set: string) => client.query(`update capacity_agreement set ${set} where unit = 'direct'`)
    for (const set of ['fte = 0', 'hours = 1', 'fte = null', `ends_on = '2024-12-31'`, `manager_role = '{"source":"nl","nl":"a@b.nl"}'`]) {
      await t.rejects(change(set), { code: '23514' }, set)
    }
    await t.rejects(change(`state = 'ENDED'`), { code: 'SP443' })
    await change(`state = 'AGREED'`)
    await t.rejects(change('fte = 2'), { code: 'SP409' })
    await t.rejects(change(`state = 'REQUESTED'`), { code: 'SP443' })
    await t.rejects(client.query('delete from capacity_agreement'), { code: 'SP409' })
    await t.rejects(client.query('update work_stock_item set ends_on = null where ends_on is not null'), { code: 'SP409' })
  })
})
