import { buildApp } from '../../src/app.ts'
import { Pipeline } from '../../src/db/batch.ts'
import { type Credential, Session, type Statement, type TextRow } from '../../src/db/session.ts'
import { databaseUrl, serve } from './serve.ts'

/** The read lane without anybody in it: statements alone, no identity. Only ever with a role that no policy applies to. */
class Unscoped extends Session {
  readonly #lane = new Pipeline({
    connection: {
      connectionString: databaseUrl,
      options:
        '-c TimeZone=UTC -c DateStyle=ISO -c search_path=public -c jit=off -c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan',
    },
    size: 4,
    depth: 8,
    queue: 2_000,
  })

  override read(_credential: Credential, statements: readonly Statement[]): Promise<TextRow[][]> {
    return this.#lane.run(statements)
  }
}

const session = process.env.IDENTITY === 'none' ? new Unscoped({ url: databaseUrl }) : new Session({ url: databaseUrl })
await serve(await buildApp({ session, cacheBytes: Number(process.env.CACHE_BYTES ?? 0) }))
