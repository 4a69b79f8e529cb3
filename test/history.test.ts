import type pg from 'pg'
import t from 'tap'
import { accessDatabase } from './access/database.ts'
import { changeable } from './access/matrix.ts'
import { byTable, reachOf } from './access/sql.ts'

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
