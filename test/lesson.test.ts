import pg from 'pg'
import t from 'tap'
import { ask, testDatabase } from './harness.ts'

interface Told {
  lessonLearned: { id: string; version: number } | null
  userErrors: { code: string; path: string[]; currentVersion?: number }[]
}
interface Shown {
  id: string
  viewerCanRecordLesson: boolean
  lessonsLearned: { totalCount: number; nodes: object[] }
}

const fields = `id version effect learnt { text } learntOn organisation { slug } action { ref } evaluation { id } programme { code } viewerCanEdit`
const errors = 'userErrors { code path ... on ConflictError { currentVersion } }'
const shown = `id viewerCanRecordLesson lessonsLearned { totalCount nodes { ${fields} } }`

t.test('what was learnt', async (t) => {
  const db = await testDatabase(t)
  const { keys } = db
  const editor = keys['partner_editor@woonpunt']
  const other = keys['partner_editor@trajekt']
  const team = keys['programme_team@gemeente-maastricht']
  const ref = 'POT-2025-01'

  const seenBy = async (key: string | undefined) =>
    (await ask<{ action: Shown; programme: Shown }>(db, key, `{ action(ref: "${ref}") { ${shown} } programme(code: "VW") { ${shown} } }`))
      .data
  const record = (key: string | undefined, id: string, input: object) =>
    ask<{ done: Told }>(
      db,
      key,
      `mutation R($id: ID!, $input: LessonRecordInput!) { done: lessonRecord(subjectId: $id, input: $input) { lessonLearned { ${fields} } ${errors} } }`,
      { id, input },
    )
  const edit = (key: string | undefined, id: string | undefined, input: object) =>
    ask<{ done: Told }>(
      db,
      key,
      `mutation E($id: ID!, $input: LessonEditInput!) { done: lessonEdit(id: $id, input: $input) { lessonLearned { ${fields} } ${errors} } }`,
      { id, input },
    )
  const { action, programme } = await seenBy(team)
  const lesson = { effect: 'SIMPLIFICATION', learnt: 'Eén intake in plaats van drie.', learntOn: '2025-09-01' }
  const ours = (await record(editor, action.id, lesson)).data.done
  const id = ours.lessonLearned?.id

  t.test('S44: an editor records what its organisation learnt of an action, the team of the programme or an evaluation', async (t) => {
    t.match(ours, {
      lessonLearned: { version: 1, ...lesson, learnt: { text: lesson.learnt }, organisation: { slug: 'woonpunt' }, action: { ref } },
      userErrors: [],
    })
    t.match((await record(team, programme.id, { effect: 'EFFECTIVENESS', learnt: 'Samen aan de keukentafel.' })).data.done, {
      lessonLearned: {
        effect: 'EFFECTIVENESS',
        organisation: { slug: 'gemeente-maastricht' },
        action: null,
        programme: { code: 'VW' },
        viewerCanEdit: true,
      },
      userErrors: [],
    })
    const { plan } = (
      await ask<{ plan: { monitoringPlan: { id: string } } }>(
        db,
        team,
        'mutation { plan: monitoringPlanDraft(input: { title: "Plan", indicators: ["woz"] }) { monitoringPlan { id } } }',
      )
    ).data
    await ask(
      db,
      team,
      'mutation A($id: ID!) { monitoringPlanAdvance(id: $id, input: { expectedVersion: 1, to: ESTABLISHED }) { userErrors { code } } }',
      plan.monitoringPlan,
    )
    const { found } = (
      await ask<{ found: { evaluation: { id: string } } }>(
        db,
        team,
        `mutation V($id: ID!, $asOf: DateTime!) { found: evaluationRecord(monitoringPlanId: $id, input: { title: "Evaluatie", startsOn: "2025-01-01",
          endsOn: "2025-12-31", asOf: $asOf, verdict: "Goed", results: ["GEMEENSCHAPPEN"], indicators: ["woz"] }) { evaluation { id } } }`,
        { id: plan.monitoringPlan.id, asOf: new Date().toISOString() },
      )
    ).data
    t.match((await record(team, found.evaluation.id, lesson)).data.done, {
      lessonLearned: { evaluation: found.evaluation },
      userErrors: [],
    })
  })

  t.test('S44: all that is wrong with a lesson is told at once, and what is not there answers as such', async (t) => {
    t.match((await edit(editor, id, { expectedVersion: 0, learnt: ' ' })).data.done.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'expectedVersion'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'learnt'] },
    ])
    t.match((await record(editor, action.id, { ...lesson, learntOn: '2999-01-01' })).data.done.userErrors, [
      { code: 'BAD_USER_INPUT', path: ['input', 'learntOn'] },
    ])
    for (const subject of ['nothing', id as string])
      t.match((await record(editor, subject, lesson)).data.done, {
        lessonLearned: null,
        userErrors: [{ code: 'NOT_FOUND', path: ['subjectId'] }],
      })
  })

  t.test('S44: the alliance reads lessons; the public, the council, BI, machines, auditors and administrators do not', async (t) => {
    for (const name of [
      'partner_reader@envida',
      'partner_editor@trajekt',
      'programme_team@gemeente-maastricht',
      'portfolio_holder@gemeente-maastricht',
      'research_statistics@gemeente-maastricht',
      'communication@gemeente-maastricht',
    ]) {
      const seen = await seenBy(keys[name])
      t.same([seen.action.lessonsLearned.totalCount, seen.programme.lessonsLearned.totalCount], [1, 1], name)
    }
    for (const name of [
      undefined,
      'partner_system@woonpunt',
      'bi_reader@woonpunt',
      'council_reader@gemeente-maastricht',
      'auditor@gemeente-maastricht',
      'admin@gemeente-maastricht',
    ]) {
      const seen = await seenBy(name && keys[name])
      t.same(seen.action.lessonsLearned, { totalCount: 0, nodes: [] }, name ?? 'the public')
      t.equal(seen.programme.lessonsLearned.totalCount, 0)
    }
    const { data } = await ask<object>(
      db,
      keys['council_reader@gemeente-maastricht'],
      'query N($id: ID!) { hidden: node(id: $id) { id } absent: node(id: "nothing") { id } }',
      { id },
    )
    t.same(data, { hidden: null, absent: null })
  })

  t.test('S44: others record nothing, and nobody changes the lesson of another', async (t) => {
    for (const name of ['partner_reader', 'portfolio_holder', 'communication', 'council_reader', 'bi_reader']) {
      const key = keys[`${name}@gemeente-maastricht`]
      t.equal((await record(key, action.id, lesson)).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
      t.equal((await edit(key, id, { expectedVersion: 1 })).errors?.[0]?.extensions.code, 'FORBIDDEN', name)
    }
    t.equal((await record(undefined, action.id, lesson)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED')
    for (const key of [other, team])
      t.match((await edit(key, id, { expectedVersion: 1, learnt: 'Anders' })).data.done.userErrors, [{ code: 'NOT_FOUND', path: ['id'] }])
    t.match((await seenBy(other)).action, { viewerCanRecordLesson: true, lessonsLearned: { nodes: [{ viewerCanEdit: false }] } })
    t.match((await seenBy(keys['partner_reader@woonpunt'])).action, { viewerCanRecordLesson: false })
  })

  t.test('S44, S62: its organisation changes a lesson as it was seen, with its history and a trail', async (t) => {
    t.match((await edit(editor, id, { expectedVersion: 1, effect: 'EFFECTIVENESS' })).data.done, {
      lessonLearned: { version: 2, effect: 'EFFECTIVENESS' },
      userErrors: [],
    })
    t.match((await edit(editor, id, { expectedVersion: 1, learnt: 'Later' })).data.done.userErrors, [
      { code: 'VERSION_CONFLICT', path: ['input', 'expectedVersion'], currentVersion: 2 },
    ])
    t.match((await edit(editor, id, { expectedVersion: 2, learntOn: '2999-01-01' })).data.done.userErrors, [{ code: 'BAD_USER_INPUT' }])
    const { data } = await ask<object>(
      db,
      team,
      `query H($id: ID!) { node(id: $id) { ... on LessonLearned { history { nodes { version changes { field before after } } } } }
        auditTrail(first: 1) { nodes { operation subjectType organisation { slug } } } }`,
      { id },
    )
    t.match(data, {
      node: {
        history: {
          nodes: [{ version: 2, changes: [{ field: 'effect', before: 'SIMPLIFICATION', after: 'EFFECTIVENESS' }] }, { version: 1 }],
        },
      },
      auditTrail: { nodes: [{ operation: 'lessonEdit', subjectType: 'LessonLearned', organisation: { slug: 'woonpunt' } }] },
    })
  })

  t.test('S44: direct SQL cannot give a lesson no subject, two, or no words, nor delete it', async (t) => {
    const client = new pg.Client({ connectionString: db.superuserUrl })
    await client.connect()
    t.teardown(() => client.end())
    for (const change of ['action_id = null', 'programme_id = (select id from programme limit 1)', `learnt = '"los"'`])
      await t.rejects(client.query(`update lesson_learned set ${change} where action_id is not null`), { code: /23514|SP409/ }, change)
    await t.rejects(client.query('delete from lesson_learned'), { code: 'SP409' })
  })
})
