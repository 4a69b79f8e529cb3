import { once } from 'node:events'
import { type Client, createClient } from 'graphql-ws'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { ask, type TestDatabase, testDatabase } from './harness.ts'

type Told = { data?: Record<string, unknown> | null; errors?: readonly { message: string; extensions?: { code?: string } }[] }

t.test('an action is followed over WebSocket', async (t) => {
  const db = await testDatabase(t)
  const { keys, app } = db
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const url = `ws://127.0.0.1:${port}/graphql`
  const team = keys['programme_team@gemeente-maastricht'] as string
  const { data } = await ask<{ actions: { nodes: { id: string; lead: { slug: string } }[] } }>(
    db,
    team,
    '{ actions(first: 1, where: { status: { eq: IMPLEMENTATION } }) { nodes { id lead { slug } } } }',
  )
  const { id: action, lead } = data.actions.nodes[0] as (typeof data.actions.nodes)[0]
  const [stranger, leaver] = ['servatius', 'trajekt', 'envida'].filter((slug) => slug !== lead.slug) as [string, string]
  const editor = (slug: string) => keys[`partner_editor@${slug}`] as string

  /** A client with this key, what it is told, and with which code its connection ended. */
  const connect = (t: Test, key: string | undefined) => {
    let ended: (event: { code: number; reason: string }) => void
    const closed = new Promise<{ code: number; reason: string }>((resolve) => (ended = resolve))
    const client: Client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: key === undefined ? {} : { authorization: `Bearer ${key}` },
      retryAttempts: 0,
      on: { closed: (event) => ended(event as { code: number; reason: string }) },
    })
    t.teardown(() => client.dispose())
    const follow = (query: string, variables?: Record<string, unknown>) =>
      client.iterate<Record<string, unknown>>({ query, variables }) as AsyncIterableIterator<Told>
    return { client, follow, closed }
  }
  const next = async (told: AsyncIterator<Told>): Promise<Told> => (await told.next()).value as Told
  const refusal = (told: AsyncIterator<Told>): Promise<unknown> =>
    told.next().then(
      () => undefined,
      (error) => error,
    )
  const record = (status: string, progressPercent: number) =>
    ask<{ actionRecordStatus: { userErrors: object[] } }>(
      db,
      editor(lead.slug),
      'mutation R($id: ID!, $input: StatusReportInput!) { actionRecordStatus(id: $id, input: $input) { userErrors { code path } } }',
      { id: action, input: { status, progressPercent } },
    )
  const query = 'subscription F($id: ID!) { actionChanged(id: $id) { ref status progressPercent } }'

  t.test('it is told as it is, and again when what was asked of it is another', async (t) => {
    const told = connect(t, editor(stranger)).follow(query, { id: action })
    const first = (await next(told)).data?.actionChanged as { ref: string }
    t.match(first, { ref: /^/ })
    t.same((await record('IMPLEMENTATION', 41)).data.actionRecordStatus.userErrors, [])
    t.match(await next(told), { data: { actionChanged: { ref: first.ref, status: 'IMPLEMENTATION', progressPercent: 41 } } })
    await record('IMPLEMENTATION', 42)
    t.match(await next(told), { data: { actionChanged: { progressPercent: 42 } } })
    await told.return?.()
  })

  t.test('F3 what somebody may not read is in no answer: another’s note, an action of a draft', async (t) => {
    const noted = 'subscription N($id: ID!) { actionChanged(id: $id) { progressPercent notes(first: 10) { totalCount nodes { body } } } }'
    const own = connect(t, editor(lead.slug)).follow(noted, { id: action })
    const other = connect(t, editor(stranger)).follow(noted, { id: action })
    await Promise.all([next(own), next(other)])
    const { data } = await ask<{ noteCreate: { userErrors: object[] } }>(
      db,
      editor(lead.slug),
      'mutation N($id: ID!) { noteCreate(actionId: $id, input: { body: "alleen voor ons", visibility: OWN_ORGANISATION }) { userErrors { code path } } }',
      { id: action },
    )
    t.same(data.noteCreate.userErrors, [])
    t.match(await next(own), { data: { actionChanged: { notes: { totalCount: 1, nodes: [{ body: 'alleen voor ons' }] } } } })
    await record('IMPLEMENTATION', 43)
    t.same(await next(other), { data: { actionChanged: { progressPercent: 43, notes: { totalCount: 0, nodes: [] } } } })

    const nazareth = await ask<{ actions: { nodes: { id: string }[] } }>(
      db,
      team,
      '{ actions(first: 1, where: { neighbourhood: { eq: "nazareth" } }) { nodes { id } } }',
    )
    const draft = nazareth.data.actions.nodes[0]?.id as string
    const hidden = connect(t, undefined).follow(query, { id: draft })
    const absent = connect(t, undefined).follow(query, { id: `${draft.slice(0, -4)}AAAA` })
    t.same([await next(hidden), await next(absent)], [{ data: { actionChanged: null } }, { data: { actionChanged: null } }])
  })

  t.test('F9 it stops when the membership of its reader ends, and is not taken up again', async (t) => {
    const { follow, closed } = connect(t, editor(leaver))
    const told = follow(query, { id: action })
    await next(told)
    await leave(db, leaver)
    t.match(await closed, { code: 4403, reason: 'MEMBERSHIP_ENDED' })
    await refusal(told)
    const again = connect(t, editor(leaver))
    await refusal(again.follow(query, { id: action }))
    t.match(await again.closed, { code: 4403, reason: 'MEMBERSHIP_ENDED' })
  })

  t.test('who cannot be who they say is not admitted', async (t) => {
    for (const key of ['nonsense', `${team.slice(0, -1)}${team.endsWith('0') ? '1' : '0'}`]) {
      const { follow, closed } = connect(t, key)
      await refusal(follow(query, { id: action }))
      t.match(await closed, { code: 4401, reason: 'UNAUTHENTICATED' })
    }
  })

  t.test('the same validation and limits as over HTTP, and subscriptions alone', async (t) => {
    const { follow } = connect(t, team)
    const code = async (document: string, variables?: Record<string, unknown>) =>
      ((await refusal(follow(document, variables))) as { extensions: { code: string } }[])[0]?.extensions.code
    t.equal(await code('subscription { actionChanged(id: "x") { nothing } }'), 'GRAPHQL_VALIDATION_FAILED')
    t.equal(await code('subscription {'), 'GRAPHQL_PARSE_FAILED')
    t.equal(await code('{ viewer { label } }'), 'BAD_REQUEST')
    t.equal(await code(query, {}), 'BAD_USER_INPUT')
    const aliases = Array.from({ length: 200 }, (_, n) => `a${n}: ref`).join(' ')
    t.equal(await code(`subscription { actionChanged(id: "x") { ${aliases} } }`), 'OPERATION_TOO_EXPENSIVE', 'F8 aliased 200 times')
    const first = Array.from({ length: 20 }, () => next(follow(query, { id: action })))
    const refused = refusal(follow(query, { id: action }))
    for (const told of await Promise.all(first)) t.ok(told.data)
    t.match(await refused, [{ extensions: { code: 'OPERATION_TOO_EXPENSIVE' } }], 'one more than a connection may have')
  })

  t.test('off the protocol is closed with its code', async (t) => {
    const raw = async (protocol: string, ...messages: string[]) => {
      const socket = new WebSocket(url, protocol)
      t.teardown(() => socket.terminate())
      socket.on('open', () => {
        for (const message of messages) socket.send(message)
      })
      socket.on('error', () => undefined)
      const [code] = await once(socket, 'close')
      return code
    }
    const init = '{"type":"connection_init"}'
    const subscribe = JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { id: action } } })
    t.equal(await raw('graphql-transport-ws'), 4408, 'never says who it is')
    t.equal(await raw('graphql-transport-ws', subscribe), 4401, 'subscribes before it is admitted')
    t.equal(await raw('graphql-transport-ws', init, init), 4429)
    t.equal(await raw('graphql-transport-ws', 'nonsense'), 4400)
    t.equal(
      await raw('graphql-transport-ws', init, JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'x'.repeat(70_000) } })),
      1009,
    )
  })
})

async function leave(db: TestDatabase, slug: string): Promise<void> {
  const admin = db.keys['admin@gemeente-maastricht']
  const found = await ask<{ organisations: { nodes: [{ membership: { id: string; version: number } }] } }>(
    db,
    admin,
    'query O($slug: String) { organisations(where: { slug: { eq: $slug } }) { nodes { membership { id version } } } }',
    { slug },
  )
  const { id, version } = found.data.organisations.nodes[0].membership
  const [[[today]]] = (await db.session.read({ kind: 'public' }, [{ text: 'select today()::text', values: [] }])) as [[[string]]]
  const left = await ask<{ allianceLeave: { userErrors: object[] } }>(
    db,
    admin,
    'mutation L($id: ID!, $input: AllianceLeaveInput!) { allianceLeave(id: $id, input: $input) { userErrors { code } } }',
    { id, input: { endsOn: today, reason: 'weg', expectedVersion: version } },
  )
  t.same(left.data.allianceLeave.userErrors, [])
}
