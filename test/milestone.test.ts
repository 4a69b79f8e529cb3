import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Milestone {
  id: string
  version: number
  position: number
  title: { text: string }
  plannedOn: string
  reachedOn: string | null
  viewerCanEdit: boolean
}
interface Told {
  milestone: Milestone | null
  userErrors: { code: string; path: string[]; currentVersion?: number; changedFields?: string[]; changedBy?: { slug: string } }[]
}
interface Shown {
  id: string
  version: number
  viewerCanAddMilestone: boolean
  milestones: Milestone[]
}

const fields = 'id version position title { text } plannedOn reachedOn viewerCanEdit'
const errors = 'userErrors { code path ... on ConflictError { currentVersion changedFields changedBy { slug } } }'

t.test('milestones of an action', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  // Led by Woonpunt; Mondriaan has no part in it.
  const ref = 'POT-2025-02'
  const lead = keys['partner_editor@woonpunt']
  const outsider = keys['partner_editor@mondriaan']
  const team = keys['programme_team@gemeente-maastricht']

  const see = async (key: string | undefined, of = ref): Promise<Shown | null> =>
    (
      await ask<{ action: Shown | null }>(
        db,
        key,
        `query S($ref: String) { action(ref: $ref) { id version viewerCanAddMilestone milestones { ${fields} } } }`,
        {
          ref: of,
        },
      )
    ).data.action
  const actionId = (await see(team))?.id
  const add = async (key: string | undefined, input: object, of = actionId) =>
    ask<{ milestoneAdd: Told }>(
      db,
      key,
      `mutation A($of: ID!, $input: MilestoneAddInput!) { milestoneAdd(actionId: $of, input: $input) { milestone { ${fields} } ${errors} } }`,
      { of, input },
    )
  const change = (verb: 'Edit' | 'Reach') => async (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ changed: Told }>(
      db,
      key,
      `mutation C($id: ID!, $input: Milestone${verb}Input!) { changed: milestone${verb}(id: $id, input: $input) { milestone { ${fields} } ${errors} } }`,
      { id, input },
    )
  const edit = change('Edit')
  const reach = change('Reach')

  const first = (await add(lead, { title: 'Ontwerp gereed', plannedOn: '2026-03-01' })).data.milestoneAdd
  const second = (await add(team, { title: 'Start bouw', plannedOn: '2026-09-01' })).data.milestoneAdd

  t.test('S55: the lead and the programme team plan milestones, which stand in their order for whoever sees the action', async (t) => {
    t.match(first, {
      milestone: { position: 1, title: { text: 'Ontwerp gereed' }, plannedOn: '2026-03-01', reachedOn: null, viewerCanEdit: true },
      userErrors: [],
    })
    t.match(second, { milestone: { position: 2 }, userErrors: [] })
    for (const key of [undefined, outsider, keys['partner_system@trajekt'], keys['council_reader@gemeente-maastricht']]) {
      const seen = await see(key)
      t.same(
        seen?.milestones.map(({ title, viewerCanEdit }) => [title.text, viewerCanEdit]),
        [
          ['Ontwerp gereed', false],
          ['Start bouw', false],
        ],
      )
      t.equal(seen?.viewerCanAddMilestone, false)
    }
    t.equal((await see(lead))?.viewerCanAddMilestone, true)
  })

  t.test('S55: a milestone of an action that is not adopted is not there for the public', async (t) => {
    const nazareth = await see(team, 'NAZ-2025-08')
    const made = (await add(team, { title: 'Nog niet openbaar', plannedOn: '2026-03-01' }, nazareth?.id)).data.milestoneAdd.milestone
    t.equal(await see(undefined, 'NAZ-2025-08'), null)
    const found = async (key: string | undefined) =>
      (await ask<{ node: object | null }>(db, key, 'query N($id: ID!) { node(id: $id) { id } }', { id: made?.id })).data.node
    t.equal(await found(undefined), null)
    t.same(await found(outsider), { id: made?.id })
  })

  t.test('S55: who neither leads the action nor is of the programme team changes none', async (t) => {
    const { id, version: expectedVersion } = first.milestone as Milestone
    t.match((await add(outsider, { title: 'X', plannedOn: '2026-01-01' })).data.milestoneAdd, {
      milestone: null,
      userErrors: [{ code: 'NOT_LEAD', path: ['actionId'] }],
    })
    t.match((await edit(outsider, id, { expectedVersion, title: 'X' })).data.changed.userErrors, [{ code: 'NOT_LEAD', path: ['id'] }])
    t.match((await reach(outsider, id, { expectedVersion })).data.changed.userErrors, [{ code: 'NOT_LEAD', path: ['id'] }])
    for (const key of [undefined, keys['partner_system@woonpunt'], keys['partner_reader@woonpunt']]) {
      const refused = (await reach(key, id, { expectedVersion })) as unknown as { errors: { extensions: { code: string } }[] }
      t.equal(refused.errors[0]?.extensions.code, key === undefined ? 'UNAUTHENTICATED' : 'FORBIDDEN')
    }
    t.match((await edit(lead, 'QWN0aW9uOng', { expectedVersion, title: 'X' })).data.changed.userErrors, [
      { code: 'NOT_FOUND', path: ['id'] },
    ])
    t.equal((await see(team))?.milestones[0]?.version, expectedVersion)
  })

  t.test('S55 F2: of two editors the one who saw an older version is told what changed, and by whom', async (t) => {
    const { id, version: expectedVersion } = second.milestone as Milestone
    t.same((await edit(team, id, { expectedVersion, plannedOn: '2026-10-01', position: 1 })).data.changed.userErrors, [])
    t.match((await edit(lead, id, { expectedVersion, title: 'X' })).data.changed, {
      milestone: { title: { text: 'Start bouw' } },
      userErrors: [
        {
          code: 'VERSION_CONFLICT',
          path: ['input', 'expectedVersion'],
          currentVersion: expectedVersion + 1,
          changedFields: ['plannedOn', 'position'],
          changedBy: { slug: 'gemeente-maastricht' },
        },
      ],
    })
    t.match((await see(team))?.milestones, [{ title: { text: 'Ontwerp gereed' } }, { position: 1, plannedOn: '2026-10-01' }])
  })

  t.test('S55: all that is wrong with a milestone is told at once', async (t) => {
    t.match((await add(lead, { title: ' ', plannedOn: '2026-03-01', position: 0 })).data.milestoneAdd.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'title'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'position'] },
    ])
  })

  t.test('S55 S62: reached is a fact of the past, told once and corrected with its history; no plan is amended', async (t) => {
    const versionsOf = async () =>
      (
        await ask<{ action: { plan: { versions: object[] } } }>(
          db,
          team,
          `{ action(ref: "${ref}") { plan { versions { id version state contentHash } } } }`,
        )
      ).data.action.plan.versions
    const plan = await versionsOf()
    const [{ id, version }] = ((await see(team)) as Shown).milestones as [Milestone]
    t.match((await reach(lead, id, { expectedVersion: version, reachedOn: '2199-01-01' })).data.changed.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'reachedOn'] },
    ])
    t.match((await edit(lead, id, { expectedVersion: version, reachedOn: '2025-04-01' })).data.changed.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'reachedOn'] },
    ])
    t.match((await reach(lead, id, { expectedVersion: version, reachedOn: '2025-04-01' })).data.changed, {
      milestone: { reachedOn: '2025-04-01' },
      userErrors: [],
    })
    t.match((await reach(lead, id, { expectedVersion: version + 1 })).data.changed.userErrors, [{ code: 'CONFLICT', path: ['id'] }])
    t.match((await edit(lead, id, { expectedVersion: version + 1, reachedOn: '2025-04-02' })).data.changed.milestone, {
      reachedOn: '2025-04-02',
    })
    t.match((await edit(lead, id, { expectedVersion: version + 2, reachedOn: null })).data.changed.milestone, { reachedOn: null })
    const told = await ask<{ node: { history: { nodes: { changes: object[] }[] } } }>(
      db,
      team,
      'query H($id: ID!) { node(id: $id) { ... on Milestone { history { nodes { changes { field before after } } } } } }',
      { id },
    )
    t.match(told.data.node.history.nodes.slice(0, 2), [
      { changes: [{ field: 'reachedOn', before: '2025-04-02', after: null }] },
      { changes: [{ field: 'reachedOn', before: '2025-04-01', after: '2025-04-02' }] },
    ])
    t.same(await versionsOf(), plan)
  })

  t.test('S55: the database refuses what is reached in the future, and every change is in the audit trail', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    await t.rejects(client.query(`update milestone set reached_on = today() + 1`), { code: '23514' })
    await t.rejects(client.query('delete from milestone'), { message: /./ })
    const { rows } = await client.query<{ told: string }>(
      `select operation || ' ' || count(*) as told from audit_entry where subject_type = 'Milestone' and outcome = 'DONE' group by operation order by 1`,
    )
    t.same(
      rows.map(({ told }) => told),
      ['milestoneAdd 3', 'milestoneEdit 3', 'milestoneReach 1'],
    )
  })
})
