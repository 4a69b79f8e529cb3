import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Relation {
  id: string
  version: number
  kind: string
  relatedAction: { ref: string } | null
  works: { source: string; reference: string; description: { text: string } } | null
  endedOn: string | null
  viewerCanEnd: boolean
}
interface Told {
  relation: Relation | null
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Page {
  totalCount: number
  nodes: (Relation & { action: { ref: string } })[]
}
interface Shown {
  id: string
  viewerCanRelate: boolean
  relations: Page
  relationsFromOthers: Page
}

const fields = `id version kind action { ref } relatedAction { ref } works { source reference description { text } } endedOn viewerCanEnd`
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('relations of actions', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  // Leads POT-2025-02; Mondriaan does not.
  const lead = keys['partner_editor@woonpunt']
  const outsider = keys['partner_editor@mondriaan']

  const see = async (key: string | undefined, ref: string): Promise<Shown> =>
    (
      await ask<{ action: Shown }>(
        db,
        key,
        `query S($ref: String) { action(ref: $ref) { id viewerCanRelate relations { totalCount nodes { ${fields} } } relationsFromOthers { totalCount nodes { ${fields} } } } }`,
        { ref },
      )
    ).data.action
  const { nodes: known } = (
    await ask<{ actions: { nodes: { id: string; ref: string }[] } }>(db, team, '{ actions(first: 100) { nodes { id ref } } }')
  ).data.actions
  const idOf = (ref: string): string => known.find((action) => action.ref === ref)?.id as string
  const relate = async (key: string | undefined, from: string, input: object): Promise<Told> =>
    (
      await ask<{ actionRelate: Told }>(
        db,
        key,
        `mutation R($id: ID!, $input: ActionRelateInput!) { actionRelate(actionId: $id, input: $input) { relation { ${fields} } ${errors} } }`,
        { id: idOf(from), input },
      )
    ).data?.actionRelate
  const to = (kind: string, ref: string) => ({ kind, relatedActionId: idOf(ref) })
  const unrelate = async (key: string | undefined, id: string | undefined, input: object): Promise<Told> =>
    (
      await ask<{ actionUnrelate: Told }>(
        db,
        key,
        `mutation U($id: ID!, $input: ActionUnrelateInput!) { actionUnrelate(id: $id, input: $input) { relation { ${fields} } ${errors} } }`,
        { id, input },
      )
    ).data.actionUnrelate
  const works = { source: 'Gemeente Maastricht, Openbare Ruimte', reference: 'OR-2026-17', description: 'Inhaalslag onderhoud' }

  t.test('S40: the lead couples its action with another and with works of somebody else; both directions are readable', async (t) => {
    t.match(await relate(lead, 'POT-2025-02', to('COUPLED_WITH', 'POT-2025-01')), {
      relation: { kind: 'COUPLED_WITH', relatedAction: { ref: 'POT-2025-01' }, works: null, endedOn: null, viewerCanEnd: true },
      userErrors: [],
    })
    t.match(await relate(lead, 'POT-2025-02', { kind: 'COUPLED_WITH', works }), {
      relation: { relatedAction: null, works: { ...works, description: { text: works.description } } },
      userErrors: [],
    })
    for (const key of [undefined, outsider, keys['council_reader@gemeente-maastricht']]) {
      t.match((await see(key, 'POT-2025-02')).relations, {
        totalCount: 2,
        nodes: [{ viewerCanEnd: false }, { viewerCanEnd: false }],
      })
      t.match((await see(key, 'POT-2025-01')).relationsFromOthers, {
        totalCount: 1,
        nodes: [{ kind: 'COUPLED_WITH', action: { ref: 'POT-2025-02' } }],
      })
    }
    t.match([(await see(lead, 'POT-2025-02')).viewerCanRelate, (await see(outsider, 'POT-2025-02')).viewerCanRelate], [true, false])
  })

  t.test('S40: a relation to an action that the reader may not see is absent, in list and count', async (t) => {
    const made = await relate(lead, 'POT-2025-02', to('FOLLOWS', 'NAZ-2025-08'))
    t.same(made.userErrors, [])
    t.equal((await see(outsider, 'POT-2025-02')).relations.totalCount, 3)
    const open = (await see(undefined, 'POT-2025-02')).relations
    t.equal(open.totalCount, 2)
    t.notMatch(
      open.nodes.map(({ kind }) => kind),
      ['FOLLOWS'],
    )
    const node = await ask<{ node: object | null }>(db, undefined, 'query N($id: ID!) { node(id: $id) { id } }', { id: made.relation?.id })
    t.equal(node.data.node, null)
  })

  t.test('S40: who neither leads the action nor is of the programme team relates nothing and ends nothing', async (t) => {
    t.match(await relate(outsider, 'POT-2025-02', { kind: 'COUPLED_WITH', works: { ...works, reference: 'X' } }), {
      relation: null,
      userErrors: [{ code: 'NOT_LEAD', path: ['actionId'] }],
    })
    const [held] = (await see(outsider, 'POT-2025-02')).relations.nodes
    t.match((await unrelate(outsider, held?.id, { expectedVersion: 1 })).userErrors, [{ code: 'NOT_LEAD', path: ['id'] }])
    t.equal(await relate(keys['partner_reader@woonpunt'], 'POT-2025-02', to('PART_OF', 'POT-2025-01')), undefined, 'refused as a whole')
  })

  t.test('S40: what is wrong is told; none to itself, none twice from either side, exactly one other end', async (t) => {
    const told = async (input: object, from = 'POT-2025-02', key = lead) =>
      (await relate(key, from, input)).userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await told(to('PART_OF', 'POT-2025-02')), ['BAD_USER_INPUT input.relatedActionId'])
    t.same(await told({ kind: 'PART_OF' }), ['BAD_USER_INPUT input.relatedActionId'])
    t.same(await told({ ...to('PART_OF', 'POT-2025-01'), works }), ['BAD_USER_INPUT input.relatedActionId'])
    t.same(await told({ kind: 'PART_OF', works: { source: ' ', reference: '', description: '' } }), [
      'BAD_USER_INPUT input.works.source',
      'BAD_USER_INPUT input.works.reference',
      'BAD_USER_INPUT input.works.description',
    ])
    t.same(await told({ kind: 'PART_OF', relatedActionId: 'nothing' }), ['NOT_FOUND input.relatedActionId'])
    t.same(await told(to('COUPLED_WITH', 'POT-2025-01')), ['CONFLICT input.relatedActionId'])
    t.same(await told(to('COUPLED_WITH', 'POT-2025-02'), 'POT-2025-01', team), ['CONFLICT input.relatedActionId'])
    t.same(await told({ kind: 'COUPLED_WITH', works }), ['CONFLICT input.works'])
  })

  t.test('S40: what follows, is a part of or continues another leads in no circle; each kind on its own', async (t) => {
    for (const kind of ['FOLLOWS', 'PART_OF', 'CONTINUES']) {
      t.same((await relate(team, 'POT-2025-03', to(kind, 'POT-2025-04'))).userErrors, [])
      t.same((await relate(team, 'POT-2025-04', to(kind, 'POT-2025-05'))).userErrors, [])
      for (const from of ['POT-2025-04', 'POT-2025-05']) {
        t.match(await relate(team, from, to(kind, 'POT-2025-03')), {
          relation: null,
          userErrors: [{ code: 'CIRCULAR_RELATION', path: ['input', 'relatedActionId'] }],
        })
      }
    }
    t.same((await relate(team, 'POT-2025-05', to('COUPLED_WITH', 'POT-2025-03'))).userErrors, [])
  })

  t.test('S40: an ended relation is kept and holds no more: it may be made again, and closes no circle', async (t) => {
    const held = (await see(team, 'POT-2025-04')).relations.nodes.find(({ kind }) => kind === 'FOLLOWS') as Relation
    t.match((await unrelate(team, held.id, { expectedVersion: 9 })).userErrors, [{ code: 'VERSION_CONFLICT', currentVersion: 1 }])
    t.match((await unrelate(team, held.id, { expectedVersion: 1, endedOn: '2199-01-01' })).userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'endedOn'] },
    ])
    t.match(await unrelate(team, held.id, { expectedVersion: 1, endedOn: '2026-01-01', reason: 'Verkeerd gelegd' }), {
      relation: { endedOn: '2026-01-01', viewerCanEnd: false },
      userErrors: [],
    })
    t.match((await unrelate(team, held.id, { expectedVersion: 2 })).userErrors, [{ code: 'IMMUTABLE', path: ['id'] }])
    t.same((await relate(team, 'POT-2025-05', to('FOLLOWS', 'POT-2025-03'))).userErrors, [])
    t.match((await relate(team, 'POT-2025-04', to('FOLLOWS', 'POT-2025-05'))).userErrors, [{ code: 'CIRCULAR_RELATION' }])
  })

  t.test('S40: the database refuses a circle to direct SQL, and to two writers who each close half of it', async (t) => {
    const clients = [new pg.Client({ connectionString: db.superuserUrl }), new pg.Client({ connectionString: db.superuserUrl })] as const
    for (const client of clients) await client.connect()
    t.teardown(() => Promise.all(clients.map((client) => client.end())))
    const [one, other] = clients
    const insert = `insert into action_relation (id, action_id, kind, related_action_id)
      select gen_random_uuid(), f.id, 'CONTINUES', r.id from action f, action r where f.ref = $1 and r.ref = $2`
    await t.rejects(one.query(insert, ['POT-2025-05', 'POT-2025-03']), { code: 'SP429' })
    await t.rejects(one.query(insert, ['POT-2025-05', 'POT-2025-05']), { code: '23514' })
    await t.rejects(one.query(`update action_relation set ended_on = null where ended_on is not null`), { code: 'SP409' })
    await t.rejects(one.query(`update action_relation set ended_on = today() + 1 where ended_on is null`), { code: '23514' })

    await one.query('begin')
    await one.query(insert, ['POT-2025-01', 'POT-2025-02'])
    const waiting = t.rejects(other.query(insert, ['POT-2025-02', 'POT-2025-01']), { code: 'SP429' })
    // Not before the other is waiting for the first to be done.
    while ((await one.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount === 0);
    await one.query('commit')
    await waiting

    const { rows } = await one.query<{ told: string }>(
      `select operation || ' ' || count(*) as told from audit_entry where subject_type = 'ActionRelation' group by operation order by 1`,
    )
    t.same(
      rows.map(({ told }) => told),
      ['actionRelate 11', 'actionUnrelate 1'],
    )
  })
})
