import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'samenspel-lint-'))
for (const rules of ['biome.json', '.lint']) cpSync(path.join(root, rules), path.join(folder, rules), { recursive: true })
t.teardown(() => rmSync(folder, { recursive: true }))

/** What the linter says of a text, were it this file. */
function lint(file: string, text: string): { refused: boolean; said: string } {
  mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
  writeFileSync(path.join(folder, file), text)
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome')
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', '--vcs-enabled=false', file], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { refused: status !== 0, said: stdout + stderr }
}

const begins = "export const open = (client: { query(text: string): void }) => client.query('begin isolation level serializable')\n"
const nests = 'export const open = (db: { transaction(work: () => void): void }) => db.transaction(() => undefined)\n'

const cases: [what: string, file: string, text: string, wanted: RegExp][] = [
  ['a verb that begins a transaction', 'src/action/write/x.ts', begins, /only src\/db\/session\.ts/i],
  ["a verb that uses drizzle's transactions", 'src/plan/x.ts', nests, /only src\/db\/session\.ts/i],
  ['reading the environment elsewhere than in config', 'src/rest/x.ts', 'export const port = process.env.PORT\n', /noProcessEnv/],
  ['pg in a concept', 'src/action/x.ts', "import pg from 'pg'\n\nexport const client = new pg.Client()\n", /Only src\/db speaks/],
  ['drizzle in a door', 'src/graphql/x.ts', "import { sql } from 'drizzle-orm'\n\nexport const all = sql`true`\n", /SQL belongs/],
  [
    'a concept under the session',
    'src/db/x.ts',
    "import { action } from '../action/table.ts'\n\nexport const table = action\n",
    /imports none of them/,
  ],
  ['a barrel', 'src/action/index.ts', "export * from './table.ts'\n", /noBarrelFile|noReExportAll/],
]

for (const [what, file, text, wanted] of cases) {
  t.test(`the linter refuses ${what}`, (t) => {
    const { refused, said } = lint(file, text)
    t.ok(refused, said)
    t.match(said, wanted)
    t.notMatch(said, /errored/)
    t.end()
  })
}

t.test('the linter lets the session open transactions', (t) => {
  t.notOk(lint('src/db/session.ts', begins).refused)
  t.end()
})
