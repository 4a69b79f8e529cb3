import { actionEvents } from './action/event.ts'
import { actionPillars, actionSdgGoals, actionStatusHistory, actions } from './action/feed.ts'
import { actionMutations } from './action/graphql.ts'
import { actionEntities, actionRoots, actionSubscriptions } from './action/read.ts'
import { agendaMutations } from './agenda/graphql.ts'
import { agendaEntities } from './agenda/read.ts'
import { alignmentMutations } from './alignment/graphql.ts'
import './alignment/read.ts'
import { breakthroughMutations } from './breakthrough/graphql.ts'
import { breakthroughEntities, breakthroughRoots } from './breakthrough/read.ts'
import { capacityMutations } from './capacity/graphql.ts'
import { capacityEntities } from './capacity/read.ts'
import { contributionMutations } from './contribution/graphql.ts'
import { contributionEntities } from './contribution/read.ts'
import { councilEvents } from './council/event.ts'
import { councilMutations } from './council/graphql.ts'
import { councilEntities, councilRoots } from './council/read.ts'
import { councilDigestEntity, digestRoots } from './digest/read.ts'
import { evaluationMutations } from './evaluation/graphql.ts'
import { evaluationEntities } from './evaluation/read.ts'
import { financeMutations } from './finance/graphql.ts'
import { financeEntities } from './finance/read.ts'
import { governanceMutations } from './governance/graphql.ts'
import { governanceEntities, governanceRoots } from './governance/read.ts'
import type { Mutation } from './graphql/mutation.ts'
import { auditEntryEntity, auditRoots } from './history/audit.ts'
import { indicatorEvents } from './indicator/event.ts'
import { indicators, neighbourhoodFigures, observations, periods, targets } from './indicator/feed.ts'
import { indicatorMutations } from './indicator/graphql.ts'
import { neighbourhoodFigureEntity } from './indicator/neighbourhood-figure.ts'
import { indicatorEntities, indicatorRoots } from './indicator/read.ts'
import { lessonMutations } from './lesson/graphql.ts'
import { lessonEntities } from './lesson/read.ts'
import { milestoneMutations } from './milestone/graphql.ts'
import { milestoneEntities } from './milestone/read.ts'
import { neighbourhoods, regions, regionVersions } from './neighbourhood/feed.ts'
import { neighbourhoodEntities, neighbourhoodRoots } from './neighbourhood/read.ts'
import { organisationEvents } from './organisation/event.ts'
import { organisations } from './organisation/feed.ts'
import { organisationMutations } from './organisation/graphql.ts'
import { riskMutations } from './risk/graphql.ts'
import { riskEntities } from './risk/read.ts'
import './history/read.ts'
import { organisationEntities, organisationRoots } from './organisation/read.ts'
import { overdueRoots, overdueSignalEntity } from './overdue/read.ts'
import { overviewMutations } from './overview/graphql.ts'
import { overviewEntities, overviewRoots } from './overview/read.ts'
import { participationMutations } from './participation/graphql.ts'
import { participationEntities } from './participation/read.ts'
import { planEvents } from './plan/event.ts'
import { planMutations } from './plan/graphql.ts'
import { planEntities, planRoots } from './plan/read.ts'
import { pillars, sdgGoals } from './programme/feed.ts'
import { programmeMutations } from './programme/graphql.ts'
import { programmeEntities, programmeRoots } from './programme/read.ts'
import { publicationEvents } from './publication/event.ts'
import { publicationMutations } from './publication/graphql.ts'
import { publicationEntities } from './publication/read.ts'
import type { EventSource } from './read/event.ts'
import type { Feed } from './read/feed.ts'
import type { Entity, RootField } from './read/model.ts'
import { nodes } from './read/node.ts'
import { relationMutations } from './relation/graphql.ts'
import { relationEntities } from './relation/read.ts'
import { searchHitEntity, searchRoots } from './search/read.ts'

/** All that the doors serve. */
export interface Features {
  entities: readonly Entity[]
  roots: Readonly<Record<string, RootField>>
  mutations: Readonly<Record<string, Mutation>>
  /** Each field of `Subscription`, and the root whose answers it follows. */
  subscriptions: Readonly<Record<string, string>>
  feeds: readonly Feed[]
  /** What happens, for who follows it. */
  events: readonly EventSource[]
}

/** The registry: one block a concept. */
const concepts: readonly Partial<Features>[] = [
  {
    entities: organisationEntities,
    roots: organisationRoots,
    mutations: organisationMutations,
    feeds: [organisations],
    events: organisationEvents,
  },
  { entities: programmeEntities, roots: programmeRoots, mutations: programmeMutations, feeds: [pillars, sdgGoals] },
  { entities: neighbourhoodEntities, roots: neighbourhoodRoots, feeds: [neighbourhoods, regions, regionVersions] },
  { entities: planEntities, roots: planRoots, mutations: planMutations, events: planEvents },
  { entities: governanceEntities, roots: governanceRoots, mutations: governanceMutations },
  {
    entities: actionEntities,
    roots: actionRoots,
    mutations: actionMutations,
    subscriptions: actionSubscriptions,
    feeds: [actions, actionStatusHistory, actionPillars, actionSdgGoals],
    events: actionEvents,
  },
  { entities: milestoneEntities, mutations: milestoneMutations },
  { entities: relationEntities, mutations: relationMutations },
  {
    entities: indicatorEntities,
    roots: indicatorRoots,
    mutations: indicatorMutations,
    feeds: [observations, targets, indicators, periods],
    events: indicatorEvents,
  },
  { entities: [neighbourhoodFigureEntity], feeds: [neighbourhoodFigures] },
  { entities: agendaEntities, mutations: agendaMutations },
  { mutations: alignmentMutations },
  { entities: breakthroughEntities, roots: breakthroughRoots, mutations: breakthroughMutations },
  { entities: publicationEntities, mutations: publicationMutations, events: publicationEvents },
  { entities: participationEntities, mutations: participationMutations },
  { entities: evaluationEntities, mutations: evaluationMutations },
  { entities: lessonEntities, mutations: lessonMutations },
  { entities: riskEntities, mutations: riskMutations },
  { entities: financeEntities, mutations: financeMutations },
  { entities: contributionEntities, mutations: contributionMutations },
  { entities: capacityEntities, mutations: capacityMutations },
  { entities: overviewEntities, roots: overviewRoots, mutations: overviewMutations },
  { entities: councilEntities, roots: councilRoots, mutations: councilMutations, events: councilEvents },
  { entities: [councilDigestEntity], roots: digestRoots },
  { entities: [overdueSignalEntity], roots: overdueRoots },
  { entities: [searchHitEntity], roots: searchRoots },
  { entities: [auditEntryEntity], roots: auditRoots },
]

const entities = concepts.flatMap((concept) => concept.entities ?? [])
const { nodeEntity, nodeRoot } = nodes(entities)

const ofAll = <K extends 'roots' | 'mutations' | 'subscriptions'>(what: K): Features[K] =>
  Object.assign({}, ...concepts.map((concept) => concept[what]))

export const features: Features = {
  entities: [...entities, nodeEntity],
  roots: { node: nodeRoot, ...ofAll('roots') },
  mutations: ofAll('mutations'),
  subscriptions: ofAll('subscriptions'),
  feeds: concepts.flatMap((concept) => concept.feeds ?? []),
  events: concepts.flatMap((concept) => concept.events ?? []),
}
