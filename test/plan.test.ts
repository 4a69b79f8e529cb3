import t from 'tap'
import { ask, testDatabase } from './harness.ts'

t.test('plans', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']

  t.test('S16 what was in force is asked of any day: not before its first, not after its term', async (t) => {
    const neighbourhood = async (key?: string) =>
      (
        await ask<{ neighbourhood: Record<string, object | null> }>(
          db,
          key,
          `{ neighbourhood(slug: "pottenberg") {
            before: planInForce(on: "2025-10-06") { id } first: planInForce(on: "2025-10-07") { inForce(on: "2025-10-07") { number state } early: inForce(on: "2025-10-06") { number } }
            last: planInForce(on: "2026-12-31") { inForce(on: "2026-12-31") { number } } after: planInForce(on: "2027-01-01") { id } unsaid: planInForce(on: null) { id } today: planInForce { id } } }`,
        )
      ).data.neighbourhood
    const told = await neighbourhood()
    t.match(told, {
      before: null,
      first: { inForce: { number: 1, state: 'ADOPTED' }, early: null },
      last: { inForce: { number: 1 } },
      after: null,
    })
    t.same(told.unsaid, told.today)
    t.same(await neighbourhood(team), told)

    const agenda = '{ strategicAgenda(on: "2027-06-01") { inForce(on: "2027-06-01") { number } } }'
    t.match((await ask(db, undefined, agenda)).data, { strategicAgenda: null }, 'of a plan that is hidden nothing was ever in force')
  })
})
