import t from 'tap'
import { accessDatabase } from './database.ts'
import type { Caller, Row } from './fixture.ts'
import { equivalent, type Mutant, mutantsOf } from './mutants.ts'
import { rightsElsewhere, rightsOn } from './rights.ts'
import { byTable, reachOf, setProbes, type Way } from './sql.ts'

/** Who notices most, tried first; `unentered` has not entered at all. */
const first = [
  'public',
  'unentered',
  'partner_reader@beta',
  'partner_editor@alpha',
  'partner_system@beta',
  'programme_team@municipality',
  'research_statistics@municipality',
  'admin@municipality',
  'council_reader@municipality',
]

t.test('every rule of who may do what is held by the access tests', async (t) => {
  const { fixture, ownerUrl, superuserUrl, connect } = await accessDatabase(t)
  const owner = new URL(ownerUrl).username
  const client = await connect(superuserUrl)
  const tables = byTable(fixture.rows)
  const tableOf = new Map(fixture.rows.map((row) => [row.n, row.table]))
  const rank = ({ name }: Watcher): number => (first.includes(name) ? first.indexOf(name) : first.length)
  const watchers: Watcher[] = [{ name: 'unentered' }, ...fixture.callers.map((caller) => ({ name: caller.name, caller }))]
  watchers.sort((a, b) => rank(a) - rank(b))

  interface Watcher {
    name: string
    caller?: Caller
  }

  /** What somebody reaches in some tables, by way and table; or the one signal with which it ends. Nothing of it stays. */
  async function observed(
    { caller }: Watcher,
    some: ReadonlyMap<string, Row[]>,
    ways: readonly Way[],
    role: string,
  ): Promise<Map<string, string>> {
    await client.query(`savepoint observing; set local role ${role}`)
    try {
      const reach = await reachOf(client, caller, some, ways)
      const seen = new Map<string, string>([['strange', reach.strange.join()]])
      for (const way of ways) {
        if (way === 'blind') {
          for (const [table, outcome] of reach.blind) seen.set(`blind ${table}`, outcome)
          continue
        }
        for (const table of some.keys()) seen.set(`${way} ${table}`, '')
        for (const n of [...reach[way]].sort((a, b) => a - b)) {
          const place = `${way} ${tableOf.get(n)}`
          seen.set(place, `${seen.get(place)} ${n}`)
        }
      }
      return seen
    } catch (error) {
      return new Map([['ended', (error as { code?: string }).code ?? String(error)]])
    } finally {
      await client.query('rollback to savepoint observing')
    }
  }

  const all: readonly Way[] = ['read', 'update', 'blind', 'insert']
  await setProbes(client, fixture.rows)
  await client.query('begin')
  const sound = new Map<string, Map<string, string>>()
  for (const watcher of watchers) sound.set(watcher.name, await observed(watcher, tables, all, 'samenspel_app'))
  const soundOwner = await observed({ name: 'unentered' }, tables, ['read'], owner)
  const soundRights = new Map<string | undefined, string>([[undefined, await rightsElsewhere(client)]])
  for (const table of tables.keys()) soundRights.set(table, await rightsOn(client, table))
  await client.query('rollback')
  t.same(
    [...tables.keys()].filter((table) => !tables.get(table)?.length),
    [],
  )

  const mutants = await mutantsOf(client)
  const followers = await dependents()
  const survivors: string[] = []
  const excused = new Set<RegExp>()
  const began = performance.now()
  const spent = new Map<string, number>()
  for (const mutant of mutants) {
    const started = performance.now()
    await client.query('begin')
    try {
      await client.query(mutant.sql)
      if (!(await noticed(mutant))) {
        const [excuse] = equivalent.find(([pattern]) => pattern.test(mutant.name)) ?? []
        if (excuse) excused.add(excuse)
        else survivors.push(mutant.name)
      }
    } catch (error) {
      survivors.push(`${mutant.name} cannot be made: ${error}`)
    } finally {
      await client.query('rollback')
      const kind = mutant.name.replace(/[a-z_]+ on [a-z_]+|\w+ (with|without) .*/, '$1')
      spent.set(kind, (spent.get(kind) ?? 0) + performance.now() - started)
    }
  }
  console.log([...spent].sort((a, b) => b[1] - a[1]).slice(0, 30))
  t.comment(`${mutants.length} mutants, ${survivors.length} survivors, in ${Math.round(performance.now() - began)} ms`)
  for (const survivor of survivors) t.comment(`survives: ${survivor}`)
  t.same(survivors, [], 'no mutant survives')
  t.same(
    equivalent.filter(([pattern]) => !excused.has(pattern)).map(([pattern]) => String(pattern)),
    [],
    'every excuse is still needed',
  )

  /** Tables whose policies look into a table, and so on. */
  async function dependents(): Promise<Map<string, string[]>> {
    const { rows } = await client.query<{ table: string; follower: string }>(`with recursive looks as (
        select d.refobjid as looked, p.polrelid as looker from pg_depend d join pg_policy p on p.oid = d.objid and d.classid = 'pg_policy'::regclass
        where d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid
      ), reach as (select looked, looker from looks union select r.looked, l.looker from reach r join looks l on l.looked = r.looker)
      select distinct looked::regclass::text as table, looker::regclass::text as follower from reach`)
    const found = new Map<string, string[]>()
    for (const { table, follower } of rows) found.set(table, [...(found.get(table) ?? []), follower])
    return found
  }

  async function noticed({ table, ways, role, owner: asOwner }: Mutant): Promise<boolean> {
    if (asOwner) return differs(await observed({ name: 'unentered' }, only([table as string]), ['read'], owner), soundOwner)
    if (ways.length === 0) {
      const now = table === undefined ? await rightsElsewhere(client) : await rightsOn(client, table)
      return now !== soundRights.get(table)
    }
    const who = role === undefined ? watchers : watchers.filter(({ caller }) => caller?.roles.includes(role))
    const near = table === undefined ? [...tables.keys()] : [table]
    if (await seenBy(who, near, ways)) return true
    const far = table === undefined ? near : [table, ...(followers.get(table) ?? [])]
    return seenBy(who, far, all)
  }

  function only(names: readonly string[]): Map<string, Row[]> {
    return new Map(names.map((name) => [name, tables.get(name) as Row[]]))
  }

  async function seenBy(who: readonly Watcher[], names: readonly string[], ways: readonly Way[]): Promise<boolean> {
    const some = only(names)
    if (ways.includes('insert')) await setProbes(client, [...some.values()].flat(), true)
    for (const watcher of who) {
      if (differs(await observed(watcher, some, ways, 'samenspel_app'), sound.get(watcher.name) as Map<string, string>)) return true
    }
    return false
  }

  function differs(now: ReadonlyMap<string, string>, then: ReadonlyMap<string, string>): boolean {
    return [...now].some(([place, seen]) => seen !== then.get(place))
  }
})
