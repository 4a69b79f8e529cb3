import pg from 'pg'
import t from 'tap'
import { install } from '../src/db/session.ts'
import { createKey } from '../src/organisation/write.ts'
import { accessDatabase } from './access/database.ts'
import { changeable } from './access/matrix.ts'
import { byTable, reachOf } from './access/sql.ts'
import { ask, testDatabase } from './harness.ts'

const withoutHistory = new Set(['api_key', 'observation', 'import_run'])

t.test('what a row was before', async (t) => {
  const { fixture, url, superuserUrl, connect } = await accessDatabase(t)
  const superuser = await connect(superuserUrl)
  const client = await connect(url)
  const tables = byTable(fixture.rows.filter(({ table }) => changeable[table] && !withoutHistory.has(table)))
  for (const [table] of tables) {
    const set = (changeable[table] as readonly string[]).map((column) => `${column} = ${column}`)
    await superuser.query(`update ${table} set ${set.join(', ')}`)
  }

  t.test('shows to exactly those who see what it is today, of every table that changes', async (t) => {
    for (const caller of fixture.callers.filter(({ refused }) => !refused)) {
      await client.query('begin')
      await reachOf(client, caller, new Map(), [])
      const wrong: string[] = []
      for (const [table, [row]] of tables) {
        const key = Object.keys(row?.key ?? {}).join(" || ' ' || ")
        const { rows } = await client.query(`select coalesce((select json_agg(${key} order by ${key}) from ${table})::text, '') as today,
          coalesce((select json_agg(${key} order by ${key}) from ${table}_history)::text, '') as before`)
        if (rows[0].today !== rows[0].before) wrong.push(`${table}: ${rows[0].before} is not ${rows[0].today}`)
      }
      await client.query('rollback')
      t.same(wrong, [], caller.name)
    }
  })

  /** How many former rows of a plan version, put there with another state, a caller sees. */
  async function seen(state: string, former: string, name: string): Promise<number> {
    await superuser.query('begin')
    await superuser.query('set local session_replication_role = replica')
    await superuser.query(
      `insert into plan_version_history select (jsonb_populate_record(h, jsonb_build_object('state', $2::text, 'version', 0))).*
      from plan_version_history h join plan_version v using (id) where v.state = $1::plan_state and h.version > 0 and v.plan_kind <> 'STRATEGIC_AGENDA'`,
      [state, former],
    )
    await superuser.query('commit')
    await client.query('begin')
    await reachOf(client, fixture.callers.find((caller) => caller.name === name) as (typeof fixture.callers)[number], new Map(), [])
    const { rows } = await client.query('select count(*)::int as n from plan_version_history where version = 0')
    await client.query('rollback')
    await superuser.query('begin')
    await superuser.query('set local session_replication_role = replica')
    await superuser.query('delete from plan_version_history where version = 0')
    await superuser.query('commit')
    return rows[0].n
  }

  t.test('the public sees no draft of what is adopted now, nor what is a draft now by what it was', async (t) => {
    const nobody = fixture.callers.find(({ key }) => key === undefined)?.name as string
    const reader = fixture.callers.find(({ roles, organisation }) => roles.includes('PARTNER_READER') && organisation === 'alpha')
      ?.name as string
    t.equal(await seen('ADOPTED', 'DRAFT', nobody), 0)
    t.ok((await seen('ADOPTED', 'DRAFT', reader)) > 0)
    t.ok((await seen('ADOPTED', 'SUPERSEDED', nobody)) > 0)
    t.equal(await seen('DRAFT', 'ADOPTED', nobody), 0)
  })

  t.test('is written by a change alone, and never changed or deleted', async (t) => {
    const team = fixture.callers.find(({ roles }) => roles.includes('PROGRAMME_TEAM')) as (typeof fixture.callers)[number]
    const refused = async (on: pg.Client, statement: string) => {
      await on.query('begin')
      if (on === client) await reachOf(client, team, new Map(), [])
      const { code } = await on.query(statement).then(
        () => ({ code: 'done' }),
        (error: { code: string }) => error,
      )
      await on.query('rollback')
      return code
    }
    t.equal(await refused(client, `insert into plan_history select * from plan_history limit 1`), '42501')
    t.equal(await refused(client, `update plan_history set title = title`), '42501')
    t.equal(await refused(client, `delete from plan_history`), '42501')
    t.equal(await refused(superuser, `update plan_history set title = title`), 'SP409')
    t.equal(await refused(superuser, `delete from plan_history`), 'SP409')
    t.equal(await refused(superuser, `truncate plan_history`), 'SP409')
  })

  t.test('has periods that follow each other, also when a writer began earlier and came later', async (t) => {
    const other = await connect(superuserUrl)
    const id = fixture.idOf('plan drafted')
    await superuser.query('begin')
    await superuser.query('select now()')
    await other.query('update plan set title = title where id = $1', [id])
    await superuser.query('update plan set title = title where id = $1', [id])
    await superuser.query('update plan set title = title where id = $1', [id])
    await superuser.query('commit')
    const { rows } = await superuser.query(
      `select upper(system_period) = lead(lower(system_period)) over (order by version) as follows, isempty(system_period) as empty
        from plan_as_known where id = $1 order by version`,
      [id],
    )
    t.same(
      rows.map(({ empty }) => empty),
      rows.map(() => false),
    )
    t.same(
      rows.slice(0, -1).map(({ follows }) => follows),
      rows.slice(1).map(() => true),
    )
  })
})

t.test('who changed what and when, through GraphQL', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const one = <T>(key: string | undefined, query: string, variables = {}) =>
    ask<T>(db, key, query, variables).then(({ data, errors }) => {
      t.equal(errors, undefined)
      return data
    })
  interface Told {
    action: {
      id: string
      version: number
      history: {
        totalCount: number
        nodes: {
          version: number
          changedBy: { slug: string } | null
          changes: { field: string; before: string | null; after: string | null }[]
        }[]
      }
    }
  }
  const history = `{ action(ref: "POT-2025-02") { id version history { totalCount nodes { version changedAt changedBy { slug } changes { field before after } } } } }`
  const { action } = await one<Told>(team, history)
  await one(
    keys['partner_editor@woonpunt'],
    'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, progressPercent: 41 }) { userErrors { code } } }',
    { id: action.id },
  )

  t.test('a partner reads what another changed of an action, the public reads it without by whom', async (t) => {
    const read = async (key: string | undefined) => (await one<Told>(key, history)).action.history
    const told = await read(keys['partner_reader@envida'])
    t.equal(told.totalCount, action.history.totalCount + 1)
    t.equal(told.nodes[0]?.changedBy?.slug, 'woonpunt')
    t.match(
      told.nodes[0]?.changes.find(({ field }) => field === 'progressPercent'),
      { after: '41' },
    )
    t.notMatch(
      told.nodes[0]?.changes.map(({ field }) => field),
      ['ref'],
    )
    const publicly = await read(undefined)
    t.equal(publicly.totalCount, told.totalCount)
    t.equal(publicly.nodes[0]?.changedBy, null)
  })

  t.test('the audit trail is for the team, the auditor and of its own for a partner; by object, organisation and time', async (t) => {
    interface Trail {
      auditTrail: {
        totalCount: number
        nodes: { operation: string; organisation: { slug: string }; subjectId: string; outcome: string; requestId: string; at: string }[]
      }
    }
    const trail = (key: string | undefined, args = '') =>
      one<Trail>(
        key,
        `query T($id: ID) { auditTrail(subject: $id ${args}) { totalCount nodes { operation organisation { slug } subjectId outcome requestId at actor before after } } }`,
        { id: action.id },
      ).then(({ auditTrail }) => auditTrail)
    for (const role of [
      'programme_team@gemeente-maastricht',
      'auditor@gemeente-maastricht',
      'portfolio_holder@gemeente-maastricht',
      'partner_reader@woonpunt',
    ]) {
      t.match(
        await trail(keys[role]),
        {
          totalCount: 1,
          nodes: [
            { operation: 'actionRecordStatus', organisation: { slug: 'woonpunt' }, subjectId: action.id, outcome: 'DONE', requestId: /\S/ },
          ],
        },
        role,
      )
    }
    for (const role of [
      'partner_reader@envida',
      'bi_reader@woonpunt',
      'admin@gemeente-maastricht',
      'council_reader@gemeente-maastricht',
      'public',
    ]) {
      t.equal((await trail(keys[role])).totalCount, 0, role)
    }
    t.equal((await trail(team, 'organisation: "envida"')).totalCount, 0)
    t.equal((await trail(team, 'organisation: "woonpunt", from: "2000-01-01T00:00:00Z"')).totalCount, 1)
    t.equal((await trail(team, 'to: "2000-01-01T00:00:00Z"')).totalCount, 0)
  })

  t.test(
    'of keys, which the municipality makes for every organisation, the trail tells those who oversee, and no reader of its own',
    async (t) => {
      const made = await install(db.ownerUrl, (tx, actor) =>
        createKey(tx, actor, { organisationSlug: 'trajekt', roles: ['PARTNER_SYSTEM'], label: 'Zaaksysteem Trajekt' }),
      )
      interface Trail {
        auditTrail: { totalCount: number; nodes: { operation: string; after: string | null }[] }
      }
      const trail = (key: string | undefined) =>
        one<Trail>(key, '{ auditTrail(first: 100) { totalCount nodes { operation subjectType organisation { slug } after } } }').then(
          ({ auditTrail }) => auditTrail,
        )
      for (const role of ['programme_team', 'portfolio_holder', 'auditor']) {
        const told = await trail(keys[`${role}@gemeente-maastricht`])
        t.match(told.nodes[0], { operation: 'keyCreate', subjectType: 'ApiKey', organisation: { slug: 'gemeente-maastricht' } }, role)
        t.match(JSON.parse(told.nodes[0]?.after ?? ''), { keyId: made.keyId, label: 'Zaaksysteem Trajekt', organisation: 'trajekt' }, role)
      }
      for (const reader of ['partner_reader', 'partner_editor', 'communication'].map((role) => `${role}@gemeente-maastricht`)) {
        const told = await trail(keys[reader])
        t.equal(told.totalCount, told.nodes.length, `${reader} reads and counts the same`)
        t.notMatch(JSON.stringify(told), /ApiKey|Zaaksysteem|keyId/, reader)
      }
      t.notMatch(JSON.stringify(await trail(keys['partner_reader@trajekt'])), /ApiKey/, 'nor is it an act of who it is for')
    },
  )

  t.test('F2 of two editors the second is told the current object, what changed since, by whom and when', async (t) => {
    interface Plans {
      executionPlans: { nodes: { id: string; latestVersion: { id: string; version: number } }[] }
    }
    const { executionPlans } = await one<Plans>(
      team,
      '{ executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { id latestVersion { id version } } } }',
    )
    const [plan] = executionPlans.nodes as [Plans['executionPlans']['nodes'][number]]
    const decision =
      '{ reference: "T-1", body: COLLEGE, decidedOn: "2025-10-14", outcome: CONFORM, title: "Besluit", text: "Vast te stellen" }'
    const adopt = (key: string | undefined, expectedVersion: number) =>
      one<{ planAdopt: object }>(
        key,
        `mutation A($id: ID!, $v: Int!) { planAdopt(id: $id, input: { expectedVersion: $v, decision: ${decision} }) {
        plan { id latestVersion { version state } } userErrors { __typename code path ...on ConflictError { currentVersion yourBaseVersion changedFields changedAt by: changedBy { slug } } } } }`,
        { id: plan.id, v: expectedVersion },
      )
    const { version } = plan.latestVersion
    const other = new pg.Client({ connectionString: db.superuserUrl })
    await other.connect()
    await other.query(
      `select set_config('app.principal', (select p.id::text from principal p join organisation o on o.id = p.organisation_id where o.slug = 'trajekt' limit 1), false)`,
    )
    await other.query(
      `update plan_version set effective_from = '2025-02-01' where plan_id in (select id from plan where kind = 'EXECUTION_PLAN') and state = 'SUBMITTED'`,
    )
    await other.end()
    t.match(await adopt(team, version), {
      planAdopt: {
        plan: { id: plan.id, latestVersion: { version: version + 1, state: 'SUBMITTED' } },
        userErrors: [
          {
            __typename: 'ConflictError',
            code: 'VERSION_CONFLICT',
            path: ['input', 'expectedVersion'],
            currentVersion: version + 1,
            yourBaseVersion: version,
            changedFields: ['effectiveFrom'],
            changedAt: /^20/,
            by: { slug: 'trajekt' },
          },
        ],
      },
    })
    t.match(
      await adopt(team, 99),
      { planAdopt: { userErrors: [{ yourBaseVersion: 99, changedFields: [] }] } },
      'of a version that never was, no field is told',
    )
    t.match(
      await adopt(team, version + 1),
      { planAdopt: { plan: { latestVersion: { state: 'ADOPTED' } }, userErrors: [] } },
      'with the current version it is done',
    )
  })
})
