import { z } from 'zod'

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is not a whole number from 0 to 65535')
  .transform(Number)
  .pipe(z.number().max(65_535))
const count = (most: number) => z.coerce.number().int().min(1).max(most)
const postgresUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), 'is not a postgres:// address')

/** The environment, and nothing but the environment, configures the service. */
export const environment = z.object({
  /** Where to listen. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** The port; the next free one from 3000 when it is not given. */
  PORT: port.optional(),
  /** Where the embedded database keeps its data and keys. */
  DATA_DIR: z.string().min(1).default('.data'),
  /** A PostgreSQL server, as the runtime role; the embedded one when it is not given. */
  DATABASE_URL: postgresUrl.optional(),
  /** The same database as its owner, for `migrate`, `seed` and `key`. */
  DATABASE_OWNER_URL: postgresUrl.optional(),
  /** The key as which `samenspel import` enters. */
  SAMENSPEL_API_KEY: z.string().min(1).optional(),
  /** How clients reach the service, where that is not the address of the request (behind a proxy). */
  PUBLIC_URL: z.url().optional(),
  /** Connections for reads; each carries several callers at once. */
  READ_CONNECTIONS: count(100).default(4),
  /** Connections for writes. */
  WRITE_CONNECTIONS: count(100).default(8),
  /** Milliseconds after which the database ends a statement. */
  STATEMENT_TIMEOUT: count(600_000).default(15_000),
  /** Bytes of answers kept for readers of the same scope; 0 keeps none. */
  CACHE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
  /** The least severe message that is logged. */
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

/** Which server and database an address names, and never as whom. */
export function addressOf(url: string): string {
  const { host, pathname } = new URL(url)
  return host + pathname
}

export type Config = Readonly<z.infer<typeof environment>>

/** All that is wrong with the environment, told at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (parsed.success) return Object.freeze(parsed.data)
  throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
}
