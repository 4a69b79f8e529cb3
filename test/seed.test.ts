import { sql } from 'drizzle-orm'
import t from 'tap'
import { parseKey } from '../src/auth/key.ts'
import { type Credential, install, type Tx } from '../src/db/session.ts'
import { problemOf } from '../src/errors.ts'
import { contentHashOf, snapshotOf } from '../src/governance/snapshot.ts'
import { planAdopt } from '../src/governance/write.ts'
import { createKey, listKeys, revokeKey, rotateKey } from '../src/organisation/write.ts'
import { planSubmit } from '../src/plan/write.ts'
import { adoptExamplePlan } from '../src/seed/demo.ts'
import { seed } from '../src/seed/seed.ts'
import { type TestDatabase, testDatabase } from './harness.ts'

const decision = {
  reference: 'PROEF-2025-01',
  body: 'COLLEGE',
  decidedOn: '2025-11-04',
  outcome: 'CONFORM',
  title: 'Uitvoeringsplan Nazareth 2025-2026',
  text: 'Het uitvoeringsplan Nazareth vast te stellen.',
}

/** The code and path of the problem that something ends in. */
async function refusal(running: Promise<unknown>): Promise<string> {
  try {
    await running
    return 'done'
  } catch (error) {
    const problem = problemOf(error)
    return problem ? [problem.code, ...problem.path].join(' ') : String(error)
  }
}

const keyOf = ({ keys }: TestDatabase, name: string): Credential => parseKey(keys[name] as string) as Credential

/** Rows of one statement as the installation, which reads everything. */
const ask = (db: TestDatabase, text: string): Promise<Record<string, unknown>[]> =>
  install(db.ownerUrl, async (tx) => (await tx.db.execute(sql.raw(text))).rows)

const versionOf = async (db: TestDatabase, plan: string) => {
  const [row] = await ask(
    db,
    `select p.id as "planId", v.id, v.version, v.state, v.effective_from::text as "effectiveFrom", v.content_hash as "contentHash", v.snapshot
     from plan_version v join plan p on p.id = v.plan_id where p.title ->> 'nl' = '${plan}' order by v.number desc limit 1`,
  )
  return row as {
    planId: string
    id: string
    version: number
    state: string
    effectiveFrom: string
    contentHash: string
    snapshot: { actions: { ref: string; participations: unknown[]; sdgs: number[] }[] }
  }
}

const pottenberg = 'Uitvoeringsplan Pottenberg 2025-2026'
const nazareth = 'Uitvoeringsplan Nazareth 2025-2026'

t.test('the seed holds what the source says, and says of everything else that it is an example', async (t) => {
  const db = await testDatabase(t)
  const one = async (text: string): Promise<unknown> => Object.values((await ask(db, text))[0] as object)[0]

  await t.test('the numbers of the source', async (t) => {
    t.equal(await one(`select (ends_on + 1 - interval '20 years' = starts_on)::text from programme where code = 'VW'`), 'true')
    t.equal(
      await one(`select string_agg(code, ' ' order by position) from pillar`),
      'BESTAANSZEKERHEID POSITIEVE_GEZONDHEID GELIJKE_KANSEN',
    )
    t.equal(
      await one(`select string_agg(o.slug, ' ' order by o.slug) from alliance_membership m join organisation o on o.id = m.organisation_id
        where m.type = 'CORE' and m.ends_on is null`),
      'envida mondriaan provincie-limburg servatius trajekt woonpunt',
    )
    t.equal(
      await one(`select string_agg(g.number::text, ' ' order by g.number) from programme_sdg p join sdg_goal g on g.id = p.sdg_goal_id`),
      '1 2 3 4 5 7 8 10 11 13 16 17',
    )
    t.equal(await one('select count(*)::int from sdg_goal'), 17)
    t.equal(await one(`select string_agg(code, ' ' order by code) from theme`), 'armoede groen jeugdwerk ontmoeting sport wonen')
    t.equal(
      await one(`select string_agg(n.slug || ' ' || r.code, ', ' order by n.slug) from neighbourhood n join enrolment e on e.neighbourhood_id = n.id
        join neighbourhood_region l on l.neighbourhood_id = n.id and l.main join region r on r.id = l.region_id`),
      'nazareth BU09350403, pottenberg BU09350203',
    )
    t.same(await ask(db, `select kind, starts_on::text, ends_on::text from plan order by starts_on, kind, neighbourhood_id`), [
      { kind: 'PROGRAMME_PLAN', starts_on: '2025-01-01', ends_on: '2044-12-31' },
      { kind: 'STRATEGIC_AGENDA', starts_on: '2025-01-01', ends_on: '2029-12-31' },
      { kind: 'EXECUTION_PLAN', starts_on: '2025-01-01', ends_on: '2026-12-31' },
      { kind: 'EXECUTION_PLAN', starts_on: '2025-01-01', ends_on: '2026-12-31' },
    ])
  })

  await t.test(
    'the decision of 24 June 2025 has two points: it adopts the programme plan and grants a mandate over it alone',
    async (t) => {
      t.same(
        await ask(
          db,
          `select d.body, d.decided_on::text, p.number, p.type, p.outcome, l.kind as adopts, g.kind as mandate_over, m.holder, m.kinds::text
         from decision d join decision_point p on p.decision_id = d.id left join plan_version v on v.id = p.plan_version_id
         left join plan l on l.id = v.plan_id left join mandate m on m.decision_point_id = p.id left join plan g on g.id = m.plan_id
         where not d.example order by p.number`,
        ),
        [
          {
            body: 'COLLEGE',
            decided_on: '2025-06-24',
            number: 1,
            type: 'ADOPTION',
            outcome: 'CONFORM',
            adopts: 'PROGRAMME_PLAN',
            mandate_over: null,
            holder: null,
            kinds: null,
          },
          {
            body: 'COLLEGE',
            decided_on: '2025-06-24',
            number: 2,
            type: 'MANDATE_GRANT',
            outcome: 'CONFORM',
            adopts: null,
            mandate_over: 'PROGRAMME_PLAN',
            holder: 'PORTFOLIO_HOLDER',
            kinds: '{SUPPLEMENT,CHANGE,ACCENT}',
          },
        ],
      )
      t.equal((await versionOf(db, 'Programmaplan Veerkrachtige Wijken')).effectiveFrom, '2025-06-24')
      t.equal((await versionOf(db, 'Strategische agenda 2025-2029')).state, 'SUBMITTED')
    },
  )

  await t.test('every partner and a residents’ group leads an action, and everything that was never agreed is marked', async (t) => {
    const leads = await ask(
      db,
      `select distinct o.slug from action_participation p join organisation o on o.id = p.organisation_id where p.role = 'LEAD' order by 1`,
    )
    t.match(
      leads.map(({ slug }) => slug),
      [
        'bewoners-nazareth',
        'bewoners-pottenberg',
        'envida',
        'gemeente-maastricht',
        'mondriaan',
        'provincie-limburg',
        'servatius',
        'trajekt',
        'woonpunt',
      ],
    )
    t.same(
      await ask(
        db,
        `select n.slug, count(*)::int >= 5 as enough, bool_and(a.example) as marked,
          count(a.latest_report_id)::int > 0 as reported from action a
        join plan p on p.id = a.plan_id join neighbourhood n on n.id = p.neighbourhood_id group by 1 order by 1`,
      ),
      [
        { slug: 'nazareth', enough: true, marked: true, reported: true },
        { slug: 'pottenberg', enough: true, marked: true, reported: true },
      ],
    )
    t.same(await ask(db, `select reference, example from decision order by decided_on`), [
      { reference: 'BW-2025-06-24', example: false },
      { reference: 'VOORBEELD-2025-01', example: true },
    ])
    t.same(await ask(db, `select bool_and(example) as marked, count(*)::int as targets from target`), [{ marked: true, targets: 3 }])
    t.same(await ask(db, `select count(*)::int as unmarked from status_report_narrative where narrative not like 'Voorbeeld: %'`), [
      { unmarked: 0 },
    ])
  })

  await t.test('figures name their source and licence, and revised ones keep what they were', async (t) => {
    t.same(
      await ask(
        db,
        `select bool_and(d.licence ~ 'CC BY 4.0, bron: ') as licensed, bool_and(o.import_run_id is not null) as imported
        from observation o join data_source d on d.id = o.data_source_id`,
      ),
      [{ licensed: true, imported: true }],
    )
    t.same(
      await ask(
        db,
        `select r.revision, r.value::text, r.recorded_at = o.recorded_at as current, v.year as boundaries from observation_revision r
         join observation o on o.id = r.observation_id join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id
         join region g on g.id = s.region_id join region_version v on v.id = o.region_version_id
         where i.code = 'goed_ervaren_gezondheid_pct' and g.code = 'BU09350203' and o.period = '2020' order by 1`,
      ),
      [
        { revision: 1, value: '63.5', current: false, boundaries: 2024 },
        { revision: 2, value: '61.9', current: true, boundaries: 2024 },
      ],
    )
    t.same(
      await ask(
        db,
        `select bool_and(r.value is not distinct from o.value and r.status = o.status and r.recorded_at = o.recorded_at) as equal,
          count(*) = (select count(*) from observation) as complete,
          (select count(*)::int from observation_revision l join observation o on o.id = l.observation_id where l.revision > o.revision) as beyond
         from observation o join observation_revision r on r.observation_id = o.id and r.revision = o.revision`,
      ),
      [{ equal: true, complete: true, beyond: 0 }],
      'a figure is its latest revision',
    )
    t.equal(
      await one(`select value is null and status = 'SUPPRESSED' from observation o join series s on s.id = o.series_id
      join indicator i on i.id = s.indicator_id join region g on g.id = s.region_id
      where i.code = 'inkomen_per_inwoner' and g.code = 'BU09350203'`),
      true,
    )
  })

  await t.test('seeding again changes nothing', async (t) => {
    const state = () =>
      ask(
        db,
        `select (select count(*) from audit_entry)::int as audits, (select sum(version) from action)::int as actions,
          (select sum(version) from plan_version)::int as versions, (select count(*) from observation)::int as figures`,
      )
    const before = await state()
    t.equal(await seed(db.ownerUrl), 'already there')
    await adoptExamplePlan(db.session, db.keys['programme_team@gemeente-maastricht'] as string)
    t.same(await state(), before)
  })

  await t.test('there is a key for each role and each member of the alliance, and each one opens', async (t) => {
    t.equal(Object.keys(db.keys).length, 35)
    for (const [name, key] of Object.entries(db.keys)) {
      const { actor } = await db.session.readAs(parseKey(key) as Credential, [])
      if (actor.kind === 'PUBLIC') return t.fail(`${name} is nobody`)
      t.equal(`${actor.roles.join().toLowerCase()}@${actor.organisationSlug}`, name)
    }
  })
})

t.test('a plan is adopted by a decision, and by those who may', async (t) => {
  const db = await testDatabase(t)
  const team = keyOf(db, 'programme_team@gemeente-maastricht')
  const as = (credential: Credential, input: object): Promise<string> =>
    refusal(db.session.write(credential, undefined, (tx, actor) => planAdopt(tx, actor, input)))
  const { planId, version: expectedVersion, id } = await versionOf(db, nazareth)
  const adopted = await versionOf(db, pottenberg)

  await t.test('refused', async (t) => {
    const input = { planId, expectedVersion, decision }
    const { decision: _none, ...without } = input
    t.equal(await as(team, without), 'DECISION_REQUIRED decision')
    t.equal(await as(team, { ...input, decision: { ...decision, outcome: 'HELD_OVER' } }), 'DECISION_REQUIRED decision outcome')
    t.equal(await as(team, { ...input, decision: { ...decision, decidedOn: '2999-01-01' } }), 'BAD_USER_INPUT decision decidedOn')
    t.equal(await as(team, { ...input, decision: { ...decision, decidedOn: '2025-02-30' } }), 'BAD_USER_INPUT decision decidedOn')
    t.equal(await as(team, { ...input, decision: { ...decision, reference: 'BW-2025-06-24' } }), 'CONFLICT decision reference')
    t.equal(await as(team, { ...input, expectedVersion: expectedVersion - 1 }), 'VERSION_CONFLICT expectedVersion')
    t.equal(await as(team, { ...input, effectiveFrom: '2027-01-01' }), 'BAD_USER_INPUT effectiveFrom')
    t.equal(await as(team, { ...input, planId: adopted.planId }), 'PLAN_STATE')
    t.equal(await as(team, { ...input, planId: id }), 'NOT_FOUND id')
    t.equal(await as(team, { ...input, planId: 'nothing' }), 'NOT_FOUND id')
    const [point] = await ask(db, `select p.id from decision_point p join decision d on d.id = p.decision_id where d.example`)
    t.equal(await as(team, { ...without, decisionPointId: point?.id }), 'DECISION_REQUIRED decisionPointId', 'it adopted another plan')
    t.equal(await as(team, { ...input, decisionPointId: point?.id }), 'BAD_USER_INPUT decision', 'one or the other')
    t.equal(await as(keyOf(db, 'partner_editor@trajekt'), input), 'FORBIDDEN')
    t.equal(await as(keyOf(db, 'portfolio_holder@gemeente-maastricht'), input), 'FORBIDDEN')
    t.equal(await as({ kind: 'public' }, input), 'UNAUTHENTICATED')
    t.match(await versionOf(db, nazareth), { state: 'SUBMITTED', version: expectedVersion }, 'nothing of it was done')
    t.equal(
      await refusal(
        ask(db, `update plan_version set state = 'ADOPTED', effective_from = '2025-11-04', content_hash = '' where id = '${id}'`),
      ),
      'DECISION_REQUIRED',
      'nor can the database be talked into it',
    )
  })

  await t.test('as many statements for eight actions as for none', async (t) => {
    const agenda = await versionOf(db, 'Strategische agenda 2025-2029')
    const sent = (of: { planId: string; version: number }): Promise<number> =>
      db.session.rehearse(team, undefined, (tx, actor) =>
        statementsOf(tx, () => planAdopt(tx, actor, { planId: of.planId, expectedVersion: of.version, decision })),
      )
    t.equal(await sent(agenda), 9)
    t.equal(await sent({ planId, version: expectedVersion }), 9)
  })

  await t.test('of two at once one succeeds; what was agreed is stored and cannot be changed', async (t) => {
    const input = { planId, expectedVersion, decision }
    t.same((await Promise.all([as(team, input), as(team, input)])).sort(), ['PLAN_STATE', 'done'])
    const now = await versionOf(db, nazareth)
    t.match(now, { state: 'ADOPTED', effectiveFrom: '2025-11-04' })
    t.equal(now.contentHash, contentHashOf(now.snapshot))
    t.equal(now.contentHash, contentHashOf(await install(db.ownerUrl, (tx) => snapshotOf(tx, id))))
    t.equal(now.snapshot.actions.length, 8)
    t.match(now.snapshot.actions[0], {
      ref: 'NAZ-2025-01',
      sdgs: [7, 11, 13],
      participations: [
        { role: 'LEAD', organisation: 'servatius' },
        { role: 'CONTRIBUTING', organisation: 'gemeente-maastricht' },
        { role: 'CONTRIBUTING', organisation: 'woonpunt' },
      ],
    })
    t.same(
      await ask(
        db,
        `select d.reference, d.example, p.number, p.type, p.text ->> 'nl' as text from decision d join decision_point p on p.decision_id = d.id
         where p.plan_version_id = '${id}'`,
      ),
      [{ reference: 'PROEF-2025-01', example: false, number: 1, type: 'ADOPTION', text: decision.text }],
    )
    t.same(
      await ask(
        db,
        `select operation, subject_type, outcome from audit_entry where subject_id = '${id}' or after ->> 'reference' = 'PROEF-2025-01' order by 2`,
      ),
      [
        { operation: 'planAdopt', subject_type: 'Decision', outcome: 'DONE' },
        { operation: 'planAdopt', subject_type: 'PlanVersion', outcome: 'DONE' },
      ],
    )
    for (const change of [
      `update plan_version set ambitions = '{"source":"nl","nl":"anders"}' where id = '${id}'`,
      `update plan_version set snapshot = '{}' where id = '${id}'`,
      `update plan_version set effective_from = '2025-01-01' where id = '${id}'`,
      `update agreed_action set title = '{"source":"nl","nl":"anders"}' where plan_version_id = '${id}'`,
      `update agreed_action set version_state = 'DRAFT' where plan_version_id = '${id}'`,
      `insert into agreed_action_sdg (agreed_action_id, sdg_goal_id) select g.id, s.id from agreed_action g, sdg_goal s where g.plan_version_id = '${id}' and s.number = 6`,
      `delete from agreed_action where plan_version_id = '${id}'`,
    ]) {
      t.match(await refusal(ask(db, change)), /^(IMMUTABLE|FORBIDDEN)$/, change)
    }
  })

  await t.test('a decision point that is on record adopts as well', async (t) => {
    const agenda = await versionOf(db, 'Strategische agenda 2025-2029')
    const [point] = await ask(
      db,
      `with d as (insert into decision (id, programme_id, reference, body, decided_on, outcome, title)
         select gen_random_uuid(), id, 'PROEF-2024-01', 'ALLIANCE', '2024-12-10', 'CONFORM_WITH_CHANGES', '{"source":"nl","nl":"Agenda"}' from programme returning id)
       insert into decision_point (id, decision_id, number, type, outcome, text, plan_version_id)
         select gen_random_uuid(), id, 1, 'ADOPTION', 'CONFORM_WITH_CHANGES', '{"source":"nl","nl":"Agenda"}', '${agenda.id}' from d returning id`,
    )
    t.equal(await as(team, { planId: agenda.planId, expectedVersion: agenda.version, decisionPointId: point?.id }), 'done')
    t.equal(
      (await versionOf(db, 'Strategische agenda 2025-2029')).effectiveFrom,
      '2025-01-01',
      'decided before its term, it holds from the first day',
    )
  })

  await t.test('a second version is submitted and adopted; the first steps back and its actions follow', async (t) => {
    const first = await versionOf(db, pottenberg)
    await ask(
      db,
      `with v as (insert into plan_version (id, plan_id, number, ambitions) values (gen_random_uuid(), '${first.planId}', 2, '{"source":"nl","nl":"Tweede"}') returning id)
       select id from v`,
    )
    await ask(
      db,
      `insert into agreed_action (id, action_id, plan_id, plan_version_id, version_state, version_number, title, scale)
       select gen_random_uuid(), g.action_id, g.plan_id, v.id, 'DRAFT', 2, '{"source":"nl","nl":"Anders"}', g.scale
       from agreed_action g, plan_version v where g.plan_version_id = '${first.id}' and v.plan_id = '${first.planId}' and v.number = 2`,
    )
    const draft = await versionOf(db, pottenberg)
    const submit = (input: object) => refusal(db.session.write(team, undefined, (tx, actor) => planSubmit(tx, actor, input)))
    t.equal(await submit({ planId: first.planId, expectedVersion: 2 }), 'VERSION_CONFLICT expectedVersion')
    t.equal(await submit({ planId: first.planId, expectedVersion: draft.version }), 'done')
    t.equal(await submit({ planId: first.planId, expectedVersion: draft.version }), 'PLAN_STATE')
    const submitted = await versionOf(db, pottenberg)
    t.match(submitted, { state: 'SUBMITTED', id: draft.id })

    const later = { ...decision, reference: 'PROEF-2025-02', decidedOn: '2025-12-02' }
    const input = { planId: first.planId, expectedVersion: submitted.version, decision: later }
    t.equal(await as(team, { ...input, effectiveFrom: '2025-10-06' }), 'BAD_USER_INPUT effectiveFrom', 'the first holds from the 7th')
    t.equal(await as(team, input), 'done')
    t.same(await ask(db, `select number, state from plan_version where plan_id = '${first.planId}' order by number`), [
      { number: 1, state: 'SUPERSEDED' },
      { number: 2, state: 'ADOPTED' },
    ])
    t.same(
      await ask(
        db,
        `select distinct g.version_number, g.version_state, g.title ->> 'nl' as title from action a
        join agreed_action g on g.id = a.agreed_action_id where a.plan_id = '${first.planId}'`,
      ),
      [{ version_number: 2, version_state: 'ADOPTED', title: 'Anders' }],
    )
  })
})

/** How many statements a verb sends. */
async function statementsOf(tx: Tx, verb: () => Promise<unknown>): Promise<number> {
  const { $client: client } = tx.db as unknown as { $client: { query(...given: unknown[]): unknown } }
  const query = client.query
  let sent = 0
  client.query = (...given) => {
    sent++
    return query.apply(client, given)
  }
  try {
    await verb()
    return sent
  } finally {
    client.query = query
  }
}

t.test('keys are made, listed, rotated and revoked by an administrator', async (t) => {
  const db = await testDatabase(t)
  const admin = keyOf(db, 'admin@gemeente-maastricht')
  const work = <T>(verb: (tx: Tx, actor: Parameters<typeof createKey>[1]) => Promise<T>): Promise<T> =>
    db.session.write(admin, undefined, verb)
  const opens = (key: string): Promise<string> => refusal(db.session.read(parseKey(key) as Credential, []))

  const made = await work((tx, actor) =>
    createKey(tx, actor, { organisationSlug: 'trajekt', roles: ['PARTNER_SYSTEM'], label: 'zaaksysteem' }),
  )
  t.match(made.key, /^ssp_live_/)
  t.same(made.scopes, ['status:write', 'note:write', 'contribution:write'])
  t.equal(await opens(made.key), 'done')

  const listed = await work((tx, actor) => listKeys(tx, actor, { organisationSlug: 'trajekt' }))
  t.match(
    listed.find(({ keyId }) => keyId === made.keyId),
    { organisationSlug: 'trajekt', label: 'zaaksysteem', roles: ['PARTNER_SYSTEM'], revokedAt: null, expiresAt: null },
  )
  t.notMatch(JSON.stringify(listed), made.key.slice(-51, -8), 'the secret is nowhere')

  const rotated = await work((tx, actor) => rotateKey(tx, actor, { keyId: made.keyId, overlapHours: 1 }))
  t.equal(await opens(made.key), 'done', 'the old one serves until the overlap is over')
  t.equal(await opens(rotated.key), 'done')
  t.equal(await refusal(work((tx, actor) => rotateKey(tx, actor, { keyId: rotated.keyId, overlapHours: 0 }))), 'done')
  t.equal(await opens(rotated.key), 'UNAUTHENTICATED')

  t.equal(await refusal(work((tx, actor) => revokeKey(tx, actor, { keyId: made.keyId }))), 'done')
  t.equal(await refusal(work((tx, actor) => revokeKey(tx, actor, { keyId: made.keyId }))), 'done', 'twice is as good as once')
  t.equal(await opens(made.key), 'UNAUTHENTICATED')
  t.equal(await refusal(work((tx, actor) => rotateKey(tx, actor, { keyId: made.keyId }))), 'CONFLICT keyId')

  t.equal(await refusal(work((tx, actor) => revokeKey(tx, actor, { keyId: 'nobody' }))), 'NOT_FOUND keyId')
  t.equal(
    await refusal(work((tx, actor) => createKey(tx, actor, { organisationSlug: 'nobody', roles: ['ADMIN'], label: 'x' }))),
    'NOT_FOUND organisationSlug',
  )
  t.equal(
    await refusal(
      work((tx, actor) =>
        createKey(tx, actor, { organisationSlug: 'trajekt', roles: ['ADMIN'], label: 'x', expiresAt: '2020-01-01T00:00:00Z' }),
      ),
    ),
    'BAD_USER_INPUT expiresAt',
  )
  const editor = keyOf(db, 'partner_editor@trajekt')
  t.equal(await refusal(db.session.write(editor, undefined, (tx, actor) => listKeys(tx, actor))), 'FORBIDDEN')
  t.same(
    await ask(
      db,
      `select operation, count(*)::int as times from audit_entry where subject_type = 'ApiKey' and principal_id <> '01900000-0000-7000-8000-000000000000' group by 1 order by 1`,
    ),
    [
      { operation: 'keyCreate', times: 3 },
      { operation: 'keyRevoke', times: 1 },
      { operation: 'keyRotate', times: 2 },
    ],
  )
})
