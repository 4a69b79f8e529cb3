import type pg from 'pg'
import t from 'tap'
import { accessDatabase } from './access/database.ts'
import type { Caller, Row } from './access/fixture.ts'
import { differences, stranger } from './access/judge.ts'
import { equivalent, type Mutant, mutantsOf } from './access/mutants.ts'
import { wrongRights } from './access/rights.ts'
import { byTable, reachOf, setProbes, type Way, ways } from './access/sql.ts'

/** Tables by table whose policies look into it. */
async function lookers(client: pg.ClientBase): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; lookers: string[] }>(
    `select d.refobjid::regclass::text as table, array_agg(distinct p.polrelid::regclass::text) as lookers
     from pg_policy p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
     where d.refobjid <> p.polrelid group by 1`,
  )
  return new Map(rows.map((row) => [row.table, row.lookers]))
}

/** Gives every row a former state that is as it is now, so that whoever reads the row reads that, and nobody else. */
async function sowHistory(client: pg.ClientBase, tables: ReadonlyMap<string, Row[]>): Promise<Map<string, Row[]>> {
  const { rows } = await client.query<{ table: string }>(
    `select tgrelid::regclass::text as table from pg_trigger where tgname = 'write_history'`,
  )
  const histories = new Map<string, Row[]>()
  for (const { table } of rows) {
    await client.query(`insert into "${table}_history" select (jsonb_populate_record(null::"${table}_history",
      to_jsonb(t) || jsonb_build_object('version', version + 1000, 'system_period', tstzrange(updated_at, null)))).* from "${table}" t`)
    histories.set(
      `${table}_history`,
      (tables.get(table) ?? []).map((row) => ({ ...row, table: `${table}_history`, insertable: false })),
    )
  }
  return histories
}

t.test('no policy, grant, capability or judgement of who enters can be dropped unseen', async (t) => {
  const { fixture, ownerUrl, superuserUrl, connect } = await accessDatabase(t)
  const { rows } = fixture
  const all = byTable(rows)
  const superuser = await connect(superuserUrl)
  const owner = await connect(ownerUrl)
  const histories = await sowHistory(superuser, all)
  await superuser.query('set role samenspel_app')
  await setProbes(superuser, rows)
  await superuser.query('reset role')
  const seenFrom = await lookers(superuser)

  const used = { keyId: rows.find(({ table }) => table === 'api_key')?.values.key_id as string }

  /** Whoever noticed a mutant of a table is asked first of the next. */
  const noticed = new Map<string | undefined, Caller[]>()
  const callersFor = ({ table, role }: Mutant): Caller[] => {
    const order = noticed.get(table) ?? [...fixture.callers, stranger]
    noticed.set(table, order)
    return role === undefined ? order : order.filter(({ roles }) => roles.includes(role))
  }

  /** What the access judgement finds wrong once a mutant is in; taken back afterwards. */
  async function found(mutant: Mutant): Promise<string | undefined> {
    const client = mutant.owner ? owner : superuser
    await client.query('begin')
    try {
      await client.query(mutant.sql)
      if (mutant.owner) return await foundAsOwner(mutant.table as string)
      const [right] = await wrongRights(client, mutant.table)
      if (right !== undefined) return `it ${right}`
      if (histories.has(mutant.table as string)) return await foundInHistory(mutant)
      await client.query('set local role samenspel_app')
      const near = [mutant.table, ...(seenFrom.get(mutant.table as string) ?? [])]
      const some = new Map([...all].filter(([name]) => near.includes(name)))
      return (
        (some.size > 0 ? await foundIn(mutant, some, mutant.ways) : undefined) ??
        (await foundIn(mutant, all, ways)) ??
        (await foundUnused()) ??
        (await foundUntold()) ??
        (await foundStaying()) ??
        (await foundUnsearched()) ??
        (await foundUnexplained())
      )
    } finally {
      await client.query('rollback')
    }
  }

  async function foundIn(mutant: Mutant, tables: ReadonlyMap<string, Row[]>, tried: readonly Way[]): Promise<string | undefined> {
    if (tried.includes('insert')) await setProbes(superuser, [...tables.values()].flat(), true)
    const order = callersFor(mutant)
    for (const caller of order) {
      await superuser.query('savepoint caller')
      const reach = await reachOf(superuser, caller === stranger ? undefined : caller, tables, tried).catch(
        (error) => (error.code as string) ?? String(error),
      )
      await superuser.query('rollback to caller')
      const [difference] = differences(caller, reach, tables, tried)
      if (difference === undefined) continue
      noticed.set(mutant.table, [caller, ...(noticed.get(mutant.table) as Caller[]).filter((other) => other !== caller)])
      return `${caller.name} ${difference}`
    }
    return undefined
  }

  /** A history has the rule that is made of its table's, is written by the role that writes it, and shows to whom that rule lets it. */
  async function foundInHistory(mutant: Mutant): Promise<string | undefined> {
    const history = mutant.table as string
    const source = history.replace(/_history$/, '')
    const rule = async () =>
      (
        await superuser.query(`select array_agg(concat(polname, polcmd, polroles::text, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) order by polname)::text as said
          from pg_policy where polrelid = '"${history}"'::regclass`)
      ).rows[0].said as string
    const found = await rule()
    await superuser.query('savepoint made')
    await superuser.query(`call keep_history('"${source}"')`)
    const made = await rule()
    await superuser.query('rollback to made')
    if (found !== made) return `${history} has another rule than its table`
    const written = await superuser
      .query(`create temporary table former on commit drop as select * from "${history}" limit 1; update former set version = version + 5000;
        grant select on former to samenspel_lookup; set local role samenspel_lookup; insert into "${history}" select * from former`)
      .then(
        () => undefined,
        (error: Error) => `${history} cannot be written: ${error.message}`,
      )
    await superuser.query('rollback to made')
    if (written !== undefined) return written
    await superuser.query('set local role samenspel_app')
    return foundIn(mutant, new Map([[history, histories.get(history) as Row[]]]), ['read'])
  }

  /** The last use of a key is noted through a function of another role, and that role's policy. */
  async function foundUnused(): Promise<string | undefined> {
    await superuser.query(`select record_key_use(array['${used.keyId}'])`)
    await superuser.query('reset role')
    const { rowCount } = await superuser.query('select from api_key where key_id = $1 and last_used_at is not null', [used.keyId])
    return rowCount === 1 ? undefined : 'the use of a key is not noted'
  }

  /** That a verb was refused to who left is told through a function of that same role, and that role's policy. */
  async function foundUntold(): Promise<string | undefined> {
    const left = fixture.callers.find(({ refused }) => refused === 'SP403') as Caller
    const { id, hash } = left.credential as Extract<Caller['credential'], { kind: 'key' }>
    const told = await superuser
      .query(`select record_ended_refusal($1, $2, gen_random_uuid(), 'planAdopt', null, null, null)`, [id, hash])
      .then(
        () => undefined,
        (error: Error) => `what is refused to who left is not told: ${error.message}`,
      )
    if (told !== undefined) return told
    const { rowCount } = await superuser.query(`select from audit_entry where principal_id = $1 and outcome = 'REFUSED'`, [left.principal])
    return rowCount === 1 ? undefined : 'what is refused to who left is not told'
  }

  /** Who leaves the alliance leaves its actions, through a function of that same role. */
  async function foundStaying(): Promise<string | undefined> {
    const leaving = [fixture.idOf('alpha')]
    await superuser.query('update alliance_membership set ends_on = today() where organisation_id = $1 and ends_on is null', leaving)
    const { rowCount } = await superuser.query(
      'select from action_participation where organisation_id = $1 and starts_on < today() and (ends_on is null or ends_on > today())',
      leaving,
    )
    return rowCount === 0 ? undefined : 'who left still takes part'
  }

  /** What is written is found, and what is mistyped, through functions of that same role. */
  async function foundUnsearched(): Promise<string | undefined> {
    const title = { source: 'nl', nl: 'Kanariepietje' }
    const written = await superuser.query('update plan set title = $1', [title]).then(
      () => undefined,
      (error: Error) => `no words are kept: ${error.message}`,
    )
    if (written !== undefined) return written
    await superuser.query(`select set_config('app.capabilities', ',public,agenda,drafts,', true)`)
    const { rowCount } = await superuser.query(`select from found_texts('kanariepietjje')`)
    return rowCount === 0 ? 'what is mistyped is not found' : undefined
  }

  /** That a baseline is withheld is told through a function of that same role. */
  async function foundUnexplained(): Promise<string | undefined> {
    const { rowCount } = await superuser.query('select from series where baseline_period(id) is not null')
    return rowCount === all.get('baseline')?.length ? undefined : 'a baseline that is withheld is as one that is not there'
  }

  /** The owner that has not entered reads no row, as long as row security is forced upon it. */
  async function foundAsOwner(table: string): Promise<string | undefined> {
    const { rowCount } = await owner.query(`select from "${table}" limit 1`)
    return rowCount === 0 ? undefined : `the owner reads ${table}`
  }

  t.test('the database as it is has nothing wrong, nor has one in which nothing of that changed', async (t) => {
    t.equal(await found({ name: 'nothing', sql: 'select', ways }), undefined)
    for (const table of histories.keys())
      t.equal(await found({ name: 'a comment', sql: `comment on table ${table} is 'x'`, table, ways: ['read'] }), undefined)
    t.equal(await found({ name: 'a comment', sql: `comment on table action is 'x'`, table: 'action', ways }), undefined)
    for (const table of all.keys()) t.equal(await foundAsOwner(table), undefined, table)
  })

  t.test('mutants', async (t) => {
    const mutants = await mutantsOf(superuser)
    const survivors: string[] = []
    const excuses = new Set<string>()
    for (const mutant of mutants) {
      if ((await found(mutant)) !== undefined) continue
      const excuse = equivalent.find(([name]) => name.test(mutant.name))
      if (excuse === undefined) survivors.push(mutant.name)
      else excuses.add(excuse[1])
    }
    t.comment(`${mutants.length} mutants`)
    t.same(survivors, [], 'survivors')
    t.same(equivalent.filter(([, reason]) => !excuses.has(reason)).map(String), [], 'excuses that excuse nothing')
  })
})
