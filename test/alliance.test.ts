import t from 'tap'
import { ask, testDatabase } from './harness.ts'

t.test('the alliance', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const admin = keys['admin@gemeente-maastricht']
  const team = keys['programme_team@gemeente-maastricht']
  const [[[today]]] = (await db.session.read({ kind: 'public' }, [{ text: 'select today()::text', values: [] }])) as [[[string]]]

  interface Organisations {
    organisations: {
      nodes: { id: string; slug: string; membership: { id: string; version: number; type: string; endsOn: string | null } | null }[]
    }
  }
  const organisation = async (slug: string) =>
    (
      await ask<Organisations>(
        db,
        undefined,
        'query O($slug: String) { organisations(where: { slug: { eq: $slug } }) { nodes { id slug membership { id version type endsOn } } } }',
        { slug },
      )
    ).data.organisations.nodes[0]
  const leave = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ allianceLeave: { membership: object | null; userErrors: object[] } }>(
      db,
      key,
      `mutation L($id: ID!, $input: AllianceLeaveInput!) { allianceLeave(id: $id, input: $input) { membership { endsOn reason organisation { slug } } userErrors { code path } } }`,
      { id, input },
    )
  const join = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ allianceJoin: { membership: object | null; userErrors: object[] } }>(
      db,
      key,
      `mutation J($id: ID!, $input: AllianceJoinInput!) { allianceJoin(organisationId: $id, input: $input) { membership { type startsOn reason } userErrors { code path } } }`,
      { id, input },
    )
  const members = async (on: string) =>
    (
      await ask<{ programme: { alliance: { nodes: { organisation: { slug: string } }[] } } }>(
        db,
        undefined,
        'query M($on: Date) { programme(code: "VW") { alliance(on: $on, first: 100) { nodes { organisation { slug } } } } }',
        { on },
      )
    ).data.programme.alliance.nodes.map(({ organisation: { slug } }) => slug)

  t.test(
    'S08 invariant 19 P6 a partner that leaves loses access in the same second, keeps what it wrote, and what it led needs a lead',
    async (t) => {
      const envida = keys['partner_editor@envida']
      const led = async () =>
        (
          await ask<{ actions: { nodes: { ref: string; leadNeeded: boolean; lead: object | null }[] } }>(
            db,
            team,
            '{ actions(first: 100, where: { leadNeeded: { eq: true } }) { nodes { ref leadNeeded lead { slug } } } }',
          )
        ).data.actions.nodes
      const before = (
        await ask<{ actions: { nodes: { ref: string; id: string }[] } }>(
          db,
          envida,
          '{ actions(first: 100, where: { lead: { eq: "envida" } }) { nodes { ref id } } }',
        )
      ).data.actions.nodes
      t.ok(before.length > 0, 'it leads something')
      t.same(await led(), [])
      await ask(
        db,
        envida,
        'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: IMPLEMENTATION, narrative: "Van ons" }) { userErrors { code } } }',
        {
          id: before[0]?.id,
        },
      )
      const { membership } = (await organisation('envida')) ?? {}
      const input = { expectedVersion: membership?.version, endsOn: today, reason: 'Fusie' }
      t.equal((await leave(team, membership?.id, input)).errors?.[0]?.extensions.code, 'FORBIDDEN')
      t.match((await leave(admin, membership?.id, { ...input, expectedVersion: 99 })).data.allianceLeave, {
        userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'] }],
      })
      t.equal((await ask(db, envida, '{ viewer { label } }')).errors, undefined, 'until then its key opens')

      t.match((await leave(admin, membership?.id, input)).data.allianceLeave, {
        membership: { endsOn: today, reason: 'Fusie', organisation: { slug: 'envida' } },
        userErrors: [],
      })
      t.equal((await ask(db, envida, '{ viewer { label } }')).errors?.[0]?.extensions.code, 'MEMBERSHIP_ENDED')
      t.equal(
        (
          await ask(db, envida, 'mutation R($id: ID!) { actionRecordStatus(id: $id, input: { status: CLOSED }) { userErrors { code } } }', {
            id: before[0]?.id,
          })
        ).errors?.[0]?.extensions.code,
        'MEMBERSHIP_ENDED',
        'in mid-edit as well',
      )
      t.same(
        (await led()).map(({ ref, lead }) => [ref, lead]),
        before.map(({ ref }) => [ref, null]),
      )
      const told = await ask<{ action: { latestStatus: object } }>(
        db,
        team,
        'query A($ref: String) { action(ref: $ref) { latestStatus { narrative reportedBy { slug } } } }',
        { ref: before[0]?.ref },
      )
      t.match(told.data.action.latestStatus, { narrative: 'Van ons', reportedBy: { slug: 'envida' } })
      t.notOk((await members(today)).includes('envida'))
      t.ok((await members('2025-06-30')).includes('envida'), 'the alliance of that day is as it was')
      t.match((await leave(admin, membership?.id, { ...input, expectedVersion: (membership?.version ?? 0) + 1 })).data.allianceLeave, {
        userErrors: [{ code: 'CONFLICT' }],
      })

      const { id, version } = (
        await ask<{ action: { id: string; version: number } }>(db, team, 'query A($ref: String) { action(ref: $ref) { id version } }', {
          ref: before[0]?.ref,
        })
      ).data.action
      const handed = await ask<{ actionHandOverLead: { userErrors: object[] } }>(
        db,
        team,
        'mutation H($id: ID!, $input: ActionHandOverLeadInput!) { actionHandOverLead(id: $id, input: $input) { action { lead { slug } } userErrors { code path } } }',
        { id, input: { expectedVersion: version, to: 'envida', on: today } },
      )
      t.match(handed.data.actionHandOverLead.userErrors, [{ code: 'BAD_USER_INPUT', path: ['input', 'to'] }], 'who left leads nothing')
      const again = await ask<{ actionHandOverLead: object }>(
        db,
        team,
        'mutation H($id: ID!, $input: ActionHandOverLeadInput!) { actionHandOverLead(id: $id, input: $input) { action { leadNeeded lead { slug } } userErrors { code path } } }',
        { id, input: { expectedVersion: version, to: 'mondriaan', on: today } },
      )
      t.match(again.data.actionHandOverLead, { action: { leadNeeded: false, lead: { slug: 'mondriaan' } }, userErrors: [] })
    },
  )

  t.test('P6 in the grace it was given, a system still pushes what happened before, and nothing later', async (t) => {
    const system = keys['partner_system@servatius']
    const { membership } = (await organisation('servatius')) ?? {}
    const { ref } = (
      await ask<{ actions: { nodes: { ref: string }[] } }>(
        db,
        team,
        '{ actions(first: 1, where: { lead: { eq: "servatius" } }) { nodes { ref } } }',
      )
    ).data.actions.nodes[0] as { ref: string }
    await leave(admin, membership?.id, { expectedVersion: membership?.version, endsOn: today, pushGraceUntil: '2999-01-01T00:00:00Z' })
    const response = await db.app.inject({
      method: 'POST',
      url: '/api/v1/status-reports',
      headers: { authorization: `Bearer ${system}`, 'idempotency-key': 'grace' },
      payload: {
        items: [
          { action: { ref }, externalEventId: 'before', effectiveAt: '2025-06-20T10:00:00Z', status: 'IMPLEMENTATION' },
          { action: { ref }, externalEventId: 'after', effectiveAt: new Date().toISOString(), status: 'CLOSED' },
        ],
      },
    })
    const { items } = response.json() as { items: { disposition: string; errors: { code: string }[] }[] }
    t.not(items[0]?.disposition, 'REJECTED')
    t.match(items[1], { disposition: 'REJECTED', errors: [{ code: 'MEMBERSHIP_ENDED' }] })
    const seen = await ask<{ actions: { nodes: { viewerCanCreateNote: boolean; viewerCanRecordStatus: boolean }[] } }>(
      db,
      system,
      `{ actions(first: 1) { nodes { viewerCanCreateNote viewerCanRecordStatus } } }`,
    )
    t.same(seen.data.actions.nodes, [{ viewerCanCreateNote: false, viewerCanRecordStatus: false }], 'and otherwise only reads')
  })

  t.test('S07 S08 a partner joins on a day, with its reason, once', async (t) => {
    const made = await ask<{ organisationCreate: { organisation: { id: string } } }>(
      db,
      admin,
      'mutation { organisationCreate(input: { slug: "nieuwe-partner", name: "Nieuwe partner", kind: WELFARE }) { organisation { id } userErrors { code } } }',
    )
    const { id } = made.data.organisationCreate.organisation
    const input = { programme: 'VW', type: 'ASSOCIATED', startsOn: '2026-01-01', reason: 'Jeugdwerk' }
    t.equal((await join(team, id, input)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.match((await join(admin, id, input)).data.allianceJoin, {
      membership: { type: 'ASSOCIATED', startsOn: '2026-01-01', reason: 'Jeugdwerk' },
      userErrors: [],
    })
    t.match((await join(admin, id, input)).data.allianceJoin, { userErrors: [{ code: 'CONFLICT', path: ['input', 'startsOn'] }] })
    t.match((await join(admin, id, { ...input, programme: 'none' })).data.allianceJoin, { userErrors: [{ code: 'NOT_FOUND' }] })
    t.ok((await members('2026-01-01')).includes('nieuwe-partner'))
    t.notOk((await members('2025-12-31')).includes('nieuwe-partner'))
  })
})
