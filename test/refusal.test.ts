import pg from 'pg'
import t, { type Test } from 'tap'
import { parseKey } from '../src/auth/key.ts'
import type { Credential } from '../src/db/session.ts'
import { ask, testDatabase } from './harness.ts'

interface Entry {
  operation: string
  outcome: string
  subjectType: string
  subjectId: string
  requestId: string | null
  after: string | null
  organisation: { slug: string }
}

async function connected(t: Test, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

t.test('BIO2 8.15.01: what was refused to somebody known is in the audit trail', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const reader = keys['partner_reader@woonpunt']
  const auditor = keys['auditor@gemeente-maastricht']
  const action = (await ask<{ action: { id: string } }>(db, reader, '{ action(ref: "POT-2025-02") { id } }')).data.action.id
  const trail = async (key: string | undefined) =>
    (
      await ask<{ auditTrail: { nodes: Entry[] } | null }>(
        db,
        key,
        '{ auditTrail(first: 100) { nodes { operation outcome subjectType subjectId requestId after organisation { slug } } } }',
      )
    ).data.auditTrail?.nodes.filter(({ outcome }) => outcome === 'REFUSED')
  const edit = `a: actionEditAgreed(id: "${action}", input: { expectedVersion: 1, title: "Geheim voornemen" }) { userErrors { code } }`

  t.test('with the verb, its object and the code, and nothing of what was given; one line a request', async (t) => {
    const twice = await ask(db, reader, `mutation { ${edit} b: ${edit.slice(3)} }`)
    t.match(twice.errors, [{ extensions: { code: 'FORBIDDEN' } }])
    const told = {
      operation: 'actionEditAgreed',
      outcome: 'REFUSED',
      subjectType: 'Action',
      subjectId: action,
      after: '{"code": "FORBIDDEN"}',
      requestId: String,
      organisation: { slug: 'woonpunt' },
    }
    const found = await trail(auditor)
    t.match(found, [told])
    t.equal(found?.length, 1)
    t.notMatch(JSON.stringify(found), /Geheim/)
  })

  t.test('by whoever reads the trail, and nobody else', async (t) => {
    t.equal((await trail(reader))?.length, 1, 'its own organisation')
    t.equal((await trail(keys['programme_team@gemeente-maastricht']))?.length, 1)
    t.equal((await trail(keys['partner_reader@trajekt']))?.length, 0)
    t.notOk((await trail(undefined))?.length)
  })

  t.test('what names no object is told of the organisation; REST tells as GraphQL does; the public is nobody known', async (t) => {
    await ask(
      db,
      reader,
      `mutation { organisationCreate(input: { slug: "geheim", name: "Geheim", kind: RESIDENTS_GROUP }) { userErrors { code } } }`,
    )
    const pushed = await db.app.inject({
      method: 'POST',
      url: '/api/v1/status-reports',
      headers: { authorization: `Bearer ${reader}`, 'idempotency-key': 'refused-1', 'content-type': 'application/json' },
      payload: JSON.stringify({
        items: [{ externalEventId: 'e-1', action: { ref: 'POT-2025-02' }, status: 'IMPLEMENTATION', effectiveAt: '2025-06-01T00:00:00Z' }],
      }),
    })
    t.equal(pushed.statusCode, 403)
    t.match((await ask(db, undefined, `mutation { ${edit} }`)).errors, [{ extensions: { code: 'UNAUTHENTICATED' } }])
    t.match(
      (await trail(auditor))?.map(({ operation, subjectType }) => [operation, subjectType]),
      [
        ['actionPushStatus', 'Organisation'],
        ['organisationCreate', 'Organisation'],
        ['actionEditAgreed', 'Action'],
      ],
    )
    t.notMatch(JSON.stringify(await trail(auditor)), /geheim|e-1/i)
  })

  t.test('also to whom was a member: by the door that it tried, one line a request, for a verb alone', async (t) => {
    const before = (await trail(auditor))?.length ?? 0
    const since = async (key = auditor) => (await trail(key))?.slice(0, -before || undefined).reverse()
    const owner = await connected(t, db.superuserUrl)
    await owner.query(
      `update alliance_membership set ends_on = today(), push_grace_until = now() + interval '1 day' where organisation_id = (select id from organisation where slug = 'envida')`,
    )
    const [editor, system] = [keys['partner_editor@envida'], keys['partner_system@envida']]
    const rest = (key: string | undefined, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) =>
      db.app.inject({
        method,
        url: `/api/v1${url}`,
        headers: { authorization: `Bearer ${key}`, 'idempotency-key': url, 'content-type': 'application/json' },
        ...(payload && { payload: JSON.stringify(payload) }),
      })

    t.match((await ask(db, editor, `mutation { ${edit} b: ${edit.slice(3)} }`)).errors, [{ extensions: { code: 'MEMBERSHIP_ENDED' } }])
    const told = {
      operation: 'actionEditAgreed',
      subjectType: 'Action',
      subjectId: action,
      after: '{"code": "MEMBERSHIP_ENDED"}',
      requestId: String,
      organisation: { slug: 'envida' },
    }
    t.match(await since(), [told])
    t.equal((await since())?.length, 1)

    await ask(db, editor, '{ viewer { label } }')
    await rest(editor, 'GET', '/status-reports/batches/0190acce-0000-7000-8000-000000000001')
    t.equal((await since())?.length, 1, 'reads leave no line')
    t.equal((await rest(editor, 'POST', '/status-reports', { items: [] })).json().code, 'MEMBERSHIP_ENDED')
    t.equal((await rest(editor, 'POST', '/status-reports/retractions', {})).json().code, 'MEMBERSHIP_ENDED')
    t.equal((await rest(editor, 'PUT', '/actions/POT-2025-02/external-refs/x', { externalId: 'Geheim' })).json().code, 'MEMBERSHIP_ENDED')
    t.not((await rest(system, 'POST', '/status-reports', { items: [] })).json().code, 'MEMBERSHIP_ENDED', 'a system in its grace')
    t.match(
      (await since())?.slice(1).map((entry) => [entry.operation, entry.subjectType, entry.organisation.slug]),
      [
        ['actionPushStatus', 'Organisation', 'envida'],
        ['statusReportRetract', 'Organisation', 'envida'],
        ['actionSetExternalRef', 'Organisation', 'envida'],
      ],
    )
    t.equal((await since())?.length, 4)
    t.notMatch(JSON.stringify(await since()), /Geheim/)
    t.equal((await since(keys['programme_team@gemeente-maastricht']))?.length, 4)
    t.equal((await trail(keys['partner_reader@trajekt']))?.length, 0, 'another organisation reads none of it')

    await owner.query('update api_key set revoked_at = now() where key_id = $1', [(parseKey(editor as string) as { id: string }).id])
    t.match((await ask(db, editor, `mutation { ${edit} }`)).errors, [{ extensions: { code: 'UNAUTHENTICATED' } }])
    t.equal((await since())?.length, 4, 'a key that opens nothing is nobody known')
  })

  t.test('the database writes such a line for nobody else, whatever it is told', async (t) => {
    const service = await connected(t, db.url)
    const before = (await trail(auditor))?.length
    const written = (key: string | undefined, secret?: Buffer) => {
      const { id, hash } = parseKey(key as string) as Extract<Credential, { kind: 'key' }>
      const values = [id, secret ?? hash]
      return service.query(`select record_ended_refusal($1, $2, gen_random_uuid(), 'planAdopt', null, null, null)`, values)
    }
    await written(reader)
    await written(keys['partner_system@envida'])
    await t.rejects(written(keys['partner_reader@envida'], Buffer.alloc(32)), { code: 'SP401' }, 'without its secret')
    t.equal((await trail(auditor))?.length, before)
    await written(keys['partner_reader@envida'])
    t.equal((await trail(auditor))?.length, (before ?? 0) + 1, 'with it, one')
  })
})
