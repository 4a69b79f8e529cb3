import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Digest {
  startsOn: string
  changedActions: { totalCount: number; nodes: { ref: string; status: string }[] }
  adoptions: { nodes: { adoptedOn: string; plan: { title: { text: string } } }[] }
  revisedIndicators: { nodes: { code: string }[] }
  resolvedBreakthroughs: { nodes: { id: string }[] }
}

const shown = `startsOn changedActions(first: 100) { totalCount nodes { ref status lead { slug } } } adoptions { nodes { adoptedOn plan { title { text } } } }
  revisedIndicators(first: 100) { nodes { code } } resolvedBreakthroughs { nodes { id } }`

t.test('what became of the programme, for the council', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const council = keys['council_reader@gemeente-maastricht']
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const { rows } = await owner.query<{ today: string }>(`select today()::text as today`)
  const today = rows[0]?.today as string
  const digest = async (key: string | undefined, since?: string) =>
    (await ask<{ councilDigest: Digest | null }>(db, key, `query D($since: Date) { councilDigest(since: $since) { ${shown} } }`, { since }))
      .data.councilDigest
  const done = async (key: string | undefined, mutation: string, variables: Record<string, unknown>) => {
    const { data, errors } = await ask<Record<string, { userErrors: object[] }>>(db, key, mutation, variables)
    t.same([errors, ...Object.values(data ?? {}).map(({ userErrors }) => userErrors)], [undefined, []])
    return data
  }

  t.test('S54 without a day it tells what became of the programme since the last notice to the council', async (t) => {
    t.match(await digest(council), {
      startsOn: '2025-04-01',
      adoptions: {
        nodes: [
          { adoptedOn: '2025-06-24', plan: { title: { text: 'Programmaplan Veerkrachtige Wijken' } } },
          { adoptedOn: '2025-10-07', plan: { title: { text: 'Uitvoeringsplan Pottenberg 2025-2026' } } },
        ],
      },
      resolvedBreakthroughs: { nodes: [] },
    })
    const informed = 'mutation N($input: CouncilNoticeRecordInput!) { councilNoticeRecord(input: $input) { userErrors { code } } }'
    await done(team, informed, { input: { kind: 'SITE_VISIT', subject: 'Wijkbezoek', informedOn: '2025-09-01' } })
    t.match(await digest(council), { startsOn: '2025-09-01', adoptions: { nodes: [{ adoptedOn: '2025-10-07' }] } })
    t.match(await digest(council, '2025-06-25'), { startsOn: '2025-06-25', adoptions: { nodes: [{ adoptedOn: '2025-10-07' }] } })
  })

  t.test('S54 an action is told when its status is another than it was, and no more when it came back to that', async (t) => {
    const { nodes } = (await digest(council, today))?.changedActions ?? { nodes: [] }
    t.same(nodes, [])
    const { data } = await ask<{ actions: { nodes: { id: string; ref: string }[] } }>(
      db,
      team,
      '{ actions(first: 1, where: { status: { eq: IMPLEMENTATION } }) { nodes { id ref } } }',
    )
    const [action] = data.actions.nodes
    const report = (status: string) =>
      done(team, `mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: ${status} }) { userErrors { code } } }`, {
        id: action?.id,
      })
    await report('SUSPENDED')
    t.match(await digest(council, today), { changedActions: { totalCount: 1, nodes: [{ ref: action?.ref, status: 'SUSPENDED' }] } })
    await report('IMPLEMENTATION')
    t.match(await digest(council, today), { changedActions: { totalCount: 0, nodes: [] } })
    const began = await digest(council, '2025-01-01')
    t.ok(began?.changedActions.nodes.some(({ ref }) => ref === action?.ref))
    t.notOk(began?.changedActions.nodes.some(({ status }) => status === 'PIPELINE'))
  })

  t.test('S54 an indicator is told when a figure of it that was known is revised', async (t) => {
    const before = (await digest(council, today))?.revisedIndicators.nodes.map(({ code }) => code) ?? []
    t.notOk(before.includes('ernstig_eenzaam_pct'))
    await owner.query('begin')
    await owner.query(`insert into observation_revision (id, observation_id, revision, value, status) select gen_random_uuid(), o.id, o.revision + 1, 12, 'NORMAL'
      from observation o join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id where i.code = 'ernstig_eenzaam_pct'`)
    await owner.query(`update observation o set value = 12, status = 'NORMAL', revision = revision + 1, recorded_at = now() from series s, indicator i
      where s.id = o.series_id and i.id = s.indicator_id and i.code = 'ernstig_eenzaam_pct'`)
    await owner.query('commit')
    t.same(
      (await digest(council, today))?.revisedIndicators.nodes.map(({ code }) => code),
      [...before, 'ernstig_eenzaam_pct'].sort(),
    )
  })

  t.test('S54 a breakthrough is told when it was resolved, not before', async (t) => {
    const made = await done(
      team,
      'mutation { breakthroughSignal(input: { obstacle: "Proef", level: MUNICIPAL }) { breakthrough { id } userErrors { code } } }',
      {},
    )
    const { id } = (made as unknown as { breakthroughSignal: { breakthrough: { id: string } } }).breakthroughSignal.breakthrough
    const resolved = async () => (await digest(team, today))?.resolvedBreakthroughs.nodes
    for (const [index, to] of ['ANALYSED', 'ESCALATED', 'RESOLVED'].entries()) {
      t.same(await resolved(), [])
      await done(
        team,
        `mutation A($id: ID!) { breakthroughAdvance(id: $id, input: { expectedVersion: ${index + 1}, to: ${to}, resultingChange: "Anders" }) { userErrors { code } } }`,
        { id },
      )
    }
    t.same(await resolved(), [{ id }])
  })

  t.test('S52, S54 it is for the council and who tells it; the council is told of no plan before its adoption', async (t) => {
    for (const role of ['partner_editor', 'communication', 'research_statistics', 'bi_reader', 'auditor']) {
      t.equal(await digest(keys[`${role}@gemeente-maastricht`]), null, role)
    }
    t.equal(await digest(undefined), null)
    const told = await digest(council, '0001-01-01')
    t.equal(told?.startsOn, '2025-01-01', 'a day before the programme is its first')
    t.notMatch(JSON.stringify(told?.adoptions), /Nazareth/)
    t.same((await digest(team, '9999-12-31'))?.startsOn, today)
  })

  t.test('S54 as many statements for many changes as for none', async (t) => {
    await owner.query('create extension if not exists pg_stat_statements')
    const count = async (since: string) => {
      await digest(council, since)
      await owner.query('select pg_stat_statements_reset()')
      await digest(council, since)
      const { rows: counted } = await owner.query(
        `select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
         join pg_roles r on r.oid = s.userid where d.datname = current_database() and r.rolname = 'samenspel_app' and s.toplevel`,
      )
      return counted[0].calls as number
    }
    t.equal(await count('2025-01-01'), 6, 'identity, the digest, its four lists with their total')
    t.equal(await count(today), 6)
  })
})
