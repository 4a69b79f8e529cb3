import { Writable } from 'node:stream'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import t from 'tap'
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
