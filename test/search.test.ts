import pg from 'pg'
import t, { type Test } from 'tap'
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
  // Texts are put beside the verbs, which guard what was agreed; their words are still kept.
  await superuser.query('set session_replication_role = replica')
  for (const table of ['agreed_action', 'plan', 'plan_version', 'agenda_theme', 'decision', 'lesson_learned'])
    await superuser.query(`alter table ${table} enable always trigger keep_search_text`)
  await superuser.query('alter table search_text enable always trigger keep_search_words')
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
      'de woonzorgzonne en moestuinnen',
      'gezamenlijke moest',
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

  interface Hits {
    search: {
      totalCount: number
      nodes: { kind: string; rank: number; node: { __typename: string; ref?: string; id: string } }[]
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
    }
  }
  const search = async (key: string | undefined, words: string, given: object = { first: 100 }) =>
    (
      await ask<Hits>(
        db,
        key,
        `query S($words: SearchWords!, $in: [SearchKind!], $first: Int, $last: Int, $after: String, $before: String) {
          search(words: $words, in: $in, first: $first, last: $last, after: $after, before: $before) {
            totalCount nodes { kind rank node { __typename ... on Action { ref id } ... on ExecutionPlan { id } ... on ProgrammePlan { id }
              ... on StrategicAgenda { id } ... on AgendaTheme { id } ... on Decision { id } ... on LessonLearned { id } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        { words, ...given },
      )
    ).data.search
  const kinds = async (key: string | undefined, words: string) => (await search(key, words)).nodes.map(({ node }) => node.__typename)

  t.test('a search finds actions, plans, themes, decisions and lessons, each as what it is, as who asks may read it', async (t) => {
    const word = 'windmolenpark'
    const says = `{"source":"nl","nl":"Een ${word}"}`
    await superuser.query(`update agreed_action g set title = $1 from action a where a.agreed_action_id = g.id and a.ref = $2`, [says, ref])
    await superuser.query(`update plan set title = $1 where kind = 'PROGRAMME_PLAN'`, [says])
    for (const [table, column] of [
      ['agenda_theme', 'text'],
      ['decision', 'title'],
    ])
      await superuser.query(`update ${table} set ${column} = $1 where id = (select min(id::text)::uuid from ${table})`, [says])
    await superuser.query(
      `insert into lesson_learned (id, programme_id, organisation_id, effect, learnt, learnt_on)
       select gen_random_uuid(), p.id, o.id, 'EFFECTIVENESS', $1, '2026-01-01' from programme p, organisation o where o.slug = 'gemeente-maastricht'`,
      [says],
    )
    t.same((await kinds(team, word)).sort(), ['Action', 'AgendaTheme', 'Decision', 'LessonLearned', 'ProgrammePlan'])
    // The agenda is a draft, and lessons are for who reads drafts.
    for (const key of [undefined, keys['council_reader@gemeente-maastricht']])
      t.same((await kinds(key, word)).sort(), ['Action', 'Decision', 'ProgrammePlan'])
    const { totalCount, nodes } = await search(team, word, { in: ['DECISION', 'LESSON'] })
    t.equal(totalCount, 2)
    t.same(nodes.map(({ kind }) => kind).sort(), ['DECISION', 'LESSON'])
    t.same((await search(team, word, { in: [] })).nodes, [])
  })

  t.test('what is found in its own form comes before what is alike, and a title before a description', async (t) => {
    const refs = (await search(undefined, 'NAZ POT', { in: ['ACTION'] })).nodes
    t.same(refs, [], 'a ref is no text')
    const { rows: others } = await superuser.query<{ ref: string }>(
      `select a.ref from action a join agreed_action g on g.id = a.agreed_action_id where g.version_state = 'ADOPTED' and a.ref <> $1 order by a.ref limit 3`,
      [ref],
    )
    const [titled, described, alike] = others.map((other) => other.ref) as [string, string, string]
    await retitle(titled, { nl: 'Bijenkasten' })
    await retitle(described, { nl: 'Iets anders' })
    await superuser.query(
      `update agreed_action g set description = '{"source":"en","en":"With bijenkasten"}' from action a where a.id = g.action_id and a.ref = $1`,
      [described],
    )
    await retitle(alike, { nl: 'Bijenkastje' })
    const { nodes } = await search(undefined, 'bijenkasten')
    t.same(
      nodes.map(({ node }) => node.ref),
      [titled, described, alike],
    )
    const [first, second, third] = nodes.map(({ rank }) => rank) as [number, number, number]
    t.ok(first > second && second > 1 && third < 1, `${first} ${second} ${third}`)
  })

  t.test(
    'an action is found by its ref and a decision by its reference, whole or by its beginning, before what is found by words',
    async (t) => {
      for (const words of [ref, ref.toLowerCase(), ` ${ref} `]) {
        const { nodes } = await search(undefined, words)
        t.match(nodes[0], { kind: 'ACTION', rank: 3, node: { __typename: 'Action', ref } }, words)
        t.ok(
          nodes.slice(1).every(({ rank }) => rank < 3),
          words,
        )
      }
      const { data } = await ask<{ actions: { nodes: { ref: string }[] } }>(db, undefined, '{ actions(first: 100) { nodes { ref } } }')
      const begun = data.actions.nodes.map((action) => action.ref).filter((other) => other.startsWith('POT-2025-0'))
      const { nodes, totalCount } = await search(undefined, 'pot-2025-0', { in: ['ACTION'], first: 100 })
      const byCode = nodes.filter(({ rank }) => rank === 2).map(({ node }) => node.ref as string)
      t.ok(begun.length > 3)
      t.same(byCode.sort(), begun.sort())
      t.equal(totalCount, nodes.length)
      t.ok(
        (await search(undefined, 'POT-', { in: ['ACTION'] })).nodes.every(({ rank }) => rank < 2),
        'where there is no digit yet, it is a word',
      )

      const { rows: decisions } = await superuser.query<{ reference: string }>(
        `select reference from decision where reference like 'BW-%' limit 1`,
      )
      const [{ reference }] = decisions as [(typeof decisions)[0]]
      t.match((await search(undefined, reference.toLowerCase())).nodes[0], { kind: 'DECISION', rank: 3, node: { __typename: 'Decision' } })
      t.match((await search(undefined, reference.slice(0, -1))).nodes[0], { kind: 'DECISION', rank: 2 })
      t.ok((await search(undefined, reference, { in: ['ACTION'] })).nodes.every(({ kind }) => kind === 'ACTION'))

      await retitle(ref, { nl: `Vervolg van ${ref}` })
      const twice = (await search(undefined, ref)).nodes.filter(({ node }) => node.ref === ref)
      t.match(twice, [{ rank: 3 }], 'once, where its words say it too')
      t.equal(twice.length, 1)
    },
  )

  t.test('the ref of an action that somebody may not read answers as one that nobody has given', async (t) => {
    const canary = 'QXZ-2031-07'
    const asked = ['QXZ-2031-07', 'qxz-2031-0', 'QXZ-2031-07 moestuin', '2031', '-QXZ-2031-07']
    const reads = async (key: string | undefined) =>
      (await ask<{ action: object | null }>(db, key, '{ action(ref: "NAZ-2025-01") { id } }')).data.action !== null
    const readers: (string | undefined)[] = []
    const others: (string | undefined)[] = []
    for (const key of [undefined, ...Object.values(keys)]) ((await reads(key)) ? readers : others).push(key)
    for (const key of [team, keys['partner_reader@servatius'], keys['council_reader@gemeente-maastricht']]) t.ok(readers.includes(key))
    for (const key of [undefined, keys['auditor@gemeente-maastricht']]) t.ok(others.includes(key))
    const answers = async () => {
      const given: Hits['search'][] = []
      for (const key of others)
        for (const words of asked) given.push(await search(key, words), await search(key, words, { last: 3, in: ['ACTION'] }))
      return given
    }
    const before = await answers()
    await superuser.query('update action set ref = $1 where ref = $2', [canary, 'NAZ-2025-01'])
    t.same(await answers(), before, 'neither found, nor counted, nor in a rank or a cursor')
    for (const key of readers)
      for (const words of asked.slice(0, 2)) {
        const { totalCount, nodes } = await search(key, words)
        t.match(nodes[0], { kind: 'ACTION', node: { ref: canary } }, words)
        t.equal(totalCount, nodes.length)
      }
    await superuser.query('update action set ref = $1 where ref = $2', ['NAZ-2025-01', canary])
    t.same(await answers(), before)
  })

  t.test('all pages together, forward and backward, are all that was found, once and in one order', async (t) => {
    for (const [words, least] of [
      ['-nergensgezegd', 10],
      ['POT-2025-0', 5],
    ] as const)
      await allPages(t, words, least)
  })

  async function allPages(t: Test, words: string, least: number): Promise<void> {
    const all = await search(undefined, words)
    t.ok(all.nodes.length > least, `${all.nodes.length}`)
    t.equal(all.totalCount, all.nodes.length)
    const forward: unknown[] = []
    for (let after: string | undefined; ; ) {
      const { nodes, pageInfo, totalCount } = await search(undefined, words, { first: 5, after })
      t.equal(totalCount, all.totalCount)
      forward.push(...nodes)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    t.same(forward, all.nodes)
    const backward: unknown[] = []
    for (let before: string | undefined; ; ) {
      const { nodes, pageInfo } = await search(undefined, words, { last: 5, before })
      backward.unshift(...nodes)
      if (!pageInfo.hasPreviousPage) break
      before = pageInfo.startCursor
    }
    t.same(backward, all.nodes)
  }

  t.test('what somebody may not read is neither found, nor counted, nor told of in SQL; who has not entered finds nothing', async (t) => {
    t.ok((await kinds(team, 'zeldzame')).includes('Action'))
    for (const key of [undefined, keys['auditor@gemeente-maastricht']])
      t.match(await search(key, 'zeldzame'), { totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } })
    t.same(await search(undefined, 'bakkerij'), await search(undefined, 'nergensgezegd'), 'as what is not there')

    const runtime = new pg.Client({ connectionString: db.url })
    await runtime.connect()
    t.teardown(() => runtime.end())
    const ids = async (words: string) => (await runtime.query('select id from found_texts($1)', [words])).rowCount
    t.equal(await ids('wijk'), 0, 'not entered')
    await runtime.query('begin')
    await runtime.query('select enter_public()')
    t.ok(((await ids('wijk')) as number) > 0)
    t.equal(await ids('zeldzame'), 0)
    t.equal(await ids('bakkerij'), 0)
    await t.rejects(runtime.query('select * from search_text'), { code: '42501' })
    await runtime.query('rollback')
  })

  t.test('how well a text fits tells nothing of words that the caller may not read', async (t) => {
    await retitle(ref, { nl: 'Gezamenlijke moestuinen' })
    const rankOf = async (key: string | undefined) => (await search(key, 'moestuinem')).nodes.find(({ node }) => node.ref === ref)?.rank
    const [before, seen] = [await rankOf(undefined), await rankOf(team)]
    t.ok(before, 'found by a word that is alike')
    await retitle('NAZ-2025-01', { nl: 'Een zeldzame moestuin in Nazareth, met moestuinenplan' })
    t.equal(await rankOf(undefined), before)
    t.not(await rankOf(team), seen, 'though the word is alike, for who reads it')
    await retitle('NAZ-2025-01', { nl: 'Een zeldzame moestuin in Nazareth' })
  })

  t.test('a new title is found, with the texts of its plan, and the former one is not', async (t) => {
    const title = (nl: string) =>
      superuser.query(`update plan set title = $1 from neighbourhood n where n.id = neighbourhood_id and n.slug = 'nazareth'`, [
        { source: 'nl', nl },
      ])
    await title('Het Korenbloemplan')
    t.same(await kinds(team, 'korenbloemplan bakkerij'), ['ExecutionPlan'])
    await title('Het Klaproosplan')
    t.same(await kinds(team, 'korenbloemplan'), [])
    t.same(await kinds(team, 'klaproosplan ambachtelijk'), ['ExecutionPlan'])
  })

  t.test('a search takes any words that a filter takes, and refuses the same', async (t) => {
    for (const words of ['', ' ', 'x'.repeat(201), 'a\0b']) {
      const { errors } = await ask(db, team, 'query S($words: SearchWords!) { search(words: $words) { totalCount } }', { words })
      t.match(errors, [{ extensions: { code: 'BAD_USER_INPUT' } }], JSON.stringify(words).slice(0, 20))
    }
    for (const words of [
      "'; drop table action; --",
      '& | !',
      ':*',
      '((',
      'a <-> b',
      '%_\\',
      '-',
      '"',
      'de het een',
      'the of',
      '-moestuin',
      '🌻',
      'x'.repeat(200),
    ])
      t.type((await search(team, words)).totalCount, 'number', words)
    t.ok((await search(team, '-moestuin')).totalCount > 10, 'what is without a word')
  })

  t.test('an index answers: of texts in a form of the words, of words that are alike, of texts with those', async (t) => {
    await superuser.query(
      `insert into search_text (id, kind, subject_id, audience, heading, body)
       select gen_random_uuid(), 'ACTION', gen_random_uuid(), 'public', 'Tekst ' || md5(n::text), md5((-n)::text) || ' ' || md5((n * 7)::text) from generate_series(1, 10000) n`,
    )
    await superuser.query(`insert into search_word select unnest(tsvector_to_array(words)) from search_text`)
    await superuser.query('analyze search_text, search_word')
    await superuser.query('begin')
    await superuser.query('set local role samenspel_lookup')
    for (const [index, query] of [
      ['search_text_lexemes', `search_text where lexemes @@ search_query('moestuin') and caller_may(audience)`],
      ['search_word_trigrams', `search_word where word %> 'moestuin'`],
      ['search_text_words', `search_text where words @@ 'moestuin' and caller_may(audience)`],
    ]) {
      const { rows } = await superuser.query(`explain select from ${query}`)
      t.match(rows.map((row) => row['QUERY PLAN']).join('\n'), new RegExp(`Bitmap Index Scan on ${index}`))
    }
    await superuser.query('rollback')
  })
})
