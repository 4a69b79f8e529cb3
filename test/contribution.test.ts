import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Contribution {
  id: string
  version: number
}
interface Told {
  contribution: Contribution | null
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Shown {
  id: string
  contributedAmount: string | null
  viewerCanRecordContribution: boolean
  contributions: { totalCount: number; nodes: { organisation: { slug: string }; viewerCanEdit: boolean }[] }
}

const fields = `id version kind amount hours fte description { text } period { startsOn endsOn } withdrawnOn organisation { slug }
  action { ref } viewerCanEdit`
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'

t.test('what partners contribute', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  // Led by Woonpunt, with the municipality; Trajekt and Envida take no part.
  const ref = 'POT-2025-01'
  const editor = keys['partner_editor@woonpunt']
  const outsider = keys['partner_editor@trajekt']
  const team = keys['programme_team@gemeente-maastricht']

  const actionAs = async (key: string | undefined): Promise<Shown> =>
    (
      await ask<{ action: Shown }>(
        db,
        key,
        `{ action(ref: "${ref}") { id contributedAmount viewerCanRecordContribution contributions { totalCount nodes { ${fields} } } } }`,
      )
    ).data.action
  const { id: actionId } = await actionAs(undefined)
  const record = (key: string | undefined, input: object, id = actionId) =>
    ask<{ contributionRecord: Told }>(
      db,
      key,
      `mutation R($id: ID!, $input: ContributionRecordInput!) { contributionRecord(actionId: $id, input: $input) { contribution { ${fields} } ${errors} } }`,
      { id, input },
    )
  const edit = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ contributionEdit: Told }>(
      db,
      key,
      `mutation E($id: ID!, $input: ContributionEditInput!) { contributionEdit(id: $id, input: $input) { contribution { ${fields} } ${errors} } }`,
      { id, input },
    )
  const withdraw = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ contributionWithdraw: Told }>(
      db,
      key,
      `mutation W($id: ID!, $input: ContributionWithdrawInput!) { contributionWithdraw(id: $id, input: $input) { contribution { ${fields} } ${errors} } }`,
      { id, input },
    )

  const money = { kind: 'MONEY', amount: '250000.5', startsOn: '2025-01-01', endsOn: '2025-12-31' }
  const ours = (await record(editor, money)).data.contributionRecord
  const theirs = (await record(outsider, { kind: 'STAFF', fte: '0.5', description: 'Opbouwwerk', startsOn: '2025-03-01' })).data
    .contributionRecord
  const inKind = (
    await record(keys['partner_system@woonpunt'], { kind: 'IN_KIND', description: 'Een ontmoetingsruimte', startsOn: '2025-02-01' })
  ).data.contributionRecord

  t.test('S30 a partner, by its editor or its system, contributes money, staff or in kind, in its own name', (t) => {
    t.match(ours, {
      contribution: {
        kind: 'MONEY',
        amount: '250000.50',
        hours: null,
        fte: null,
        period: { startsOn: '2025-01-01', endsOn: '2025-12-31' },
        organisation: { slug: 'woonpunt' },
        action: { ref },
        viewerCanEdit: true,
      },
      userErrors: [],
    })
    t.match(theirs.contribution, { kind: 'STAFF', amount: null, fte: '0.50', organisation: { slug: 'trajekt' } })
    t.match(inKind.contribution, { kind: 'IN_KIND', amount: null, description: { text: 'Een ontmoetingsruimte' } })
    t.end()
  })

  t.test('S30 all that does not fit is told at once; an action that is not there answers as such', async (t) => {
    const told = async (input: object, id?: string) =>
      (await record(editor, input, id)).data.contributionRecord.userErrors.map(({ code, path }) => `${code} ${path.join('.')}`)
    t.same(await told({ kind: 'MONEY', hours: '1', startsOn: '2025-02-01', endsOn: '2025-01-01' }), [
      'BAD_USER_INPUT input.hours',
      'BAD_USER_INPUT input.amount',
      'BAD_USER_INPUT input.endsOn',
    ])
    t.same(await told({ kind: 'STAFF', hours: '8', fte: '1', startsOn: '2025-01-01' }), ['BAD_USER_INPUT input.hours'])
    t.same(await told({ kind: 'IN_KIND', startsOn: '2025-01-01' }), ['BAD_USER_INPUT input.description'])
    t.same(await told({ kind: 'MONEY', amount: '0', fte: '1.005', startsOn: '2025-01-01' }), [
      'BAD_USER_INPUT input.amount',
      'BAD_USER_INPUT input.fte',
    ])
    t.same(await told(money, 'nothing'), ['NOT_FOUND actionId'])
  })

  t.test('S30 read by its own organisation, the parties to the action, the team and the portfolio holder, and nobody else', async (t) => {
    const seen = async (key: string | undefined) => (await actionAs(key)).contributions.nodes.map(({ organisation }) => organisation.slug)
    const all = ['trajekt', 'woonpunt', 'woonpunt']
    for (const name of [
      'partner_reader@woonpunt',
      'partner_editor@woonpunt',
      'partner_reader@gemeente-maastricht',
      'communication@gemeente-maastricht',
      'programme_team@gemeente-maastricht',
      'portfolio_holder@gemeente-maastricht',
    ]) {
      t.same(await seen(keys[name]), all, name)
    }
    for (const name of ['partner_reader@trajekt', 'partner_editor@trajekt', 'partner_system@trajekt', 'bi_reader@trajekt']) {
      t.same(await seen(keys[name]), ['trajekt'], name)
    }
    t.same(await seen(keys['partner_system@woonpunt']), ['woonpunt', 'woonpunt'], 'a system reads its own')
    t.same(await seen(keys['bi_reader@woonpunt']), ['woonpunt', 'woonpunt'], 'BI by the grant of its organisation')
    for (const name of [
      undefined,
      'partner_reader@envida',
      'bi_reader@gemeente-maastricht',
      'research_statistics@gemeente-maastricht',
      'council_reader@gemeente-maastricht',
      'auditor@gemeente-maastricht',
      'admin@gemeente-maastricht',
    ]) {
      const { contributions, contributedAmount } = await actionAs(name && keys[name])
      t.same([contributions, contributedAmount], [{ totalCount: 0, nodes: [] }, null], name ?? 'the public')
    }
    const { data } = await ask<{ hidden: object | null; absent: object | null }>(
      db,
      keys['partner_reader@envida'],
      'query N($id: ID!) { hidden: node(id: $id) { id } absent: node(id: "nothing") { id } }',
      { id: ours.contribution?.id },
    )
    t.same(data, { hidden: null, absent: null })
  })

  t.test('S30 a sum is of the rows that the caller reads, and the municipal budget knows nothing of it', async (t) => {
    t.equal((await record(outsider, { kind: 'MONEY', amount: '1000', startsOn: '2024-12-01' })).errors, undefined)
    t.equal((await actionAs(team)).contributedAmount, '251000.50')
    t.equal((await actionAs(outsider)).contributedAmount, '1000.00')
    t.equal((await actionAs(keys['partner_reader@envida'])).contributedAmount, null)
    const year = await ask<{ financialFrameAdd: object }>(
      db,
      team,
      `mutation { financialFrameAdd(input: { year: 2025, structuralBudget: "10" }) { financialFrame { planned remaining } ${errors} } }`,
    )
    t.match(year.data.financialFrameAdd, { financialFrame: { planned: '0.00', remaining: '10.00' }, userErrors: [] })
    const { data } = await ask<{ organisations: { nodes: { contributions: { totalCount: number } }[] } }>(
      db,
      team,
      '{ organisations(where: { slug: { eq: "trajekt" } }) { nodes { contributions { totalCount nodes { amount } } } } }',
    )
    t.match(data.organisations.nodes, [{ contributions: { totalCount: 2 } }])
  })

  t.test('nobody writes what another contributes, nor does the programme team', async (t) => {
    for (const name of ['programme_team', 'portfolio_holder', 'partner_reader', 'bi_reader', 'council_reader']) {
      const key = keys[`${name}@gemeente-maastricht`]
      t.equal((await record(key, money)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
      t.equal((await edit(key, ours.contribution?.id, { expectedVersion: 1 })).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    t.equal((await record(undefined, money)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    t.match(await actionAs(keys['partner_reader@woonpunt']), { viewerCanRecordContribution: false })
    t.match(await actionAs(outsider), { viewerCanRecordContribution: true })
    for (const [name, id] of [
      ['hidden', ours.contribution?.id],
      ['absent', 'nothing'],
    ] as const) {
      const told = [{ code: 'NOT_FOUND', path: ['id'] }]
      t.match((await edit(outsider, id, { expectedVersion: 1, amount: '1' })).data.contributionEdit.userErrors, told, name)
      t.match((await withdraw(outsider, id, { expectedVersion: 1 })).data.contributionWithdraw.userErrors, told, name)
    }
    // The lead reads what another contributes to its action, and still does not change it.
    t.match((await edit(editor, theirs.contribution?.id, { expectedVersion: 1, fte: '9' })).data.contributionEdit.userErrors, [
      { code: 'NOT_FOUND' },
    ])
  })

  t.test('S30, S62 its own organisation edits it as it was seen, and what it was stays in its history', async (t) => {
    const id = theirs.contribution?.id
    t.match((await edit(outsider, id, { expectedVersion: 1, hours: '40' })).data.contributionEdit, {
      contribution: { version: 2, hours: '40.00', fte: null },
      userErrors: [],
    })
    t.match((await edit(outsider, id, { expectedVersion: 1, hours: '41' })).data.contributionEdit, {
      contribution: { version: 2, hours: '40.00' },
      userErrors: [{ code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: 2 }],
    })
    t.match((await edit(outsider, id, { expectedVersion: 2, amount: '5', endsOn: '2025-01-01' })).data.contributionEdit.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'amount'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'endsOn'] },
    ])
    t.match((await edit(outsider, id, { expectedVersion: 2, hours: '40' })).data.contributionEdit, { contribution: { version: 2 } })
    const history = async (key: string | undefined) =>
      (
        await ask<{ node: { history: object } | null }>(
          db,
          key,
          'query H($id: ID!) { node(id: $id) { ... on Contribution { history { nodes { version changes { field before after } } } } } }',
          { id },
        )
      ).data.node
    t.match(await history(team), {
      history: {
        nodes: [
          {
            version: 2,
            changes: [
              { field: 'fte', before: '0.50', after: null },
              { field: 'hours', before: null, after: '40.00' },
            ],
          },
          { version: 1 },
        ],
      },
    })
    t.equal(await history(keys['partner_reader@envida']), null)
  })

  t.test('S30 what is withdrawn is kept, counts no more and stays as it was', async (t) => {
    const id = ours.contribution?.id
    t.match((await withdraw(editor, id, { expectedVersion: 1, withdrawnOn: '2999-01-01' })).data.contributionWithdraw.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'withdrawnOn'] },
    ])
    t.match(
      (await withdraw(editor, id, { expectedVersion: 1, withdrawnOn: '2025-06-01', reason: 'Begroting' })).data.contributionWithdraw,
      {
        contribution: { withdrawnOn: '2025-06-01', viewerCanEdit: false },
        userErrors: [],
      },
    )
    t.equal((await actionAs(team)).contributedAmount, '1000.00')
    t.equal((await actionAs(team)).contributions.totalCount, 4)
    t.match((await edit(editor, id, { expectedVersion: 2, amount: '1' })).data.contributionEdit.userErrors, [{ code: 'IMMUTABLE' }])
    t.match((await withdraw(editor, id, { expectedVersion: 2 })).data.contributionWithdraw.userErrors, [{ code: 'IMMUTABLE' }])
    const { data } = await ask<{ auditTrail: { nodes: object[] } }>(
      db,
      team,
      '{ auditTrail(first: 1) { nodes { operation subjectType organisation { slug } after } } }',
    )
    t.match(data.auditTrail.nodes, [{ operation: 'contributionWithdraw', subjectType: 'Contribution', organisation: { slug: 'woonpunt' } }])
  })

  t.test('S30 direct SQL cannot mix measures, delete a contribution or bring back what was withdrawn', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    const changes = [
      ['MONEY', 'fte = 1', '23514'],
      ['MONEY', 'amount = null', '23514'],
      ['MONEY', 'amount = 0', '23514'],
      ['STAFF', 'fte = 1', '23514'],
      ['STAFF', 'hours = -1', '23514'],
      ['STAFF', 'ends_on = starts_on - 1', '23514'],
      ['IN_KIND', 'description = null', '23514'],
      ['IN_KIND', `description = '"los"'`, '23514'],
    ]
    for (const [kind, change, code] of changes) {
      await t.rejects(
        client.query(`update contribution set ${change} where kind = '${kind}' and withdrawn_on is null`),
        { code },
        `${kind} ${change}`,
      )
    }
    await t.rejects(client.query('update contribution set withdrawn_on = null where withdrawn_on is not null'), { code: 'SP409' })
    await t.rejects(client.query('delete from contribution'), { code: 'SP409' })
  })
})
