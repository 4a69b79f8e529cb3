import { createServer } from 'node:net'
import pg from 'pg'
import t from 'tap'
import { parseKey } from '../src/auth/key.ts'
import { type Credential, install, Session, type Statement, type TextRow } from '../src/db/session.ts'
import { toProblem } from '../src/errors.ts'
import { testDatabase } from './harness.ts'
import { countingWire } from './wire.ts'

const statement = (text: string, ...values: (string | null)[]): Statement => ({ text, values })
const nobody: Credential = { kind: 'public' }
const stateOf = (error: unknown) => (error as { code?: string }).code

/** What remains of an answer or a failure. */
const outcome = (read: Promise<TextRow[][]>): Promise<string> =>
  read.then(
    (results) => JSON.stringify(results),
    (error) => `failed ${stateOf(error)}`,
  )

t.test('the session, and only the session, lets an identity into the database', async (t) => {
  const db = await testDatabase(t)
  const credential = (name: string) => parseKey(db.keys[name] as string) as Credential
  const superuser = new pg.Client({ connectionString: db.superuserUrl })
  await superuser.connect()
  t.teardown(() => superuser.end())
  const runtime = async () => {
    const client = new pg.Client({ connectionString: db.url })
    client.on('error', () => undefined)
    await client.connect()
    t.teardown(() => client.end().catch(() => undefined))
    return client
  }

  t.test('it fails closed: no identity, an empty, a stale or a forged one reads nothing', async (t) => {
    const client = await runtime()
    const { rows: tables } = await superuser.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and has_any_column_privilege('samenspel_app', oid, 'SELECT') order by 1`,
    )
    const visible = async () => {
      const seen: string[] = []
      for (const { relname } of tables) {
        const { rows } = await client.query(`select count(*)::int as n from "${relname}"`)
        if (rows[0].n > 0) seen.push(relname)
      }
      return seen
    }
    t.ok(tables.length > 40)
    t.same(await visible(), [], 'never entered')
    await client.query('begin')
    await client.query('select * from enter_public()')
    t.ok((await visible()).includes('programme'))
    await client.query('commit')
    t.same(await visible(), [], 'left over from an earlier transaction')
    for (const [setting, value] of [
      ['app.capabilities', ''],
      ['app.capabilities', 'content'],
      ['app.capabilities', '%'],
      ['app.organisation', ''],
      ['app.principal', ''],
    ]) {
      await client.query('begin')
      await client.query('select set_config($1, $2, true)', [setting, value])
      t.same(await visible(), [], `${setting} = '${value}'`)
      await client.query('rollback')
    }
  })

  t.test('a key that is wrong, revoked or expired enters nobody, and what follows in the same round trip does not run', async (t) => {
    const right = credential('partner_editor@trajekt') as { kind: 'key'; id: string; hash: Buffer }
    const wrong: Credential[] = [
      { ...right, hash: Buffer.alloc(32) },
      { ...right, id: 'AAAAAAAAAAAAAAAA' },
      { ...right, hash: Buffer.alloc(0) },
    ]
    for (const forged of wrong) {
      await t.rejects(db.session.read(forged, [statement('select slug from organisation')]), { code: 'SP401' })
      await t.rejects(
        db.session.write(forged, undefined, async () => t.fail('the verb ran')),
        { code: 'SP401' },
      )
    }
    await superuser.query(`update api_key set expires_at = now() - interval '1 second' where key_id = $1`, [right.id])
    await t.rejects(db.session.read(right, []), { code: 'SP401' })
    await superuser.query('update api_key set expires_at = null where key_id = $1', [right.id])
    t.ok(await db.session.read(right, []))
    await superuser.query('update api_key set revoked_at = now() where key_id = $1', [right.id])
    await t.rejects(db.session.read(right, []), { code: 'SP401' }, 'effective at once')
  })

  t.test('when a key was last used is noted, by a way that can note nothing else', async (t) => {
    const { id } = credential('bi_reader@trajekt') as { id: string }
    const used = async () =>
      (await superuser.query('select last_used_at is not null as used from api_key where key_id = $1', [id])).rows[0].used
    await db.session.read(credential('bi_reader@trajekt'), [])
    await db.session.flushKeyUse()
    t.equal(await used(), true)
  })

  t.test('leaving the alliance ends access at once, and leaves authorship', async (t) => {
    const partner = credential('partner_reader@envida')
    t.ok(await db.session.read(partner, []))
    await superuser.query(
      `update alliance_membership m set ends_on = today() from organisation o where o.id = m.organisation_id and o.slug = 'envida'`,
    )
    await t.rejects(db.session.read(partner, []), { code: 'SP403' })
    const [rows] = await db.session.read(nobody, [
      statement(`select count(*) from action_participation p join organisation o on o.id = p.organisation_id where o.slug = 'envida'`),
    ])
    t.ok(Number(rows?.[0]?.[0]) > 0)
  })

  t.test('32 callers interleaved on a few connections each get their own rows', async (t) => {
    const names = Object.keys(db.keys)
      .filter((name) => !/envida|partner_editor@trajekt/.test(name))
      .slice(0, 32)
    const who = statement(
      'select o.slug, p.label from principal p join organisation o on o.id = p.organisation_id where p.id = (select caller_principal())',
    )
    const alone = new Map<string, string>()
    for (const name of names) alone.set(name, await outcome(db.session.read(credential(name), [who])))
    t.equal(new Set(alone.values()).size, names.length, 'each has an answer of its own')
    const wrong: string[] = []
    for (const wave of [0, 1])
      await Promise.all(
        Array.from({ length: 1200 }, async (_, place) => {
          const n = place + wave
          const name = names[n % names.length] as string
          const broken = n % 7 === 0 ? [statement(`select 1 / (select 0 from programme limit 1) -- ${n % 5}`)] : []
          const answer = await outcome(db.session.read(credential(name), [...broken, who]))
          if (answer !== (broken.length > 0 ? 'failed 22012' : alone.get(name))) wrong.push(`${name}: ${answer}`)
        }),
      )
    t.same(wrong, [])
  })

  t.test('a statement that cannot be parsed fails alone, though others share its name and its connection', async (t) => {
    const good = (n: number) => statement(`select ${n}::int from programme limit 1`)
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        // The good statement stands behind the bad one, so that its first Parse is skipped with it.
        n % 3 === 0
          ? outcome(db.session.read(nobody, [statement('select no_such_column from programme'), good(n % 20)]))
          : outcome(db.session.read(nobody, [good(n % 20)])),
      ),
    )
    t.same(
      answers.filter((answer, n) => answer !== (n % 3 === 0 ? 'failed 42703' : `[[["${n % 20}"]]]`)),
      [],
    )
  })

  t.test('the read lane cannot write, and reads one snapshot', async (t) => {
    await t.rejects(db.session.read(credential('admin@gemeente-maastricht'), [statement(`update organisation set name = 'x'`)]), {
      code: '25006',
    })
    const reading = db.session.read(nobody, [
      statement('select name from neighbourhood order by slug'),
      statement('select pg_sleep(0.5)'),
      statement('select name from neighbourhood order by slug'),
    ])
    await new Promise((resolve) => setTimeout(resolve, 150))
    await superuser.query(`update neighbourhood set name = 'Anders' where slug = 'nazareth'`)
    const [before, , after] = await reading
    t.same(after, before)
    await superuser.query(`update neighbourhood set name = 'Nazareth' where slug = 'nazareth'`)
  })

  t.test('NUL is refused, and long and non-ASCII values come back whole', async (t) => {
    const long = '“Één” 漢字 🏘 \\ "'.repeat(60_000)
    const [rows] = await db.session.read(nobody, [statement('select $1::text', long)])
    t.ok(rows?.[0]?.[0] === long)
    await t.rejects(db.session.read(nobody, [statement('select $1::text', 'a\0b')]))
    t.equal(await outcome(db.session.read(nobody, [statement('select 1')])), '[[["1"]]]')
  })

  t.test('a slow statement ends by itself and alone', async (t) => {
    const session = new Session({ url: db.url, readConnections: 1, statementTimeout: 300 })
    t.teardown(() => session.close())
    const slow = outcome(session.read(nobody, [statement('select pg_sleep(5)')]))
    const behind = Array.from({ length: 5 }, () => outcome(session.read(nobody, [statement('select 2')])))
    t.equal(await slow, 'failed 57014')
    t.same(await Promise.all(behind), Array(5).fill('[[["2"]]]'))
  })

  t.test('killed backends cost no answer that could be had, no process, no half-written row and no place in the pool', async (t) => {
    const session = new Session({ url: db.url, readConnections: 2, writeConnections: 2 })
    t.teardown(() => session.close())
    const team = credential('programme_team@gemeente-maastricht')
    const kill = () =>
      superuser.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'samenspel_app' and datname = current_database()`,
      )
    const before = (await superuser.query('select count(*)::int as n from audit_entry')).rows[0].n
    let written = 0
    const failures: string[] = []
    for (let round = 0; round < 10; round++) {
      const work = Array.from({ length: 12 }, (_, n) =>
        n % 2 === 0
          ? session.read(nobody, [statement('select 3, pg_sleep(0.02)')]).catch((error) => void failures.push(stateOf(error) ?? 'none'))
          : session
              .write(team, undefined, async (tx, actor) => {
                if (actor.kind === 'PUBLIC') return
                const add = `insert into audit_entry (id, principal_id, organisation_id, operation, subject_type, subject_id, outcome) values (gen_random_uuid(), $1, $2, 'x', 'y', gen_random_uuid(), 'DONE')`
                for (const step of [1, 2])
                  await tx.rows([statement(add, actor.principalId, actor.organisationId), statement(`select pg_sleep(0.01), ${step}`)])
              })
              .then(
                () => void written++,
                () => undefined,
              ),
      )
      await new Promise((resolve) => setTimeout(resolve, 15))
      await kill()
      await Promise.all(work)
    }
    const after = (await superuser.query('select count(*)::int as n from audit_entry')).rows[0].n
    t.equal(after - before, written * 2, 'what was acknowledged is there, whole; nothing else is')
    t.same(
      failures.filter((state) => !/^(57P|08|E)|none/.test(state)),
      [],
    )
    t.same(
      await Promise.all(Array.from({ length: 20 }, () => outcome(session.read(nobody, [statement('select 4')])))),
      Array(20).fill('[[["4"]]]'),
    )
    t.equal(await session.write(team, undefined, async () => 'usable'), 'usable')
  })

  t.test("a transaction that timed out is not finished by the next caller's", async (t) => {
    const session = new Session({ url: db.url, writeConnections: 1, statementTimeout: 300 })
    t.teardown(() => session.close())
    const team = credential('programme_team@gemeente-maastricht')
    const partner = credential('partner_editor@mondriaan')
    const count = async () => (await superuser.query(`select count(*)::int as n from audit_entry where operation = 'half'`)).rows[0].n
    const half = session.write(team, undefined, async (tx, actor) => {
      if (actor.kind === 'PUBLIC') return
      await tx.rows([
        statement(
          `insert into audit_entry (id, principal_id, organisation_id, operation, subject_type, subject_id, outcome) values (gen_random_uuid(), $1, $2, 'half', 'y', gen_random_uuid(), 'DONE')`,
          actor.principalId,
          actor.organisationId,
        ),
        statement('select pg_sleep(5)'),
      ])
    })
    await t.rejects(half, { code: '57014' })
    const seen = await session.write(partner, undefined, async (tx) =>
      tx.rows([statement('select caller_organisation()::text, (select slug from organisation where id = caller_organisation())')]),
    )
    t.equal(seen[0]?.[0]?.[1], 'mondriaan')
    t.equal(await count(), 0)
  })

  t.test('an identity does not outlive its transaction on a pooled connection', async (t) => {
    const session = new Session({ url: db.url, writeConnections: 1 })
    t.teardown(() => session.close())
    await session.write(credential('programme_team@gemeente-maastricht'), undefined, async () => undefined)
    const [rows] = await session.write(nobody, undefined, (tx) =>
      tx.rows([statement(`select current_setting('app.organisation', true), current_setting('app.capabilities', true)`)]),
    )
    t.same(rows, [['', ',public,']])
  })

  t.test('a migration under a running service does not break kept plans', async (t) => {
    const wide = statement('select * from neighbourhood order by slug')
    t.ok((await db.session.read(nobody, [wide]))[0]?.length)
    await install(db.ownerUrl, async () => undefined)
    const owner = new pg.Client({ connectionString: db.ownerUrl })
    await owner.connect()
    await owner.query('alter table neighbourhood add column nickname text')
    await owner.end()
    const answers = await Promise.all(Array.from({ length: 40 }, () => outcome(db.session.read(nobody, [wide]))))
    t.equal(new Set(answers).size, 1)
    t.notMatch(answers[0], /failed/)
  })

  t.test('a read is one round trip: one Sync, whatever the number of statements', async (t) => {
    const wire = await countingWire(t)
    const session = new Session({ url: wire.through(db.url), readConnections: 1 })
    t.teardown(() => session.close())
    await session.read(nobody, [statement('select 1')])
    wire.syncs = 0
    await session.read(
      credential('programme_team@gemeente-maastricht'),
      Array.from({ length: 9 }, (_, n) => statement(`select ${n}`)),
    )
    t.equal(wire.syncs, 1)
  })

  t.test('an identity of another form is an error or nobody', async (t) => {
    const client = await runtime()
    const { rows: known } = await superuser.query<{ all: string }>('select capabilities(enum_range(null::role)) as all')
    const words = (known[0]?.all ?? '').split(',').filter((word) => word !== '')
    t.ok(words.length > 10)
    for (const forged of [
      ...words,
      words.join(';'),
      words.join(' '),
      `,${words.join('.')},`,
      ',%,',
      ',,',
      `{${words.join()}}`.replace(/,/g, ', '),
      'true',
    ]) {
      await client.query('begin')
      await client.query(`select set_config('app.capabilities', $1, true)`, [forged])
      const { rows } = await client.query(
        'select (select count(*) from programme) + (select count(*) from principal) + (select count(*) from action) as n',
      )
      t.equal(rows[0].n, '0', `capabilities '${forged}'`)
      await client.query('rollback')
    }
    for (const setting of ['app.organisation', 'app.principal']) {
      for (const table of ['principal', 'note', 'audit_entry', 'external_ref', 'status_report_batch', 'status_report_narrative']) {
        await client.query('begin')
        await client.query('select set_config($1, $2, true)', [setting, 'not a uuid'])
        const answer = await client.query(`select * from ${table}`).then(
          ({ rowCount }) => rowCount,
          (error) => stateOf(error),
        )
        t.ok(answer === 0 || answer === '22P02', `${setting} and ${table}: ${answer}`)
        await client.query('rollback')
      }
    }
  })

  t.test('a flood of wrong keys costs nobody an answer, though it parses nothing of what it asks', async (t) => {
    const session = new Session({ url: db.url, readConnections: 1 })
    t.teardown(() => session.close())
    const { id } = credential('programme_team@gemeente-maastricht') as { id: string }
    const wrong: Credential = { kind: 'key', id, hash: Buffer.alloc(32) }
    const answers: string[] = []
    for (let round = 0; round < 20; round++) {
      const fresh = statement(`select ${round}::int, 'never asked before'`)
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          if (n % 3 !== 1) t.equal(await outcome(session.read(wrong, [fresh])), 'failed SP401')
          else answers.push(await outcome(session.read(nobody, [fresh])))
        }),
      )
    }
    t.same(
      answers.filter((answer) => answer.startsWith('failed')),
      [],
    )
  })

  t.test('more reads than may wait are refused at once, and the others answered', async (t) => {
    const session = new Session({ url: db.url, readConnections: 1 })
    t.teardown(() => session.close())
    const answers = await Promise.all(Array.from({ length: 2_200 }, () => outcome(session.read(nobody, [statement('select 1')]))))
    t.same([...new Set(answers)].sort(), ['[[["1"]]]', 'failed 57P03'], 'one or the other')
    t.equal(answers.filter((answer) => answer !== 'failed 57P03').length, 2_000)
  })

  t.test('of fifty transactions with half of their backends killed midway, half are there whole and half not at all', async (t) => {
    const session = new Session({ url: db.url, writeConnections: 8 })
    t.teardown(() => session.close())
    const team = credential('programme_team@gemeente-maastricht')
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        session
          .write(team, undefined, async (tx, actor) => {
            if (actor.kind === 'PUBLIC') return
            const add = statement(
              `insert into audit_entry (id, principal_id, organisation_id, operation, subject_type, subject_id, outcome) values (gen_random_uuid(), $1, $2, $3, 'y', gen_random_uuid(), 'DONE')`,
              actor.principalId,
              actor.organisationId,
              `killed ${n}`,
            )
            const [, pid] = await tx.rows([add, statement('select pg_backend_pid()')])
            if (n % 2 === 0) await superuser.query('select pg_terminate_backend($1)', [pid?.[0]?.[0]])
            await tx.rows([add])
          })
          .then(
            () => 'done',
            (error) => stateOf(error.cause ?? error) ?? error.message,
          ),
      ),
    )
    t.equal(outcomes.filter((said) => said === 'done').length, 25)
    const { rows } = await superuser.query(
      `select operation, count(*)::int as n from audit_entry where operation like 'killed %' group by 1`,
    )
    t.same(
      rows.map(({ operation, n }) => [Number(operation.slice(7)) % 2, n]),
      Array(25).fill([1, 2]),
    )
    t.equal(await session.write(team, undefined, async () => 'usable'), 'usable')
  })

  t.test('a connection that died idle in the pool takes its place with it for one answer at most', async (t) => {
    const session = new Session({ url: db.url, writeConnections: 1 })
    t.teardown(() => session.close())
    const answers: string[] = []
    for (let round = 0; round < 5; round++) {
      answers.push(await session.write(nobody, undefined, async () => 'done').catch((error) => `failed ${toProblem(error).code}`))
      await superuser.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'samenspel_app' and datname = current_database() and state = 'idle'`,
      )
    }
    t.equal(
      await session.write(nobody, undefined, async () => 'done').catch(() => session.write(nobody, undefined, async () => 'done')),
      'done',
    )
    t.same(
      answers.filter((answer) => answer !== 'done' && answer !== 'failed UNAVAILABLE'),
      [],
    )
  })

  t.test('what a verb swallows is not acknowledged', async (t) => {
    const swallowing = db.session.write(nobody, undefined, async (tx) => {
      await tx.rows([statement('select 1 / 0')]).catch(() => undefined)
      return 'done'
    })
    await t.rejects(swallowing, 'the transaction had failed already')
    t.equal(await db.session.write(nobody, undefined, async () => 'usable'), 'usable')
  })

  t.test('a stream gives its connection back once, whatever ended it', async (t) => {
    const copied = async (text: string) => String(Buffer.concat(await (await db.session.copyOut(nobody, text)).toArray()))
    const rows = 'copy (select repeat(chr(120), 1000) from generate_series(1, 100000)) to stdout'
    // Each more often than there are connections for streams.
    for (let round = 0; round < 6; round++) {
      const left = await db.session.copyOut(nobody, rows)
      left.once('data', () => left.destroy())
      await new Promise((resolve) => left.once('close', resolve))
      await t.rejects(
        copied('copy (select 1 / (i - 100000) from generate_series(1, 100000) i) to stdout'),
        { code: '22012' },
        'fails midway',
      )
    }
    t.equal(await copied('copy (select 7) to stdout'), '7\n')
    const cut = await db.session.copyOut(nobody, rows.replace('repeat(chr(120), 1000)', 'repeat(chr(120), 1000), pg_sleep(0.001)'))
    await superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'copy (select repeat%'`,
    )
    await t.rejects(cut.toArray(), { code: '57P01' }, 'a file that is cut short does not look whole')
    t.equal(await copied('copy (select 8) to stdout'), '8\n')
  })

  t.test('a stream that fails before its first byte says why', async (t) => {
    for (const [text, code] of [
      ['copy (select 1 / 0) to stdout', '22012'],
      ['copy (select no_such_column from programme) to stdout', '42703'],
      ['copy api_key to stdout', '42501'],
    ] as const) {
      for (let round = 0; round < 6; round++) await t.rejects(db.session.copyOut(nobody, text), { code }, text)
    }
  })

  t.test('a database that does not answer, or has no place, is unavailable and not our fault', async (t) => {
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    t.teardown(() => mute.close())
    const hung = new Session({ url: `postgres://samenspel_app@127.0.0.1:${(mute.address() as { port: number }).port}/x` })
    const full = new Session({ url: db.url, writeConnections: 1 })
    t.teardown(() => Promise.all([hung.close(), full.close()]))
    let release = () => {}
    const holding = full.write(nobody, undefined, () => new Promise<void>((resolve) => (release = resolve)))
    const refusals = [hung.read(nobody, []), hung.write(nobody, undefined, async () => 1), full.write(nobody, undefined, async () => 1)]
    const codes = await Promise.all(
      refusals.map((refused) =>
        refused.then(
          () => 'done',
          (error) => toProblem(error).code,
        ),
      ),
    )
    release()
    await holding
    t.same(codes, Array(3).fill('UNAVAILABLE'))
  })

  t.test('closing answers or refuses everyone', async (t) => {
    const session = new Session({ url: db.url, readConnections: 2 })
    const reads = Array.from({ length: 40 }, () => outcome(session.read(nobody, [statement('select 1, pg_sleep(0.02)')])))
    await new Promise((resolve) => setTimeout(resolve, 40))
    await session.close()
    const answers = await Promise.all(reads)
    t.same(
      answers.filter((answer) => !/^(\[\[\["1",""\]\]\]|failed 57P03)$/.test(answer)),
      [],
    )
    t.equal(await outcome(session.read(nobody, [])), 'failed 57P03')
  })
})
