import t from 'tap'
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
})
