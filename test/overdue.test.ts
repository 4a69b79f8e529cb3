import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Signal {
  kind: string
  dueOn: string
  daysLate: number
  plan: { title: { text: string } }
  planVersion: { state: string }
}

t.test('what is late', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const owner = new pg.Client({ connectionString: db.superuserUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const overdue = async (key: string | undefined) =>
    (await ask<{ overdue: Signal[] }>(db, key, '{ overdue { kind dueOn daysLate plan { title { text } } planVersion { state } } }')).data
      .overdue
  const told = (signals: readonly Signal[]) => signals.map(({ kind, dueOn, plan }) => `${kind} ${dueOn} ${plan.title.text}`)
  const adoptions = ['ADOPTION 2025-03-26 Strategische agenda 2025-2029', 'ADOPTION 2025-03-26 Uitvoeringsplan Nazareth 2025-2026']
  const duties = [
    'COUNCIL_INFORMATION 2025-07-24 Programmaplan Veerkrachtige Wijken',
    'COUNCIL_INFORMATION 2025-11-06 Uitvoeringsplan Pottenberg 2025-2026',
  ]

  t.test('S57 a submitted plan that is not adopted in twelve weeks, and a duty after its last day, are signalled', async (t) => {
    const signals = await overdue(team)
    t.same(told(signals).sort(), [...adoptions, ...duties])
    t.ok(signals.every(({ daysLate }) => daysLate > 0))
    t.same(
      signals.map(({ dueOn }) => dueOn),
      signals.map(({ dueOn }) => dueOn).sort(),
      'the longest first',
    )
  })

  t.test('S57 it is late from the day after; what was submitted or told in time is not signalled', async (t) => {
    const days = async (days: number) => {
      await owner.query('begin')
      await owner.query('set local session_replication_role = replica')
      await owner.query(
        `update plan_version set submitted_at = now() - interval '${days} days' where state = 'SUBMITTED' and plan_kind = 'EXECUTION_PLAN'`,
      )
      await owner.query(`update information_duty set due_on = today() + 84 - ${days}, adopted_on = '2025-01-01'`)
      await owner.query('commit')
      return told(await overdue(team))
    }
    t.equal((await days(84)).length, 1, 'the agenda alone')
    t.equal((await days(85)).length, 4)
    await owner.query(`update council_notice set informed_on = today() where kind = 'RIB'`)
    t.equal((await days(85)).length, 3, 'the council was told of the programme plan')
  })

  t.test(
    'S52, S57 the council is told which of its duties are overdue and of no plan before its adoption; partners the reverse; others nothing',
    async (t) => {
      t.same(
        (await overdue(keys['council_reader@gemeente-maastricht'])).map(({ kind, planVersion }) => [kind, planVersion.state]),
        [['COUNCIL_INFORMATION', 'ADOPTED']],
      )
      t.same(
        (await overdue(keys['partner_reader@woonpunt'])).map(({ kind }) => kind),
        ['ADOPTION', 'ADOPTION'],
      )
      for (const key of [undefined, keys['bi_reader@woonpunt'], keys['partner_system@woonpunt'], keys['admin@gemeente-maastricht']]) {
        t.same(await overdue(key), [])
      }
    },
  )
})
