import { parseGlobalId } from '../src/read/model.ts'
import { firstYear, idOf, planned, sizes, teamEvery } from './data.ts'

type Variables = Record<string, unknown>

/** One of the questions that all peers answer, each in its own words. */
export interface Query {
  title: string
  /** Asks Samenspel and stock mercurius; the hand-written routes take its variables and know it by its name. */
  document: string
  /** The k-th set of variables. */
  variables(k: number): Variables
  /** The same in PostGraphile's own schema. */
  postgraphile: { document: string; variables(k: number): Variables; answer(data: Given): unknown }
}

// An answer of PostGraphile; its shape is the document's.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Given = any

const textOf = (localised: Given) => (localised === null ? null : { text: localised.nl })
const byKey = (key: string) => (a: Given, b: Given) => (a[key] < b[key] ? -1 : 1)
const today = new Date().toISOString().slice(0, 10)
const holds = (role: string) => (part: Given) =>
  part.role === role && part.startsOn <= today && (part.endsOn === null || part.endsOn > today)
const themesOf = (agreed: Given) =>
  agreed.agreedActionThemesByAgreedActionId.nodes
    .filter((link: Given) => link.themeByThemeId !== null)
    .map(({ themeByThemeId: theme }: Given) => ({ code: theme.code, name: textOf(theme.name) }))
    .sort(byKey('code'))
const organisationsOf = (action: Given, role: string) =>
  action.actionParticipationsByActionId.nodes
    .filter(holds(role))
    .map(({ organisationByOrganisationId: o }: Given) => ({ slug: o.slug, name: o.name }))
    .sort(byKey('slug'))

const statuses = ['IMPLEMENTATION', 'PIPELINE', 'CLOSED', 'FINALISATION']
const years = Array.from({ length: sizes.years }, (_, index) => String(firstYear + index))
const codes = (k: number) => Array.from({ length: 10 }, (_, j) => `IND${String(1 + ((k + j * 11) % sizes.indicators)).padStart(3, '0')}`)
const regions = (k: number) => [(k * 7) % 120, (k * 7 + 3) % 120].map((r) => `BU${String(1 + r).padStart(8, '0')}`)

export const queries = {
  plan: {
    title: 'plan page',
    document: `query PlanPage($id: ID!) {
  plan(id: $id) {
    id
    title { text }
    term { startsOn endsOn }
    ... on ExecutionPlan {
      neighbourhood { slug name }
      actions(first: 50) {
        nodes {
          id
          ref
          title { text }
          description { text }
          status
          progressPercent
          planned { startsOn endsOn }
          lead { slug name }
          contributors { slug name }
          latestStatus { status effectiveAt narrative }
          themes { code name { text } }
        }
      }
    }
  }
}`,
    variables: (k) => ({ id: Buffer.from(`ExecutionPlan:${planAt(k)}`).toString('base64url') }),
    postgraphile: {
      document: `query PlanPage($id: UUID!) {
  planByRowId(rowId: $id) {
    rowId
    title
    startsOn
    endsOn
    neighbourhoodByNeighbourhoodId { slug name }
    actionsByPlanId(first: 50, orderBy: REF_ASC) {
      nodes {
        rowId
        ref
        status
        progressPercent
        agreedActionByAgreedActionId {
          title
          descriptionIn(language: "nl")
          plannedStartOn
          plannedEndOn
          agreedActionThemesByAgreedActionId { nodes { themeByThemeId { code name } } }
        }
        actionParticipationsByActionId { nodes { role startsOn endsOn organisationByOrganisationId { slug name } } }
        statusReportByLatestReportId { status effectiveAt statusReportNarrativeByReportId { narrative } }
      }
    }
  }
}`,
      variables: (k) => ({ id: planAt(k) }),
      answer: ({ planByRowId: plan }) => ({
        plan: {
          id: plan.rowId,
          title: textOf(plan.title),
          term: { startsOn: plan.startsOn, endsOn: plan.endsOn },
          neighbourhood: plan.neighbourhoodByNeighbourhoodId,
          actions: {
            nodes: plan.actionsByPlanId.nodes.map((action: Given) => {
              const { agreedActionByAgreedActionId: agreed, statusReportByLatestReportId: report } = action
              return {
                id: action.rowId,
                ref: action.ref,
                title: textOf(agreed.title),
                description: agreed.descriptionIn === null ? null : { text: agreed.descriptionIn },
                status: action.status,
                progressPercent: action.progressPercent,
                planned: { startsOn: agreed.plannedStartOn, endsOn: agreed.plannedEndOn },
                lead: organisationsOf(action, 'LEAD')[0] ?? null,
                contributors: organisationsOf(action, 'CONTRIBUTING'),
                latestStatus: report && {
                  status: report.status,
                  effectiveAt: report.effectiveAt,
                  narrative: report.statusReportNarrativeByReportId?.narrative ?? null,
                },
                themes: themesOf(agreed),
              }
            }),
          },
        },
      }),
    },
  },
  list: {
    title: 'filtered list',
    document: `query FilteredList($neighbourhood: String!, $statuses: [ActionStatus!]!) {
  actions(where: { neighbourhood: { eq: $neighbourhood }, status: { in: $statuses } }, first: 50) {
    totalCount
    nodes {
      id
      ref
      title { text }
      status
      lead { slug name }
      themes { code name { text } }
    }
    pageInfo { endCursor hasNextPage }
  }
}`,
    variables: listVariables,
    postgraphile: {
      document: `query FilteredList($neighbourhood: String!, $statuses: [ActionStatus]!) {
  benchActions(neighbourhood: $neighbourhood, statuses: $statuses, first: 50) {
    totalCount
    nodes {
      rowId
      ref
      status
      agreedActionByAgreedActionId { title agreedActionThemesByAgreedActionId { nodes { themeByThemeId { code name } } } }
      actionParticipationsByActionId(condition: { role: LEAD }) { nodes { role startsOn endsOn organisationByOrganisationId { slug name } } }
    }
    pageInfo { endCursor hasNextPage }
  }
}`,
      variables: listVariables,
      answer: ({ benchActions: { totalCount, nodes, pageInfo } }) => ({
        actions: {
          totalCount,
          nodes: nodes.map((action: Given) => ({
            id: action.rowId,
            ref: action.ref,
            title: textOf(action.agreedActionByAgreedActionId.title),
            status: action.status,
            lead: organisationsOf(action, 'LEAD')[0] ?? null,
            themes: themesOf(action.agreedActionByAgreedActionId),
          })),
          pageInfo,
        },
      }),
    },
  },
  series: {
    title: 'indicator series',
    document: `query IndicatorSeries($codes: [String!]!, $regions: [String!]!, $periods: [String!]!) {
  indicators(where: { code: { in: $codes } }, first: 10) {
    nodes {
      id
      code
      name { text }
      unit { text }
      series(regions: $regions) {
        region { code name }
        observations(periods: $periods) { period value status }
        targets { period value }
      }
    }
  }
}`,
    variables: seriesVariables,
    postgraphile: {
      document: `query IndicatorSeries($codes: [String]!, $regions: [String]!, $periods: [String]!) {
  benchIndicators(codes: $codes, first: 10) {
    nodes {
      rowId
      code
      name
      unit
      seriesIn(regions: $regions) {
        nodes {
          regionByRegionId { code name }
          figures(periods: $periods) { nodes { period value status } }
          goals { nodes { period value } }
        }
      }
    }
  }
}`,
      variables: seriesVariables,
      answer: ({ benchIndicators: { nodes } }) => ({
        indicators: {
          nodes: nodes.map((indicator: Given) => ({
            id: indicator.rowId,
            code: indicator.code,
            name: textOf(indicator.name),
            unit: textOf(indicator.unit),
            series: indicator.seriesIn.nodes.map((series: Given) => ({
              region: series.regionByRegionId,
              observations: series.figures.nodes,
              targets: series.goals.nodes,
            })),
          })),
        },
      }),
    },
  },
  tiny: {
    title: 'tiny',
    document: `query Tiny($code: String!) {
  programme(code: $code) {
    id
    code
    name { text }
    pillars { code name { text } }
    results { code title { text } }
  }
}`,
    variables: tinyVariables,
    postgraphile: {
      document: `query Tiny($code: String!) {
  programmeByCode(code: $code) {
    rowId
    code
    name
    pillarsByProgrammeId(orderBy: POSITION_ASC) { nodes { code name } }
    resultsByProgrammeId(orderBy: CODE_ASC) { nodes { code title } }
  }
}`,
      variables: tinyVariables,
      answer: ({ programmeByCode: programme }) => ({
        programme: {
          id: programme.rowId,
          code: programme.code,
          name: textOf(programme.name),
          pillars: programme.pillarsByProgrammeId.nodes.map(({ code, name }: Given) => ({ code, name: textOf(name) })),
          results: programme.resultsByProgrammeId.nodes.map(({ code, title }: Given) => ({ code, title: textOf(title) })),
        },
      }),
    },
  },
} satisfies Record<string, Query>

export type QueryName = keyof typeof queries
export const queryNames = Object.keys(queries) as QueryName[]
/** `query PlanPage…` → the route's statements, by the name that the request carries. */
export const operationNames: Record<string, QueryName> = { PlanPage: 'plan', FilteredList: 'list', IndicatorSeries: 'series', Tiny: 'tiny' }

/** How many sets of variables are replayed, each as a caller of its own. */
export const requestsOf = (quick: boolean): number => (quick ? 200 : sizes.callers)

/** As whom the k-th set is asked: anyone, only the programme team (which no policy keeps from any row of these queries), or no one. */
export type Callers = 'all' | 'team' | 'public'
export function callerAt(k: number, callers: Callers): number | undefined {
  if (callers === 'public') return undefined
  const caller = (k * 37) % sizes.callers
  return callers === 'all' ? caller : caller - (caller % teamEvery)
}

function planAt(k: number): string {
  return idOf('plan', 1 + ((k * 7) % sizes.plans))
}
function listVariables(k: number): Variables {
  return {
    neighbourhood: `wijk-${1 + ((k * 7) % planned)}`,
    statuses: k % 3 === 0 ? ['IMPLEMENTATION'] : [statuses[k % 4] as string, statuses[(k + 1) % 4] as string],
  }
}
function seriesVariables(k: number): Variables {
  return { codes: codes(k), regions: regions(k), periods: years }
}
function tinyVariables(k: number): Variables {
  return { code: `P${String(1 + (k % sizes.programmes)).padStart(2, '0')}` }
}

/** What an answer says, however it is written: ids as uuids, instants as numbers, a cursor as its presence. */
export function factsOf(data: unknown): string {
  return JSON.stringify(data, (key, value) => {
    if (value === null || value === undefined) return null
    if (key === 'id') return parseGlobalId(String(value))?.uuid ?? value
    if (key === 'effectiveAt') return Date.parse(String(value))
    if (key === 'endCursor') return typeof value === 'string' && value !== ''
    return value
  })
}
