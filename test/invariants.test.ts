import pg from 'pg'
import t, { type Test } from 'tap'
import { uuidv7 } from 'uuidv7'
import { buildApp } from '../src/app.ts'
import { parseKey } from '../src/auth/key.ts'
import { type Credential, Session } from '../src/db/session.ts'
import { features } from '../src/features.ts'
import { makeSchema } from '../src/graphql/schema.ts'
import { attempt } from './access/least.ts'
import { ask, type TestDatabase, testDatabase } from './harness.ts'

const words = `'{"source": "nl", "nl": "x"}'`

/** Speaks SQL to the database by itself: as the service's own role on behalf of the holder of a key, or as one whom no policy holds. All of it is taken back. */
async function directSql(t: Test, db: TestDatabase) {
  const connected = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    t.teardown(() => client.end())
    return client
  }
  const [service, owner, superuser] = await Promise.all([db.url, db.ownerUrl, db.superuserUrl].map(connected))
  /** What the database answers: its code, how many rows were changed, or `done`. */
  async function attempted(client: pg.Client | undefined, ...statements: string[]): Promise<string> {
    try {
      await client?.query('begin')
      let changed: number | null = null
      for (const statement of statements) changed = (await client?.query(statement))?.rowCount ?? null
      await client?.query('set constraints all immediate')
      return changed === null ? 'done' : `${changed} changed`
    } catch (error) {
      return (error as { code: string }).code
    } finally {
      await client?.query('rollback')
    }
  }
  return {
    superuser: superuser as pg.Client,
    asOwner: (statement: string) => attempted(owner, statement),
    unbound: (...statements: string[]) => attempted(superuser, ...statements),
    entered: (who: string, ...statements: string[]) => {
      const { id, hash } = parseKey(db.keys[who] as string) as Credential & { kind: 'key' }
      return attempted(service, `select enter('${id}', '\\x${hash.toString('hex')}')`, ...statements)
    },
  }
}

const team = 'programme_team@gemeente-maastricht'
const admin = 'admin@gemeente-maastricht'
const statistics = 'research_statistics@gemeente-maastricht'
const woonpunt = 'partner_editor@woonpunt'

/** No right to it, refused by a check, by a key, as overlapping, as written once. */
const [noRight, check, foreign, unique, overlap, frozen] = ['42501', '23514', '23503', '23505', '23P01', 'SP409']

t.test('what the domain never allows, the database refuses to direct SQL, whoever asks', async (t) => {
  const db = await testDatabase(t)
  const { superuser, entered, unbound, asOwner } = await directSql(t, db)
  /** The same answer to the service's role on behalf of who may most, and to one whom no policy holds. */
  async function refuses(t: Test, statement: string, code: string, { who = team, service = code } = {}): Promise<void> {
    t.equal(await entered(who, statement), service, `${who}: ${statement}`)
    t.equal(await unbound(statement), code, `anybody: ${statement}`)
  }

  const planOf = (kind: string, from: string, to: string, neighbourhood = 'null') =>
    `insert into plan (id, programme_id, kind, neighbourhood_id, title, starts_on, ends_on)
     select gen_random_uuid(), id, '${kind}', ${neighbourhood}, ${words}, '${from}', '${to}' from programme`
  const pottenberg = `(select n.id from neighbourhood n where n.slug = 'pottenberg')`

  t.test('invariant 1: an execution plan is of one enrolled neighbourhood and two calendar years, and of no other at once', async (t) => {
    const refused = (from: string, to: string, code: string, neighbourhood = pottenberg) =>
      refuses(t, planOf('EXECUTION_PLAN', from, to, neighbourhood), code)
    await refused('2027-01-01', '2027-12-31', check as string)
    await refused('2027-01-01', '2029-12-31', check as string)
    await refused('2027-07-01', '2029-06-30', check as string)
    await refused('2026-01-01', '2027-12-31', overlap as string)
    await refused('2027-01-01', '2028-12-31', check as string, 'null')
    t.equal(await entered(team, planOf('EXECUTION_PLAN', '2027-01-01', '2028-12-31', pottenberg)), '1 changed')
    t.equal(await unbound(planOf('PROGRAMME_PLAN', '2027-01-01', '2028-12-31', pottenberg)), check)
    await refuses(t, `update enrolment set ends_on = '2025-01-01'`, check as string)
    t.equal(await entered(team, `update enrolment set ends_on = '2026-06-01'`), '2 changed', 'as long as it lasts during the plan')
  })

  t.test('invariant 2: an agenda is of five calendar years, and agendas do not overlap', async (t) => {
    await refuses(t, planOf('STRATEGIC_AGENDA', '2030-01-01', '2033-12-31'), check as string)
    await refuses(t, planOf('STRATEGIC_AGENDA', '2030-02-01', '2035-01-31'), check as string)
    await refuses(t, planOf('STRATEGIC_AGENDA', '2029-01-01', '2033-12-31'), overlap as string)
    t.equal(await entered(team, planOf('STRATEGIC_AGENDA', '2030-01-01', '2034-12-31')), '1 changed')
  })

  t.test('invariant 3: terms lie within the programme, which lasts twenty years or more and is never shortened', async (t) => {
    await refuses(t, planOf('EXECUTION_PLAN', '2045-01-01', '2046-12-31', pottenberg), check as string)
    await refuses(t, planOf('STRATEGIC_AGENDA', '2041-01-01', '2045-12-31'), check as string)
    await refuses(t, planOf('PROGRAMME_PLAN', '2024-12-31', '2044-12-31'), check as string)
    await refuses(t, `update programme set ends_on = '2044-12-30'`, check as string)
    await refuses(t, `update programme set starts_on = '2025-01-02', ends_on = '2050-12-31'`, check as string, { service: noRight })
    t.equal(await entered(team, `update programme set ends_on = '2054-12-31'`), '1 changed')
    t.equal(
      await unbound(`update programme set ends_on = '2054-12-31'`, `update programme set ends_on = '2053-12-31'`),
      check,
      'nor what it was extended by',
    )
    const another = (to: string) =>
      `insert into programme (id, code, name, starts_on, ends_on) values (gen_random_uuid(), 'X', ${words}, '2030-01-01', '${to}')`
    await refuses(t, another('2049-12-30'), check as string)
    t.equal(await unbound(another('2049-12-31')), '1 changed')
  })

  t.test('invariant 5: of a version that was adopted nothing changes: its texts, its hash, its actions and their tags', async (t) => {
    const version = `where state = 'ADOPTED' and plan_kind = 'EXECUTION_PLAN'`
    for (const change of [
      `ambitions = ${words}`,
      `objectives = ${words}`,
      `approach = ${words}`,
      `guiding_principles = '[{"source": "nl", "nl": "x"}]'`,
      `snapshot = '{}'`,
      `content_hash = 'x'`,
      `effective_from = '2025-01-01'`,
      `submitted_at = now()`,
    ])
      await refuses(t, `update plan_version set ${change} ${version}`, frozen as string)
    await refuses(t, `update plan_version set state = 'DRAFT' ${version}`, 'SP412')
    await refuses(t, `update plan_version set number = 9 ${version}`, frozen as string, { service: noRight })

    const agreed = `where version_state = 'ADOPTED'`
    for (const change of [`title = ${words}`, `kind = 'INITIATIVE'`, `planned_end_on = '2044-01-01'`, 'withdrawn = true'])
      await refuses(t, `update agreed_action set ${change} ${agreed}`, frozen as string)
    for (const [tag, register] of [
      ['pillar', 'pillar'],
      ['theme', 'theme'],
      ['sdg', 'sdg_goal'],
      ['result', 'result'],
    ])
      await refuses(
        t,
        `insert into agreed_action_${tag} (agreed_action_id, ${register}_id) select g.id, r.id from agreed_action g, ${register} r
         where version_state = 'ADOPTED' and not exists (select from agreed_action_${tag} x where (x.agreed_action_id, x.${register}_id) = (g.id, r.id)) limit 1`,
        frozen as string,
      )
    await refuses(
      t,
      `update agreed_action_pillar set withdrawn = true where agreed_action_id in (select id from agreed_action ${agreed})`,
      frozen as string,
    )
  })

  t.test('invariant 5: nor does a document that belongs to it', async (t) => {
    const document = `insert into document (id, plan_version_id, kind, title, media_type, sha256, url)
      select gen_random_uuid(), id, 'PLAN', ${words}, 'application/pdf', repeat('a', 64), 'https://example.nl/plan.pdf' from plan_version where `
    await refuses(t, `${document} state = 'ADOPTED' limit 1`, frozen as string)
    const adopted = `(select id from plan_version where state = 'ADOPTED' limit 1)`
    t.equal(
      await unbound(`${document} state = 'SUBMITTED' limit 1`, `update document set plan_version_id = ${adopted}`),
      frozen,
      'nor is one moved to it',
    )
    for (const change of [`url = 'https://example.nl/other.pdf'`, `sha256 = repeat('b', 64)`, `title = ${words.replace('x', 'y')}`])
      t.equal(
        await unbound(
          `${document} state = 'SUBMITTED' limit 1`,
          'alter table plan_version disable trigger user',
          `update plan_version set state = 'ADOPTED', effective_from = today(), content_hash = 'x' where id = (select plan_version_id from document)`,
          `update document set ${change}`,
        ),
        frozen,
        change,
      )
  })

  t.test('invariant 7: an action stays with its plan, and has one lead on every day', async (t) => {
    const action = `(select id from action where ref = 'POT-2025-02')`
    const other = `(select id from plan where kind = 'EXECUTION_PLAN' and id <> (select plan_id from action where ref = 'POT-2025-02') limit 1)`
    await refuses(t, `update action set plan_id = ${other} where id = ${action}`, foreign as string, { service: noRight })
    const part = (role: string) => `insert into action_participation (id, action_id, organisation_id, role, starts_on)
      select gen_random_uuid(), ${action}, id, '${role}', today() from organisation where slug = 'mondriaan'`
    await refuses(t, part('LEAD'), overlap as string)
    await refuses(t, part('LEAD'), overlap as string, { who: woonpunt })
    await refuses(t, `update action_participation set ends_on = today() + 1 where action_id = ${action} and role = 'LEAD'`, check as string)
    await refuses(
      t,
      `insert into action (id, programme_id, plan_id, ref, agreed_action_id)
       select gen_random_uuid(), programme_id, plan_id, 'POT-2025-99', agreed_action_id from action where id = ${action}`,
      check as string,
    )
  })

  t.test('invariant 8: what was told of an action is moved to no other', async (t) => {
    const other = `(select id from action where ref = 'NAZ-2025-08')`
    await refuses(t, `update status_report set action_id = ${other}`, frozen as string, { service: noRight })
    await refuses(t, `update action_relation set kind = 'FOLLOWS' where kind = 'CONTINUES'`, '0 changed', { service: noRight })
  })

  /** A report by the lead of its action, as `effective` and `recorded` say. */
  const report = (
    effective: string,
    recorded = 'now()',
  ) => `insert into status_report (id, action_id, subject, standing, status, effective_at, recorded_at)
    select gen_random_uuid(), id, 'ACTION', 'ACCEPTED', 'IMPLEMENTATION', ${effective}, ${recorded} from action where ref = 'POT-2025-02'`

  t.test('invariant 10: no report tells of later than five minutes after it came, nor says that it came later', async (t) => {
    const late = `now() + interval '5 minutes 1 second'`
    for (const who of [team, woonpunt]) {
      await refuses(t, report(late), check as string, { who })
      await refuses(t, report(`now() + interval '1 day'`, `now() + interval '1 day'`), check as string, { who })
      t.equal(await entered(who, report(`now() + interval '4 minutes'`)), '1 changed')
    }
    await refuses(t, `update status_report set effective_at = ${late}`, frozen as string, { service: noRight })
  })

  t.test('invariant 11: a key of idempotency is used once, and its answer stays', async (t) => {
    const { rows } = await superuser.query(
      `select k.principal_id, p.organisation_id from api_key k join principal p on p.id = k.principal_id where k.key_id = $1`,
      [(parseKey(db.keys[woonpunt] as string) as Credential & { kind: 'key' }).id],
    )
    const batch = (
      fingerprint: string,
    ) => `insert into status_report_batch (id, principal_id, organisation_id, idempotency_key, fingerprint, answer)
      values (gen_random_uuid(), '${rows[0]?.principal_id}', '${rows[0]?.organisation_id}', 'week-20', '${fingerprint}', '{}')`
    t.equal(await entered(woonpunt, batch('one')), '1 changed')
    t.equal(await entered(woonpunt, batch('one'), batch('another')), unique)
    t.equal(await unbound(batch('one'), batch('another')), unique)
    t.equal(await entered(woonpunt, batch('one'), `update status_report_batch set answer = '{"items": []}'`), noRight)
    t.equal(await unbound(batch('one'), `update status_report_batch set answer = '{"items": []}'`), frozen)
  })

  t.test('invariant 12: a report and a revision of a figure are written once', async (t) => {
    for (const change of [
      `status = 'CLOSED'`,
      'progress_percent = 1',
      `health = 'OFF_TRACK'`,
      `effective_at = effective_at - interval '1 day'`,
      `subject = 'UNRELATED'`,
    ])
      await refuses(t, `update status_report set ${change}`, frozen as string, { service: noRight })
    for (const change of ['value = 1', `status = 'MISSING'`, 'revision = 99'])
      await refuses(t, `update observation_revision set ${change}`, frozen as string, { who: statistics, service: noRight })
    for (const table of ['status_report', 'observation_revision']) {
      await refuses(t, `delete from ${table}`, frozen as string, { who: statistics, service: noRight })
      t.equal(await asOwner(`truncate ${table} cascade`), frozen)
    }
  })

  t.test(
    'invariant 13: revisions of a figure follow each other in number and in time, so that one is the latest at any moment',
    async (t) => {
      const revise = (
        revision: string,
        recorded = 'now()',
      ) => `insert into observation_revision (id, observation_id, revision, value, status, recorded_at)
      select gen_random_uuid(), r.observation_id, ${revision}, 1, 'NORMAL', ${recorded} from observation_revision r
      where r.revision = (select max(revision) from observation_revision l where l.observation_id = r.observation_id) order by r.observation_id limit 1`
      const who = statistics
      await refuses(t, revise('r.revision'), unique as string, { who })
      await refuses(t, revise('r.revision + 2'), check as string, { who })
      await refuses(t, revise('0'), check as string, { who })
      await refuses(t, revise('-1'), check as string, { who })
      await refuses(t, revise('r.revision + 1', `now() - interval '1 hour'`), check as string, { who })
      const early = [revise('r.revision + 1', `now() + interval '2 hours'`), revise('r.revision + 1', `now() + interval '1 hour'`)]
      t.equal(await entered(statistics, ...early), check, 'the later one was recorded before the one that it revises')
      t.equal(await unbound(...early), check)
      t.equal(await entered(statistics, revise('r.revision + 1')), '1 changed')
      await refuses(
        t,
        `insert into observation (id, series_id, period, region_version_id, value, status, data_source_id)
       select gen_random_uuid(), series_id, period, region_version_id, value, status, data_source_id from observation limit 1`,
        unique as string,
        { who },
      )
    },
  )

  t.test('invariant 14: a figure that is not there says why, and zero is a figure', async (t) => {
    const explaining = ['SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING']
    const { rows } = await superuser.query<{ status: string }>('select unnest(enum_range(null::obs_status))::text as status')
    const next = (value: string, status: string) => `insert into observation_revision (id, observation_id, revision, value, status)
      select gen_random_uuid(), id, revision + 1, ${value}, '${status}' from observation limit 1`
    const now = (value: string, status: string) =>
      `update observation set value = ${value}, status = '${status}' where id = (select id from observation limit 1)`
    for (const { status } of rows) {
      const wanted = explaining.includes(status) ? '1 changed' : check
      for (const written of [next, now]) await refuses(t, written('null', status), wanted as string, { who: statistics })
    }
    for (const written of [next, now]) {
      await refuses(t, written('0', 'NORMAL'), '1 changed', { who: statistics })
      await refuses(t, written('3', 'SUPPRESSED'), check as string, { who: statistics })
    }
  })

  t.test('invariant 19: who wrote something stays who wrote it', async (t) => {
    const { rows } = await superuser.query(`select id from organisation where slug = 'envida'`)
    const other = `'${rows[0]?.id}'`
    t.equal(await unbound(`update status_report_source set organisation_id = ${other}`), frozen)
    t.equal(await entered(team, `update status_report_source set organisation_id = ${other}`), noRight)
    const noted = (more = '') => `insert into note (id, action_id, organisation_id, body, visibility)
      select gen_random_uuid(), a.id, o.id, 'woorden', 'ALLIANCE' from action a, organisation o where a.ref = 'POT-2025-02' and o.slug = 'woonpunt'${more}`
    t.equal(await entered(woonpunt, noted()), '1 changed')
    t.equal(await entered('partner_editor@envida', noted()), noRight, 'in nobody else’s name')
    t.equal(await unbound(noted(), `update note set organisation_id = ${other}`), frozen)
    await refuses(t, `update programme set created_by = ${other}`, '1 changed', { service: noRight })
    await superuser.query('begin')
    const before = await superuser.query('select created_by, created_at from programme')
    await superuser.query(`update programme set created_by = ${other}, created_at = now()`)
    t.same((await superuser.query('select created_by, created_at from programme')).rows, before.rows, 'whatever is written there')
    await superuser.query('rollback')
  })

  t.test('invariant 25: no row of any table is deleted, by the service, the owner or anybody', async (t) => {
    const { rows } = await superuser.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`,
    )
    t.ok(rows.length > 100)
    const answers = new Map<string, string[]>()
    for (const { name } of rows)
      answers.set(name, [
        await entered(team, `delete from ${name}`),
        await entered(team, `truncate ${name} cascade`),
        await asOwner(`truncate ${name} cascade`),
        await unbound(`delete from ${name}`),
      ])
    const allowed = [...answers].filter(
      ([, [deleted, emptied, byOwner]]) => deleted !== noRight || emptied !== noRight || byOwner !== frozen,
    )
    t.same(allowed, [])
    const { rows: filled } = await superuser.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', relname), false, true, '')))[1]::text::int > 0`,
    )
    t.ok(filled.length > 40)
    t.same(
      filled.filter(({ name }) => answers.get(name)?.[3] !== frozen),
      [],
    )
  })

  t.test('invariant 30: who calls belongs to one organisation, for good, and so do its keys and roles', async (t) => {
    const elsewhere = `(select id from organisation where slug = 'envida')`
    const others = `(select p.id from principal p join organisation o on o.id = p.organisation_id where o.slug = 'envida' limit 1)`
    const own = `(select p.id from principal p join organisation o on o.id = p.organisation_id where o.slug = 'woonpunt' limit 1)`
    await refuses(t, `update principal set organisation_id = ${elsewhere} where id = ${own}`, frozen as string, {
      who: admin,
      service: noRight,
    })
    for (const table of ['api_key', 'role_grant'])
      await refuses(t, `update ${table} set principal_id = ${others} where principal_id = ${own}`, frozen as string, {
        who: admin,
        service: noRight,
      })
    await refuses(t, `insert into principal (id, kind, label) values (gen_random_uuid(), 'MACHINE', 'x')`, '23502', { who: admin })
    const source = `insert into status_report_source (report_id, organisation_id, pushed, tie_break)
      select id, ${elsewhere}, true, 'x' from status_report limit 1`
    t.equal(await entered('partner_system@woonpunt', source), noRight, 'a machine reports for no other')
  })
})

t.test('invariant 20: what is withheld is told apart from what is not there, and tells nothing of itself', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const { data: found } = await ask<{ action: { id: string } }>(db, keys[woonpunt], '{ action(ref: "POT-2025-02") { id } }')
  for (const narrative of ['"Vertraging"', 'null'])
    await ask(
      db,
      keys[woonpunt],
      `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, progressPercent: ${narrative === 'null' ? 50 : 40}, narrative: ${narrative}, visibility: ALLIANCE }) { disposition userErrors { code } } }`,
      { id: found.action.id },
    )
  const reports = async (key?: string) =>
    (
      await ask<{
        action: { statusReports: { nodes: { progressPercent: number; restrictedFields: string[]; [field: string]: unknown }[] } }
      }>(
        db,
        key,
        '{ action(ref: "POT-2025-02") { statusReports(first: 50) { nodes { progressPercent narrative reportedBy { slug } restrictedFields } } } }',
      )
    ).data.action.statusReports.nodes.filter(({ progressPercent }) => progressPercent === 40 || progressPercent === 50)
  t.same(
    (await reports(keys['partner_reader@trajekt'])).map(({ narrative, restrictedFields }) => [narrative, restrictedFields]).sort(),
    [
      ['Vertraging', []],
      [null, []],
    ].sort(),
    'nothing is withheld: without words means that none were said',
  )
  const told = await reports()
  t.equal(told.length, 2)
  t.same(
    told.map(({ narrative, reportedBy, restrictedFields }) => [narrative, reportedBy, restrictedFields]),
    [
      [null, null, ['reportedBy']],
      [null, null, ['reportedBy']],
    ],
    'by its role alone, the same whether or not something was said',
  )

  const confidential = async (key?: string) =>
    (
      await ask<{
        indicators: { nodes: { series: { observations: { confidentialValue: string | null; restrictedFields: string[] }[] }[] }[] }
      }>(db, key, '{ indicators(first: 3) { nodes { series { observations { confidentialValue restrictedFields } } } } }')
    ).data.indicators.nodes.flatMap(({ series }) => series.flatMap(({ observations }) => observations))
  for (const key of [undefined, keys[woonpunt], keys[team]]) {
    const observations = await confidential(key)
    t.ok(observations.length > 0)
    t.ok(observations.every(({ restrictedFields }) => restrictedFields.join() === 'confidentialValue'))
  }
  t.ok((await confidential(keys[statistics])).every(({ restrictedFields }) => restrictedFields.length === 0))
})

/** Counts the transactions that verbs run in. */
class CountingSession extends Session {
  written = 0

  override write<T>(...given: Parameters<Session['write']>): Promise<T> {
    this.written++
    return super.write(...given) as Promise<T>
  }
}

t.test('invariant 21: no change without its entry in the audit trail, in the same transaction', async (t) => {
  const db = await testDatabase(t)
  const { keys, session } = db
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  t.teardown(() => superuser.end())
  const credential = parseKey(keys[team] as string) as Credential

  t.test('every verb of the schema runs in one transaction of the session', async (t) => {
    const counting = new CountingSession({ url: db.url })
    const app = await buildApp({ session: counting })
    t.teardown(async () => {
      await app.close()
      await counting.close()
    })
    const schema = makeSchema(features)
    const verbs = Object.keys(schema.getMutationType()?.getFields() ?? {})
    t.ok(verbs.length > 70)
    for (const verb of verbs) {
      counting.written = 0
      const { query, variables } = attempt(schema, verb)
      await ask({ app }, undefined, query, variables)
      t.equal(counting.written, 1, verb)
    }
  })

  t.test('which commits no change that is not told of', async (t) => {
    const rename = (id: string) => `update programme set summary = jsonb_build_object('source', 'nl', 'nl', '${id}')`
    const summary = async () => (await superuser.query('select summary from programme')).rows
    const before = await summary()
    await t.rejects(
      session.write(credential, undefined, (tx) => tx.db.execute(rename(uuidv7()))),
      { message: /a change without its audit entry: \{programme_history,programme\}/ },
    )
    t.same(await summary(), before)
    t.equal(await session.write(credential, undefined, async () => 'nothing'), 'nothing', 'what changes nothing tells nothing')
  })

  t.test('and an entry that cannot be written takes the change with it, at every door', async (t) => {
    await superuser.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$`)
    await superuser.query('create trigger refuse before insert on audit_entry for each row execute function refuse()')
    t.teardown(() => superuser.query('drop trigger refuse on audit_entry'))
    /** Everything that is stored, but for when keys were used. */
    const stored = async () => {
      const { rows } = await superuser.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'api_key' order by 1`,
      )
      const sums = rows.map(
        ({ name }) => `select '${name}' as name, count(*) as n, sum(hashtextextended(x::text, 0)) as sum from ${name} x`,
      )
      return (await superuser.query(`${sums.join(' union all ')} order by 1`)).rows
    }
    const before = await stored()
    const { data } = await ask<{ action: { id: string } }>(db, keys[woonpunt], '{ action(ref: "POT-2025-02") { id } }')
    const { id } = data.action
    const mutations: [string, string][] = [
      [woonpunt, `actionRecordStatus(id: "${id}", input: { status: FINALISATION })`],
      [woonpunt, `noteCreate(actionId: "${id}", input: { body: "x", visibility: ALLIANCE })`],
      [woonpunt, `milestoneAdd(actionId: "${id}", input: { title: "x", plannedOn: "2026-03-01" })`],
      [woonpunt, `contributionRecord(actionId: "${id}", input: { kind: STAFF, hours: "1", description: "x", startsOn: "2026-01-01" })`],
      [admin, 'organisationCreate(input: { slug: "x", name: "X", kind: RESIDENTS_GROUP })'],
      [team, 'themeAdd(input: { code: "zorg", name: "Zorg" })'],
    ]
    for (const [who, mutation] of mutations) {
      const { errors } = await ask(db, keys[who], `mutation { ${mutation} { userErrors { code path } } }`)
      t.same(
        errors?.map(({ extensions }) => extensions.code),
        ['INTERNAL'],
        mutation,
      )
    }
    const push = await db.app.inject({
      method: 'POST',
      url: '/api/v1/status-reports',
      headers: { authorization: `Bearer ${keys['partner_system@woonpunt']}`, 'idempotency-key': '"x"' },
      payload: {
        items: [{ action: { ref: 'POT-2025-02' }, externalEventId: 'x', effectiveAt: '2026-05-12T09:00:00Z', status: 'FINALISATION' }],
      },
    })
    t.equal(push.statusCode, 500, push.body)
    t.same(await stored(), before)
  })
})
