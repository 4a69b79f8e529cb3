import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

t.test('searching by words', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  t.teardown(() => superuser.end())
  const { rows } = await superuser.query<{ ref: string; nl: string }>(
    `select a.ref, g.title ->> 'nl' as nl from action a join agreed_action g on g.id = a.agreed_action_id
     where g.version_state = 'ADOPTED' and a.ref like 'POT%' order by a.ref limit 1`,
  )
  const [{ ref }] = rows as [(typeof rows)[0]]
  await superuser.query('set session_replication_role = replica')
  const retitle = (of: string, texts: object) =>
    superuser.query(`update agreed_action g set title = $2, description = null from action a where a.id = g.action_id and a.ref = $1`, [
      of,
      { source: 'nl', ...texts },
    ])
  await retitle(ref, { nl: 'Gezamenlijke moestuinen bij de woonzorgzone', en: 'Coördinating vegetable gardens' })
  await retitle('NAZ-2025-01', { nl: 'Een zeldzame moestuin in Nazareth' })

  interface Found {
    actions: { totalCount: number; nodes: { ref: string }[] }
  }
  const found = async (key: string | undefined, matches: string) => {
    const { data } = await ask<Found>(
      db,
      key,
      'query S($words: SearchWords!) { actions(where: { text: { matches: $words } }, first: 100) { totalCount nodes { ref } } }',
      { words: matches },
    )
    t.equal(data.actions.totalCount, data.actions.nodes.length)
    return data.actions.nodes.map((action) => action.ref)
  }

  t.test('an action is found by another form of a word, in Dutch and in English, by a part, without accents and mistyped', async (t) => {
    for (const words of [
      'moestuin',
      'gezamenlijk moestuin',
      'gardening',
      'vegetables',
      'woonzorg',
      'coordinating',
      'moestuinnen',
      'woonzorgzonne',
    ])
      t.ok((await found(undefined, words)).includes(ref), words)
    for (const words of ['vliegtuig', 'moestuin -woonzorgzone', '"moestuinen gezamenlijke"', '!!!'])
      t.notOk((await found(undefined, words)).includes(ref), words)
  })

  t.test('what somebody may not read is not found, nor counted: an action of a draft', async (t) => {
    for (const key of [team, keys['partner_reader@servatius']]) t.ok((await found(key, 'zeldzame')).includes('NAZ-2025-01'))
    for (const key of [undefined, keys['auditor@gemeente-maastricht']]) t.same(await found(key, 'zeldzame'), [])
  })

  t.test('a plan is found by what its version says, whatever its kind, by who reads that version', async (t) => {
    await superuser.query(
      `update plan_version v set objectives = '{"source":"nl","nl":"Ambachtelijke bakkerijen"}' from plan p join neighbourhood n on n.id = p.neighbourhood_id
       where p.id = v.plan_id and n.slug = 'nazareth'`,
    )
    const plans = async (key: string | undefined, words: string) =>
      (
        await ask<{ plans: { totalCount: number; nodes: { __typename: string }[] }; executionPlans: { totalCount: number } }>(
          db,
          key,
          'query P($words: SearchWords!) { plans(where: { text: { matches: $words } }) { totalCount nodes { __typename } } executionPlans(where: { text: { matches: $words } }) { totalCount } }',
          { words },
        )
      ).data
    t.same(await plans(team, 'bakkerij'), {
      plans: { totalCount: 1, nodes: [{ __typename: 'ExecutionPlan' }] },
      executionPlans: { totalCount: 1 },
    })
    t.same(await plans(undefined, 'bakkerij'), { plans: { totalCount: 0, nodes: [] }, executionPlans: { totalCount: 0 } })
    const { plans: programme } = await plans(undefined, 'programmaplan')
    t.ok(programme.nodes.some(({ __typename }) => __typename === 'ProgrammePlan'))
  })

  t.test('no words, too many and what no column can hold are refused', async (t) => {
    for (const words of ['', '  ', 'x'.repeat(201), 'a\0b']) {
      const { errors } = await ask(
        db,
        team,
        'query S($words: SearchWords!) { actions(where: { text: { matches: $words } }) { totalCount } }',
        { words },
      )
      t.match(errors, [{ extensions: { code: 'BAD_USER_INPUT' } }], JSON.stringify(words).slice(0, 20))
    }
    for (const words of ["'; drop table action; --", '& | !', ':*', '((', 'a <-> b', '%_\\'])
      t.ok(Array.isArray(await found(team, words)), words)
  })
})
