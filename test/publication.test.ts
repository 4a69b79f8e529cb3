import { sql } from 'drizzle-orm'
import pg from 'pg'
import t from 'tap'
import { parseKey } from '../src/auth/key.ts'
import type { Credential } from '../src/db/session.ts'
import { features } from '../src/features.ts'
import { planAdopt } from '../src/governance/write.ts'
import { defaultLimits } from '../src/graphql/limits.ts'
import { createPrepare } from '../src/graphql/prepare.ts'
import { makeSchema } from '../src/graphql/schema.ts'
import { globalId } from '../src/read/model.ts'
import { ask, type TestDatabase, testDatabase, writeAs } from './harness.ts'

interface Payload {
  publicationText: { id: string; version: number; state: string } | null
  userErrors: { code: string; path: string[] }[]
}

/** A neighbourhood's page as a frontend asks for it. */
const page = `query Page($slug: String!, $language: Language, $first: Int = 20) { neighbourhood(slug: $slug) {
  name region { code name }
  publication { outdated summary(language: $language) { text language isFallback } foreword(language: $language) { text language isFallback }
    forewordAuthor(language: $language) { text } planVersion { number } }
  planInForce { title(language: $language) { text } term { startsOn endsOn } inForce { number effectiveFrom }
    actions(first: $first) { totalCount nodes { ref title(language: $language) { text } lead { name } status progressPercent latestStatus { effectiveAt } } } }
  headlines { position indicator { code name(language: $language) { text } unit(language: $language) { text } ascending }
    baseline { period value } target { period value } actual { period value status source { publisher } } } } }`

interface Page {
  neighbourhood: {
    name: string
    publication: { outdated: boolean; summary: object; foreword: object; planVersion: { number: number } } | null
    planInForce: { actions: { totalCount: number; nodes: { lead: object | null; status: string }[] } } | null
    headlines: { position: number; baseline: object | null; target: object | null; actual: { value: string } | null }[]
  } | null
}

const planVersionOf = async (db: TestDatabase): Promise<string> => {
  const { data } = await ask<{ neighbourhood: { publication: { planVersion: { id: string } } } }>(
    db,
    undefined,
    '{ neighbourhood(slug: "pottenberg") { publication { planVersion { id } } } }',
  )
  return data.neighbourhood.publication.planVersion.id
}

t.test('what residents are told', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const communication = keys['communication@gemeente-maastricht']
  const team = keys['programme_team@gemeente-maastricht']
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const planVersion = await planVersionOf(db)

  const create = (key: string | undefined, input: object, of = planVersion) =>
    ask<{ publicationTextCreate: Payload }>(
      db,
      key,
      `mutation C($of: ID!, $input: PublicationTextCreateInput!) { publicationTextCreate(planVersionId: $of, input: $input)
        { publicationText { id version state language publication { neighbourhood { slug } } } userErrors { code path } } }`,
      { of, input },
    )
  const step = async (key: string | undefined, verb: 'Review' | 'Publish', id: string, expectedVersion: number) =>
    ask<Record<string, Payload>>(
      db,
      key,
      `mutation S($id: ID!, $v: Int!) { done: publicationText${verb}(id: $id, input: { expectedVersion: $v }) { publicationText { id version state } userErrors { code path } } }`,
      { id, v: expectedVersion },
    )
  const textsOf = async (key: string | undefined, slug: string) =>
    (
      await ask<{ neighbourhood: { publications: { texts: { language: string; state: string }[] }[] } }>(
        db,
        key,
        `{ neighbourhood(slug: "${slug}") { publications { texts { language state } } } }`,
      )
    ).data.neighbourhood.publications.flatMap(({ texts }) => texts.map(({ language, state }) => `${language} ${state}`))

  t.test('F1 S58 the public gets the page of a neighbourhood in one query', async (t) => {
    const { data, errors } = await ask<Page>(db, undefined, page, { slug: 'pottenberg', language: 'ar' })
    t.notOk(errors)
    t.match(data.neighbourhood, {
      name: 'Pottenberg',
      region: { code: 'BU09350203' },
      publication: { outdated: false, summary: { language: 'ar', isFallback: false }, foreword: { language: 'ar' } },
      planInForce: { term: { startsOn: '2025-01-01' }, inForce: { number: 1 } },
    })
    const actions = data.neighbourhood?.planInForce?.actions
    t.ok((actions?.totalCount ?? 0) >= 5)
    t.ok(actions?.nodes.every(({ lead, status }) => lead !== null && status !== null))
    const headlines = data.neighbourhood?.headlines ?? []
    t.same(
      headlines.map(({ position }) => position),
      [1, 2, 3, 4, 5],
    )
    t.ok(headlines.every(({ baseline, actual }) => baseline !== null && actual !== null))
    t.match(headlines[1], { indicator: { code: 'goed_ervaren_gezondheid_pct' }, target: { period: '2030', value: '60' } })
  })

  t.test('F8 that page stays far below the limits', async (t) => {
    const prepare = createPrepare(makeSchema(features))
    const { cost } = prepare({ query: page, operationName: undefined, variables: { slug: 'pottenberg' } })
    t.ok(cost > 20 && cost * 100 < defaultLimits.cost, `it costs ${cost}`)
  })

  t.test('F1 what is not adopted or published is not on the page of the public', async (t) => {
    const { data } = await ask<Page>(db, undefined, page, { slug: 'nazareth' })
    t.equal(data.neighbourhood?.planInForce, null, 'its plan is only submitted')
    t.same((await ask<Page>(db, undefined, page, { slug: 'nowhere' })).data, { neighbourhood: null })
  })

  t.test('F5 S60 a language that is missing falls back to Dutch and says so; a malformed tag is an error', async (t) => {
    const { data } = await ask<Page>(db, undefined, page, { slug: 'nazareth', language: 'ar' })
    t.match(data.neighbourhood?.publication, {
      summary: { language: 'nl', isFallback: true },
      foreword: { language: 'nl', isFallback: true },
    })
    const unknown = await ask<Page>(db, undefined, page, { slug: 'nazareth', language: 'tlh-Latn' })
    t.match(unknown.data.neighbourhood?.publication, { summary: { language: 'nl', isFallback: true } })
    const malformed = await ask<Page>(db, undefined, page, { slug: 'nazareth', language: 'nl_NL!' })
    t.equal(malformed.errors?.[0]?.extensions.code, 'INVALID_LANGUAGE')
    const preferred = await ask<Page>(db, undefined, page, { slug: 'nazareth' }, { 'accept-language': 'ar, en;q=0.5' })
    t.match(preferred.data.neighbourhood?.publication, { summary: { language: 'en' } })
  })

  t.test('S59 S60 the communication adviser writes, reviews and publishes; until then nobody outside sees it', async (t) => {
    const input = {
      neighbourhood: 'nazareth',
      language: 'ar',
      summary: 'ملخص',
      foreword: 'مقدمة',
      forewordAuthor: 'ساكنة من الحي',
    }
    const made = (await create(communication, input)).data.publicationTextCreate
    t.match(made, { publicationText: { state: 'DRAFT', publication: { neighbourhood: { slug: 'nazareth' } } }, userErrors: [] })
    const { id, version } = made.publicationText as NonNullable<Payload['publicationText']>
    for (const key of [
      undefined,
      keys['partner_reader@woonpunt'],
      keys['partner_reader@gemeente-maastricht'],
      keys['bi_reader@woonpunt'],
    ]) {
      t.notOk((await textsOf(key, 'nazareth')).includes('ar DRAFT'))
      t.same((await ask(db, key, 'query N($id: ID!) { node(id: $id) { id } }', { id })).data, { node: null })
    }
    t.ok((await textsOf(team, 'nazareth')).includes('ar DRAFT'))
    t.match((await step(communication, 'Publish', id, version)).data.done, { userErrors: [{ code: 'TRANSITION_NOT_ALLOWED' }] })
    t.match((await step(communication, 'Review', id, version + 5)).data.done, {
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
    })
    t.match((await step(communication, 'Review', id, version)).data.done, { publicationText: { state: 'REVIEWED' } })
    t.match((await step(communication, 'Publish', id, version + 1)).data.done, { publicationText: { state: 'PUBLISHED' }, userErrors: [] })
    t.ok((await textsOf(undefined, 'nazareth')).includes('ar PUBLISHED'))

    t.match((await create(communication, input)).data.publicationTextCreate, {
      userErrors: [{ code: 'CONFLICT', path: ['input', 'language'] }],
    })
    const edited = await ask<{ publicationTextEdit: Payload }>(
      db,
      communication,
      'mutation E($id: ID!, $v: Int!) { publicationTextEdit(id: $id, input: { expectedVersion: $v, summary: "ملخص آخر" }) { publicationText { state } userErrors { code } } }',
      { id, v: version + 2 },
    )
    t.match(edited.data.publicationTextEdit, { publicationText: { state: 'DRAFT' } }, 'other words are reviewed again')
    t.notOk((await textsOf(undefined, 'nazareth')).some((text) => text.startsWith('ar')))
  })

  t.test('S34 others do not write publications, and wrong input is told all at once', async (t) => {
    const input = { neighbourhood: 'nazareth', language: 'fr', summary: 'Résumé' }
    for (const name of ['partner_editor@woonpunt', 'portfolio_holder@gemeente-maastricht', 'research_statistics@gemeente-maastricht']) {
      t.equal((await create(keys[name], input)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    t.equal((await create(undefined, input)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    t.match(
      (await create(communication, { ...input, summary: ' ', foreword: 'Bonjour', forewordAuthor: 'jan@example.org' })).data
        .publicationTextCreate,
      {
        publicationText: null,
        userErrors: [
          { code: 'BAD_USER_INPUT', path: ['input', 'summary'] },
          { code: 'BAD_USER_INPUT', path: ['input', 'forewordAuthor'] },
        ],
      },
    )
    t.match((await create(communication, { ...input, neighbourhood: 'nowhere' })).data.publicationTextCreate, {
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'neighbourhood'] }],
    })
    t.match(
      (await create(communication, input, globalId('PlanVersion', '01900000-0000-7000-8000-00000000dead'))).data.publicationTextCreate,
      {
        userErrors: [{ code: 'NOT_FOUND', path: ['planVersionId'] }],
      },
    )
    const pottenberg = await ask<{ executionPlans: { nodes: { latestVersion: { id: string } }[] } }>(
      db,
      team,
      '{ executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { latestVersion { id } } } }',
    )
    const ofAnother = pottenberg.data.executionPlans.nodes[0]?.latestVersion.id
    t.match((await create(communication, input, ofAnother)).data.publicationTextCreate, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['planVersionId'] }],
    })
    const agenda = await ask<{ strategicAgenda: { latestVersion: { id: string } } }>(
      db,
      team,
      '{ strategicAgenda { latestVersion { id } } }',
    )
    t.match((await create(communication, input, agenda.data.strategicAgenda.latestVersion.id)).data.publicationTextCreate, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['planVersionId'] }],
    })
    t.notOk(
      (await textsOf(team, 'nazareth')).some((text) => text.startsWith('fr')),
      'nothing was written',
    )
  })

  t.test('invariant 24: direct SQL cannot publish what is not reviewed, not adopted or not Dutch first', async (t) => {
    const refused = async (state: string, statement: string) => {
      await owner.query('begin')
      await t.rejects(owner.query(statement), { code: state })
      await owner.query('rollback')
    }
    const some = `(select id from publication_text where language = 'nl' limit 1)`
    await refused('SP409', `update publication_text set summary = 'Anders' where id = ${some}`)
    await refused('SP412', `update publication_text set state = 'REVIEWED' where id = ${some}`)
    await refused('23514', `update publication_text set foreword = null, state = 'DRAFT' where id = ${some}`)
    await refused('SP409', `delete from publication_text`)
    await refused(
      'SP412',
      `insert into publication_text (id, publication_id, language, summary, state) select gen_random_uuid(), id, 'de', 'Text', 'PUBLISHED' from publication limit 1`,
    )
    const draft = `insert into publication (id, plan_version_id, neighbourhood_id) select '01900000-0000-7000-8000-0000000000aa', v.id, n.id
      from plan_version v join plan p on p.id = v.plan_id join neighbourhood n on n.slug = 'nazareth'`
    await refused('23514', `${draft} where p.kind = 'STRATEGIC_AGENDA'`)
    await refused('23514', `${draft} where p.neighbourhood_id <> n.id`)
    const texts = (language: string) =>
      `insert into publication_text (id, publication_id, language, summary) values (gen_random_uuid(), '01900000-0000-7000-8000-0000000000aa', '${language}', 'Tekst');
       update publication_text set state = 'REVIEWED' where publication_id = '01900000-0000-7000-8000-0000000000aa';
       update publication_text set state = 'PUBLISHED' where publication_id = '01900000-0000-7000-8000-0000000000aa'`
    await refused('SP412', `${draft} where p.neighbourhood_id = n.id; ${texts('nl')}`)
    const another = `insert into neighbourhood (id, slug, name) values (gen_random_uuid(), 'elders', 'Elders');
      ${draft.replace(`'nazareth'`, `'elders'`)} where p.kind = 'PROGRAMME_PLAN'`
    await refused('23514', `${another}; ${texts('en')}`)
  })

  t.test('S58 research and statistics chooses the five indicators that a neighbourhood is shown by', async (t) => {
    const choose = (key: string | undefined, indicators: string[], slug = 'nazareth') =>
      ask<{ neighbourhoodChooseHeadlines: { userErrors: object[]; neighbourhood: object | null } }>(
        db,
        key,
        `mutation H($slug: String!, $indicators: [String!]!) { neighbourhoodChooseHeadlines(slug: $slug, input: { indicators: $indicators })
          { neighbourhood { headlines { position indicator { code } } } userErrors { code path } } }`,
        { slug, indicators },
      )
    const statistics = keys['research_statistics@gemeente-maastricht']
    const codes = ['ernstig_eenzaam_pct', 'moeite_met_rondkomen_pct', 'goed_ervaren_gezondheid_pct', 'woz', 'inwoners']
    const { data } = await choose(statistics, codes)
    t.same(data.neighbourhoodChooseHeadlines, {
      neighbourhood: { headlines: codes.map((code, place) => ({ position: place + 1, indicator: { code } })) },
      userErrors: [],
    })
    t.match((await choose(statistics, codes.slice(1))).data.neighbourhoodChooseHeadlines, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'indicators'] }],
    })
    t.match((await choose(statistics, ['woz', 'woz', ...codes.slice(0, 3)])).data.neighbourhoodChooseHeadlines, {
      userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'indicators'] }],
    })
    t.match((await choose(statistics, ['nothing', ...codes.slice(1)])).data.neighbourhoodChooseHeadlines, {
      neighbourhood: null,
      userErrors: [{ code: 'NOT_FOUND', path: ['input', 'indicators', '0'] }],
    })
    t.match((await choose(statistics, codes, 'nowhere')).data.neighbourhoodChooseHeadlines, {
      userErrors: [{ code: 'NOT_FOUND', path: ['slug'] }],
    })
    t.equal((await choose(communication, codes)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    await t.rejects(
      owner.query(
        `insert into headline (id, neighbourhood_id, position, indicator_id) select gen_random_uuid(), neighbourhood_id, 6, indicator_id from headline limit 1`,
      ),
      { code: '23514' },
    )
    await t.rejects(owner.query(`update headline set indicator_id = (select id from indicator where code = 'woz')`), { code: '23505' })
  })

  t.test('F10 S14 a third neighbourhood is enrolled by data alone, and has its page', async (t) => {
    await writeAs(db, team as string, async (tx) => {
      await tx.db.execute(
        sql`insert into neighbourhood (id, slug, name) values ('01900000-0000-7000-8000-0000000000bb', 'wittevrouwenveld', 'Wittevrouwenveld')`,
      )
      await tx.db.execute(sql`insert into enrolment (id, programme_id, neighbourhood_id, starts_on)
        select '01900000-0000-7000-8000-0000000000bc', id, '01900000-0000-7000-8000-0000000000bb', '2025-06-01' from programme`)
    })
    const { data } = await ask<{ neighbourhoods: { slug: string }[] }>(db, undefined, '{ neighbourhoods { slug } }')
    t.same(
      data.neighbourhoods.map(({ slug }) => slug),
      ['nazareth', 'pottenberg', 'wittevrouwenveld'],
    )
    t.match((await ask<Page>(db, undefined, page, { slug: 'wittevrouwenveld' })).data, {
      neighbourhood: { name: 'Wittevrouwenveld', publication: null, planInForce: null, headlines: [] },
    })
    const { publicationTextCreate: made } = (
      await create(communication, { neighbourhood: 'wittevrouwenveld', language: 'nl', summary: 'Ook hier' })
    ).data
    t.match(made.userErrors, [])
    const { id } = made.publicationText as { id: string }
    await step(communication, 'Review', id, 1)
    await step(communication, 'Publish', id, 2)
    t.match((await ask<Page>(db, undefined, page, { slug: 'wittevrouwenveld' })).data, {
      neighbourhood: { publication: { summary: { text: 'Ook hier', language: 'nl' }, foreword: null } },
    })
  })

  t.test('invariant 24: what is published is outdated as soon as its version is superseded, and says so', async (t) => {
    await db.session.write(parseKey(team as string) as Credential, undefined, async (tx, actor) => {
      const { rows } = await tx.db.execute<{ id: string }>(sql`select id from plan where kind = 'PROGRAMME_PLAN'`)
      const planId = (rows[0] as { id: string }).id
      await tx.db.execute(
        sql`insert into plan_version (id, plan_id, number, ambitions) values ('01900000-0000-7000-8000-0000000000cc', ${planId}, 2, '{"source":"nl","nl":"Meer"}')`,
      )
      await tx.db.execute(sql`update plan_version set state = 'SUBMITTED' where id = '01900000-0000-7000-8000-0000000000cc'`)
      await planAdopt(tx, actor, {
        planId,
        expectedVersion: 2,
        decision: {
          reference: 'TEST-24',
          body: 'COLLEGE',
          decidedOn: '2025-11-04',
          outcome: 'CONFORM',
          title: 'Aanvulling',
          text: 'Vast te stellen',
        },
      })
    })
    t.match((await ask<Page>(db, undefined, page, { slug: 'pottenberg' })).data.neighbourhood?.publication, {
      outdated: true,
      summary: { language: 'nl' },
      planVersion: { number: 1 },
    })
    t.same(await textsOf(undefined, 'pottenberg'), ['ar OUTDATED', 'en OUTDATED', 'nl OUTDATED'])
    const { rows } = await owner.query(`select count(*)::int as left from publication_text where state = 'PUBLISHED'`)
    t.equal(rows[0].left, 0)
    await t.rejects(owner.query(`update publication_text set state = 'PUBLISHED' where language = 'nl'`), { code: 'SP409' })
    const made = (
      await create(
        communication,
        { neighbourhood: 'pottenberg', language: 'nl', summary: 'Nieuw' },
        globalId('PlanVersion', '01900000-0000-7000-8000-0000000000cc'),
      )
    ).data.publicationTextCreate.publicationText as { id: string }
    await step(communication, 'Review', made.id, 1)
    await step(communication, 'Publish', made.id, 2)
    t.match((await ask<Page>(db, undefined, page, { slug: 'pottenberg' })).data.neighbourhood?.publication, {
      outdated: false,
      summary: { text: 'Nieuw' },
      planVersion: { number: 2 },
    })
  })
})

t.test('F1 the page of a neighbourhood takes as many statements for a thousand actions as for one', async (t) => {
  const db = await testDatabase(t)
  const watcher = new pg.Client({ connectionString: db.superuserUrl })
  await watcher.connect()
  t.teardown(() => watcher.end())
  await watcher.query('create extension if not exists pg_stat_statements')
  const count = async (first: number, length: number) => {
    await watcher.query('select pg_stat_statements_reset()')
    const { data, errors } = await ask<Page>(db, undefined, page, { slug: 'pottenberg', first })
    t.notOk(errors)
    t.equal(data.neighbourhood?.planInForce?.actions.nodes.length, length)
    t.equal(data.neighbourhood?.headlines.length, 5)
    const { rows } = await watcher.query(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       join pg_roles r on r.oid = s.userid where d.datname = current_database() and r.rolname = 'samenspel_app' and s.toplevel`,
    )
    return rows[0].calls as number
  }
  const one = await count(1, 1)
  t.equal(one, 5, 'identity, the neighbourhood with its publication and plan, actions, their total, headlines: counted at the server')
  await watcher.query('begin')
  await watcher.query('set local session_replication_role = replica')
  await watcher.query(`with made as (
      insert into action (id, programme_id, plan_id, ref, agreed_action_id)
      select gen_random_uuid(), a.programme_id, a.plan_id, 'EXTRA-' || i, a.agreed_action_id from action a, generate_series(1, 1000) i where a.ref = 'POT-2025-01'
      returning id)
    insert into action_participation (id, action_id, organisation_id, role, starts_on)
    select gen_random_uuid(), made.id, o.id, 'LEAD', '2025-01-01' from made, organisation o where o.slug = 'woonpunt'`)
  await watcher.query('commit')
  t.equal(await count(100, 100), one)
})
