import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/** What the source asks (S), how it is used by frontends (F), partner systems (P) and BI (B), and what never may be. */
const numbered = (letter: string, last: number, digits = 1) =>
  Array.from({ length: last }, (_, at) => `${letter}${String(at + 1).padStart(digits, '0')}`)
const promised = [...numbered('S', 63, 2), ...numbered('F', 10), ...numbered('P', 10), ...numbered('B', 11), ...numbered('invariant ', 30)]

const folder = fileURLToPath(new URL('.', import.meta.url))
const titles = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) =>
    [...readFileSync(`${folder}${name}`, 'utf8').matchAll(/\btest\(\s*(['"`])(.+?)\1,/g)].map(([, , title]) => title as string),
  )

t.test('every sentence of the source, scenario and invariant is named by a test at least', async (t) => {
  t.ok(titles.length > 500)
  t.equal(promised.length, 63 + 10 + 10 + 11 + 30)
  const named = (id: string) => titles.some((title) => new RegExp(`\\b${id}\\b`).test(title))
  t.same(
    promised.filter((id) => !named(id)),
    [],
  )
  t.notOk(named('S64'), 'a number that nobody promised is found nowhere')
})
