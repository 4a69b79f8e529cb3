import type { ActionStatus, Health } from '../action/status.ts'
import type { agreedAction } from '../action/table.ts'
import type { Localised } from '../db/columns.ts'
import type { PillarCode } from '../indicator/cbs/mapping.ts'
import { text } from './programme.ts'

export interface ExampleReport {
  on: string
  status: ActionStatus
  progressPercent: number
  health: Health
  narrative: string
}

export interface ExampleAction {
  ref: string
  plan: 'pottenberg' | 'nazareth'
  title: Localised
  description: Localised
  kind: typeof agreedAction.$inferSelect.kind
  scale: typeof agreedAction.$inferSelect.scale
  lead: string
  contributors: readonly string[]
  funders?: readonly string[]
  pillars: readonly PillarCode[]
  themes: readonly string[]
  sdgs: readonly number[]
  results: readonly string[]
  planned: readonly [from: string, to: string]
  crossDomain?: boolean
  reports?: readonly ExampleReport[]
}

/**
 * Examples, every one marked so: the execution plans themselves were not found. They follow public reports of what goes on in the two
 * neighbourhoods; who leads, the dates and all that is reported of them are made up to show how the register works.
 */
export const exampleActions: readonly ExampleAction[] = [
  {
    ref: 'POT-2025-01',
    plan: 'pottenberg',
    title: text('Nieuwbouw op de plek van de Mammoetflat', 'New homes on the site of the Mammoetflat'),
    description: text(
      'Sociale huurwoningen op de plek van de begin 2024 gesloopte Mammoetflat.',
      'Social rented homes on the site of the Mammoetflat, demolished early in 2024.',
    ),
    kind: 'ACTION',
    scale: 'AREA_DEVELOPMENT',
    lead: 'woonpunt',
    contributors: ['gemeente-maastricht'],
    pillars: ['BESTAANSZEKERHEID'],
    themes: ['wonen'],
    sdgs: [7, 11],
    results: ['BESTAANSZEKERHEID'],
    planned: ['2024-06-30', '2025-12-31'],
    reports: [
      {
        on: '2024-06-30',
        status: 'IMPLEMENTATION',
        progressPercent: 5,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: de bouw is begonnen, nog voor het plan.',
      },
      {
        on: '2025-11-21',
        status: 'FINALISATION',
        progressPercent: 90,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: de eerste woningen worden opgeleverd.',
      },
    ],
  },
  {
    ref: 'POT-2025-02',
    plan: 'pottenberg',
    title: text('Seniorenwoningen op de plek van het Poortgebouw', 'Homes for older people on the site of the Poortgebouw'),
    description: text(
      'Ongeveer vijftig sociale seniorenwoningen met lift, na sloop van flats en winkels.',
      'About fifty social homes with a lift for older people, after flats and shops were demolished.',
    ),
    kind: 'ACTION',
    scale: 'AREA_DEVELOPMENT',
    lead: 'woonpunt',
    contributors: ['envida', 'gemeente-maastricht'],
    pillars: ['BESTAANSZEKERHEID', 'POSITIEVE_GEZONDHEID'],
    themes: ['wonen'],
    sdgs: [3, 11],
    results: ['BESTAANSZEKERHEID', 'POSITIEVE_GEZONDHEID'],
    planned: ['2025-01-01', '2026-12-31'],
    crossDomain: true,
  },
  {
    ref: 'POT-2025-03',
    plan: 'pottenberg',
    title: text('Zomerprogramma voor kinderen', 'Summer programme for children'),
    description: text(
      'Activiteiten in de zomervakantie, waarbij kinderen ook de bouwhekken van de nieuwbouw versieren.',
      'Activities in the summer holidays, in which children also decorate the fences of the building site.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'trajekt',
    contributors: ['gemeente-maastricht', 'woonpunt'],
    pillars: ['GELIJKE_KANSEN'],
    themes: ['jeugdwerk', 'ontmoeting'],
    sdgs: [4, 10],
    results: ['GELIJKE_KANSEN', 'GEMEENSCHAPPEN'],
    planned: ['2025-07-07', '2025-08-29'],
    reports: [
      {
        on: '2025-07-07',
        status: 'IMPLEMENTATION',
        progressPercent: 10,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: het programma is begonnen.',
      },
      {
        on: '2025-09-01',
        status: 'CLOSED',
        progressPercent: 100,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: het programma is afgerond en besproken met ouders.',
      },
    ],
  },
  {
    ref: 'POT-2025-04',
    plan: 'pottenberg',
    title: text('Buurtcentrum De Romein als kloppend hart', 'Community centre De Romein as the beating heart'),
    description: text(
      'Het buurtcentrum als plek waar bewoners en organisaties elkaar vinden, met een wensboom voor de wijk.',
      'The community centre as the place where residents and organisations meet, with a wishing tree for the neighbourhood.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'gemeente-maastricht',
    contributors: ['trajekt', 'bewoners-pottenberg'],
    pillars: ['POSITIEVE_GEZONDHEID', 'GELIJKE_KANSEN'],
    themes: ['ontmoeting'],
    sdgs: [3, 10, 11],
    results: ['GEMEENSCHAPPEN'],
    planned: ['2025-01-01', '2026-12-31'],
    crossDomain: true,
  },
  {
    ref: 'POT-2025-05',
    plan: 'pottenberg',
    title: text('Fietsbank in de plint', 'Bicycle bank at street level'),
    description: text(
      'Opgeknapte fietsen voor wie er geen kan betalen, vanuit een nieuwe plek voor initiatieven.',
      'Mended bicycles for those who cannot afford one, from a new place for initiatives.',
    ),
    kind: 'INITIATIVE',
    scale: 'RESIDENT_INITIATIVE',
    lead: 'bewoners-pottenberg',
    contributors: ['trajekt', 'woonpunt'],
    pillars: ['BESTAANSZEKERHEID', 'GELIJKE_KANSEN'],
    themes: ['armoede', 'sport'],
    sdgs: [1, 10, 13],
    results: ['BESTAANSZEKERHEID', 'GEMEENSCHAPPEN'],
    planned: ['2025-04-01', '2026-12-31'],
  },
  {
    ref: 'POT-2025-06',
    plan: 'pottenberg',
    title: text('Woonzorgzone Pottenberg', 'Housing-with-care zone Pottenberg'),
    description: text(
      'Zorg en wonen bij elkaar, zodat ouderen in de wijk kunnen blijven; in samenhang met het Deltaplan voor ouderen.',
      'Care and housing close together, so that older people can stay in the neighbourhood; in line with the Delta plan for older people.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'envida',
    contributors: ['gemeente-maastricht', 'trajekt', 'woonpunt'],
    pillars: ['POSITIEVE_GEZONDHEID'],
    themes: ['wonen', 'ontmoeting'],
    sdgs: [3, 11, 17],
    results: ['POSITIEVE_GEZONDHEID'],
    planned: ['2025-03-01', '2026-12-31'],
    crossDomain: true,
  },
  {
    ref: 'POT-2025-07',
    plan: 'pottenberg',
    title: text('Terra Cottaplein opwaarderen', 'Upgrade of Terra Cottaplein'),
    description: text(
      'Een groener plein met een betere verbinding naar de stad.',
      'A greener square that is better connected with the city.',
    ),
    kind: 'OPPORTUNITY',
    scale: 'STREET_OR_BLOCK',
    lead: 'gemeente-maastricht',
    contributors: ['bewoners-pottenberg', 'woonpunt'],
    pillars: ['POSITIEVE_GEZONDHEID'],
    themes: ['groen', 'ontmoeting'],
    sdgs: [11, 13],
    results: ['GEMEENSCHAPPEN'],
    planned: ['2026-01-01', '2026-12-31'],
  },
  {
    ref: 'POT-2025-08',
    plan: 'pottenberg',
    title: text('Renovatie Hermelijnstraat en Tiecelijnstraat', 'Renovation of Hermelijnstraat and Tiecelijnstraat'),
    description: text(
      'Renovatie van 89 appartementen, met voorrang bij verhuizen voor 55-plussers.',
      'Renovation of 89 flats, with priority in moving for people of 55 and over.',
    ),
    kind: 'ACTION',
    scale: 'STREET_OR_BLOCK',
    lead: 'woonpunt',
    contributors: ['gemeente-maastricht'],
    pillars: ['BESTAANSZEKERHEID'],
    themes: ['wonen'],
    sdgs: [7, 11],
    results: ['BESTAANSZEKERHEID'],
    planned: ['2025-02-01', '2026-06-30'],
  },
  {
    ref: 'NAZ-2025-01',
    plan: 'nazareth',
    title: text('Herstructurering van Nazareth-noord en -midden', 'Restructuring of the north and the middle of Nazareth'),
    description: text(
      'Vernieuwing van woningen, bijna energieneutraal en met lokale materialen, gekoppeld aan de openbare ruimte.',
      'Renewal of homes, nearly energy-neutral and with local materials, coupled with the works in public space.',
    ),
    kind: 'ACTION',
    scale: 'AREA_DEVELOPMENT',
    lead: 'servatius',
    contributors: ['gemeente-maastricht', 'woonpunt'],
    pillars: ['BESTAANSZEKERHEID'],
    themes: ['wonen', 'groen'],
    sdgs: [7, 11, 13],
    results: ['BESTAANSZEKERHEID', 'TWEEDELING'],
    planned: ['2025-01-01', '2026-12-31'],
    crossDomain: true,
    reports: [
      {
        on: '2025-10-06',
        status: 'IMPLEMENTATION',
        progressPercent: 30,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: het ontwerp van de eerste straten is met bewoners besproken.',
      },
    ],
  },
  {
    ref: 'NAZ-2025-02',
    plan: 'nazareth',
    title: text('Nieuw buurtcentrum en ontmoetingsplekken', 'New community centre and meeting places'),
    description: text(
      'Een nieuw buurtcentrum en plekken buiten waar bewoners elkaar ontmoeten.',
      'A new community centre and places outdoors where residents meet.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'gemeente-maastricht',
    contributors: ['bewoners-nazareth', 'servatius', 'trajekt'],
    pillars: ['GELIJKE_KANSEN', 'POSITIEVE_GEZONDHEID'],
    themes: ['ontmoeting', 'jeugdwerk'],
    sdgs: [3, 10, 11],
    results: ['GEMEENSCHAPPEN'],
    planned: ['2025-09-01', '2026-12-31'],
    crossDomain: true,
    reports: [
      {
        on: '2025-11-03',
        status: 'SUSPENDED',
        progressPercent: 10,
        health: 'AT_RISK',
        narrative: 'Voorbeeld: er wordt een andere plek gezocht.',
      },
    ],
  },
  {
    ref: 'NAZ-2025-03',
    plan: 'nazareth',
    title: text('Regenwater gescheiden van het riool', 'Rainwater separated from the sewer'),
    description: text(
      'Gescheiden riolering en infiltratie bij de herinrichting van straten.',
      'Separate sewers and infiltration when streets are laid out anew.',
    ),
    kind: 'ACTION',
    scale: 'STREET_OR_BLOCK',
    lead: 'gemeente-maastricht',
    contributors: ['servatius'],
    pillars: ['POSITIEVE_GEZONDHEID'],
    themes: ['groen'],
    sdgs: [11, 13],
    results: ['VEERKRACHT'],
    planned: ['2025-05-01', '2026-10-31'],
  },
  {
    ref: 'NAZ-2025-04',
    plan: 'nazareth',
    title: text('Bewonerskrachtteam en halfjaarlijkse wijkschouw', 'Residents’ team and a neighbourhood walk twice a year'),
    description: text(
      'Bewoners kijken tweemaal per jaar met de partners wat er in de wijk beter kan.',
      'Twice a year residents and partners look at what can be better in the neighbourhood.',
    ),
    kind: 'INITIATIVE',
    scale: 'RESIDENT_INITIATIVE',
    lead: 'bewoners-nazareth',
    contributors: ['gemeente-maastricht', 'servatius'],
    pillars: ['GELIJKE_KANSEN'],
    themes: ['ontmoeting', 'groen'],
    sdgs: [11, 16, 17],
    results: ['GEMEENSCHAPPEN', 'VEERKRACHT'],
    planned: ['2025-03-01', '2026-12-31'],
    reports: [
      {
        on: '2025-04-12',
        status: 'IMPLEMENTATION',
        progressPercent: 25,
        health: 'ON_TRACK',
        narrative: 'Voorbeeld: de eerste wijkschouw is gehouden.',
      },
    ],
  },
  {
    ref: 'NAZ-2025-05',
    plan: 'nazareth',
    title: text('Bewegen in de buurt', 'Exercise in the neighbourhood'),
    description: text(
      'Samen sporten en wandelen langs routes voor langzaam verkeer.',
      'Doing sports and walking together along routes for slow traffic.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'trajekt',
    contributors: ['bewoners-nazareth', 'envida', 'gemeente-maastricht'],
    pillars: ['POSITIEVE_GEZONDHEID'],
    themes: ['sport', 'ontmoeting'],
    sdgs: [3, 11],
    results: ['POSITIEVE_GEZONDHEID'],
    planned: ['2025-04-01', '2026-12-31'],
  },
  {
    ref: 'NAZ-2025-06',
    plan: 'nazareth',
    title: text('Samen minder eenzaam', 'Less lonely together'),
    description: text(
      'Een laagdrempelige plek voor gesprek over mentale gezondheid en eenzaamheid.',
      'A place to walk in and talk about mental health and loneliness.',
    ),
    kind: 'ACTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'mondriaan',
    contributors: ['envida', 'trajekt'],
    pillars: ['POSITIEVE_GEZONDHEID'],
    themes: ['ontmoeting'],
    sdgs: [3, 5, 10],
    results: ['POSITIEVE_GEZONDHEID'],
    planned: ['2025-06-01', '2026-12-31'],
    crossDomain: true,
  },
  {
    ref: 'NAZ-2025-07',
    plan: 'nazareth',
    title: text('Versterken Kernen: sociale woningbouw Limmel-Nazareth', 'Stronger centres: social housing in Limmel-Nazareth'),
    description: text(
      'Sociale woningbouw binnen de afspraken Versterken Kernen Maastricht van provincie en gemeente.',
      'Social housing within the agreements of province and municipality on stronger centres in Maastricht.',
    ),
    kind: 'OPPORTUNITY',
    scale: 'CROSS_NEIGHBOURHOOD',
    lead: 'provincie-limburg',
    contributors: ['servatius', 'woonpunt'],
    funders: ['gemeente-maastricht'],
    pillars: ['BESTAANSZEKERHEID'],
    themes: ['wonen'],
    sdgs: [8, 11, 17],
    results: ['TWEEDELING'],
    planned: ['2025-01-01', '2026-12-31'],
    crossDomain: true,
  },
  {
    ref: 'NAZ-2025-08',
    plan: 'nazareth',
    title: text('Geldzorgen vroeg zien', 'Seeing money worries early'),
    description: text(
      'Partners die bij bewoners thuis komen, merken geldzorgen eerder op en wijzen de weg.',
      'Partners who visit residents at home notice money worries sooner and show the way.',
    ),
    kind: 'POINT_OF_ATTENTION',
    scale: 'NEIGHBOURHOOD',
    lead: 'gemeente-maastricht',
    contributors: ['servatius', 'trajekt', 'woonpunt'],
    pillars: ['BESTAANSZEKERHEID'],
    themes: ['armoede'],
    sdgs: [1, 2, 10],
    results: ['BESTAANSZEKERHEID', 'VICIEUZE_CIRKEL'],
    planned: ['2025-01-01', '2026-12-31'],
  },
]
