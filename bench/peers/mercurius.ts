import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { and, asc, count, eq, getTableColumns, gt, inArray, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { alias } from 'drizzle-orm/pg-core'
import fastify from 'fastify'
import mercurius, { type MercuriusLoaders } from 'mercurius'
import {
  action,
  actionParticipation,
  agreedAction,
  agreedActionTheme,
  statusReport,
  statusReportNarrative,
} from '../../src/action/table.ts'
import { credentialOf } from '../../src/auth/plugin.ts'
import type { Localised } from '../../src/db/columns.ts'
import type { Credential } from '../../src/db/session.ts'
import { scalars } from '../../src/graphql/scalars.ts'
import { indicator, observation, series, target } from '../../src/indicator/table.ts'
import { neighbourhood, region } from '../../src/neighbourhood/table.ts'
import { organisation } from '../../src/organisation/table.ts'
import { plan } from '../../src/plan/table.ts'
import { pillar, programme, result, theme } from '../../src/programme/table.ts'
import { globalId, parseGlobalId } from '../../src/read/model.ts'
import { databaseUrl, serve } from './serve.ts'

// The ordinary way: our schema with resolvers and mercurius' loaders over drizzle, a transaction for each request.
type Tx = Pick<NodePgDatabase, 'select' | 'selectDistinctOn'>
// A parent or the arguments as a resolver gets them; the schema has judged them.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Given = any
interface Context {
  tx: Tx
}

const db = drizzle({
  connection: {
    connectionString: databaseUrl,
    max: 8,
    idleTimeoutMillis: 0,
    options: '-c TimeZone=UTC -c DateStyle=ISO -c search_path=public -c jit=off',
  },
})

const localised = (texts: Localised | null) => {
  if (texts === null) return null
  const language = 'nl' in texts ? 'nl' : texts.source
  return { text: texts[language], language, isFallback: language !== 'nl' }
}
const localisedField =
  (field: string) =>
  (parent: Given): ReturnType<typeof localised> =>
    localised(parent[field])
const idField =
  (type: string) =>
  (parent: Given): string =>
    globalId(type, parent.id)

const today = sql`today()`
const current = (role: 'LEAD' | 'CONTRIBUTING'): SQL | undefined =>
  and(
    eq(actionParticipation.role, role),
    lte(actionParticipation.startsOn, today),
    or(isNull(actionParticipation.endsOn), gt(actionParticipation.endsOn, today)),
  )

const agreed = alias(agreedAction, 'agreed')
const actions = (tx: Tx) =>
  tx
    .select({ ...getTableColumns(action), agreed })
    .from(action)
    .leftJoin(agreed, eq(agreed.id, action.agreedActionId))
    .$dynamic()

const page = (rows: Given[], first: number) => ({
  nodes: rows.slice(0, first),
  pageInfo: {
    hasNextPage: rows.length > first,
    endCursor: rows.length === 0 ? null : Buffer.from(JSON.stringify([rows[Math.min(first, rows.length) - 1].ref])).toString('base64url'),
  },
})

const rootFields = {
  plan: async (_: unknown, { id }: Given, { tx }: Context) =>
    (
      await tx
        .select()
        .from(plan)
        .where(eq(plan.id, uuidOf(id)))
    )[0] ?? null,
  programme: async (_: unknown, { code }: Given, { tx }: Context) =>
    (await tx.select().from(programme).where(eq(programme.code, code)))[0] ?? null,
  actions: async (_: unknown, { where, first }: Given, { tx }: Context) => {
    const inNeighbourhood = tx
      .select({ id: plan.id })
      .from(plan)
      .innerJoin(neighbourhood, eq(neighbourhood.id, plan.neighbourhoodId))
      .where(eq(neighbourhood.slug, where.neighbourhood.eq))
    const wanted = and(inArray(action.planId, inNeighbourhood), inArray(action.status, where.status.in))
    const rows = await actions(tx)
      .where(wanted)
      .orderBy(asc(action.ref), asc(action.id))
      .limit(first + 1)
    return { ...page(rows, first), totalCount: async () => (await tx.select({ n: count() }).from(action).where(wanted))[0]?.n }
  },
  indicators: async (_: unknown, { where, first }: Given, { tx }: Context) =>
    page(await tx.select().from(indicator).where(inArray(indicator.code, where.code.in)).orderBy(asc(indicator.code)).limit(first), first),
}

const uuidOf = (id: string): string => parseGlobalId(id)?.uuid ?? '00000000-0000-0000-0000-000000000000'
const unique = (ids: string[]): string[] => [...new Set(ids)]
const byKey = (rows: Given[], key: string): Map<string, Given> => new Map(rows.map((row) => [row[key], row]))
function grouped(rows: Given[], key: string): Map<string, Given[]> {
  const groups = new Map<string, Given[]>()
  for (const row of rows) {
    const group = groups.get(row[key])
    if (group === undefined) groups.set(row[key], [row])
    else group.push(row)
  }
  return groups
}

/** Parents that are asked for together → their one row each. */
const one =
  (key: string, load: (tx: Tx, ids: string[]) => Promise<Given[]>, by = 'id') =>
  async (asked: readonly Given[], { tx }: Context): Promise<Given[]> => {
    const ids = asked.map(({ obj }) => obj[key])
    const found = byKey(await load(tx, unique(ids)), by)
    return ids.map((id) => found.get(id) ?? null)
  }

/** Parents that are asked for together → their rows. */
const many =
  (by: string, load: (tx: Tx, ids: string[], params: Given) => Promise<Given[]>) =>
  async (asked: readonly Given[], { tx }: Context): Promise<Given[]> => {
    const found = grouped(
      await load(
        tx,
        asked.map(({ obj }) => obj.id),
        asked[0].params,
      ),
      by,
    )
    return asked.map(({ obj }) => found.get(obj.id) ?? [])
  }

const loaders = {
  ExecutionPlan: {
    neighbourhood: one('neighbourhoodId', (tx, ids) => tx.select().from(neighbourhood).where(inArray(neighbourhood.id, ids))),
    actions: async (asked: readonly Given[], { tx }: Context) => {
      const ids = asked.map(({ obj }) => obj.id)
      const found = grouped(await actions(tx).where(inArray(action.planId, ids)).orderBy(asc(action.ref), asc(action.id)), 'planId')
      return asked.map(({ obj, params }) => page(found.get(obj.id) ?? [], params.first ?? 20))
    },
  },
  Action: {
    lead: many('actionId', (tx, ids) => participants(tx, ids, 'LEAD')),
    contributors: many('actionId', (tx, ids) => participants(tx, ids, 'CONTRIBUTING')),
    latestStatus: one('latestReportId', (tx, ids) => tx.select().from(statusReport).where(inArray(statusReport.id, ids))),
    themes: many('actionId', (tx, ids) =>
      tx
        .select({ ...getTableColumns(theme), actionId: action.id })
        .from(action)
        .innerJoin(agreedActionTheme, eq(agreedActionTheme.agreedActionId, action.agreedActionId))
        .innerJoin(theme, eq(theme.id, agreedActionTheme.themeId))
        .where(inArray(action.id, ids))
        .orderBy(asc(theme.code)),
    ),
  },
  StatusReport: {
    narrative: async (asked: readonly Given[], { tx }: Context) => {
      const ids = asked.map(({ obj }) => obj.id)
      const found = byKey(await tx.select().from(statusReportNarrative).where(inArray(statusReportNarrative.reportId, ids)), 'reportId')
      return ids.map((id) => found.get(id)?.narrative ?? null)
    },
  },
  Indicator: {
    series: many('indicatorId', (tx, ids, { regions }) =>
      tx
        .select({ ...getTableColumns(series), region })
        .from(series)
        .innerJoin(region, eq(region.id, series.regionId))
        .where(and(inArray(series.indicatorId, ids), inArray(region.code, regions)))
        .orderBy(asc(region.code)),
    ),
  },
  Series: {
    observations: many('seriesId', (tx, ids, { periods }) =>
      tx
        .select()
        .from(observation)
        .where(and(inArray(observation.seriesId, ids), inArray(observation.period, periods)))
        .orderBy(asc(observation.period)),
    ),
    targets: many('seriesId', (tx, ids) => tx.select().from(target).where(inArray(target.seriesId, ids)).orderBy(asc(target.period))),
  },
  Programme: {
    pillars: many('programmeId', (tx, ids) =>
      tx.select().from(pillar).where(inArray(pillar.programmeId, ids)).orderBy(asc(pillar.position)),
    ),
    results: many('programmeId', (tx, ids) => tx.select().from(result).where(inArray(result.programmeId, ids)).orderBy(asc(result.code))),
  },
}

async function participants(tx: Tx, ids: string[], role: 'LEAD' | 'CONTRIBUTING'): Promise<Given[]> {
  return tx
    .select({ actionId: actionParticipation.actionId, slug: organisation.slug, name: organisation.name })
    .from(actionParticipation)
    .innerJoin(organisation, eq(organisation.id, actionParticipation.organisationId))
    .where(and(inArray(actionParticipation.actionId, ids), current(role)))
    .orderBy(asc(organisation.slug))
}

// A lead is one organisation, loaded as all participants are.
const loadLeads = loaders.Action.lead
loaders.Action.lead = async (asked, context) => (await loadLeads(asked, context)).map(([first]) => first ?? null)

const term = ({ startsOn, endsOn }: Given) => ({ startsOn, endsOn })
const resolvers = {
  ...scalars,
  Query: rootFields,
  Plan: { resolveType: () => 'ExecutionPlan' },
  ExecutionPlan: { id: idField('ExecutionPlan'), title: localisedField('title'), term },
  Action: {
    id: idField('Action'),
    title: (parent: Given) => localised(parent.agreed?.title ?? null),
    description: (parent: Given) => localised(parent.agreed?.description ?? null),
    planned: ({ agreed }: Given) => agreed && { startsOn: agreed.plannedStartOn, endsOn: agreed.plannedEndOn },
  },
  StatusReport: { effectiveAt: ({ effectiveAt }: Given) => new Date(effectiveAt).toISOString() },
  Theme: { name: localisedField('name') },
  Pillar: { name: localisedField('name') },
  Result: { title: localisedField('title') },
  Programme: { id: idField('Programme'), name: localisedField('name') },
  Indicator: { id: idField('Indicator'), name: localisedField('name'), unit: localisedField('unit') },
}

const folder = new URL('../../schema/', import.meta.url)
const typeDefs = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))
// mercurius' own resolver map knows neither resolveType nor scalars as graphql-tools writes them.
const { Plan, ...others } = resolvers
const schema = makeExecutableSchema({ typeDefs, resolvers: { ...others, Plan: { __resolveType: Plan.resolveType } } })

const app = fastify()
await app.register(mercurius, { schema, loaders: loaders as unknown as MercuriusLoaders, routes: false, jit: 0 })
app.post('/graphql', (request, reply) => {
  const { query, variables, operationName } = request.body as { query: string; variables: Record<string, unknown>; operationName: string }
  const caller = credentialOf(request) as Credential & { kind: 'key' }
  return db.transaction(async (tx) => {
    await tx.execute(sql`select enter(${caller.id}, ${caller.hash})`)
    return reply.graphql(query, { tx } as unknown as Record<string, unknown>, variables, operationName)
  })
})
await serve(app)
