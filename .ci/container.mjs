// node .ci/container.mjs <built folder> <new folder>: follows the Dockerfile by hand, without a container engine. Runs its
// own install command, copies what it copies, and runs migrate, CMD and HEALTHCHECK as docker-compose.yml does, against a
// PostgreSQL of its own that is prepared by the compose file's own SQL: an owner who is no superuser.
import { cp, mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { check, complete, drain, freePort, launch, seconds, sweep, untilReady } from './process.mjs'
import { graphql } from './smoke.mjs'

const [built, image] = process.argv.slice(2).map((folder) => path.resolve(folder))
const { Client } = createRequire(path.join(built, 'package.json'))('pg')
const dataDir = path.resolve(image, '..', 'image-data')
const servers = []
let database

const dockerfile = (await readFile(path.join(built, 'Dockerfile'), 'utf8')).replaceAll(/\\\n\s*/g, '')
const instruction = (pattern) => {
  const [, found] = pattern.exec(dockerfile) ?? []
  check(found, `the Dockerfile has no line like ${pattern}`)
  return found
}

/** What the stage `runtime` holds: its install, and what it copies from the other stages and from the repository. */
const assemble = async () => {
  await mkdir(image)
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) await cp(path.join(built, name), path.join(image, name))
  const install = instruction(/^RUN (npm ci --omit=dev.*)$/m)
  await complete(install, 'sh', ['-c', install], { cwd: image })
  const copied = [...dockerfile.matchAll(/^COPY --from=build (?:--\S+ )?\/app\/(\S+) \.\/\S*$/gm)].map(([, name]) => name)
  check(copied.includes('dist'), 'the Dockerfile copies no dist')
  for (const name of copied) await cp(path.join(built, name), path.join(image, name), { recursive: true })
  console.log(`ok  the image would hold node_modules, ${copied.join(', ')}`)
}

/** An empty cluster, prepared as the first start of the compose file's database prepares it. */
const prepareDatabase = async (passwords) => {
  const { startEmbeddedPostgres } = await import(pathToFileURL(path.join(built, 'dist/db/embedded.js')))
  database = await startEmbeddedPostgres({ dataDir, durable: false })
  const compose = await readFile(path.join(built, 'docker-compose.yml'), 'utf8')
  const [, script] = /<<'SQL'\n([\s\S]*?)\n\s*SQL\n/.exec(compose) ?? []
  check(script, 'docker-compose.yml holds no SQL for the first start')
  const superuser = new Client({ connectionString: database.superuserUrl() })
  await superuser.connect()
  try {
    for (const statement of script.replaceAll(":'password'", `'${passwords.owner}'`).split(';')) {
      if (statement.trim() !== '') await superuser.query(statement)
    }
  } finally {
    await superuser.end()
  }
  const url = (user, password) => `postgres://${user}:${password}@${database.host}:${database.port}/samenspel`
  console.log('ok  a database of its own, prepared by the SQL of docker-compose.yml')
  return { DATABASE_OWNER_URL: url('samenspel_owner', passwords.owner), DATABASE_URL: url('samenspel_app', passwords.app) }
}

const expectPlainRoles = async ({ DATABASE_OWNER_URL }) => {
  const owner = new Client({ connectionString: DATABASE_OWNER_URL })
  await owner.connect()
  try {
    const { rows } = await owner.query(
      "select rolname, rolsuper or rolbypassrls as mighty from pg_roles where rolname in ('samenspel_owner', 'samenspel_app') order by 1",
    )
    check(rows.length === 2 && rows.every(({ mighty }) => !mighty), JSON.stringify(rows))
    const owned = await owner.query("select tablename from pg_tables where schemaname = 'public' and tableowner <> 'samenspel_owner'")
    check(owned.rows.length === 0, `tables not owned by samenspel_owner: ${JSON.stringify(owned.rows)}`)
  } finally {
    await owner.end()
  }
  console.log('ok  neither the owner nor the app is a superuser or passes row security')
}

const serve = async (environment) => {
  const [node, ...args] = JSON.parse(instruction(/^CMD (\[.*\])$/m))
  const [probe, ...probeArgs] = JSON.parse(instruction(/^HEALTHCHECK .*CMD (\[.*\])$/m))
  const port = String(await freePort())
  const started = performance.now()
  const env = { DATABASE_URL: environment.DATABASE_URL, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: port }
  const server = launch(node, args, { cwd: image, env })
  servers.push(server)
  const base = `http://127.0.0.1:${port}`
  await untilReady(server, base, 60)
  console.log(`ok  CMD: ready after ${seconds(started)}`)
  await complete('HEALTHCHECK', probe, probeArgs, { cwd: image, env })
  const { programme } = await graphql(base, '{ programme(code: "VW") { name { text } } }')
  check(programme?.name?.text, `after seed there is no programme: ${JSON.stringify(programme)}`)
  console.log(`ok  GraphQL: ${programme.name.text}`)
  await drain(server)
}

const clear = async () => {
  for (const server of servers) server.signalAll('SIGKILL')
  await database?.stop()
  await sweep(dataDir)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, async () => {
    await clear()
    process.exit(1)
  })

try {
  await assemble()
  const environment = await prepareDatabase({ owner: 'owner-of-this-run', app: 'app-of-this-run' })
  for (const command of ['migrate', 'migrate', 'seed'])
    await complete(`samenspel ${command}`, 'node', ['dist/cli.js', command], { cwd: image, env: environment })
  await expectPlainRoles(environment)
  await serve(environment)
} catch (error) {
  console.log(`not ok  ${error.message}`)
  for (const server of servers) console.log(server.output().trim())
  process.exitCode = 1
} finally {
  await clear()
}
