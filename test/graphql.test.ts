import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

const first = `{ programme(code: "VW") { name { text language } term { startsOn endsOn } pillars { code name { text } } sdgs { number name { text } }
    alliance(first: 20) { nodes { type organisation { slug name } } } }
  neighbourhoods { slug name region { code }
    executionPlans(first: 5) { nodes { term { startsOn endsOn }
      actions(first: 50) { totalCount nodes { ref title { text } status progressPercent lead { slug } contributors { slug } latestStatus { status effectiveAt } } } } } } }`

interface Plans {
  neighbourhoods: {
    slug: string
    executionPlans: { nodes: { actions: { totalCount: number; nodes: { ref: string; lead: { slug: string } | null }[] } }[] }
  }[]
}

t.test('reading through GraphQL', async (t) => {
  const db = await testDatabase(t)
  const team = db.keys['programme_team@gemeente-maastricht']
  const partner = db.keys['partner_reader@woonpunt']

  t.test('the first query works as written, and the public sees only what is adopted', async (t) => {
    const asPublic = await ask<Plans & { programme: Record<string, unknown> }>(db, undefined, first)
    t.equal(asPublic.status, 200)
    t.notOk(asPublic.errors)
    t.match(asPublic.data.programme, {
      name: { text: 'Veerkrachtige Wijken', language: 'nl' },
      term: { startsOn: '2025-01-01', endsOn: '2044-12-31' },
    })
    t.equal((asPublic.data.programme.pillars as unknown[]).length, 3)
    t.equal((asPublic.data.programme.sdgs as unknown[]).length, 12)
    t.equal((asPublic.data.programme.alliance as { nodes: unknown[] }).nodes.length, 6)
    const plans = (data: Plans) => Object.fromEntries(data.neighbourhoods.map((n) => [n.slug, n.executionPlans.nodes.length]))
    t.same(plans(asPublic.data), { pottenberg: 1, nazareth: 0 }, 'the submitted plan of Nazareth is absent')
    const asPartner = await ask<Plans>(db, partner, first)
    t.same(plans(asPartner.data), { pottenberg: 1, nazareth: 1 })
    for (const { executionPlans } of asPartner.data.neighbourhoods) {
      for (const { actions } of executionPlans.nodes) {
        t.ok(actions.totalCount >= 5)
        t.equal(actions.nodes.length, actions.totalCount)
        t.ok(
          actions.nodes.every((action) => action.lead !== null),
          'every action is led',
        )
      }
    }
  })

  t.test('pages of a list join to the whole list, forwards and backwards, without gaps or repeats', async (t) => {
    interface Page {
      actions: { totalCount: number; nodes: { ref: string }[]; edges: { cursor: string }[]; pageInfo: Record<string, string | boolean> }
    }
    const page = async (args: string) =>
      (
        await ask<Page>(
          db,
          team,
          `{ actions(${args}) { totalCount nodes { ref } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
        )
      ).data.actions
    for (const order of [
      '',
      'orderBy: [{ field: STATUS, direction: DESC }]',
      'orderBy: [{ field: PROGRESS }, { field: UPDATED_AT, direction: DESC }]',
    ]) {
      const whole = await page(`first: 100 ${order}`)
      const refs = whole.nodes.map((node) => node.ref)
      t.equal(refs.length, whole.totalCount)
      const forwards: string[] = []
      for (let after = ''; ; ) {
        const part = await page(`first: 3 ${after} ${order}`)
        forwards.push(...part.nodes.map((node) => node.ref))
        t.equal(part.totalCount, whole.totalCount)
        if (!part.pageInfo.hasNextPage) break
        after = `after: "${part.pageInfo.endCursor}"`
      }
      t.same(forwards, refs, `forwards ${order}`)
      const backwards: string[] = []
      for (let before = ''; ; ) {
        const part = await page(`last: 3 ${before} ${order}`)
        backwards.unshift(...part.nodes.map((node) => node.ref))
        if (!part.pageInfo.hasPreviousPage) break
        before = `before: "${part.pageInfo.startCursor}"`
      }
      t.same(backwards, refs, `backwards ${order}`)
    }
  })

  t.test('each parent has its own page', async (t) => {
    const { data } = await ask<Plans>(
      db,
      team,
      '{ neighbourhoods { slug executionPlans { nodes { actions(first: 2) { totalCount nodes { ref } } } } } }',
    )
    const sizes = data.neighbourhoods.map((n) => n.executionPlans.nodes.map((plan) => plan.actions.nodes.length))
    t.same(sizes, [[2], [2]])
  })

  t.test('filters keep what they name, together and alone', async (t) => {
    const refs = async (where: string) => {
      const { data, errors } = await ask<{ actions: { nodes: { ref: string }[] } }>(
        db,
        team,
        `{ actions(first: 100, where: ${where}) { nodes { ref } } }`,
      )
      t.notOk(errors, where)
      return data.actions.nodes.map((node) => node.ref)
    }
    const pottenberg = await refs('{ neighbourhood: { eq: "pottenberg" } }')
    t.ok(pottenberg.length >= 5 && pottenberg.every((ref) => ref.startsWith('POT')))
    const led = await refs('{ lead: { in: ["woonpunt"] } }')
    t.ok(led.length > 0)
    t.same(
      await refs('{ neighbourhood: { eq: "pottenberg" }, lead: { eq: "woonpunt" } }'),
      led.filter((ref) => pottenberg.includes(ref)),
    )
    t.same(await refs('{ lead: { eq: "nobody" } }'), [])
    t.same((await refs('{ pillar: { in: ["BESTAANSZEKERHEID", "POSITIEVE_GEZONDHEID", "GELIJKE_KANSEN"] } }')).length > 0, true)
    t.same((await refs('{ sdg: { gte: 1, lte: 17 } }')).length > 0, true)
    t.ok((await refs('{ text: { contains: "WONEN" } }')).length >= 0)
    t.same(await refs('{ status: { eq: CANCELLED }, health: { eq: OFF_TRACK } }'), [])
  })

  t.test('aliases, fragments, directives, __typename and interfaces read as the specification says', async (t) => {
    const { data, errors } = await ask(
      db,
      team,
      `query Page($code: String!, $no: Boolean = false, $yes: Boolean!) {
        a: programme(code: $code) { ...P  again: name { text } hidden: code @include(if: $no) shown: code @skip(if: $no) }
        executionPlans(first: 1) { nodes { ...on Plan { id __typename title { text } } ...on ExecutionPlan @include(if: $yes) { neighbourhood { name } } } }
        strategicAgenda { __typename ...on Plan { latestVersion { state } } }
        __typename
      }
      fragment P on Programme { __typename name { text __typename } ...Q }
      fragment Q on Programme { name { language } pillars { position } }`,
      { code: 'VW', yes: true },
    )
    t.notOk(errors)
    t.match(data, {
      __typename: 'Query',
      a: {
        __typename: 'Programme',
        name: { text: 'Veerkrachtige Wijken', __typename: 'LocalisedText', language: 'nl' },
        shown: 'VW',
        pillars: [{ position: 1 }, { position: 2 }, { position: 3 }],
      },
      executionPlans: { nodes: [{ __typename: 'ExecutionPlan', neighbourhood: { name: String } }] },
      strategicAgenda: { __typename: 'StrategicAgenda' },
    })
    t.notOk('hidden' in (data.a as object))
  })

  t.test('node finds again what it gave, and nothing else', async (t) => {
    const { data } = await ask<{ actions: { nodes: { id: string; ref: string }[] } }>(
      db,
      team,
      '{ actions(first: 1) { nodes { id ref } } }',
    )
    const { id, ref } = data.actions.nodes[0] as { id: string; ref: string }
    const again = await ask(
      db,
      team,
      'query N($id: ID!) { node(id: $id) { id __typename ...on Action { ref } ...on Programme { code } } action(id: $id) { ref } }',
      { id },
    )
    t.same(again.data, { node: { id, __typename: 'Action', ref }, action: { ref } })
    for (const other of [
      '',
      'x',
      Buffer.from('Action:nothing').toString('base64url'),
      Buffer.from('Principal:00000000-0000-7000-8000-000000000000').toString('base64url'),
    ]) {
      t.same(
        (await ask(db, team, 'query N($id: ID!) { node(id: $id) { id } action(id: $id) { ref } plan(id: $id) { id } }', { id: other }))
          .data,
        { node: null, action: null, plan: null },
      )
    }
  })

  t.test('text comes in the language asked for, and a fallback says so', async (t) => {
    const name = async (language: string, headers = {}) =>
      (
        await ask<{ pillar: { pillars: { name: object }[] } }>(
          db,
          undefined,
          `{ pillar: programme(code: "VW") { pillars { name${language} { text language isFallback } } } }`,
          undefined,
          headers,
        )
      ).data.pillar.pillars[0]?.name
    t.match(await name('(language: "en")'), { language: 'en', isFallback: false })
    t.match(await name('(language: "en-GB")'), { language: 'en', isFallback: false })
    t.match(await name('(language: "ar")'), { language: 'nl', isFallback: true })
    t.match(await name('', { 'accept-language': 'fr;q=0.9, en;q=0.8' }), { language: 'en' })
    t.match(await name('', { 'accept-language': '§§;;;q=x' }), { language: 'nl', isFallback: false })
    // Each range is looked up to its end before the next (RFC 4647, lookup).
    t.match(await name('', { 'accept-language': 'fr-BE, en-GB' }), { language: 'en', isFallback: true })
    t.match(await name('', { 'accept-language': 'de-AT, fr-BE, it-CH, es-MX, en-GB' }), { language: 'en', isFallback: true })
    t.match(await name('', { 'accept-language': 'en-Latn-GB, nl' }), { language: 'en', isFallback: false })
    t.match(await name('', { 'accept-language': 'en-x-local, nl' }), { language: 'en', isFallback: false })
    t.match(await name('', { 'accept-language': 'nl-BE, en' }), { language: 'nl', isFallback: false })
    t.match(await name('(language: "en-Latn-GB")'), { language: 'en', isFallback: false })
    const malformed = await ask(db, undefined, '{ programme(code: "VW") { name(language: "not a tag") { text } } }')
    t.equal(malformed.errors?.[0]?.extensions.code, 'INVALID_LANGUAGE')
  })

  t.test('wrong paging is a field error with its path, and leaves the rest of the answer', async (t) => {
    const { data, errors } = await ask(
      db,
      team,
      '{ programme(code: "VW") { code } organisations(first: 500) { nodes { slug } } actions(first: 1, after: "nonsense") { nodes { ref } } }',
    )
    t.same(data, { programme: { code: 'VW' }, organisations: null, actions: null })
    t.same(
      errors?.map(({ path, extensions }) => [path, extensions.code]),
      [
        [['organisations'], 'BAD_USER_INPUT'],
        [['actions'], 'INVALID_CURSOR'],
      ],
    )
    const other = await ask<{ organisations: { edges: { cursor: string }[] } }>(
      db,
      team,
      '{ organisations(first: 1) { edges { cursor } } }',
    )
    const foreign = await ask(db, team, `{ actions(first: 1, after: "${other.data.organisations.edges[0]?.cursor}") { nodes { ref } } }`)
    t.equal(foreign.errors?.[0]?.extensions.code, 'INVALID_CURSOR', 'a cursor of another list is none')
  })

  t.test('a cursor that somebody made up of a real one is a field error, whatever the type of its values', async (t) => {
    const lists = {
      status: 'actions(first: 1, orderBy: [{ field: STATUS }], AFTER) { edges { cursor } }',
      updated: 'actions(first: 1, orderBy: [{ field: UPDATED_AT }], AFTER) { edges { cursor } }',
      progress: 'actions(first: 1, orderBy: [{ field: PROGRESS }], AFTER) { edges { cursor } }',
      name: 'organisations(first: 1, AFTER) { edges { cursor } }',
    }
    for (const [name, list] of Object.entries(lists)) {
      const page = (after: string) =>
        ask<{ list: { edges: { cursor: string }[] } }>(db, team, `{ programme(code: "VW") { code } list: ${list.replace('AFTER', after)} }`)
      const real = (await page('after: null')).data.list.edges[0]?.cursor as string
      t.equal((await page(`after: "${real}"`)).errors, undefined, `${name}: a real one is taken`)
      const [tag, ...values] = JSON.parse(Buffer.from(real, 'base64url').toString()) as string[]
      // Between them stand texts, of which any is one.
      const typed = name === 'name' ? [values.length - 1] : [0, values.length - 1]
      for (const index of typed) {
        for (const wrong of ['nonsense', '', '2025-02-30', '99999999999', '-'.repeat(36), 'a\0b', 7, null]) {
          const made = [tag, ...values.with(index, wrong as string)]
          const { data, errors } = await page(`after: "${Buffer.from(JSON.stringify(made)).toString('base64url')}"`)
          t.same(
            [errors?.map(({ path, extensions }) => [path, extensions.code]), data],
            [[[['list'], 'INVALID_CURSOR']], { programme: { code: 'VW' }, list: null }],
          )
        }
      }
    }
  })

  t.test('who asks is told who they are, and a bad credential is never the public', async (t) => {
    t.match((await ask(db, team, '{ viewer { label roles organisation { slug } } }')).data, {
      viewer: { roles: ['PROGRAMME_TEAM'], organisation: { slug: 'gemeente-maastricht' } },
    })
    t.same((await ask(db, undefined, '{ viewer { label } }')).data, { viewer: null })
    for (const authorization of ['Bearer', 'Bearer x', 'Basic x', 'Digest y', `Bearer ${team}x`, `Bearer ${team} ${team}`]) {
      const response = await db.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { authorization, 'content-type': 'application/json' },
        payload: '{"query":"{ viewer { label } }"}',
      })
      t.equal(response.statusCode, 401, authorization)
      t.ok(response.headers['www-authenticate'])
    }
    const basic = await db.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: `Basic ${Buffer.from(`any:${team}`).toString('base64')}`, 'content-type': 'application/json' },
      payload: '{"query":"{ viewer { label } }"}',
    })
    t.equal(basic.statusCode, 200)
  })

  t.test('introspection and data can be asked together', async (t) => {
    const { data, errors } = await ask(
      db,
      team,
      '{ __schema { queryType { name } } executionPlans(first: 1) { nodes { latestVersion { number } } } p: plan(id: "x") { id } d: decisions(first: 1) { nodes { points { mandates { plan { __typename id } } } } } }',
    )
    t.notOk(errors)
    t.match(data, { __schema: { queryType: { name: 'Query' } }, executionPlans: { nodes: [{ latestVersion: { number: 1 } }] }, p: null })
  })
})

t.test('the number of SQL statements does not grow with the length of lists', async (t) => {
  const db = await testDatabase(t)
  const watcher = new pg.Client({ connectionString: db.superuserUrl })
  await watcher.connect()
  t.teardown(() => watcher.end())
  await watcher.query('create extension if not exists pg_stat_statements')
  const key = db.keys['programme_team@gemeente-maastricht']
  await grow(watcher)
  const query = `query Page($plans: Int!, $actions: Int!) { executionPlans(first: $plans) { nodes {
    actions(first: $actions) { totalCount nodes { ref lead { slug } contributors { slug } } } } } }`
  const count = async (plans: number, actions: number) => {
    await watcher.query('select pg_stat_statements_reset()')
    const { data, errors } = await ask<{ executionPlans: { nodes: { actions: { nodes: unknown[] } }[] } }>(db, key, query, {
      plans,
      actions,
    })
    t.notOk(errors)
    t.equal(data.executionPlans.nodes.length, plans)
    t.equal(data.executionPlans.nodes[0]?.actions.nodes.length, actions)
    const { rows } = await watcher.query(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       join pg_roles r on r.oid = s.userid where d.datname = current_database() and r.rolname = 'samenspel_app' and s.toplevel`,
    )
    return rows[0].calls as number
  }
  const one = await count(1, 1)
  t.equal(one, 3, 'identity, plans with the total of their actions, actions with their contributors: counted at the server')
  t.equal(await count(10, 10), one)
  t.equal(await count(100, 100), one)
})

/** A hundred plans of a hundred actions each, later than all others. */
async function grow(superuser: pg.Client): Promise<void> {
  await superuser.query('begin')
  await superuser.query('set local session_replication_role = replica')
  await superuser.query(
    `insert into neighbourhood (id, slug, name) select gen_random_uuid(), 'wijk-' || i, 'Wijk ' || i from generate_series(1, 100) i`,
  )
  await superuser.query(`insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
    select gen_random_uuid(), p.id, 'EXECUTION_PLAN', n.id, '{"source":"nl","nl":"Plan"}', '2027-01-01', '2028-12-31' from programme p, neighbourhood n where n.slug like 'wijk-%'`)
  await superuser.query('insert into plan_version (id, plan_id, number) select gen_random_uuid(), id, 1 from plan p where starts_on = $1', [
    '2027-01-01',
  ])
  await superuser.query(`insert into action (id, programme_id, plan_id, ref)
    select gen_random_uuid(), p.programme_id, p.id, upper(n.slug) || '-' || i from plan p join neighbourhood n on n.id = p.neighbourhood_id, generate_series(1, 100) i where n.slug like 'wijk-%'`)
  await superuser.query(`insert into action_participation (id, action_id, organisation_id, role, starts_on)
    select gen_random_uuid(), a.id, o.id, case o.slug when 'woonpunt' then 'LEAD' else 'CONTRIBUTING' end::participation_role, '2025-01-01'
    from action a, organisation o where a.ref like 'WIJK-%' and o.slug in ('woonpunt', 'trajekt', 'envida')`)
  await superuser.query('commit')
  await superuser.query('analyze')
}
