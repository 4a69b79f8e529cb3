import type { ObsStatus } from '../indicator/cbs/cell.ts'
import type { IndicatorDefinition } from '../indicator/cbs/mapping.ts'

export interface FigureSource {
  table: string
  /** The day the publisher released the table, or the day it was fetched where its release is not known. */
  release: string
  /** Its publisher may complete the year, and has not been seen to call it final. */
  open: boolean
  publisher: string
  licence: string
}

export interface SeedFigure {
  indicator: string
  region: string
  year: number
  value: string | null
  status: ObsStatus
  source: FigureSource
}

export interface SeedIndicator extends IndicatorDefinition {
  publisher: string
}

const cbs = { publisher: 'CBS', licence: 'CC BY 4.0, bron: CBS' } as const
const rivm = { publisher: "RIVM, GGD'en en CBS", licence: "CC BY 4.0, bron: RIVM, GGD'en en CBS" } as const

const kwb2020: FigureSource = { table: '84799NED', release: '2021-03-26', open: false, ...cbs }
const kwb2024: FigureSource = { table: '85984NED', release: '2026-07-19', open: true, ...cbs }
const kwb2025: FigureSource = { table: '86165NED', release: '2026-06-25', open: true, ...cbs }
const health2022: FigureSource = { table: '50090NED', release: '2022-07-01', open: false, ...rivm }
const health2026: FigureSource = { table: '50150NED', release: '2026-07-19', open: false, ...rivm }

const percentage = {
  unit: '%',
  measure: 'PERCENTAGE',
  aggregation: 'NONE',
  decimals: 1,
  roundedTo: null,
  publisher: rivm.publisher,
} as const
const money = {
  unit: 'x 1 000 euro',
  measure: 'UNIT',
  aggregation: 'NONE',
  ascending: true,
  pillar: 'BESTAANSZEKERHEID',
  roundedTo: null,
  publisher: cbs.publisher,
} as const

/** Indicators of the figures below that no import maps yet. */
export const seedIndicators: readonly SeedIndicator[] = [
  {
    ...percentage,
    code: 'goed_ervaren_gezondheid_pct',
    name: { nl: 'Goed ervaren gezondheid', en: 'Good perceived health' },
    definition: {
      nl: 'Volwassenen die hun gezondheid goed of zeer goed noemen, geschat met een model.',
      en: 'Adults who call their health good or very good, estimated by a model.',
    },
    ascending: true,
    pillar: 'POSITIEVE_GEZONDHEID',
  },
  {
    ...percentage,
    code: 'ernstig_eenzaam_pct',
    name: { nl: 'Ernstig eenzaam', en: 'Severely lonely' },
    definition: {
      nl: 'Volwassenen die ernstig of zeer ernstig eenzaam zijn, geschat met een model.',
      en: 'Adults who are severely or very severely lonely, estimated by a model.',
    },
    ascending: false,
    pillar: 'POSITIEVE_GEZONDHEID',
  },
  {
    ...percentage,
    code: 'regie_eigen_leven_pct',
    name: { nl: 'Regie over eigen leven', en: 'Control over one’s own life' },
    definition: {
      nl: 'Volwassenen met matige of veel regie over het eigen leven, geschat met een model; niet gevraagd in 2012.',
      en: 'Adults with moderate or much control over their own life, estimated by a model; not asked in 2012.',
    },
    ascending: true,
    pillar: 'POSITIEVE_GEZONDHEID',
  },
  {
    ...percentage,
    code: 'moeite_met_rondkomen_pct',
    name: { nl: 'Moeite met rondkomen', en: 'Difficulty making ends meet' },
    definition: {
      nl: 'Volwassenen die moeite hadden om rond te komen van het huishoudinkomen, geschat met een model.',
      en: 'Adults who had difficulty living on the household income, estimated by a model.',
    },
    ascending: false,
    pillar: 'BESTAANSZEKERHEID',
  },
  {
    ...percentage,
    code: 'vrijwilligerswerk_pct',
    name: { nl: 'Vrijwilligerswerk', en: 'Volunteering' },
    definition: {
      nl: 'Volwassenen die vrijwilligerswerk doen, geschat met een model; niet beschikbaar over 2012.',
      en: 'Adults who do voluntary work, estimated by a model; not available for 2012.',
    },
    ascending: true,
    pillar: 'GELIJKE_KANSEN',
  },
  {
    ...money,
    code: 'inkomen_per_inwoner',
    name: { nl: 'Gemiddeld inkomen per inwoner', en: 'Average income per inhabitant' },
    definition: {
      nl: 'Gemiddeld persoonlijk inkomen per inwoner; alleen vermeld bij ten minste 2 500 personen.',
      en: 'Average personal income per inhabitant; given for 2 500 persons or more only.',
    },
    decimals: 1,
  },
  {
    ...money,
    code: 'woz',
    name: { nl: 'Gemiddelde WOZ-waarde van woningen', en: 'Average assessed value of dwellings' },
    definition: {
      nl: 'Gemiddelde WOZ-waarde van woningen; alleen vermeld bij ten minste 20 woningen.',
      en: 'Average value of dwellings as assessed for taxation; given for 20 dwellings or more only.',
    },
    ascending: null,
    decimals: 0,
  },
]

/** In the order of the values below: Pottenberg, Nazareth, Maastricht. */
const regions = ['BU09350203', 'BU09350403', 'GM0935'] as const

interface Block {
  source: FigureSource
  year: number
  status: ObsStatus
  /** What explains a null in this block. */
  missing?: ObsStatus
  /** By indicator; undefined where the source holds nothing of a region. */
  values: Record<string, readonly [string | null | undefined, string | null | undefined, string | null | undefined]>
}

const blocks: readonly Block[] = [
  {
    source: kwb2020,
    year: 2020,
    status: 'NORMAL',
    values: {
      inwoners: ['2485', '3150', '121575'],
      inwoners_0_15: ['380', '390', '12617'],
      inwoners_65plus: ['505', '575', '26257'],
      huishoudens: ['1295', '1880', '68903'],
      eenpersoonshuishoudens: ['600', '1095', '37863'],
      huishoudens_met_kinderen: ['390', '380', '13712'],
      huishoudensgrootte: ['1.9', '1.7', '1.7'],
      bevolkingsdichtheid: ['4977', '2458', '2172'],
      autos_per_huishouden: ['0.7', '0.6', '0.7'],
      afstand_supermarkt: ['0.9', '0.4', '0.6'],
      afstand_kinderdagverblijf: ['1.1', '0.7', '0.6'],
      stedelijkheid: ['2', '3', '2'],
      oppervlakte_water: ['0', '0', '413'],
    },
  },
  {
    source: kwb2020,
    year: 2020,
    status: 'PROVISIONAL',
    values: {
      bijstand: ['260', '250', '3820'],
      ao_uitkering: ['290', '320', '7160'],
      ww_uitkering: ['50', '60', '1680'],
      aow_uitkering: ['450', '510', '24240'],
    },
  },
  // The column was still empty for all regions in this release.
  { source: kwb2020, year: 2020, status: 'MISSING', missing: 'MISSING', values: { woz: [null, null, null] } },
  // Of 2024 and 2025 no statement that the figures are final has been seen, so they are not called so.
  {
    source: kwb2024,
    year: 2024,
    status: 'PROVISIONAL',
    values: {
      inwoners: ['2330', '3140', '125285'],
      inwoners_0_15: ['365', '400', '12785'],
      inwoners_65plus: ['440', '570', '27643'],
      huishoudens: ['1245', '1905', '73269'],
      huishoudensgrootte: ['1.9', '1.6', '1.7'],
      bevolkingsdichtheid: ['4657', '2450', '2246'],
      afstand_supermarkt: ['0.9', '0.3', '0.7'],
      stedelijkheid: ['2', '2', '1'],
      woz: ['204', '206', '294'],
    },
  },
  // Pottenberg has fewer than the 2 500 persons this takes.
  {
    source: kwb2024,
    year: 2024,
    status: 'PROVISIONAL',
    missing: 'SUPPRESSED',
    values: { inkomen_per_inwoner: [null, '23.4', '32.9'] },
  },
  {
    source: kwb2025,
    year: 2025,
    status: 'PROVISIONAL',
    values: {
      inwoners: ['2280', '3145', undefined],
      afstand_supermarkt: ['0.9', '0.4', undefined],
      woz: ['217', '220', undefined],
    },
  },
  {
    source: health2022,
    year: 2012,
    status: 'ESTIMATED',
    missing: 'NOT_COLLECTED',
    values: {
      ernstig_eenzaam_pct: ['16.6', '15.7', '11.1'],
      moeite_met_rondkomen_pct: ['36.4', '35.9', '26.0'],
      regie_eigen_leven_pct: [null, null, null],
      vrijwilligerswerk_pct: [null, null, null],
    },
  },
  {
    source: health2022,
    year: 2016,
    status: 'ESTIMATED',
    values: {
      ernstig_eenzaam_pct: ['20.1', '18.8', '13.9'],
      moeite_met_rondkomen_pct: ['34.0', '33.7', '22.3'],
      regie_eigen_leven_pct: ['79.6', '82.3', '87.6'],
      vrijwilligerswerk_pct: ['18.4', '20.2', '22.2'],
    },
  },
  {
    source: health2022,
    year: 2020,
    status: 'ESTIMATED',
    values: {
      ernstig_eenzaam_pct: ['21.0', '20.0', '15.2'],
      moeite_met_rondkomen_pct: ['26.0', '25.3', '15.9'],
      regie_eigen_leven_pct: ['78.2', '82.1', '86.3'],
      vrijwilligerswerk_pct: ['15.0', '17.4', '19.0'],
    },
  },
  { source: health2026, year: 2012, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['59.8', '64.9', '72.3'] } },
  { source: health2026, year: 2016, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['55.1', '61.1', '71.1'] } },
  { source: health2026, year: 2020, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['61.9', '64.9', '74.2'] } },
  { source: health2026, year: 2022, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['51.7', '54.5', '65.4'] } },
  { source: health2026, year: 2024, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['54', '58.9', '70'] } },
]

const earlier: readonly Block[] = [
  { source: health2022, year: 2012, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['59.3', '65.1', '72.1'] } },
  { source: health2022, year: 2016, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['56.1', '62.0', '71.1'] } },
  { source: health2022, year: 2020, status: 'ESTIMATED', values: { goed_ervaren_gezondheid_pct: ['63.5', '67.3', '74.4'] } },
]

function figures(of: readonly Block[]): readonly SeedFigure[] {
  return of.flatMap(({ source, year, status, missing = 'MISSING', values }) =>
    Object.entries(values).flatMap(([indicator, row]) =>
      regions.flatMap((region, at) => {
        const value = row[at]
        return value === undefined ? [] : [{ indicator, region, year, value, status: value === null ? missing : status, source }]
      }),
    ),
  )
}

/** The latest figure of each indicator, region and year. */
export const seedFigures: readonly SeedFigure[] = figures(blocks)

/** What was published of some of them before: to be recorded first, then revised by `seedFigures`. */
export const seedEarlierFigures: readonly SeedFigure[] = figures(earlier)
