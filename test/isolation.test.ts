import t from 'tap'
import { buildApp } from '../src/app.ts'
import { Session } from '../src/db/session.ts'
import { accessDatabase } from './access/database.ts'
import { type Answer, ask, globalIdOf, lists, typeOf } from './access/doors.ts'
import { type Caller, canariesIn } from './access/fixture.ts'
import { may } from './access/oracle.ts'

t.test('readers who share a connection never see each other', async (t) => {
  const { fixture, url } = await accessDatabase(t)
  const session = new Session({ url, readConnections: 1 })
  const app = await buildApp({ session })
  t.teardown(async () => {
    await app.close()
    await session.close()
  })
  const { rows, callers } = fixture
  t.ok(callers.filter(({ refused }) => !refused).length >= 32, 'the callers are at least 32')
  const notes = rows.filter((row) => ['Note', 'StatusReport'].includes(typeOf(row) as string)).map(globalIdOf)
  const found = notes
    .slice(0, 20)
    .map(
      (id, n) =>
        `n${n}: node(id: "${id}") { ... on Note { body organisation { name } } ... on StatusReport { narrative reportedBy { name } } }`,
    )
  const queries = [...lists, '{ viewer { label organisation { name } roles } }', `{ ${found.join(' ')} }`]
  const readable = new Map(
    callers.map((caller) => [
      caller,
      caller.refused ? new Set<number>() : new Set(rows.filter((row) => may(caller, 'read', row, true)).map(({ n }) => n)),
    ]),
  )
  const told = ({ status, body }: Answer): string => `${status} ${body.replace(/"requestId":"[^"]+"/, '')}`
  const foreign = (caller: Caller, { raw }: Answer): number[] => [...canariesIn(raw)].filter((n) => !readable.get(caller)?.has(n))

  const turns = callers.flatMap((caller) => queries.map((query) => ({ caller, query, alone: '' })))
  for (const turn of turns) turn.alone = told(await ask(app, turn.caller, turn.query))
  t.ok(new Set(turns.map(({ alone }) => alone)).size > 100, 'their answers differ')

  const wrong: string[] = []
  let answers = 0
  while (answers < 3_000) {
    const shuffled = turns.map((turn) => ({ turn, place: Math.random() })).sort((a, b) => a.place - b.place)
    const wave = shuffled.slice(0, 500).map(({ turn }) => turn)
    await Promise.all(
      wave.map(async ({ caller, query, alone }) => {
        const answer = await ask(app, caller, query)
        answers++
        if (told(answer) !== alone) wrong.push(`${caller.name}: ${query} is answered otherwise: ${answer.body.slice(0, 300)}`)
        if (foreign(caller, answer).length > 0) wrong.push(`${caller.name}: ${query} tells of ${foreign(caller, answer)}`)
      }),
    )
  }
  t.same(wrong.slice(0, 5), [], `of ${answers} answers, up to eight in flight on the one connection`)
})
