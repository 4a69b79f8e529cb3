import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import t from 'tap'
import { WebSocket } from 'ws'
import { buildApp } from '../src/app.ts'
import { makeKey } from '../src/auth/key.ts'
import type { Session } from '../src/db/session.ts'

t.test('BIO2 8.15.02 a log holds no key of an address, no statement and nothing of what was written', async (t) => {
  const lines: string[] = []
  const stream = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const lost = Object.assign(new Error('terminating: secret'), { code: '57P01', severity: 'FATAL', detail: 'secret' })
  const session = {
    onChange: () => undefined,
    read: async () => [[]],
    write: async () => {
      throw new DrizzleQueryError('insert into secret', ['secret'.repeat(1000)], lost)
    },
  } as unknown as Session
  const app = await buildApp({ session, logger: { stream } })
  t.teardown(() => app.close())
  await app.inject('/nowhere?key=secret')
  const { key } = makeKey('test')
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/status-reports?key=secret',
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'one' },
    payload: { items: [{ action: { ref: 'A-1' }, externalEventId: 'e', effectiveAt: '2025-06-20T10:00:00Z', status: 'CLOSED' }] },
  })
  t.ok(answer.statusCode >= 500)
  const log = lines.join('')
  t.notMatch(log, /secret/)
  t.match(log, /"path":"\/nowhere"/)
  t.match(log, /"cause":\{"type":"Error","code":"57P01"/, 'what went wrong is there')
})

t.test('BIO2 8.15.02 what breaks a WebSocket is told to the log and written nowhere else', async (t) => {
  const lines: string[] = []
  const stream = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const written: unknown[] = []
  for (const name of ['error', 'warn', 'log', 'info'] as const)
    t.intercept(console, name, { value: (...said: unknown[]) => written.push(said) })
  const session = { onChange: () => undefined, read: async () => [[]] } as unknown as Session
  const app = await buildApp({ session, logger: { stream } })
  t.teardown(() => app.close())
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo

  /** The code with which a socket that sends this is closed. */
  const closing = async (message: string | Buffer, options: object = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws')
    await once(socket, 'open')
    socket.send(message, options)
    return (await once(socket, 'close'))[0]
  }
  t.equal(await closing('secret'.repeat(20_000)), 1009, 'longer than a message may be')
  t.equal(await closing(Buffer.from([0xff, 0xfe]), { binary: false }), 1007, 'no UTF-8')
  t.equal(await closing('secret'), 4400, 'no message of the protocol')
  t.equal(await closing('{"id":"secret","type":"subscribe"}'), 4400, 'half a message')
  t.same(written, [])
  t.notMatch(lines.join(''), /secret/)
  t.match(lines.join(''), /"code":"WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"/, 'what went wrong is there')
})
