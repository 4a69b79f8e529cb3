import { open, rename, rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Session } from '../db/session.ts'
import { type ErrorCode, Problem } from '../errors.ts'
import { type Command, UsageError } from './command.ts'
import { callerOf, inSession } from './place.ts'

export const exportSet: Command = {
  name: 'export',
  usage: '<Set>.csv [--to <file>] [--key <api key>]',
  summary: `Writes a set of the BI feed as CSV: Observations.csv, Actions.csv, …
--to        a file, which appears when it is whole; standard output when not given
--key       whose rows they are; better given as SAMENSPEL_API_KEY; what is public when there is none`,
  operands: 1,
  options: { to: { type: 'string' }, key: { type: 'string' } },
  run: async (call) => {
    const [set] = call.operands as [string]
    const to = call.optional('to')
    if (call.json && to === undefined) throw new UsageError('--json needs --to: standard output is the file')
    return inSession(call.config, async (session, place) => {
      const caller = callerOf(call.optional('key'), call.config, place)
      const rows = () => rowsOf(session, set, caller?.key)
      const bytes = await (to === undefined ? toOutput(rows) : toFile(rows, to))
      return { json: { set, file: to, bytes }, lines: to === undefined ? [] : [`${bytes} bytes are in ${to}`] }
    })
  },
}

/** The very bytes that the REST door would send, asked of the service in this process. */
async function rowsOf(session: Session, set: string, key: string | undefined): Promise<Readable> {
  // A database that is not migrated says so here; the door would say no more than that something went wrong.
  await session.read({ kind: 'public' }, [])
  // Loaded by who needs it: the other commands start twice as fast.
  const { buildApp } = await import('../app.ts')
  const app = await buildApp({ session })
  const response = await app.inject({
    url: `/api/v1/exports/${encodeURIComponent(set)}`,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    payloadAsStream: true,
  })
  const body = response.stream()
  // Who stops reading ends the answer, and with it the copy in the database.
  body.once('close', () => response.raw.res.destroy())
  if (response.statusCode === 200) return body
  const { code, detail } = JSON.parse(Buffer.concat(await body.toArray()).toString()) as { code: ErrorCode; detail: string }
  throw new Problem(code, detail)
}

async function toOutput(rows: () => Promise<Readable>): Promise<number> {
  let bytes = 0
  await pipeline(await rows(), counted, process.stdout, { end: false })
  return bytes

  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length
      yield chunk
    }
  }
}

/** Under another name until it is whole, so that half a file never passes for one. */
async function toFile(rows: () => Promise<Readable>, to: string): Promise<number> {
  const part = `${to}.${process.pid}.part`
  const file = await open(part, 'w').catch(refuseFile(to))
  let bytes = 0
  try {
    for await (const chunk of await rows()) {
      await file.appendFile(chunk).catch(refuseFile(to))
      bytes += chunk.length
    }
    await file.close()
    await rename(part, to).catch(refuseFile(to))
    return bytes
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
    throw error
  }
}

const refuseFile = (to: string) => () => {
  throw new Problem('BAD_USER_INPUT', `${to} cannot be written`, ['to'])
}
