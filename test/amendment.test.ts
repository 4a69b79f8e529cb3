import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Version {
  id: string
  number: number
  state: string
  version: number
}
interface Plan {
  id: string
  latestVersion: Version
  mandates: { id: string }[]
}
interface Told {
  plan: Plan | null
  userErrors: { code: string; path: string[] }[]
  code?: string
}

const shown =
  'id mandates { id } latestVersion { id number state version viewerCanAmend effectiveFrom amendment { kind rationale { text } mandate { id } decisionPoint { id } } }'
const errors = 'userErrors { code path }'

t.test('amendments', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const team = keys['programme_team@gemeente-maastricht']
  const holder = keys['portfolio_holder@gemeente-maastricht']
  const client = new pg.Client({ connectionString: db.superuserUrl })
  await client.connect()
  t.teardown(() => client.end())
  const { rows: days } = await client.query(
    `select today()::text as today, (today() - 1)::text as yesterday, (today() + 30)::text as later`,
  )
  const { today, yesterday, later } = days[0] as { today: string; yesterday: string; later: string }
  const refusal = async (statement: string) =>
    client.query(statement).then(
      () => undefined,
      async (error: { code: string }) => {
        await client.query('rollback')
        return error.code
      },
    )

  const verb = async (name: string, of: { id: string }, input: object, key = team): Promise<Told> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
    const { data, errors: faults } = await ask<Record<string, Told>>(
      db,
      key,
      `mutation V($id: ID!, $input: ${type}!) { ${name}(id: $id, input: $input) { plan { ${shown} } ${errors} } }`,
      { id: of.id, input },
    )
    return { ...(data?.[name] as Told), code: faults?.[0]?.extensions.code }
  }
  const done = async (told: Promise<Told>): Promise<Plan> => {
    const { plan, userErrors } = await told
    if (!plan) throw new Error(JSON.stringify(userErrors))
    return plan
  }
  const edit = (of: Version, input: object) =>
    ask(db, team, `mutation E($id: ID!, $input: PlanVersionEditInput!) { planVersionEdit(id: $id, input: $input) { ${errors} } }`, {
      id: of.id,
      input: { expectedVersion: of.version, ...input },
    })
  const mandateOver = async (reference: string, plan: string, grants: object, decidedOn = '2025-07-01') => {
    const { data } = await ask<{ decisionRecord: { decision: { points: { mandates: { id: string }[] }[] } } }>(
      db,
      team,
      'mutation D($input: DecisionRecordInput!) { decisionRecord(input: $input) { decision { points { mandates { id } } } userErrors { code path } } }',
      {
        input: {
          reference,
          body: 'COLLEGE',
          decidedOn,
          outcome: 'CONFORM',
          title: 'Mandaat',
          points: [{ type: 'MANDATE_GRANT', text: 'Te mandateren', grants: { planId: plan, kinds: ['ACCENT'], ...grants } }],
        },
      },
    )
    return data.decisionRecord.decision.points[0]?.mandates[0]?.id as string
  }
  interface Plans {
    decisions: { nodes: { points: { mandates: { plan: Plan; id: string }[] }[] }[] }
    nazareth: { nodes: Plan[] }
    pottenberg: { nodes: Plan[] }
  }
  const { data } = await ask<Plans>(
    db,
    team,
    `{ decisions(where: { type: { eq: MANDATE_GRANT } }) { nodes { points { mandates { id plan { ${shown} } } } } }
      nazareth: executionPlans(where: { neighbourhood: { eq: "nazareth" } }) { nodes { ${shown} } }
      pottenberg: executionPlans(where: { neighbourhood: { eq: "pottenberg" } }) { nodes { ${shown} } } }`,
  )
  const held = data.decisions.nodes[0]?.points[1]?.mandates[0] as { plan: Plan; id: string }
  const first = held.plan

  const draft = await done(verb('planDraftStart', first, { expectedVersion: first.latestVersion.version }))
  await edit(draft.latestVersion, { ambitions: 'Met een ander accent', guidingPrinciples: ['Doen wat nodig is'] })
  const submitted = await done(verb('planSubmit', draft, { expectedVersion: draft.latestVersion.version + 1 }))
  const amend = (input: object, key = holder, of: { id: string; latestVersion: Version } = submitted) =>
    verb(
      'planAmend',
      of,
      { expectedVersion: of.latestVersion.version, mandateId: held.id, kind: 'ACCENT', rationale: 'Geleerd in de wijk', ...input },
      key,
    )

  t.test(
    'F4, invariant 4: a mandate that ended, does not hold yet, names another kind or reaches another plan gives no force',
    async (t) => {
      const ended = await mandateOver('M-AFGELOPEN', first.id, { endsOn: yesterday })
      const toCome = await mandateOver('M-LATER', first.id, { startsOn: later })
      const accents = await mandateOver('M-ACCENT', first.id, {})
      const systems = await mandateOver('M-TEAM', first.id, { holder: 'PROGRAMME_TEAM' })
      const beyond = (path: string) => ({ plan: null, userErrors: [{ code: 'MANDATE_OUT_OF_SCOPE', path: ['input', path] }] })
      t.match(await amend({ mandateId: ended }), beyond('mandateId'))
      t.match(await amend({ mandateId: ended, effectiveFrom: yesterday }), beyond('mandateId'), 'nor by dating back')
      t.match(await amend({ mandateId: toCome }), beyond('mandateId'))
      t.match(await amend({ mandateId: systems }), beyond('mandateId'))
      t.match(await amend({ mandateId: accents, kind: 'CHANGE' }), beyond('kind'))
      t.match(
        await amend({}, holder, data.nazareth.nodes[0] as Plan),
        beyond('mandateId'),
        'an execution plan under a mandate of the programme plan',
      )
      t.match(await amend({ mandateId: first.id }), { userErrors: [{ code: 'NOT_FOUND', path: ['input', 'mandateId'] }] })
      t.match(await amend({ effectiveFrom: yesterday }), { userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'effectiveFrom'] }] })
      t.match(await amend({ expectedVersion: 1 }), { userErrors: [{ code: 'VERSION_CONFLICT' }] })
      for (const key of [team, keys['partner_editor@woonpunt'], keys['council_reader@gemeente-maastricht']])
        t.equal((await amend({}, key)).code, 'FORBIDDEN')
    },
  )

  t.test('invariant 4: the database itself refuses an amendment beyond its mandate, and one that steps back for no other', async (t) => {
    const version = `(select id from plan_version where state = 'SUBMITTED' and plan_kind = 'PROGRAMME_PLAN')`
    const insert = (mandate: string, kind: string, more = '') =>
      `insert into amendment (id, plan_version_id, kind, rationale, mandate_id${more && ', amended_on'}) values (gen_random_uuid(), ${version}, '${kind}', '{"source":"nl","nl":"x"}', ${mandate}${more})`
    const of = (where: string) => `(select id from mandate where ${where} limit 1)`
    const adopt = `update plan_version set state = 'SUPERSEDED' where plan_id = (select plan_id from plan_version where id = ${version}) and state = 'ADOPTED';
      update plan_version set state = 'ADOPTED', content_hash = 'x', effective_from = `
    t.equal(await refusal(insert(of(`ends_on = '${yesterday}'`), 'ACCENT')), 'SP411', 'it ended')
    t.equal(await refusal(insert(of(`starts_on = '${later}'`), 'ACCENT')), 'SP411', 'it does not hold yet')
    t.equal(await refusal(insert(of(`holder = 'PROGRAMME_TEAM'`), 'ACCENT')), 'SP411', 'it is held by another')
    t.equal(await refusal(insert(of(`cardinality(kinds) = 1 and ends_on is null`), 'CHANGE')), 'SP411', 'it names another kind')
    t.equal(await refusal(insert(of('cardinality(kinds) = 3'), 'ACCENT', `, '${yesterday}'`)), 'SP409', 'dated back')
    t.equal(await refusal(insert(of('cardinality(kinds) = 3'), 'ACCENT')), 'SP411', 'without the adoption')
    t.equal(await refusal(`begin; ${adopt} today() where id = ${version}; commit`), 'SP410', 'adopted by nothing')
    t.equal(
      await refusal(`begin; ${insert(of('cardinality(kinds) = 3'), 'ACCENT')}; ${adopt} '2025-07-01' where id = ${version}; commit`),
      'SP411',
      'for days gone by',
    )
    t.equal(await refusal(`update plan_version set state = 'SUPERSEDED' where state = 'ADOPTED' and plan_kind = 'PROGRAMME_PLAN'`), 'SP412')
  })

  t.test(
    'F4, S04, S05, S45: the portfolio holder brings a version into force under a mandate, and what changed can be read with why',
    async (t) => {
      t.match((await ask(db, holder, `{ plan(id: "${first.id}") { latestVersion { viewerCanAmend viewerCanAdopt } } }`)).data, {
        plan: { latestVersion: { viewerCanAmend: true, viewerCanAdopt: false } },
      })
      const changes = `{ plan(id: "${first.id}") { yesterday: inForce(on: "${yesterday}") { number ambitions { text } } inForce { number effectiveFrom basedOn { number }
      amendment { kind rationale { text } amendedOn mandate { grantedBy { number } } } changes { totalCount nodes { kind field before after action { ref } } } } } }`
      t.match((await ask(db, undefined, changes)).data, { plan: { inForce: { number: 1, amendment: null, changes: { totalCount: 0 } } } })
      t.match(await amend({}), {
        plan: { latestVersion: { state: 'ADOPTED', effectiveFrom: today, amendment: { kind: 'ACCENT', mandate: { id: held.id } } } },
        userErrors: [],
      })
      t.match((await ask(db, undefined, changes)).data, {
        plan: {
          yesterday: { number: 1, ambitions: { text: /We beogen/ } },
          inForce: {
            number: 2,
            basedOn: { number: 1 },
            amendment: {
              kind: 'ACCENT',
              rationale: { text: 'Geleerd in de wijk' },
              amendedOn: today,
              mandate: { grantedBy: { number: 2 } },
            },
            changes: {
              totalCount: 2,
              nodes: [
                { kind: 'CHANGED', field: 'ambitions', before: /We beogen/, after: /Met een ander accent/, action: null },
                { kind: 'CHANGED', field: 'guidingPrinciples', before: '[]', after: /Doen wat nodig is/ },
              ],
            },
          },
        },
      })
      t.equal(await refusal(`update amendment set rationale = rationale`), 'SP409')
      t.equal(await refusal(`update plan_version set snapshot = '{}' where state = 'ADOPTED'`), 'SP409', 'invariant 5')
    },
  )

  t.test(
    'S05, invariant 5: a decision of its own amends an execution plan, and the difference tells of its actions; a draft is shown to who reads drafts',
    async (t) => {
      const pottenberg = data.pottenberg.nodes[0] as Plan
      const next = await done(verb('planDraftStart', pottenberg, { expectedVersion: pottenberg.latestVersion.version }))
      await ask(
        db,
        team,
        'mutation A($id: ID!, $input: ActionCreateInput!) { actionCreate(planId: $id, input: $input) { userErrors { code } } }',
        { id: next.id, input: { ref: 'POT-NIEUW', title: 'Een nieuwe actie', scale: 'NEIGHBOURHOOD', lead: 'trajekt' } },
      )
      const { rows } =
        await client.query(`update agreed_action set cross_domain = not cross_domain where version_state = 'DRAFT' and version_number = 2
      and action_id = (select g.action_id from agreed_action g join action a on a.id = g.action_id where g.version_number = 2 and a.ref <> 'POT-NIEUW' order by a.ref limit 1) returning (select ref from action where id = action_id) as ref`)
      const changes = `{ plan(id: "${next.id}") { latestVersion { number changes { nodes { kind field before action { ref } } } } } }`
      const added = { kind: 'ADDED', field: null, action: { ref: 'POT-NIEUW' } }
      const told = { nodes: [{ kind: 'CHANGED', field: 'crossDomain', action: { ref: rows[0].ref } }, added] }
      t.match((await ask(db, keys['partner_reader@trajekt'], changes)).data, { plan: { latestVersion: { number: 2, changes: told } } })
      t.match((await ask(db, undefined, changes)).data, { plan: { latestVersion: { number: 1, changes: { nodes: [] } } } })
      const offered = await done(verb('planSubmit', next, { expectedVersion: next.latestVersion.version }))
      const decision = {
        reference: 'BW-WIJZIGING',
        body: 'COLLEGE',
        decidedOn: '2025-12-02',
        outcome: 'CONFORM',
        title: 'Wijziging',
        text: 'Te wijzigen',
      }
      const amendment = { kind: 'SUPPLEMENT', rationale: 'Een actie erbij' }
      const nazareth = data.nazareth.nodes[0] as Plan
      t.match(
        await verb('planAdopt', nazareth, { expectedVersion: nazareth.latestVersion.version, decision, amendment }),
        { userErrors: [{ code: 'DECISION_REQUIRED' }] },
        'S01',
      )
      t.match(await verb('planAdopt', offered, { expectedVersion: offered.latestVersion.version, decision, amendment }), {
        plan: { latestVersion: { state: 'ADOPTED', amendment: { kind: 'SUPPLEMENT', mandate: null, decisionPoint: {} } } },
        userErrors: [],
      })
      t.match((await ask(db, undefined, changes)).data, { plan: { latestVersion: { number: 2, changes: told } } })
    },
  )

  t.test('S61: documents belong to exactly one version, and stay as they are once it is adopted', async (t) => {
    const nazareth = data.nazareth.nodes[0] as Plan
    const paper = {
      kind: 'PROPOSAL',
      title: 'Collegevoorstel',
      mediaType: 'application/pdf',
      sha256: 'a'.repeat(64),
      url: 'https://example.org/voorstel.pdf',
    }
    const attach = (input: object, of: string, key = team) =>
      ask<{ documentAttach: Told & { document: { id: string } } }>(
        db,
        key,
        `mutation A($id: ID!, $input: DocumentAttachInput!) { documentAttach(planVersionId: $id, input: $input) { document { id version sha256 withdrawn } ${errors} } }`,
        { id: of, input: { ...paper, ...input } },
      )
    const of = nazareth.latestVersion.id
    const withdraw = (id: string, key = team) =>
      ask<{ documentWithdraw: Told }>(
        db,
        key,
        `mutation W($id: ID!) { documentWithdraw(id: $id, input: { expectedVersion: 1 }) { document { withdrawn } ${errors} } }`,
        { id },
      )
    for (const key of [holder, keys['partner_editor@woonpunt']])
      t.equal((await attach({}, of, key)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.match((await attach({ sha256: 'x', url: 'ftp://x' }, of)).data.documentAttach, {
      userErrors: [
        { code: 'BAD_USER_INPUT', path: ['input', 'sha256'] },
        { code: 'BAD_USER_INPUT', path: ['input', 'url'] },
      ],
    })
    const { document } = (await attach({}, of)).data.documentAttach
    t.match((await attach({}, of)).data.documentAttach, { userErrors: [{ code: 'CONFLICT', path: ['input', 'sha256'] }] })
    t.equal((await withdraw(document.id, holder)).errors?.[0]?.extensions.code, 'FORBIDDEN')
    t.match((await withdraw(document.id)).data.documentWithdraw, { document: { withdrawn: true } })
    const kept = (await attach({}, of)).data.documentAttach.document
    const shelf = `{ plan(id: "${nazareth.id}") { latestVersion { documents { id sha256 } } } node(id: "${kept.id}") { id } }`
    t.match((await ask(db, undefined, shelf)).data, { plan: null, node: null }, 'hidden with its version')
    const decision = {
      reference: 'BW-NAZARETH',
      body: 'COLLEGE',
      decidedOn: '2025-12-02',
      outcome: 'CONFORM',
      title: 'Nazareth',
      text: 'Vast te stellen',
    }
    await done(verb('planAdopt', nazareth, { expectedVersion: nazareth.latestVersion.version, decision }))
    t.match((await ask(db, undefined, shelf)).data, {
      plan: { latestVersion: { documents: [{ id: kept.id, sha256: paper.sha256 }] } },
      node: {},
    })
    t.match((await attach({ sha256: 'b'.repeat(64) }, of)).data.documentAttach, {
      userErrors: [{ code: 'IMMUTABLE', path: ['planVersionId'] }],
    })
    t.match((await withdraw(kept.id)).data.documentWithdraw, { userErrors: [{ code: 'IMMUTABLE', path: ['id'] }] })
    t.equal(await refusal(`update document set withdrawn = true where not withdrawn`), 'SP409')
    t.equal(
      await refusal(
        `insert into document (id, plan_version_id, kind, title, media_type, sha256, url) select gen_random_uuid(), plan_version_id, kind, title, media_type, repeat('c', 64), url from document limit 1`,
      ),
      'SP409',
    )
    const { rows } = await client.query(
      `select snapshot -> 'documents' as documents from plan_version where id = (select plan_version_id from document limit 1)`,
    )
    t.match(rows, [{ documents: [{ sha256: paper.sha256 }] }])
  })
})
