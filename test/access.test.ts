import t from 'tap'
import { globalId } from '../src/read/model.ts'
import { accessDatabase } from './access/database.ts'
import {
  type Answer,
  ask,
  feedFilters,
  filters,
  get,
  globalIdOf,
  lists,
  madeSets,
  marked,
  nodes,
  send,
  sets,
  typeOf,
} from './access/doors.ts'
import { type Caller, canariesIn, nothing, type Organisation, type Row } from './access/fixture.ts'
import { differences, nameOf } from './access/judge.ts'
import { type Operation, open } from './access/matrix.ts'
import { may, mayUse } from './access/oracle.ts'
import { wrongRights } from './access/rights.ts'
import { byTable, reached, setProbes, ways } from './access/sql.ts'
import {
  addAgendaTheme,
  addFinancialFrame,
  addTheme,
  adoptPlan,
  advanceBreakthrough,
  chooseHeadlines,
  createNote,
  draftMonitoring,
  item,
  nameAction,
  nameSdg,
  type Outcome,
  publishText,
  push,
  recordConversion,
  recordNotice,
  recordParticipation,
  recordStatus,
  setDisclosure,
  steering,
  submitPlan,
} from './access/verbs.ts'

const operations = ['read', 'insert', 'update'] as const

t.test('who may see and do what', async (t) => {
  const { fixture, url, superuserUrl, app, keeping, answeredFromMemory, connect } = await accessDatabase(t)
  const { rows, callers, secrets } = fixture
  const admitted = callers.filter(({ refused }) => !refused)
  const turnedAway = callers.filter(({ refused }) => refused)
  const byNumber = new Map(rows.map((row) => [row.n, row]))
  const visible = new Map(callers.map((caller) => [caller, rows.filter((row) => may(caller, 'read', row, true))]))
  const hidden = (caller: Caller): Row[] => rows.filter((row) => !may(caller, 'read', row, true))
  const sees = (caller: Caller, row: Row): boolean => (visible.get(caller) as Row[]).includes(row)
  const ofTable = (table: string): Row[] => rows.filter((row) => row.table === table)
  const row = (name: string): Row => rows.find(({ key }) => key.id === fixture.idOf(name)) as Row
  let cells = 0

  /** What an answer should not hold: traces of rows that are hidden from the caller, or of a key's secret. */
  function foreign(caller: Caller, raw: string): string[] {
    const found = [...canariesIn(raw)].map((n) => byNumber.get(n) as Row).filter((row) => row && !sees(caller, row))
    return [...found.map((row) => `tells of ${nameOf(row)}`), ...secrets.filter((secret) => raw.includes(secret)).map(() => 'tells a hash')]
  }

  /** Rows that should have shown and did not. */
  function missing(caller: Caller, raw: string, shown: readonly Row[]): string[] {
    const found = canariesIn(raw)
    return shown.filter((row) => sees(caller, row) && !found.has(row.n)).map((row) => `lacks ${nameOf(row)}`)
  }

  t.test('in SQL, as the runtime role', async (t) => {
    const client = await connect(url)
    await setProbes(client, rows)
    const tables = byTable(rows)
    t.same(await wrongRights(await connect(superuserUrl)), [], 'rights, whatever the rows')
    const stranger = await reached(client, fixture, undefined)
    if (typeof stranger === 'string') t.fail(stranger)
    else {
      const { read, insert, update, strange } = stranger
      t.same([...read, ...insert, ...update, ...strange], [], 'nobody has entered')
    }
    for (const caller of callers) {
      const reach = await reached(client, fixture, caller)
      cells += rows.length * operations.length
      t.same(differences(caller, reach, tables, ways), [], caller.name)
    }
  })

  t.test('in GraphQL, by lists and by the id of each object', async (t) => {
    const shown = marked(fixture).filter((row) => row.graphql)
    const types = new Map(rows.flatMap((row) => typeOf(row) ?? []).map((type) => [type, rows.filter((row) => typeOf(row) === type)]))
    for (const caller of admitted) {
      const wrong: string[] = []
      let raw = ''
      for (const query of lists) {
        const answer = await ask(app, caller, query)
        raw += answer.raw
        if (answer.body.includes('"errors"')) wrong.push(`${query} fails: ${answer.body}`)
        else wrong.push(...miscounted(caller, answer))
      }
      for (const [type, some] of types) {
        const answer = await nodes(app, caller, type, some.map(globalIdOf))
        raw += answer.raw
        for (const [place, row] of some.entries()) {
          cells++
          if (answer.found[place] !== sees(caller, row)) wrong.push(`node ${answer.found[place] ? 'finds' : 'lacks'} ${nameOf(row)}`)
        }
      }
      t.same([...wrong, ...foreign(caller, raw), ...missing(caller, raw, shown)], [], caller.name)
    }
  })

  /** Totals count what is seen and nothing else. */
  function miscounted(caller: Caller, { body }: Answer): string[] {
    interface Counted {
      totalCount: number
      nodes: { id: string; notes?: Counted; statusReports?: Counted; contributions?: Counted }[]
    }
    const { data } = JSON.parse(body) as { data: Record<string, Counted | null> }
    const seen = (some: readonly Row[]): number => some.filter((row) => sees(caller, row)).length
    const expected: Record<string, number> = {
      organisations: seen(ofTable('organisation')),
      executionPlans: seen(ofTable('plan').filter((row) => row.values.kind === 'EXECUTION_PLAN')),
      actions: seen(ofTable('action')),
      decisions: seen(ofTable('decision')),
      indicators: seen(ofTable('indicator')),
      breakthroughs: seen(ofTable('breakthrough')),
      informationDuties: seen(ofTable('information_duty')),
      councilNotices: seen(ofTable('council_notice')),
      auditTrail: seen(ofTable('audit_entry')),
    }
    const wrong: string[] = []
    const hold = (what: string, counted: Counted | undefined | null, wanted: number) => {
      if (!counted) return
      cells++
      if (counted.totalCount !== wanted || counted.nodes.length !== wanted)
        wrong.push(`${what} counts ${counted.totalCount}, not ${wanted}`)
    }
    for (const [name, counted] of Object.entries(data)) {
      if (expected[name] === undefined) continue
      hold(name, counted, expected[name])
      for (const node of counted?.nodes ?? []) {
        const of = (table: string) =>
          ofTable(table).filter(({ values }) =>
            [globalId('Action', values.action_id as string), globalId('Organisation', values.organisation_id as string)].includes(node.id),
          )
        hold(`notes of ${node.id}`, node.notes, seen(of('note')))
        hold(`reports of ${node.id}`, node.statusReports, seen(of('status_report')))
        hold(`contributions of ${node.id}`, node.contributions, seen(of('contribution')))
      }
    }
    return wrong
  }

  t.test('invariant 20: in GraphQL, what is hidden answers as what is not there', async (t) => {
    for (const caller of admitted) {
      const wrong: string[] = []
      const same = async (what: string, query: string, one: object, other: object) => {
        cells++
        const [given, absent] = [await ask(app, caller, query, one), await ask(app, caller, query, other)]
        if (given.same !== absent.same) wrong.push(`${what}: ${given.body} is not ${absent.body}`)
      }
      const unseen = new Set<string>()
      for (const row of hidden(caller)) {
        for (const pair of filters(row)) await same(nameOf(row), ...pair)
        const type = typeOf(row)
        if (type === undefined || unseen.has(type)) continue
        // One of each type byte for byte; all of them are found absent above.
        unseen.add(type)
        const [one, other] = [globalIdOf(row), globalId(type, nothing)]
        await same(
          nameOf(row),
          'query ($id: ID!) { node(id: $id) { id __typename } action(id: $id) { id } plan(id: $id) { id } }',
          { id: one },
          { id: other },
        )
      }
      if (!caller.roles.length) {
        const reporter = 'query ($of: String) { actions(first: 100, where: { theme: { eq: $of } }) { totalCount nodes { id } } }'
        await same('themes', reporter, { of: 'theme-1' }, { of: 'theme-9' })
      }
      t.same(wrong, [], caller.name)
    }
  })

  t.test('in GraphQL, answers that are kept go to nobody else', async (t) => {
    const wrong: string[] = []
    const fresh = new Map<Caller, string[]>()
    for (const caller of admitted) fresh.set(caller, await Promise.all(lists.map(async (query) => (await ask(app, caller, query)).body)))
    // Kept from the second time on; the callers take turns.
    for (let round = 0; round < 3; round++) {
      for (const [place, query] of lists.entries()) {
        for (const caller of round % 2 === 0 ? admitted : admitted.toReversed()) {
          cells++
          const answer = await ask(keeping, caller, query)
          if (answer.body !== fresh.get(caller)?.[place]) wrong.push(`${caller.name} gets another answer in round ${round}: ${query}`)
          wrong.push(...foreign(caller, answer.raw))
        }
      }
    }
    for (const caller of turnedAway) {
      const answer = await ask(keeping, caller, lists[1] as string)
      if (answer.status !== 401 && answer.status !== 403) wrong.push(`${caller.name} is answered: ${answer.raw}`)
    }
    t.same(wrong, [])
    t.ok(answeredFromMemory() > admitted.length * 5, 'many were answered from memory')
  })

  t.test('in the BI feed and its files', async (t) => {
    for (const caller of admitted) {
      const wrong: string[] = []
      for (const [table, set, of = set] of [...madeSets, ...Object.entries(sets)]) {
        const members = marked(fixture).filter((row) => row.feed === of)
        const wanted = ofTable(table).filter((row) => sees(caller, row)).length
        for (const path of [
          `/odata/v4/${set}?$count=true`,
          `/api/v1/exports/${set}.csv`,
          `/api/v1/exports/${set}.csv?delimiter=;&bom=true`,
        ]) {
          cells += members.length
          const answer = await get(app, caller, path)
          if (answer.status !== 200) wrong.push(`${path} answers ${answer.status}`)
          wrong.push(...foreign(caller, answer.raw), ...missing(caller, answer.raw, members))
          const count = /"@odata.count":(\d+)/.exec(answer.body)?.[1] ?? String(answer.body.trim().split('\r\n').length - 1)
          if (Number(count) !== wanted) wrong.push(`${path} counts ${count}, not ${wanted}`)
        }
        const count = await get(app, caller, `/odata/v4/${set}/$count`)
        if (Number(count.body.replace('\ufeff', '')) !== wanted) wrong.push(`${set}/$count is ${count.body}, not ${wanted}`)
      }
      const compared = new Set<string>()
      for (const row of rows) {
        const set = sets[row.table]
        const pairs = sees(caller, row) ? [] : feedFilters(row)
        if (set && (row.table === 'action' || !sees(caller, row))) {
          cells++
          const one = await get(app, caller, `/odata/v4/${set}(${row.key.id})`)
          wrong.push(...foreign(caller, one.raw))
          if (one.status !== (sees(caller, row) ? 200 : 404)) wrong.push(`${set} by key answers ${one.status} for ${nameOf(row)}`)
          if (!sees(caller, row)) pairs.push([`/odata/v4/${set}(${row.key.id})`, `/odata/v4/${set}(${nothing})`])
        }
        // What is hidden for the same reason is compared byte for byte once.
        const reason = `${row.table} ${row.reads}`
        if (pairs.length === 0 || compared.has(reason)) continue
        compared.add(reason)
        for (const [one, other] of pairs) {
          cells++
          const [given, absent] = [await get(app, caller, one), await get(app, caller, other)]
          if (given.same !== absent.same) wrong.push(`${one}: ${given.body} is not ${absent.body}`)
        }
      }
      if (!caller.roles.length) {
        const by = (slug: string) => get(app, caller, `/odata/v4/ActionStatusHistory?$count=true&$filter=ReportedBy%20eq%20'${slug}'`)
        if ((await by('alpha')).same !== (await by('omega')).same) wrong.push('the reporter of a report can be asked for')
      }
      t.same(wrong, [], caller.name)
    }
  })

  t.test('in REST', async (t) => {
    for (const caller of admitted) {
      const wrong: string[] = []
      const absent = await get(app, caller, `/api/v1/actions/${nothing}`)
      for (const row of ofTable('action')) {
        for (const name of [row.key.id as string, globalIdOf(row), row.values.ref as string]) {
          for (const headers of [{}, { 'if-none-match': '*' }] as Record<string, string>[]) {
            cells++
            const answer = await get(app, caller, `/api/v1/actions/${name}`, headers)
            wrong.push(...foreign(caller, answer.raw))
            const right = sees(caller, row) ? [200, 304].includes(answer.status) : answer.same === absent.same
            if (!right) wrong.push(`actions/${name} answers ${answer.status} for ${nameOf(row)}`)
          }
        }
      }
      const happened = await get(app, caller, '/api/v1/events?limit=1000')
      const heard = JSON.parse(happened.body) as { subject: string; data: { reportId?: string } }[]
      cells += marked(fixture).length
      wrong.push(...foreign(caller, happened.raw))
      const reports = ofTable('status_report').filter(({ values }) => values.standing === 'ACCEPTED')
      for (const report of reports.filter(
        (report) => heard.some(({ data }) => data.reportId === globalIdOf(report)) !== sees(caller, report),
      ))
        wrong.push(`${nameOf(report)} is ${sees(caller, report) ? 'not ' : ''}told of`)
      const subjects = new Set(heard.filter(({ data }) => data.reportId === undefined).map(({ subject }) => subject))
      const hidden = marked(fixture).filter((row) => !sees(caller, row) && typeOf(row) !== undefined)
      wrong.push(...hidden.filter((row) => subjects.has(globalIdOf(row))).map((row) => `${nameOf(row)} is told of`))
      const about = async (id: string) => (await get(app, caller, `/api/v1/events?subject=${id}`)).same.replace(id, '')
      const secret = hidden.find(({ table, key }) => table === 'action' && !reports.some(({ values }) => values.action_id === key.id))
      if (secret && (await about(globalIdOf(secret))) !== (await about(globalId('Action', nothing))))
        wrong.push(`${nameOf(secret)} is not nothing`)
      const none = await get(app, caller, `/api/v1/status-reports/batches/${nothing}`)
      for (const row of ofTable('status_report_batch')) {
        cells++
        const answer = await get(app, caller, `/api/v1/status-reports/batches/${row.key.id}`)
        wrong.push(...foreign(caller, answer.raw))
        if (sees(caller, row) ? answer.status !== 200 : answer.same !== none.same) wrong.push(`${nameOf(row)} answers ${answer.status}`)
      }
      t.same(wrong, [], caller.name)
    }
  })

  t.test('who is turned away, is so at every door and with one answer', async (t) => {
    const paths = [
      '/odata/v4/Actions',
      '/odata/v4/Actions/$count',
      '/api/v1/exports/Actions.csv',
      '/api/v1/events',
      `/api/v1/actions/${nothing}`,
      `/api/v1/status-reports/batches/${nothing}`,
    ]
    const answersOf = async (caller: Caller) => [
      await ask(app, caller, lists[0] as string),
      ...(await Promise.all(paths.map((path) => get(app, caller, path)))),
      await send(app, caller, 'POST', '/api/v1/status-reports', { dryRun: true, items: [{}] }),
    ]
    const first = new Map<string, string[]>()
    for (const caller of turnedAway) {
      const answers = await answersOf(caller)
      cells += answers.length
      t.same(
        answers.flatMap(({ raw }) => [...canariesIn(raw)]),
        [],
        `${caller.name} learns nothing`,
      )
      t.same(
        answers.slice(1).map(({ status }) => status),
        new Array(answers.length - 1).fill(caller.refused === 'SP401' ? 401 : 403),
        caller.name,
      )
      const known = first.get(caller.refused as string)
      if (known === undefined)
        first.set(
          caller.refused as string,
          answers.map(({ same }) => same),
        )
      else
        t.same(
          answers.map(({ same }) => same),
          known,
          `${caller.name} is told what the others are told`,
        )
    }
  })

  t.test('verbs, by whom they may be used', async (t) => {
    const given = row('action A1')
    const base = { app, action: globalIdOf(given), plan: globalIdOf(row('plan drafted')), planVersion: globalIdOf(row('programme plan 1')) }
    for (const caller of callers) {
      const wrong: string[] = []
      const here = { ...base, caller }
      // Some took part in the one once; the other has a party that left the alliance.
      const former = row(caller.roles.includes('GRACE') ? 'action A9' : 'action A6')
      const used: [string, Row, Outcome][] = [
        ['noteCreate', given, await createNote(here, 'OWN_ORGANISATION')],
        ['noteCreate-parties', former, await createNote({ ...here, action: globalIdOf(former) }, 'ACTION_PARTIES')],
        ['actionRecordStatus', given, await recordStatus(here)],
        ['planSubmit', given, await submitPlan(here)],
        ['planAdopt', given, await adoptPlan(here)],
        ['agenda', given, await addAgendaTheme(here)],
        ['breakthrough', given, await advanceBreakthrough(here)],
        ['finance', given, await addFinancialFrame(here)],
        ['programme', given, await addTheme(here)],
        ['council', given, await recordNotice(here)],
        ['indicatorNameSdg', given, await nameSdg(here)],
        ['setDisclosure', given, await setDisclosure(here)],
        ['recordConversion', given, await recordConversion(here)],
        ['push', given, await push(here)],
        ['externalRef', given, await nameAction(here)],
        ['publicationText', given, await publishText(here)],
        ['participationEvent', given, await recordParticipation(here)],
        ['evaluation', given, await draftMonitoring(here)],
        ['chooseHeadlines', given, await chooseHeadlines(here)],
        ...(await Promise.all(
          Object.entries(steering).map(async ([verb, use]) => [verb, given, await use(here)] as [string, Row, Outcome]),
        )),
      ]
      for (const [verb, action, outcome] of used) {
        cells++
        const expected = expectedOf(caller, verb, action)
        const found = outcome.refused ?? (verb === 'noteCreate-parties' ? outcome.said[0] : undefined)
        if (found !== expected) wrong.push(`${verb}: ${found ?? 'done'}, not ${expected ?? 'done'}`)
        wrong.push(...foreign(caller, outcome.answer.raw).map((what) => `${verb} ${what}`))
      }
      t.same(wrong, [], caller.name)
    }
  })

  /** The refusal that the matrix calls for, or nothing. */
  function expectedOf(caller: Caller, verb: string, action: Row): string | undefined {
    if (caller.refused) return caller.refused === 'SP401' ? 'UNAUTHENTICATED' : 'MEMBERSHIP_ENDED'
    if (caller.key === undefined) return 'UNAUTHENTICATED'
    const everywhere = { ...action, parts: [caller.organisation as Organisation], ever: [caller.organisation as Organisation] }
    if (!mayUse(caller, verb, everywhere, true)) return 'FORBIDDEN'
    if (!caller.scoped) return 'SCOPE_MISSING'
    return mayUse(caller, verb, action, true) ? undefined : 'REPORTER_NOT_PARTY'
  }

  t.test("a partner's own names are nobody else's", async (t) => {
    const callersOf = admitted.filter(
      ({ roles, scoped }) => scoped && roles.some((role) => ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'GRACE'].includes(role)),
    )
    for (const caller of callersOf) {
      const wrong: string[] = []
      interface Pushed {
        items: { disposition: string; errors: { code: string; message: string }[] }[]
      }
      const pushed = async (items: object[]) =>
        (JSON.parse((await send(app, caller, 'POST', '/api/v1/status-reports', { dryRun: true, items })).body) as Pushed).items
      const refs = ofTable('external_ref')
      const names = [...refs.map((ref) => ref.values.external_id as string), 'canary-9999']
      const answers = await pushed(names.map((externalId, place) => item({ externalId }, `event ${place}`)))
      const absent = JSON.stringify(answers.at(-1)?.errors)
      for (const [place, ref] of refs.entries()) {
        cells++
        const { disposition, errors } = answers[place] as Pushed['items'][number]
        const asAbsent = JSON.stringify(errors).replace(ref.values.external_id as string, 'canary-9999') === absent
        // In its grace it is told so where it had no part on that day.
        const known = disposition !== 'REJECTED' || (caller.roles.includes('GRACE') && errors[0]?.code === 'REPORTER_NOT_PARTY')
        const action = ofTable('action').find(({ key }) => key.id === ref.values.action_id) as Row
        if (ref.organisation === caller.organisation && sees(caller, action) ? !known : !asAbsent) {
          wrong.push(`${nameOf(ref)}: ${disposition} ${JSON.stringify(errors)}`)
        }
      }
      const events = ofTable('status_report_event')
      const repeated = await pushed(events.map((event) => item({ id: row('action A1').key.id }, event.values.external_event_id as string)))
      for (const [place, event] of events.entries()) {
        cells++
        const { disposition, errors } = repeated[place] as Pushed['items'][number]
        const known = disposition === 'DUPLICATE' || errors.some(({ code }) => code === 'EVENT_ID_REUSED')
        if (known !== (event.organisation === caller.organisation)) wrong.push(`${nameOf(event)}: ${disposition} ${JSON.stringify(errors)}`)
      }
      t.same(wrong, [], caller.name)
    }
    const [system] = callersOf.filter(({ name }) => name === 'partner_system@alpha') as [Caller]
    const foreignKey = ofTable('status_report_batch').find((batch) => batch.organisation === 'beta')?.values.idempotency_key as string
    const answer = await send(
      app,
      system,
      'POST',
      '/api/v1/status-reports',
      { items: [item({ id: nothing })] },
      { 'idempotency-key': foreignKey },
    )
    t.equal(answer.status, 200)
    t.notMatch(answer.raw, /idempotent-replayed/i, "another's Idempotency-Key replays nothing")
    t.same(foreign(system, answer.raw), [])
  })

  for (const { id, what, cells: differing } of open) {
    const found = callers.some((caller) => rows.some((row) => operations.some((operation) => differs(caller, operation, row, id))))
    t.ok(found, `${id} is still open`)
    t.fail(`${id}: ${what}`, { todo: `${differing.length} cells of the matrix` })
  }

  function differs(caller: Caller, operation: Operation, row: Row, id: string): boolean {
    const object = operation === 'read' ? row.reads : row.writes
    const { cells: differing } = open.find((entry) => entry.id === id) as (typeof open)[number]
    return differing.some((cell) => cell.objects.includes(object)) && may(caller, operation, row) !== may(caller, operation, row, true)
  }

  t.teardown(() => t.comment(`${cells} cells`))
})
