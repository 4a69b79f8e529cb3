import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Shown {
  id: string
  actual: { startsOn: string | null }
  preAdoption: boolean
  plan: { inForce: { adoptedBy: { decision: { decidedOn: string } }[] } | null }
}

t.test('actions that began before the adoption of their plan', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const see = async (key: string | undefined, ref: string) =>
    (
      await ask<{ action: Shown | null }>(
        db,
        key,
        'query S($ref: String) { action(ref: $ref) { id actual { startsOn } preAdoption plan { inForce { adoptedBy { decision { decidedOn } } } } } }',
        { ref },
      )
    ).data.action
  const begin = async (ref: string, effectiveAt: string) =>
    (
      await ask<{ actionRecordStatus: { disposition: string } }>(
        db,
        team,
        `mutation B($id: ID!, $at: DateTime) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, effectiveAt: $at }) { disposition userErrors { code } } }`,
        { id: (await see(team, ref))?.id, at: effectiveAt },
      )
    ).data.actionRecordStatus.disposition
  const { nodes } = (
    await ask<{ actions: { nodes: { ref: string; actual: { startsOn: string | null } }[] } }>(
      db,
      team,
      '{ actions(first: 100) { nodes { ref actual { startsOn } } } }',
    )
  ).data.actions
  const notBegun = nodes.filter(({ actual }) => actual.startsOn === null).map(({ ref }) => ref)
  const [first, second] = notBegun.filter((ref) => ref.startsWith('POT')) as [string, string]
  const [nazareth] = notBegun.filter((ref) => ref.startsWith('NAZ')) as [string]
  const adoptedOn = (await see(team, first))?.plan.inForce?.adoptedBy[0]?.decision.decidedOn as string

  t.test('S16, invariant 26: an action may begin before its plan is adopted, and is flagged for whoever sees it', async (t) => {
    t.match(await see(undefined, first), { preAdoption: false, actual: { startsOn: null } })
    t.equal(await begin(first, '2025-01-10T10:00:00Z'), 'APPLIED')
    for (const key of [undefined, team, keys['partner_reader@envida'], keys['council_reader@gemeente-maastricht']])
      t.match(await see(key, first), { preAdoption: true, actual: { startsOn: '2025-01-10' } })
  })

  t.test('S16, invariant 26: one that begins on the day of the adoption or later is not flagged', async (t) => {
    t.equal(await begin(second, `${adoptedOn}T10:00:00Z`), 'APPLIED')
    t.match(await see(undefined, second), { preAdoption: false, actual: { startsOn: adoptedOn } })
  })

  t.test('S16: as long as its plan is not adopted nothing is said of that, and the public sees no such action', async (t) => {
    // A later report of it stays current.
    t.equal(await begin(nazareth, '2025-01-10T10:00:00Z'), 'RECORDED_LATE')
    t.match(await see(team, nazareth), { preAdoption: false, actual: { startsOn: '2025-01-10' } })
    t.equal(await see(undefined, nazareth), null)
  })
})
