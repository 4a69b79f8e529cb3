import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

/** A concept that is only read: what the alliance hands out. */
const concept: Readonly<Record<string, string>> = {
  'schema/leaflet.graphql': `"What the alliance hands out (folder)."
type Leaflet implements Node {
  "An opaque global id."
  id: ID!
  "What it is called."
  title: String!
}

extend type Query {
  "All leaflets, by title."
  leaflets: [Leaflet!]!
}
`,
  'src/leaflet/table.ts': `import { pgTable, text } from 'drizzle-orm/pg-core'
import { id, madeOnce, may, stamps } from '../db/columns.ts'

export const leaflet = pgTable('leaflet', { id: id(), title: text('title').notNull(), ...stamps() }, () =>
  madeOnce('leaflet', may('content'), may('team')),
)
`,
  'src/leaflet/read.ts': `import { sql } from 'drizzle-orm'
import { type Entity, entity, leaf, root } from '../read/model.ts'
import { leaflet } from './table.ts'

type Leaflet = typeof leaflet

export const leafletEntity: Entity = entity<Leaflet>({
  name: 'Leaflet',
  table: leaflet,
  fields: { id: leaf('id', (t) => t.id), title: leaf('text', (t) => t.title) },
})

export const leafletRoots = {
  leaflets: root<Leaflet>({ to: () => leafletEntity, as: 'list', on: () => sql\`true\`, order: [{ sql: (l) => l.title, type: 'text' }] }),
}
`,
}

/** Its block in the registry, below its imports. */
const registered = (features: string): string =>
  features
    .replace('\n\n', `\nimport { leafletEntity, leafletRoots } from './leaflet/read.ts'\n\n`)
    .replace('\n]\n', '\n  { entities: [leafletEntity], roots: leafletRoots },\n]\n')

/** The sources of the service and what its tests start it with, in a folder beside them, so that they find the same packages. */
function copied(): string {
  const scratch = mkdtempSync(path.join(root, '.data-concept-'))
  for (const name of ['src', 'schema', 'drizzle', 'drizzle.config.ts', 'package.json', 'tsconfig.json', 'test/harness.ts'])
    cpSync(path.join(root, name), path.join(scratch, name), { recursive: true })
  return scratch
}

function add(scratch: string): void {
  for (const [name, content] of Object.entries(concept)) {
    mkdirSync(path.dirname(path.join(scratch, name)), { recursive: true })
    writeFileSync(path.join(scratch, name), content)
  }
  const registry = path.join(scratch, 'src/features.ts')
  writeFileSync(registry, registered(readFileSync(registry, 'utf8')))
}

/** Its migrations: what the generator makes of the table, and the two lines that guard it. */
function generate(scratch: string): void {
  const kit = path.join(path.dirname(fileURLToPath(import.meta.resolve('drizzle-kit'))), 'bin.cjs')
  const run = (...more: string[]) => execFileSync(process.execPath, [kit, 'generate', ...more], { cwd: scratch, stdio: 'pipe' })
  run('--name', 'leaflet')
  run('--custom', '--name', 'leaflet_guards')
  const guards = readdirSync(path.join(scratch, 'drizzle')).find((name) => name.endsWith('_leaflet_guards.sql')) as string
  writeFileSync(path.join(scratch, 'drizzle', guards), `call guard_table('leaflet');\n--> statement-breakpoint\ncall guard_functions();\n`)
}

/** What became of the files that were there. */
const changed = (scratch: string, folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => {
      const copy = path.join(scratch, name)
      return !existsSync(copy) || !readFileSync(copy).equals(readFileSync(path.join(root, name)))
    })

t.test('a concept that is only read is added with one existing file touched, and is read by whom its policy admits', async (t) => {
  const scratch = copied()
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }))
  add(scratch)
  generate(scratch)
  t.same(
    ['src', 'schema', 'drizzle'].flatMap((folder) => changed(scratch, folder)),
    ['src/features.ts', 'drizzle/meta/_journal.json'],
    'and the list of migrations, which the generator keeps',
  )

  const { ask, testDatabase }: typeof import('./harness.ts') = await import(pathToFileURL(path.join(scratch, 'test/harness.ts')).href)
  const db = await testDatabase(t)
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`insert into leaflet (id, title) values (gen_random_uuid(), 'Samen in de wijk')`)
  const read = async (key?: string) => (await ask(db, key, '{ leaflets { title } }')).data
  t.same(await read(db.keys['partner_reader@trajekt']), { leaflets: [{ title: 'Samen in de wijk' }] })
  t.same(await read(), { leaflets: [] }, 'what the alliance shares is not public')
  await t.rejects(client.query(`update leaflet set title = 'Anders'`), { code: 'SP409' }, 'and guarded as every table is')
})
