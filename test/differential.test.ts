import { type GraphQLError, getVariableValues, Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import type pg from 'pg'
import t from 'tap'
import { features } from '../src/features.ts'
import { formatGraphQLErrors } from '../src/graphql/errors.ts'
import { accessDatabase } from './access/database.ts'
import { globalIdOf, typeOf } from './access/doors.ts'
import { type Caller, canariesIn, type Fixture } from './access/fixture.ts'
import { changeable } from './access/matrix.ts'
import { may } from './access/oracle.ts'
import { type Asked, Operations, randomOf } from './differential/operations.ts'
import { PlainReader } from './differential/plain.ts'
import { shrunk } from './differential/shrink.ts'

/** `SAMENSPEL_OPERATIONS=100000 npm test test/differential.test.ts -- --timeout=7200` for a long run; SAMENSPEL_SEED to begin where another began. */
const operations = Number(process.env.SAMENSPEL_OPERATIONS ?? (process.env.CI ? 10_000 : 1_000))
const seed = Number(process.env.SAMENSPEL_SEED ?? Math.floor(Math.random() * 2 ** 31))
const atOnce = 8

/** `Accept-Language` → the languages wanted, best first. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  '': ['nl'],
  en: ['en', 'nl'],
  'en-GB': ['en-GB', 'nl'],
  'de, en;q=0.5': ['de', 'en', 'nl'],
  'fr-BE, en-GB': ['fr-BE', 'en-GB', 'nl'],
  nl: ['nl', 'nl'],
  tlh: ['tlh', 'nl'],
}

const camel = (table: string): string => table.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase())

/** Changes every row that may be, one after the other kind of row; tells moments before, in between and after, the last one last: a clock may be set back. */
async function changedBetween(superuser: pg.Client, fixture: Fixture): Promise<string[]> {
  const moments: string[] = []
  const note = async () => moments.push((await superuser.query('select clock_timestamp() as at')).rows[0].at.toISOString())
  await note()
  for (const [table, columns] of Object.entries(changeable)) {
    if (!fixture.rows.some((row) => row.table === table)) continue
    await superuser.query(`update ${table} set ${columns.map((column) => `${column} = ${column}`).join(', ')}`)
    if (moments.length < 5) await note()
  }
  await note()
  return moments.sort()
}

t.test('the engine answers as graphql-js does over plain resolvers', async (t) => {
  t.comment(`seed ${seed}, ${operations} operations`)
  const { fixture, url, superuserUrl, connect, app, keeping } = await accessDatabase(t)
  const moments = await changedBetween(await connect(superuserUrl), fixture)
  const callers = fixture.callers.filter(({ refused }) => refused === undefined)
  const plain = await PlainReader.open(features, url, 6, moments.at(-1) as string)
  t.teardown(() => plain.close())

  const names = new Map<string, string[]>()
  for (const { table, values } of fixture.rows) {
    const { slug, code, ref, period, number } = values as Record<string, string | undefined>
    const found = slug ?? code ?? ref ?? period
    if (found !== undefined && number === undefined) names.set(camel(table), [...(names.get(camel(table)) ?? []), found])
  }
  names.set('lead', names.get('organisation') as string[])
  names.set('period', names.get('observation') as string[])
  const ids = fixture.rows.filter((row) => typeOf(row) !== undefined).map(globalIdOf)
  const random = randomOf(seed)
  const walk = new Operations(plain.schema, { ids, names, moments, cursors: plain.cursors }, random)

  /** Each request has a number and a watermark of its own. */
  const unnumbered = (body: string): string =>
    body.replace(/"requestId":"[^"]*"/g, '"requestId":""').replace(/("settledUntil":"|it is settled until )[^"]*/g, '$1')

  const engine = async (service: typeof app, caller: Caller, { query, variables }: Asked, language: string): Promise<string> => {
    const { body } = await service.inject({
      method: 'POST',
      url: '/graphql',
      headers: {
        ...(caller.key === undefined ? {} : { authorization: `Bearer ${caller.key}` }),
        ...(language === '' ? {} : { 'accept-language': language }),
      },
      payload: { query, variables },
    })
    return unnumbered(body)
  }

  const refused = (errors: object[]) => ({ body: JSON.stringify({ errors }), fields: 0 })

  const expected = async (caller: Caller, { query, variables }: Asked, language: string): Promise<{ body: string; fields: number }> => {
    const document = parse(query)
    const faults = validate(plain.schema, document, undefined, { maxErrors: 10 })
    if (faults.length > 0) return refused(formatGraphQLErrors(faults, ''))
    const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION) as OperationDefinitionNode
    const coerced = getVariableValues(plain.schema, operation.variableDefinitions ?? [], variables, { maxErrors: 10 })
    if (coerced.errors) return refused(formatGraphQLErrors(coerced.errors, '', { code: 'BAD_USER_INPUT' }))
    const { data, errors = [], fields } = await plain.answer(caller, document, variables, accepted[language] as string[])
    const told = errors.length === 0 ? {} : { errors: formatGraphQLErrors(errors as GraphQLError[], '') }
    return { body: unnumbered(JSON.stringify({ ...told, data })), fields }
  }

  const count = { asked: 0, rows: 0, errors: 0, nulled: 0, refused: 0, tooLarge: 0, again: 0 }
  const different: string[] = []
  const readable = new Map(
    callers.map((caller) => [caller, new Set(fixture.rows.filter((row) => may(caller, 'read', row, true)).map(({ n }) => n))]),
  )
  const foreign: string[] = []

  const differs = async (
    service: typeof app,
    caller: Caller,
    asked: Asked,
    language: string,
  ): Promise<{ got: string; wanted: string } | undefined> => {
    const got = await engine(service, caller, asked, language)
    const { body: wanted } = await expected(caller, asked, language)
    return got === wanted ? undefined : { got, wanted }
  }

  const compared = async (service: typeof app, caller: Caller, asked: Asked, language: string): Promise<boolean> => {
    const got = await engine(service, caller, asked, language)
    if (got.includes('"code":"OPERATION_TOO_EXPENSIVE"')) {
      count.tooLarge++
      return false
    }
    const { body: wanted, fields } = await expected(caller, asked, language)
    count.asked++
    const { data, errors } = JSON.parse(wanted) as { data?: object | null; errors?: object[] }
    if (errors !== undefined) count.errors++
    if (data === undefined) count.refused++
    if (data === null) count.nulled++
    if (fields > 0 && data) count.rows++
    const strange = [...canariesIn(got)].filter((n) => !readable.get(caller)?.has(n))
    if (strange.length > 0 && !asked.query.includes('canary')) foreign.push(`${caller.name} is told of ${strange}: ${asked.query}`)
    if (got === wanted) return true
    if (different.length < 3) {
      const query = await shrunk(
        parse(asked.query),
        async (query) => (await differs(service, caller, { ...asked, query }, language)) !== undefined,
      )
      const still = (await differs(service, caller, { ...asked, query }, language)) ?? { got, wanted }
      different.push(
        `as ${caller.name}, Accept-Language '${language}', seed ${seed}\n${query}\nvariables ${JSON.stringify(asked.variables)}\nengine ${still.got}\nplain  ${still.wanted}`,
      )
    }
    return true
  }

  const languages = Object.keys(accepted)
  const worker = async () => {
    while (count.asked < operations && different.length < 3) {
      const asked = walk.next()
      // Of the operations that validation refuses a few are enough.
      if (validate(plain.schema, parse(asked.query)).length > 0 && random() < 0.9) continue
      const caller = walk.pick(callers)
      const language = walk.pick(languages)
      if (!(await compared(app, caller, asked, language))) continue
      if (random() < 0.1) {
        // From memory, too: the first asking plans, the next ones may keep and be answered by what was kept.
        for (const other of [caller, caller, caller, walk.pick(callers), caller]) {
          count.again++
          const difference = await differs(keeping, other, asked, language)
          if (difference)
            different.push(
              `kept for ${other.name}: ${asked.query} ${JSON.stringify(asked.variables)}\nengine ${difference.got}\nplain  ${difference.wanted}`,
            )
        }
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  t.comment(`${JSON.stringify(count)}, ${plain.statements} statements of plain resolvers`)
  for (const difference of different) t.fail(difference)
  t.same(foreign, [], 'no answer holds what its reader may not see')
  t.ok(count.asked >= operations || different.length > 0)
  t.ok(count.rows >= count.asked / 2, 'half of the operations return rows')
  t.ok(count.errors >= count.asked / 5, 'a fifth of the operations raise errors')
})
