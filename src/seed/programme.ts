import type { Localised } from '../db/columns.ts'
import type { enrolment, neighbourhood, region } from '../neighbourhood/table.ts'
import type { organisation } from '../organisation/table.ts'
import type { plan, planVersion } from '../plan/table.ts'
import type { pillar, policyLink, programme, result, sdgGoal, theme } from '../programme/table.ts'

// The programme as the proposal to the municipal executive (collegevoorstel) of 24 June 2025 states it. Dutch texts follow its words;
// the English ones are ours. The proposal gives no start of the term: 2025 is our choice.

type Row<Table extends { $inferInsert: object }, Given extends keyof Table['$inferInsert']> = Pick<Table['$inferInsert'], Given>

/** A Dutch source text with its English translation. */
export const text = (nl: string, en: string): Localised => ({ source: 'nl', nl, en })

export const theProgramme: Row<typeof programme, 'code' | 'name' | 'summary' | 'startsOn' | 'endsOn'> = {
  code: 'VW',
  name: text('Veerkrachtige Wijken', 'Resilient Neighbourhoods'),
  summary: text(
    'We gaan samen langjarig aan de slag voor het versterken van de veerkracht van bewoners en de wijken. Hiermee bouwen we met de bewoners aan sterke gemeenschappen. De aanpak is integraal en gericht op een generatie, met een looptijd van 20 jaar.',
    'Together, and for many years, we work to strengthen the resilience of residents and their neighbourhoods. In this way we build strong communities with the residents. The approach is integrated and meant for a generation, with a term of 20 years.',
  ),
  startsOn: '2025-01-01',
  endsOn: '2044-12-31',
}

export const pillars: readonly Row<typeof pillar, 'code' | 'position' | 'name'>[] = [
  { code: 'BESTAANSZEKERHEID', position: 1, name: text('Bestaanszekerheid', 'Livelihood security') },
  { code: 'POSITIEVE_GEZONDHEID', position: 2, name: text('Positieve gezondheid', 'Positive health') },
  { code: 'GELIJKE_KANSEN', position: 3, name: text('Gelijke kansen', 'Equal opportunities') },
]

export const themes: readonly Row<typeof theme, 'code' | 'name'>[] = [
  { code: 'jeugdwerk', name: text('Jeugdwerk', 'Youth work') },
  { code: 'armoede', name: text('Armoede', 'Poverty') },
  { code: 'ontmoeting', name: text('Ontmoeting', 'Meeting each other') },
  { code: 'sport', name: text('Sport', 'Sports') },
  { code: 'wonen', name: text('Wonen', 'Housing') },
  { code: 'groen', name: text('Groen', 'Greenery') },
]

/** All seventeen goals; the names of the twelve that the proposal lists are its own. */
export const sdgGoals: readonly Row<typeof sdgGoal, 'number' | 'name'>[] = [
  { number: 1, name: text('Geen armoede', 'No poverty') },
  { number: 2, name: text('Geen honger', 'Zero hunger') },
  { number: 3, name: text('Goede gezondheid en welzijn', 'Good health and well-being') },
  { number: 4, name: text('Kwaliteitsonderwijs', 'Quality education') },
  { number: 5, name: text('Gendergelijkheid', 'Gender equality') },
  { number: 6, name: text('Schoon water en sanitair', 'Clean water and sanitation') },
  { number: 7, name: text('Betaalbare en duurzame energie', 'Affordable and clean energy') },
  { number: 8, name: text('Waardig werk en economische groei', 'Decent work and economic growth') },
  { number: 9, name: text('Industrie, innovatie en infrastructuur', 'Industry, innovation and infrastructure') },
  { number: 10, name: text('Ongelijkheid verminderen', 'Reduced inequalities') },
  { number: 11, name: text('Duurzame steden en gemeenschappen', 'Sustainable cities and communities') },
  { number: 12, name: text('Verantwoorde consumptie en productie', 'Responsible consumption and production') },
  { number: 13, name: text('Klimaat', 'Climate action') },
  { number: 14, name: text('Leven in het water', 'Life below water') },
  { number: 15, name: text('Leven op het land', 'Life on land') },
  { number: 16, name: text('Vrede, veiligheid en sterke publieke diensten', 'Peace, justice and strong institutions') },
  { number: 17, name: text('Partnerschap om doelstellingen te bereiken', 'Partnerships for the goals') },
]

/** "Gezien de opgaven werken we in ieder geval aan": a floor. */
export const namedSdgs = [1, 2, 3, 4, 5, 7, 8, 10, 11, 13, 16, 17] as const

/** What the proposal itself says it wants to bring about; the objectives of the programme plan were not attached to it. */
export const results: readonly (Row<typeof result, 'code' | 'type' | 'horizon' | 'title'> & { pillar?: string; parent?: string })[] = [
  {
    code: 'VICIEUZE_CIRKEL',
    type: 'IMPACT',
    horizon: 'LONG',
    title: text(
      'De vicieuze cirkel doorbreken en mensen en wijken verder in hun kracht brengen',
      'Break the vicious circle and bring people and neighbourhoods further into their strength',
    ),
  },
  {
    code: 'TWEEDELING',
    type: 'IMPACT',
    horizon: 'LONG',
    title: text('De groeiende tweedeling van de stad doorbreken', 'Break the growing divide in the city'),
  },
  {
    code: 'VEERKRACHT',
    type: 'IMPACT',
    horizon: 'LONG',
    parent: 'VICIEUZE_CIRKEL',
    title: text(
      'In de meest kwetsbare wijken de veerkracht en weerbaarheid bij bewoners versterken',
      'Strengthen the resilience and the capacity to cope of residents in the most vulnerable neighbourhoods',
    ),
  },
  {
    code: 'GEMEENSCHAPPEN',
    type: 'IMPACT',
    horizon: 'LONG',
    parent: 'VICIEUZE_CIRKEL',
    title: text('Bouwen aan sterke gemeenschappen', 'Build strong communities'),
  },
  {
    code: 'BESTAANSZEKERHEID',
    type: 'OUTCOME',
    horizon: 'LONG',
    pillar: 'BESTAANSZEKERHEID',
    parent: 'VEERKRACHT',
    title: text('De bestaanszekerheid vergroten', 'Increase livelihood security'),
  },
  {
    code: 'POSITIEVE_GEZONDHEID',
    type: 'OUTCOME',
    horizon: 'LONG',
    pillar: 'POSITIEVE_GEZONDHEID',
    parent: 'VEERKRACHT',
    title: text('De positieve gezondheid vergroten', 'Increase positive health'),
  },
  {
    code: 'GELIJKE_KANSEN',
    type: 'OUTCOME',
    horizon: 'LONG',
    pillar: 'GELIJKE_KANSEN',
    parent: 'VEERKRACHT',
    title: text('Meer gelijke kansen voor alle bewoners', 'More equal opportunities for all residents'),
  },
]

export const policyLinks: readonly Row<typeof policyLink, 'kind' | 'name' | 'startsOn' | 'endsOn'>[] = [
  { kind: 'IZA', name: text('Integraal Zorgakkoord (IZA)', 'Integrated Care Agreement (IZA)') },
  { kind: 'GALA', name: text('Gezond en Actief Leven Akkoord (GALA)', 'Healthy and Active Living Agreement (GALA)') },
  { kind: 'DELTAPLAN_OUDEREN', name: text('Deltaplan voor ouderen', 'Delta plan for older people') },
  {
    kind: 'COALITION',
    name: text('Coalitieakkoord 2022-2026', 'Coalition agreement 2022-2026'),
    startsOn: '2022-01-01',
    endsOn: '2026-12-31',
  },
  {
    kind: 'WORKS',
    name: text('Aanpak van de openbare ruimte en de inhaalslag in het onderhoud', 'Works in public space and on the maintenance backlog'),
  },
]

export const municipality = 'gemeente-maastricht'

/** In the order in which the proposal names them. */
export const corePartners = ['servatius', 'woonpunt', 'trajekt', 'envida', 'mondriaan', 'provincie-limburg'] as const

/** The residents' groups stand for a lead without an account (S19) and take part in example actions only. */
export const organisations: readonly Row<typeof organisation, 'slug' | 'name' | 'kind'>[] = [
  { slug: municipality, name: 'Gemeente Maastricht', kind: 'MUNICIPALITY' },
  { slug: 'servatius', name: 'Servatius', kind: 'HOUSING_ASSOCIATION' },
  { slug: 'woonpunt', name: 'Woonpunt', kind: 'HOUSING_ASSOCIATION' },
  { slug: 'trajekt', name: 'Trajekt', kind: 'WELFARE' },
  { slug: 'envida', name: 'Envida', kind: 'CARE' },
  { slug: 'mondriaan', name: 'Mondriaan', kind: 'MENTAL_HEALTH' },
  { slug: 'provincie-limburg', name: 'Provincie Limburg', kind: 'PROVINCE' },
  { slug: 'bewoners-pottenberg', name: 'Bewoners van Pottenberg', kind: 'RESIDENTS_GROUP' },
  { slug: 'bewoners-nazareth', name: 'Bewoners van Nazareth', kind: 'RESIDENTS_GROUP' },
]

export const membership = { type: 'CORE', startsOn: '2025-01-01', reason: 'Kernpartner bij de start van de alliantie' } as const

export const neighbourhoods: readonly (Row<typeof neighbourhood, 'slug' | 'name'> & { region: string })[] = [
  { slug: 'pottenberg', name: 'Pottenberg', region: 'BU09350203' },
  { slug: 'nazareth', name: 'Nazareth', region: 'BU09350403' },
]

export const enrolled: Row<typeof enrolment, 'startsOn' | 'evidence'> = {
  startsOn: '2025-01-01',
  evidence: text(
    'Eerder geselecteerde wijk, waarbij op basis van cijfers en ervaringen de urgentie is geduid om hier te starten.',
    'Neighbourhood selected earlier, where figures and experience showed the urgency to start here.',
  ),
}

/** Names as CBS gives them. */
export const regions: readonly Row<typeof region, 'code' | 'type' | 'name'>[] = [
  { code: 'NL00', type: 'NL', name: 'Nederland' },
  { code: 'GM0935', type: 'GM', name: 'Maastricht' },
  { code: 'WK093502', type: 'WK', name: 'Wijk 02 Buitenwijk West' },
  { code: 'WK093504', type: 'WK', name: 'Wijk 04 Buitenwijk Oost' },
  { code: 'BU09350203', type: 'BU', name: 'Pottenberg' },
  { code: 'BU09350403', type: 'BU', name: 'Nazareth' },
]

/** The years in whose boundaries the figures are. CBS reports no change for 2020; of the later years we have seen the codes alone. */
export const regionYears = [2020, 2024, 2025] as const

export const changeOf = (type: string, year: number) => (year === 2020 && (type === 'WK' || type === 'BU') ? ('NONE' as const) : null)

export type PlanKey = 'programme' | 'agenda' | 'pottenberg' | 'nazareth'

type Plan = Row<typeof plan, 'kind' | 'title' | 'startsOn' | 'endsOn'> &
  Row<typeof planVersion, 'ambitions' | 'objectives' | 'approach'> & { key: PlanKey; neighbourhood?: string }

const executionPlan = (key: PlanKey & ('pottenberg' | 'nazareth'), name: string): Plan => ({
  key,
  kind: 'EXECUTION_PLAN',
  neighbourhood: key,
  title: text(`Uitvoeringsplan ${name} 2025-2026`, `Execution plan ${name} 2025-2026`),
  startsOn: '2025-01-01',
  endsOn: '2026-12-31',
  ambitions: text(
    `Een beeld van de concrete acties in ${name} in deze periode, met de eigen initiatieven, kansrijke ontwikkelingen en aandachtspunten van de wijk.`,
    `The concrete actions in ${name} in this period, with the neighbourhood’s own initiatives, promising developments and points of attention.`,
  ),
  approach: text(
    'Acties van verschillende schaalgrootte, die voortvloeien uit het programmaplan en de dialoog met inwoners en partners; niet alleen gemeentelijke inzet maar ook de prestaties van verschillende partners in de wijk.',
    'Actions of all sizes that follow from the programme plan and the dialogue with residents and partners: not the municipality’s work alone, but what the partners in the neighbourhood do as well.',
  ),
})

/** The proposal says of the execution plans that they are still to be decided, and of the agenda nothing: all three are submitted. */
export const plans: readonly Plan[] = [
  {
    key: 'programme',
    kind: 'PROGRAMME_PLAN',
    title: text('Programmaplan Veerkrachtige Wijken', 'Programme plan Resilient Neighbourhoods'),
    startsOn: theProgramme.startsOn,
    endsOn: theProgramme.endsOn,
    ambitions: text(
      'We beogen met het programma in de meest kwetsbare wijken de veerkracht en weerbaarheid bij bewoners te versterken. Daarbij kijken we ook naar de wijk en wat daar nodig is om te bouwen aan sterke gemeenschappen.',
      'With the programme we aim to strengthen the resilience and the capacity to cope of residents in the most vulnerable neighbourhoods. We also look at the neighbourhood and at what it needs to build strong communities.',
    ),
    objectives: text(
      'We richten ons op het vergroten van de bestaanszekerheid, het vergroten van de positieve gezondheid en meer gelijke kansen. Hiermee willen we uiteindelijk de vicieuze cirkel doorbreken. En mensen en wijken verder in hun kracht brengen.',
      'We aim for more livelihood security, more positive health and more equal opportunities. In the end we want to break the vicious circle with this, and to bring people and neighbourhoods further into their strength.',
    ),
    approach: text(
      'De aanpak is een lerend proces, waarbij we samen blijven ontdekken en ontwikkelen om zo tot de gewenste resultaten te komen op korte en lange termijn. Het programma geeft de mogelijkheid om integraal en domein overstijgend te werken, en waar nodig te komen tot doorbraken.',
      'The approach is a learning process, in which we keep discovering and developing together to reach the results we want in the short and the long term. The programme makes it possible to work in an integrated way and across domains and, where needed, to come to breakthroughs.',
    ),
  },
  {
    key: 'agenda',
    kind: 'STRATEGIC_AGENDA',
    title: text('Strategische agenda 2025-2029', 'Strategic agenda 2025-2029'),
    startsOn: '2025-01-01',
    endsOn: '2029-12-31',
    ambitions: text(
      'Wijkbrede of wijkoverstijgende thema’s voor de alliantiepartners, met ruimte voor afstemming en ontwikkeling in deze bredere opgaven.',
      'Neighbourhood-wide or cross-neighbourhood themes for the alliance partners, with room for coordination and development in these broader tasks.',
    ),
    approach: text(
      'Er blijft een koppeling mogelijk met de uitvoeringsplannen per wijk. De agenda geeft ook de mogelijkheid tot gezamenlijke lobby wanneer er doorbraken nodig zijn, bijvoorbeeld bij het Rijk.',
      'A link with the execution plans per neighbourhood remains possible. The agenda also makes joint lobbying possible when breakthroughs are needed, for instance with the national government.',
    ),
  },
  executionPlan('pottenberg', 'Pottenberg'),
  executionPlan('nazareth', 'Nazareth'),
]

/** "Besluit Burgemeester en wethouders d.d. 24 juni 2025: Conform." The source gives it no number; the reference is its date. */
export const decisionOfTheExecutive = {
  reference: 'BW-2025-06-24',
  body: 'COLLEGE',
  decidedOn: '2025-06-24',
  outcome: 'CONFORM',
  title: text('Programmaplan Veerkrachtige Wijken', 'Programme plan Resilient Neighbourhoods'),
} as const

export const decisionPoints = [
  {
    number: 1,
    type: 'ADOPTION',
    text: text('Het programmaplan Veerkrachtige Wijken vast te stellen.', 'To adopt the programme plan Resilient Neighbourhoods.'),
  },
  {
    number: 2,
    type: 'MANDATE_GRANT',
    text: text(
      'De portefeuillehouder te mandateren om mogelijke aanvullingen, wijzigingen te verwerken in het programmaplan.',
      'To give the portfolio holder a mandate to work possible supplements and changes into the programme plan.',
    ),
  },
] as const

/** Supplements and changes by the decision itself, accents by its argument 2.1; the programme plan alone. */
export const mandateOfPointTwo = {
  holder: 'PORTFOLIO_HOLDER',
  kinds: ['SUPPLEMENT', 'CHANGE', 'ACCENT'],
  startsOn: '2025-06-24',
} as const
