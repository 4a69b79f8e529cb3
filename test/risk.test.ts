import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  risk: { id: string; version: number } | null
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Shown {
  viewerCanRecordRisk: boolean
  risks: { totalCount: number; nodes: { viewerCanEdit: boolean }[] }
}

const fields =
  'id version type description { text } effect { text } likelihood impact state recordedOn owner { slug } programme { code } viewerCanEdit'
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('what may go wrong', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const editor = keys['partner_editor@woonpunt']
  const other = keys['partner_editor@trajekt']
  const team = keys['programme_team@gemeente-maastricht']

  const seenBy = async (key: string | undefined) =>
    (await ask<{ programme: Shown }>(db, key, `{ programme(code: "VW") { viewerCanRecordRisk risks { totalCount nodes { ${fields} } } } }`))
      .data.programme
  const record = (key: string | undefined, input: object) =>
    ask<{ done: Told }>(
      db,
      key,
      `mutation R($input: RiskRecordInput!) { done: riskRecord(input: $input) { risk { ${fields} } ${errors} } }`,
      { input },
    )
  const edit = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ done: Told }>(
      db,
      key,
      `mutation E($id: ID!, $input: RiskEditInput!) { done: riskEdit(id: $id, input: $input) { risk { ${fields} } ${errors} } }`,
      { id, input },
    )
  const trust = {
    type: 'TRUST',
    description: 'De vaststelling van het plan blijft uit.',
    effect: 'Afbreuk van vertrouwen bij bewoners.',
    likelihood: 'MEDIUM',
    impact: 'HIGH',
    recordedOn: '2025-06-01',
  }
  const ours = (await record(editor, trust)).data.done
  const id = ours.risk?.id

  t.test('S57: an editor records a risk of its own organisation, the team of any, with its type, owner and effect', async (t) => {
    t.match(ours, {
      risk: {
        ...trust,
        version: 1,
        description: { text: trust.description },
        effect: { text: trust.effect },
        state: 'OPEN',
        owner: { slug: 'woonpunt' },
        programme: { code: 'VW' },
        viewerCanEdit: true,
      },
      userErrors: [],
    })
    t.match((await record(team, { ...trust, owner: 'trajekt' })).data.done, { risk: { owner: { slug: 'trajekt' } }, userErrors: [] })
    t.equal((await record(editor, { ...trust, owner: 'trajekt' })).errors?.[0]?.extensions.code, 'FORBIDDEN', 'not in the name of another')
    t.equal((await seenBy(team)).risks.totalCount, 2)
  })

  t.test('S57: all that is wrong with a risk is told at once', async (t) => {
    t.match((await record(editor, { ...trust, description: ' ', effect: '' })).data.done.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'description'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'effect'] },
    ])
    t.match((await record(editor, { ...trust, recordedOn: '2999-01-01' })).data.done.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'recordedOn'] },
    ])
    t.match((await record(team, { ...trust, owner: 'niemand' })).data.done.userErrors, [{ code: 'NOT_FOUND', path: ['input', 'owner'] }])
  })

  t.test('S57: partners, the team and the portfolio holder read risks; the public, the council, BI and others do not', async (t) => {
    for (const name of [
      'partner_reader@envida',
      'partner_editor@trajekt',
      'programme_team@gemeente-maastricht',
      'portfolio_holder@gemeente-maastricht',
      'communication@gemeente-maastricht',
    ])
      t.equal((await seenBy(keys[name])).risks.totalCount, 2, name)
    for (const name of [
      undefined,
      'partner_system@woonpunt',
      'bi_reader@woonpunt',
      'research_statistics@gemeente-maastricht',
      'council_reader@gemeente-maastricht',
      'auditor@gemeente-maastricht',
      'admin@gemeente-maastricht',
    ])
      t.same(await seenBy(name && keys[name]), { viewerCanRecordRisk: false, risks: { totalCount: 0, nodes: [] } }, name ?? 'the public')
    const { data } = await ask<object>(
      db,
      keys['council_reader@gemeente-maastricht'],
      'query N($id: ID!) { hidden: node(id: $id) { id } absent: node(id: "nothing") { id } }',
      { id },
    )
    t.same(data, { hidden: null, absent: null })
  })

  t.test('S57: others record nothing, and an editor changes no risk of another', async (t) => {
    for (const name of ['partner_reader', 'portfolio_holder', 'communication', 'council_reader', 'bi_reader']) {
      const key = keys[`${name}@gemeente-maastricht`]
      t.equal((await record(key, trust)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
      t.equal((await edit(key, id, { expectedVersion: 1 })).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    t.equal((await record(undefined, trust)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    for (const of of [id, 'nothing'])
      t.match((await edit(other, of, { expectedVersion: 1, impact: 'LOW' })).data.done.userErrors, [{ code: 'NOT_FOUND', path: ['id'] }])
    t.same((await seenBy(other)).risks.nodes.map(({ viewerCanEdit }) => viewerCanEdit).sort(), [false, true])
  })

  t.test('S57, S62: a risk is changed as it was seen, goes forward only, and what is closed stays as it was', async (t) => {
    t.match((await edit(editor, id, { expectedVersion: 1, state: 'MITIGATED', likelihood: 'LOW' })).data.done, {
      risk: { version: 2, state: 'MITIGATED', likelihood: 'LOW' },
      userErrors: [],
    })
    t.match((await edit(editor, id, { expectedVersion: 1, impact: 'LOW' })).data.done.userErrors, [
      { code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: 2 },
    ])
    t.match((await edit(editor, id, { expectedVersion: 2, state: 'OPEN' })).data.done.userErrors, [
      { code: 'IMMUTABLE', path: ['input', 'state'] },
    ])
    t.match((await edit(team, id, { expectedVersion: 2, state: 'CLOSED' })).data.done, {
      risk: { version: 3, state: 'CLOSED', viewerCanEdit: false },
      userErrors: [],
    })
    t.match((await edit(editor, id, { expectedVersion: 3, impact: 'LOW' })).data.done.userErrors, [{ code: 'IMMUTABLE', path: ['id'] }])
    const { data } = await ask<object>(
      db,
      team,
      `query H($id: ID!) { node(id: $id) { ... on Risk { history { nodes { version changes { field before after } } } } }
        auditTrail(first: 1) { nodes { operation subjectType } } }`,
      { id },
    )
    t.match(data, {
      node: {
        history: { nodes: [{ version: 3, changes: [{ field: 'state', before: 'MITIGATED', after: 'CLOSED' }] }, { version: 2 }, {}] },
      },
      auditTrail: { nodes: [{ operation: 'riskEdit', subjectType: 'Risk' }] },
    })
  })

  t.test('S57: direct SQL cannot begin a risk further on, take it back, change what is closed or delete it', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    await t.rejects(
      client.query(
        `insert into risk (id, programme_id, organisation_id, type, description, effect, likelihood, impact, recorded_on, state)
         select gen_random_uuid(), programme_id, organisation_id, type, description, effect, likelihood, impact, recorded_on, 'CLOSED'
         from risk limit 1`,
      ),
      { code: 'SP409' },
    )
    await t.rejects(client.query(`update risk set state = 'OPEN' where state = 'CLOSED'`), { code: 'SP409' })
    await t.rejects(client.query(`update risk set impact = 'LOW' where state = 'CLOSED'`), { code: 'SP409' })
    await t.rejects(client.query(`update risk set effect = '"los"' where state = 'OPEN'`), { code: '23514' })
    await t.rejects(client.query('delete from risk'), { code: 'SP409' })
  })
})
