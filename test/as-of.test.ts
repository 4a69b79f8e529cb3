import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import t, { type Test } from 'tap'
import { buildApp } from '../src/app.ts'
import { globalId, parseGlobalId } from '../src/read/model.ts'
import { ask, type TestDatabase, testDatabase, writeAs } from './harness.ts'

/** The moment that it is for the database. */
async function momentOf(db: TestDatabase): Promise<string> {
  const text = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
  const [rows] = await db.session.read({ kind: 'public' }, [{ text, values: [] }])
  return rows?.[0]?.[0] as string
}

interface Row {
  Id: string
  Ref?: string
  Status: string
  Standing?: string
  Value?: number | null
  RecordedAt: string
}

/** A set of the BI feed, all pages of it. */
async function rowsOf(db: TestDatabase, key: string | undefined, set: string, options: Record<string, string> = {}) {
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const { statusCode, body } = await db.app.inject({
    url: `/odata/v4/${set}?${query.join('&')}`,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  })
  const { value = [], error } = JSON.parse(body) as { value?: Row[]; error?: { code: string; message: string; target?: string } }
  return { status: statusCode, rows: value, error }
}

async function connected(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** The execution plan of a neighbourhood. */
async function plansOf(db: TestDatabase, key: string | undefined, neighbourhood: string) {
  const { data } = await ask<{ executionPlans: { nodes: object[] } }>(
    db,
    key,
    'query P($n: String) { executionPlans(where: { neighbourhood: { eq: $n } }) { nodes { id latestVersion { version } } } }',
    { n: neighbourhood },
  )
  return data.executionPlans.nodes[0]
}

interface Action {
  id: string
  version: number
  status: string
  title: { text: string } | null
  lead: { slug: string } | null
  latestStatus: { status: string; standing: string } | null
  statusReports: { totalCount: number; nodes: { id: string; status: string; standing: string }[] }
  notes: { totalCount: number; nodes: { body: string }[] }
}

const actionQuery = `query A($ref: String!, $asOf: DateTime) { action(ref: $ref, asOf: $asOf) {
  id version status title { text } lead { slug } latestStatus { status standing } statusReports { totalCount nodes { id status standing } } notes { totalCount nodes { body } } } }`

t.test('asOf: an action and its plan as they were known', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const woonpunt = keys['partner_editor@woonpunt']
  const trajekt = keys['partner_editor@trajekt']
  const ref = 'POT-2025-01'
  const see = async (asOf?: string, key: string | null = team as string) => {
    const { data, errors } = await ask<{ action: Action | null }>(db, key ?? undefined, actionQuery, { ref, asOf })
    t.equal(errors, undefined)
    return data.action
  }
  const done = async (key: string | undefined, mutation: string, variables: object) => {
    const { data, errors } = await ask<{ done: { userErrors: unknown[] } }>(db, key, mutation, { ...variables })
    t.equal(errors, undefined)
    t.same(data.done.userErrors, [])
  }
  const report = (key: string | undefined, status: string) =>
    done(
      key,
      'mutation R($id: ID!, $input: StatusReportInput!) { done: actionRecordStatus(id: $id, input: $input) { userErrors { code path } } }',
      { id: first.id, input: { status, narrative: 'Verteld' } },
    )
  const first = (await see()) as Action
  const lead = keys[`partner_editor@${first.lead?.slug}`]
  const atFirst = await momentOf(db)

  t.test('before and after a report, and after it was taken back', async (t) => {
    await report(lead, 'SUSPENDED')
    const reported = await momentOf(db)
    const suspended = (await see()) as Action
    t.equal(suspended.status, 'SUSPENDED')
    await done(
      lead,
      'mutation T($id: ID!) { done: statusReportRetract(id: $id, input: { reason: "Vergissing" }) { userErrors { code path } } }',
      {
        id: suspended.statusReports.nodes[0]?.id,
      },
    )
    const last = await momentOf(db)
    t.match(await see(), { status: first.status, statusReports: { nodes: [{ standing: 'RETRACTED' }] } })

    t.strictSame(await see(atFirst), first, 'all of it, as it was')
    t.strictSame(await see(reported), suspended, 'as it stood until it was taken back')
    t.strictSame(await see(last), await see())
    t.equal(await see('2020-01-01T00:00:00Z'), null, 'before anything was known')
  })

  t.test('lists and their totals', async (t) => {
    const list = async (asOf?: string) =>
      (
        await ask<{ actions: { totalCount: number; nodes: { ref: string }[] } }>(
          db,
          team,
          'query L($asOf: DateTime) { actions(asOf: $asOf, where: { status: { eq: IMPLEMENTATION } }) { totalCount nodes { ref } } }',
          { asOf },
        )
      ).data.actions
    const before = await list()
    await report(lead, first.status === 'IMPLEMENTATION' ? 'FINALISATION' : 'IMPLEMENTATION')
    t.not((await list()).totalCount, before.totalCount)
    t.strictSame(await list(atFirst), before)
  })

  t.test('the rights are those of today', async (t) => {
    const write =
      'mutation N($id: ID!, $input: NoteCreateInput!) { done: noteCreate(actionId: $id, input: $input) { userErrors { code path } } }'
    await done(woonpunt, write, { id: first.id, input: { body: 'Van ons alleen', visibility: 'OWN_ORGANISATION' } })
    await done(woonpunt, write, { id: first.id, input: { body: 'Van de alliantie', visibility: 'ALLIANCE' } })
    const written = await momentOf(db)
    t.same((await see(atFirst, woonpunt))?.notes, { totalCount: 0, nodes: [] })
    t.equal((await see(written, woonpunt))?.notes.totalCount, 2)
    t.same((await see(written, trajekt))?.notes, { totalCount: 1, nodes: [{ body: 'Van de alliantie' }] })
    t.same((await see(written, null))?.notes, { totalCount: 0, nodes: [] })
    const superuser = await connected(t, db.superuserUrl)
    await superuser.query(
      `update alliance_membership set ends_on = today() where organisation_id = (select id from organisation where slug = 'trajekt')`,
    )
    const { errors } = await ask(db, trajekt, actionQuery, { ref, asOf: written })
    t.equal(errors?.[0]?.extensions.code, 'MEMBERSHIP_ENDED', 'who left reads nothing, also of the time before')
  })

  t.test('a plan before and after its adoption; a draft of then is hidden from who sees none today', async (t) => {
    interface Plans {
      executionPlans: {
        totalCount: number
        nodes: {
          id: string
          inForce: { state: string } | null
          latestVersion: { version: number; state: string } | null
          history: { totalCount: number }
        }[]
      }
    }
    const plans = async (key: string | undefined, asOf?: string) => {
      const { data, errors } = await ask<Plans>(
        db,
        key,
        `query P($asOf: DateTime) { executionPlans(asOf: $asOf, where: { neighbourhood: { eq: "nazareth" } }) {
          totalCount nodes { id inForce { state } latestVersion { version state } history { totalCount } } } }`,
        { asOf },
      )
      t.equal(errors, undefined)
      return data.executionPlans
    }
    const submitted = await plans(team)
    const before = await momentOf(db)
    await done(
      team,
      'mutation A($id: ID!, $input: PlanAdoptInput!) { done: planAdopt(id: $id, input: $input) { userErrors { code path } } }',
      {
        id: submitted.nodes[0]?.id,
        input: {
          expectedVersion: submitted.nodes[0]?.latestVersion?.version,
          effectiveFrom: '2025-10-14',
          decision: {
            reference: 'AS-OF',
            body: 'COLLEGE',
            decidedOn: '2025-10-14',
            title: 'Voorbeeld',
            text: 'Voorbeeld van een besluit',
            outcome: 'CONFORM',
          },
        },
      },
    )
    t.match(await plans(team), { nodes: [{ inForce: { state: 'ADOPTED' } }] })
    t.strictSame(await plans(team, before), submitted)
    t.match(await plans(undefined), { totalCount: 1, nodes: [{ inForce: { state: 'ADOPTED' } }] })
    t.notMatch(JSON.stringify(await plans(undefined, before)), /SUBMITTED|DRAFT/)
  })

  t.test(
    'S05 what differs between versions is told as it was known at a moment: of a draft what it then said, by the rights of today',
    async (t) => {
      const plan = (await plansOf(db, team, 'pottenberg')) as { id: string; latestVersion: { version: number } }
      const query = `query D($asOf: DateTime) { executionPlans(asOf: $asOf, where: { neighbourhood: { eq: "pottenberg" } }) { nodes {
      latestVersion { number changes(first: 100) { totalCount nodes { kind field before after action { ref } } } } } } }`
      interface Told {
        executionPlans: { nodes: { latestVersion: { number: number; changes: { totalCount: number; nodes: object[] } } | null }[] }
      }
      const told = async (asOf?: string, key = team) => {
        const { data, errors } = await ask<Told>(db, key, query, { asOf })
        t.equal(errors, undefined)
        return data.executionPlans.nodes[0]?.latestVersion
      }
      await done(
        team,
        'mutation S($id: ID!, $input: PlanDraftStartInput!) { done: planDraftStart(id: $id, input: $input) { userErrors { code path message } } }',
        { id: plan.id, input: { expectedVersion: plan.latestVersion.version } },
      )
      const started = await momentOf(db)
      const superuser = await connected(t, db.superuserUrl)
      const draft = `(select v.id from plan_version v join plan p on p.id = v.plan_id join neighbourhood n on n.id = p.neighbourhood_id
      where n.slug = 'pottenberg' and v.state = 'DRAFT')`
      const retitle = (title: string) =>
        superuser.query(
          `update agreed_action g set title = jsonb_build_object('source', 'nl', 'nl', $2::text) from action a
        where a.id = g.action_id and a.ref = $1 and g.plan_version_id = ${draft}`,
          [ref, title],
        )
      const seen: [string, Awaited<ReturnType<typeof told>>][] = [[started, await told()]]
      const note = async () => seen.push([await momentOf(db), await told()])
      await retitle('Eerste titel')
      await note()
      await retitle('Tweede titel')
      await superuser.query(`update plan_version set ambitions = '{"source":"nl","nl":"Andere ambities"}' where id = ${draft}`)
      await note()
      await superuser.query(
        `update agreed_action_pillar l set withdrawn = true from agreed_action g join action a on a.id = g.action_id
      where g.id = l.agreed_action_id and a.ref = $1 and g.plan_version_id = ${draft}`,
        [ref],
      )
      await note()
      await superuser.query(
        `update agreed_action g set withdrawn = true from action a where a.id = g.action_id and a.ref = $1 and g.plan_version_id = ${draft}`,
        [ref],
      )
      await note()
      t.match(
        seen.map(([, version]) => version?.changes.nodes),
        [
          [],
          [{ field: 'title', after: /Eerste titel/, action: { ref } }],
          [
            { field: 'ambitions', after: /Andere/ },
            { field: 'title', after: /Tweede titel/ },
          ],
          [{ field: 'ambitions' }, { field: 'pillars', after: '[]' }, { field: 'title' }],
          [{ field: 'ambitions' }, { kind: 'REMOVED', field: null, action: { ref } }],
        ],
      )
      for (const [moment, version] of seen) t.strictSame(await told(moment), version, moment)
      t.match(await told(atFirst), { number: 1, changes: { totalCount: 0 } })
      const council = keys['council_reader@gemeente-maastricht']
      for (const [moment] of seen) t.match(await told(moment, council), { number: 1, changes: { totalCount: 0 } }, 'no draft of then')
    },
  )

  t.test('is said once on a path, and never of a moment that may still change', async (t) => {
    const nested = await ask(
      db,
      team,
      `{ neighbourhood(slug: "pottenberg", asOf: "${atFirst}") { headlines { indicator { series(asOf: "${atFirst}") { id } } } } }`,
    )
    t.match(nested.errors, [{ extensions: { code: 'BAD_USER_INPUT', path: ['asOf'] } }])

    const writer = await connected(t, db.url)
    await writer.query('begin')
    const opened = await momentOf(db)
    const { errors, data } = await ask<{ action: Action | null }>(db, team, actionQuery, { ref, asOf: opened })
    t.equal(data.action, null)
    t.match(errors, [{ path: ['action'], extensions: { code: 'NOT_SETTLED', settledUntil: /^20.*Z$/ } }])
    const settledUntil = String((errors?.[0]?.extensions as { settledUntil?: string } | undefined)?.settledUntil)
    t.ok(settledUntil < opened, 'the watermark lies before the open writer')
    t.ok(await see(settledUntil), 'and is served')
    await writer.query('commit')
    t.ok(await see(opened), 'no writer is open any more')
    const future = await ask(db, team, actionQuery, { ref, asOf: '2199-01-01T00:00:00Z' })
    t.match(future.errors, [{ extensions: { code: 'NOT_SETTLED' } }])
  })

  t.test('what a late writer recorded is not missing from a moment that was served', async (t) => {
    const writer = await connected(t, db.superuserUrl)
    await writeAs(db, team as string, async (tx) => {
      await tx.db.execute(sql`update programme set name = name`)
      const meanwhile = await momentOf(db)
      const { errors } = await ask(db, team, actionQuery, { ref, asOf: meanwhile })
      t.match(errors, [{ extensions: { code: 'NOT_SETTLED' } }], 'a writer of the service holds the watermark')
    })
    const { rows } = await writer.query('select max(updated_at) < clock_timestamp() as before from programme')
    t.same(rows, [{ before: true }])
  })

  t.test('a kept answer is that of its moment', async (t) => {
    const app = await buildApp({ session: db.session, cacheBytes: 8 * 1024 * 1024 })
    t.teardown(() => app.close())
    const query = 'query A($asOf: DateTime) { action(ref: "POT-2025-01", asOf: $asOf) { status } }'
    const status = async (asOf?: string) => {
      const answers = new Set<string>()
      for (let n = 0; n < 4; n++)
        answers.add((await ask<{ action: { status: string } }>({ app }, undefined, query, { asOf })).data.action.status)
      t.equal(answers.size, 1)
      return [...answers][0]
    }
    const now = await status()
    t.not(await status(atFirst), now)
    t.equal(await status(), now)
  })
})

t.test('B4 asOf: a figure as it was known, withheld where it is withheld by now', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const statistics = keys['research_statistics@gemeente-maastricht'] as string
  interface Figure {
    period: string
    value: string | null
    status: string
    revision: number
    recordedAt: string
  }
  const figures = async (key: string | undefined, asOf?: string, code = 'inwoners') => {
    const { data, errors } = await ask<{ indicator: { series: { region: { code: string }; observations: Figure[] }[] } }>(
      db,
      key,
      `query F($asOf: DateTime, $code: String!) { indicator(code: $code) { series(asOf: $asOf, regions: ["BU09350203"]) {
        region { code } observations { period value status revision recordedAt } } } }`,
      { asOf, code },
    )
    t.equal(errors, undefined)
    return data.indicator.series
  }
  /** The next revision of the latest figure, as an import writes it. */
  const revise = (value: string | null, status: string, code = 'inwoners') =>
    writeAs(db, statistics, async (tx) => {
      await tx.db.execute(sql`with o as (
          update observation o set value = ${value}::numeric, status = ${status}::obs_status, revision = o.revision + 1, recorded_at = now()
          where o.id = (select l.id from observation l join series s on s.id = l.series_id join region r on r.id = s.region_id join indicator i on i.id = s.indicator_id
            where r.code = 'BU09350203' and i.code = ${code} order by l.period desc limit 1) returning o.*)
        insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), id, revision, value, status from o`)
    })

  const published = await figures(undefined)
  const lastYear = await momentOf(db)
  await revise('1234', 'PROVISIONAL')
  await revise('12.34', 'NORMAL', 'moeite_met_rondkomen_pct')
  const revised = await momentOf(db)
  t.equal((await figures(undefined))[0]?.observations.at(-1)?.value, '1234')
  for (const key of [undefined, keys['council_reader@gemeente-maastricht'], keys['research_statistics@gemeente-maastricht']]) {
    t.strictSame(await figures(key, lastYear), published, "last year's figure exactly")
    t.equal((await figures(key, revised))[0]?.observations.at(-1)?.value, '1234')
  }
  const page = async (asOf: string) =>
    (
      await ask<{ neighbourhood: { headlines: { actual: { value: string } | null }[] } }>(
        db,
        undefined,
        'query N($asOf: DateTime) { neighbourhood(slug: "pottenberg", asOf: $asOf) { headlines { indicator { code } actual { value status } } } }',
        { asOf },
      )
    ).data.neighbourhood
  t.match(JSON.stringify(await page(revised)), '"12.34"')
  t.notMatch(JSON.stringify(await page(lastYear)), '"12.34"')

  await revise(null, 'SUPPRESSED')
  for (const asOf of [lastYear, revised]) {
    t.match(
      (await figures(undefined, asOf))[0]?.observations.at(-1),
      { value: null, status: 'SUPPRESSED' },
      'what is withheld today is withheld of then',
    )
  }

  await writeAs(db, statistics, async (tx) => {
    await tx.db.execute(sql`insert into indicator (id, programme_id, code, name, definition, unit, measure, aggregation, decimals)
      select gen_random_uuid(), programme_id, 'later', name, definition, unit, measure, aggregation, decimals from indicator where code = 'inwoners'`)
  })
  t.same(await figures(undefined, lastYear, 'later'), [], 'what is above keeps its rows of now')
})

t.test('asOf takes as many statements for a hundred rows as for one', async (t) => {
  const db = await testDatabase(t)
  const asOf = await momentOf(db)
  const watcher = await connected(t, db.superuserUrl)
  await watcher.query('create extension if not exists pg_stat_statements')
  const count = async (first: number) => {
    await watcher.query('select pg_stat_statements_reset()')
    const { errors } = await ask(
      db,
      undefined,
      `query P($asOf: DateTime, $first: Int) { executionPlans(asOf: $asOf, first: 2) { nodes { actions(first: $first) {
        totalCount nodes { ref lead { slug } contributors { slug } statusReports(first: 5) { nodes { status } } } } } } }`,
      { asOf, first },
    )
    t.equal(errors, undefined)
    const { rows } = await watcher.query(
      `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
       join pg_roles r on r.oid = s.userid where d.datname = current_database() and r.rolname = 'samenspel_app' and s.toplevel`,
    )
    return rows[0].calls as number
  }
  await count(1)
  t.equal(
    await count(1),
    5,
    'identity, plans with the total of their actions, actions, contributors, reports: the watermark that is known is not asked again',
  )
  t.equal(await count(100), 5)
})

t.test('B2, B4 the BI feed: windows of recording, and sets as they were known', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const reader = keys['bi_reader@servatius']
  const team = keys['programme_team@gemeente-maastricht'] as string
  const { data } = await ask<{ actions: { nodes: { id: string; ref: string }[] } }>(db, team, '{ actions(first: 3) { nodes { id ref } } }')
  const [one, other] = data.actions.nodes.map(({ id }) => id)
  const report = async (id: string | undefined, status: string) => {
    const { errors } = await ask(
      db,
      team,
      'mutation R($id: ID!, $input: StatusReportInput!) { actionRecordStatus(id: $id, input: $input) { userErrors { code } } }',
      { id, input: { status } },
    )
    t.equal(errors, undefined)
  }
  const since = (moment: string, until?: string) => ({
    $filter: `RecordedAt gt ${moment}${until === undefined ? '' : ` and RecordedAt le ${until}`}`,
  })
  const statuses = async (options = {}) => (await rowsOf(db, reader, 'Actions', options)).rows.map(({ Ref, Status }) => [Ref, Status])
  const atFirst = await statuses()
  const began = await momentOf(db)

  t.test('one window after the other holds every row once, also of a writer that began before and came after', async (t) => {
    const seen: Row[] = []
    const next = async () => {
      const from =
        seen
          .map(({ RecordedAt }) => RecordedAt)
          .sort()
          .at(-1) ?? began
      const { status, rows } = await rowsOf(db, reader, 'ActionStatusHistory', since(from))
      t.equal(status, 200)
      seen.push(...rows)
      return rows.length
    }
    await report(one, 'SUSPENDED')
    t.equal(await next(), 1)
    await writeAs(db, team, async (tx) => {
      const opened = await momentOf(db)
      await report(other, 'SUSPENDED')
      const committed = await momentOf(db)
      t.equal((await rowsOf(db, reader, 'ActionStatusHistory')).rows.filter(({ RecordedAt }) => RecordedAt > began).length, 2)
      t.equal(await next(), 0, 'what lies behind the open writer waits for it')
      const closed = await rowsOf(db, reader, 'ActionStatusHistory', since(began, committed))
      t.match(closed, { status: 409, error: { code: 'NOT_SETTLED', target: '$filter' } }, 'a window that has ended may still gain rows')
      t.equal((await rowsOf(db, reader, 'ActionStatusHistory/$count', since(began, committed))).status, 409)
      t.equal(
        (await rowsOf(db, reader, 'ActionStatusHistory', since(began, '2199-01-01T00:00:00Z'))).rows.length,
        1,
        'one that has not ended holds what is settled',
      )
      t.ok(committed > opened)
      await tx.db.execute(sql`insert into status_report (id, action_id, subject, standing, status, effective_at)
        select gen_random_uuid(), id, 'ACTION', 'ACCEPTED', 'PIPELINE', now() from action where ref = ${data.actions.nodes[2]?.ref}`)
    })
    t.equal(await next(), 2, 'the late one and the one that waited')
    t.equal(await next(), 0)
    const superuser = await connected(t, db.superuserUrl)
    for (const table of ['status_report', 'observation', 'observation_revision']) {
      const early = `update ${table} set recorded_at = now() - interval '1 second'`
      await t.rejects(superuser.query(early), 'nothing comes to stand in a window that was read')
    }
    await t.rejects(
      superuser.query(`insert into status_report (id, action_id, subject, standing, status, effective_at, recorded_at)
        select gen_random_uuid(), id, 'ACTION', 'ACCEPTED', 'PIPELINE', now(), now() - interval '1 second' from action limit 1`),
      { code: '23514' },
    )
    t.same(
      seen.map(({ Id }) => Id).sort(),
      (await rowsOf(db, reader, 'ActionStatusHistory')).rows
        .filter(({ RecordedAt }) => RecordedAt > began)
        .map(({ Id }) => Id)
        .sort(),
    )
  })

  t.test('B2, invariant 25: what is taken back or withheld since comes once more, as such', async (t) => {
    const [taken] = (await rowsOf(db, reader, 'ActionStatusHistory', { $filter: `ActionId eq ${parseGlobalId(one as string)?.uuid}` })).rows
    const all = (await rowsOf(db, reader, 'ActionStatusHistory')).rows
    const before = await momentOf(db)
    const { data: done } = await ask<{ statusReportRetract: { userErrors: object[] } }>(
      db,
      team,
      'mutation R($id: ID!) { statusReportRetract(id: $id, input: { reason: "Vergissing" }) { userErrors { code path } } }',
      { id: globalId('StatusReport', taken?.Id as string) },
    )
    t.same(done.statusReportRetract.userErrors, [])
    await writeAs(db, keys['research_statistics@gemeente-maastricht'] as string, async (tx) => {
      await tx.db.execute(sql`with o as (update observation set value = null, status = 'SUPPRESSED', revision = revision + 1, recorded_at = now()
          where id = (select id from observation where status = 'NORMAL' order by id limit 1) returning *)
        insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), id, revision, value, status from o`)
    })
    const after = await momentOf(db)
    const changed = (from: string, until: string) => ({ $filter: `ChangedAt gt ${from} and ChangedAt le ${until}` })
    await pause(100)
    const { status, rows } = await rowsOf(db, reader, 'ActionStatusHistory', changed(before, after))
    t.equal(status, 200)
    t.match(
      rows.filter(({ Standing }) => Standing === 'RETRACTED'),
      [{ Id: taken?.Id, RecordedAt: taken?.RecordedAt }],
      'the row that was sent before, by its key, and counts no more',
    )
    t.same((await rowsOf(db, reader, 'ActionStatusHistory', changed(after, '2199-01-01T00:00:00Z'))).rows, [], 'once')
    t.same(
      (await rowsOf(db, reader, 'ActionStatusHistory')).rows.map(({ Id }) => Id),
      all.map(({ Id }) => Id),
      'no row is gone',
    )
    t.match((await rowsOf(db, reader, 'Observations', since(before, after))).rows, [{ Status: 'SUPPRESSED', Value: null, Revision: 2 }])

    await writeAs(db, team, async (tx) => {
      await momentOf(db)
      await report(other, 'IMPLEMENTATION')
      const closed = await rowsOf(db, reader, 'ActionStatusHistory', changed(after, await momentOf(db)))
      t.match(closed, { status: 409, error: { code: 'NOT_SETTLED', target: '$filter' } }, 'what may still change is not told as a whole')
      await tx.db.execute('select 1')
    })
  })

  t.test('asOf tells a set, a row and a count as they were known, by the rights of today', async (t) => {
    const asOf = began
    t.same(
      (await rowsOf(db, reader, 'ActionStatusHistory', { asOf })).rows.filter(({ RecordedAt }) => RecordedAt > began),
      [],
    )
    t.strictSame(await statuses({ asOf }), atFirst)
    t.notSame(await statuses(), atFirst)
    const [row] = (await rowsOf(db, reader, 'Actions', { $filter: `Ref eq '${data.actions.nodes[0]?.ref}'` })).rows
    t.equal(row?.Status, 'SUSPENDED')
    const { body } = await db.app.inject({
      url: `/odata/v4/Actions(${row?.Id})/Status/$value?asOf=${asOf}`,
      headers: { authorization: `Bearer ${reader}` },
    })
    t.not(body, 'SUSPENDED')
    const figures = await rowsOf(db, undefined, 'Observations')
    const latest = await momentOf(db)
    const statistics = keys['research_statistics@gemeente-maastricht'] as string
    await writeAs(db, statistics, async (tx) => {
      await tx.db.execute(sql`with o as (update observation set value = value + 1, revision = revision + 1, recorded_at = now() where value is not null returning *)
        insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), id, revision, value, status from o`)
    })
    t.notSame((await rowsOf(db, undefined, 'Observations')).rows, figures.rows)
    t.strictSame((await rowsOf(db, undefined, 'Observations', { asOf: latest })).rows, figures.rows)
    t.match(await rowsOf(db, reader, 'Actions', { asOf: 'gisteren' }), { status: 400, error: { code: 'BAD_USER_INPUT', target: 'asOf' } })
    t.match(await rowsOf(db, reader, 'Actions', { asOf: '2199-01-01T00:00:00Z' }), {
      status: 409,
      error: { code: 'NOT_SETTLED', target: 'asOf' },
    })
  })
})
