import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.ts'
import { admitRuntime, migrate } from '../../src/db/migrate.ts'
import { Session } from '../../src/db/session.ts'
import { testDatabase } from '../harness.ts'
import { type Fixture, makeFixture, sow } from './fixture.ts'

export interface AccessDatabase {
  fixture: Fixture
  url: string
  ownerUrl: string
  superuserUrl: string
  session: Session
  app: FastifyInstance
  /** The same service, keeping answers for readers of the same roles, and how often it only judged who asked. */
  keeping: FastifyInstance
  answeredFromMemory(): number
  /** A connection that is closed with the test. */
  connect(url: string): Promise<pg.Client>
}

/** Counts the reads that ask nothing but who is calling. */
class JudgingSession extends Session {
  judged = 0

  override readAs(...[credential, statements]: Parameters<Session['readAs']>): ReturnType<Session['readAs']> {
    if (statements.length === 0) this.judged++
    return super.readAs(credential, statements)
  }
}

/** A database with the fixture and nothing else, on the server that the tests share. */
export async function accessDatabase(t: Test): Promise<AccessDatabase> {
  const server = await testDatabase(t)
  const name = `access_${randomBytes(8).toString('hex')}`
  const at = (url: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).href
  const [url, ownerUrl, superuserUrl] = [at(server.url), at(server.ownerUrl), at(server.superuserUrl)]
  const clients: pg.Client[] = []
  const connect = async (to: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: to })
    await client.connect()
    clients.push(client)
    return client
  }
  const superuser = await connect(server.superuserUrl)
  await superuser.query(`create database ${name} owner ${new URL(ownerUrl).username} template template0`)
  await migrate(ownerUrl)
  await admitRuntime(ownerUrl, url)
  const fixture = makeFixture()
  await sow(ownerUrl, fixture)
  const session = new Session({ url })
  const app = await buildApp({ session })
  const judging = new JudgingSession({ url })
  const keeping = await buildApp({ session: judging, cacheBytes: 64 * 1024 * 1024 })
  t.teardown(async () => {
    await app.close()
    await keeping.close()
    await Promise.all([session.close(), judging.close()])
    await Promise.all(clients.filter((client) => client !== superuser).map((client) => client.end()))
    await superuser.query(`drop database ${name} with (force)`)
    await superuser.end()
  })
  return { fixture, url, ownerUrl, superuserUrl, session, app, keeping, answeredFromMemory: () => judging.judged, connect }
}
