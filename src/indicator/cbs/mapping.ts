import { Problem } from '../../errors.ts'
import type { Topic } from './reader.ts'

export type Measure = 'UNIT' | 'PERCENTAGE' | 'NOMINAL' | 'ORDINAL' | 'QUALITATIVE'
export type Aggregation = 'SUM' | 'MEAN' | 'NONE'
export type PillarCode = 'BESTAANSZEKERHEID' | 'POSITIEVE_GEZONDHEID' | 'GELIJKE_KANSEN'

export interface IndicatorDefinition {
  /** Stable for ever, whatever the publisher calls the measure next year. */
  code: string
  name: { nl: string; en: string }
  definition: { nl: string; en: string }
  unit: string
  measure: Measure
  /** Whether more is better; null where neither direction is. */
  ascending: boolean | null
  /** Ratios, averages and classes of parts do not add up to those of the whole. */
  aggregation: Aggregation
  pillar: PillarCode | null
  decimals: number
  /** What the publisher rounds figures of wijken and buurten to; null where it does not. Sums of rounded parts never replace a published total. */
  roundedTo: number | null
}

export interface IndicatorMapping extends IndicatorDefinition {
  /** How to find the measure in any year's table; `group` is the title of any group above it. */
  topic: { title: string; unit: string; group: string }
}

const count = { measure: 'UNIT', aggregation: 'SUM', decimals: 0 } as const
const people = { ...count, unit: 'personen', roundedTo: 5 } as const
const households = { ...count, unit: 'huishoudens', roundedTo: 5 } as const
const benefits = { ...count, unit: 'personen', roundedTo: 10, pillar: 'BESTAANSZEKERHEID' } as const
const ratio = { measure: 'UNIT', aggregation: 'NONE', decimals: 1, roundedTo: null } as const
const distance = { ...ratio, unit: 'km', ascending: false } as const

/** Published figures only: nothing here is computed from others, nor withheld, as CBS rounds and withholds before it publishes. */
export const indicatorMappings: readonly IndicatorMapping[] = [
  {
    ...people,
    code: 'inwoners',
    name: { nl: 'Inwoners', en: 'Inhabitants' },
    definition: { nl: 'Aantal inwoners op 1 januari.', en: 'Number of inhabitants on 1 January.' },
    ascending: null,
    pillar: null,
    topic: { title: 'Aantal inwoners', unit: 'aantal', group: 'Bevolking' },
  },
  {
    ...people,
    code: 'inwoners_0_15',
    name: { nl: 'Inwoners van 0 tot 15 jaar', en: 'Inhabitants under 15' },
    definition: { nl: 'Aantal inwoners jonger dan 15 jaar op 1 januari.', en: 'Number of inhabitants younger than 15 on 1 January.' },
    ascending: null,
    pillar: 'GELIJKE_KANSEN',
    topic: { title: '0 tot 15 jaar', unit: 'aantal', group: 'Leeftijdsgroepen' },
  },
  {
    ...people,
    code: 'inwoners_65plus',
    name: { nl: 'Inwoners van 65 jaar of ouder', en: 'Inhabitants of 65 and over' },
    definition: { nl: 'Aantal inwoners van 65 jaar of ouder op 1 januari.', en: 'Number of inhabitants aged 65 or over on 1 January.' },
    ascending: null,
    pillar: 'POSITIEVE_GEZONDHEID',
    topic: { title: '65 jaar of ouder', unit: 'aantal', group: 'Leeftijdsgroepen' },
  },
  {
    ...households,
    code: 'huishoudens',
    name: { nl: 'Huishoudens', en: 'Households' },
    definition: { nl: 'Aantal particuliere huishoudens op 1 januari.', en: 'Number of private households on 1 January.' },
    ascending: null,
    pillar: null,
    topic: { title: 'Huishoudens totaal', unit: 'aantal', group: 'Particuliere huishoudens' },
  },
  {
    ...households,
    code: 'eenpersoonshuishoudens',
    name: { nl: 'Eenpersoonshuishoudens', en: 'One-person households' },
    definition: { nl: 'Particuliere huishoudens van één persoon.', en: 'Private households of one person.' },
    ascending: null,
    pillar: 'POSITIEVE_GEZONDHEID',
    topic: { title: 'Eenpersoonshuishoudens', unit: 'aantal', group: 'Particuliere huishoudens' },
  },
  {
    ...households,
    code: 'huishoudens_met_kinderen',
    name: { nl: 'Huishoudens met kinderen', en: 'Households with children' },
    definition: {
      nl: 'Paren met kinderen en eenouderhuishoudens.',
      en: 'Couples with children and one-parent households.',
    },
    ascending: null,
    pillar: 'GELIJKE_KANSEN',
    topic: { title: 'Huishoudens met kinderen', unit: 'aantal', group: 'Particuliere huishoudens' },
  },
  {
    ...ratio,
    code: 'huishoudensgrootte',
    name: { nl: 'Gemiddelde huishoudensgrootte', en: 'Average household size' },
    definition: {
      nl: 'Personen in particuliere huishoudens gedeeld door het aantal particuliere huishoudens.',
      en: 'Persons in private households divided by the number of private households.',
    },
    unit: 'personen per huishouden',
    ascending: null,
    pillar: null,
    topic: { title: 'Gemiddelde huishoudensgrootte', unit: 'aantal', group: 'Particuliere huishoudens' },
  },
  {
    ...ratio,
    code: 'bevolkingsdichtheid',
    name: { nl: 'Bevolkingsdichtheid', en: 'Population density' },
    definition: { nl: 'Inwoners per vierkante kilometer land.', en: 'Inhabitants per square kilometre of land.' },
    unit: 'inwoners per km²',
    decimals: 0,
    ascending: null,
    pillar: null,
    topic: { title: 'Bevolkingsdichtheid', unit: 'aantal inwoners per km²', group: 'Bevolking' },
  },
  {
    ...benefits,
    code: 'bijstand',
    name: { nl: 'Personen met bijstand', en: 'Persons on social assistance' },
    definition: {
      nl: 'Personen met een bijstandsuitkering op grond van de Participatiewet, zonder wie in een instelling verblijft of dakloos is.',
      en: 'Persons receiving social assistance under the Participation Act, without those in an institution or homeless.',
    },
    ascending: false,
    topic: { title: 'Personen per soort uitkering; Bijstand', unit: 'aantal', group: 'Sociale zekerheid' },
  },
  {
    ...benefits,
    code: 'ao_uitkering',
    name: { nl: 'Personen met een arbeidsongeschiktheidsuitkering', en: 'Persons on disability benefit' },
    definition: {
      nl: 'Personen met een uitkering op grond van de WAO, WAZ, Wajong of WIA.',
      en: 'Persons receiving a benefit for incapacity for work (WAO, WAZ, Wajong or WIA).',
    },
    ascending: false,
    topic: { title: 'Personen per soort uitkering; AO', unit: 'aantal', group: 'Sociale zekerheid' },
  },
  {
    ...benefits,
    code: 'ww_uitkering',
    name: { nl: 'Personen met een WW-uitkering', en: 'Persons on unemployment benefit' },
    definition: {
      nl: 'Personen met een uitkering op grond van de Werkloosheidswet.',
      en: 'Persons receiving a benefit under the Unemployment Insurance Act.',
    },
    ascending: false,
    topic: { title: 'Personen per soort uitkering; WW', unit: 'aantal', group: 'Sociale zekerheid' },
  },
  {
    ...benefits,
    code: 'aow_uitkering',
    name: { nl: 'Personen met AOW', en: 'Persons on state pension' },
    definition: {
      nl: 'Personen met een basispensioen op grond van de Algemene Ouderdomswet; de leeftijd waarop het ingaat schuift op.',
      en: 'Persons receiving the basic state pension (AOW); the age at which it starts moves up.',
    },
    ascending: null,
    topic: { title: 'Personen per soort uitkering; AOW', unit: 'aantal', group: 'Sociale zekerheid' },
  },
  {
    ...ratio,
    code: 'autos_per_huishouden',
    name: { nl: 'Personenauto’s per huishouden', en: 'Cars per household' },
    definition: {
      nl: 'Geregistreerde personenauto’s per particulier huishouden op 1 januari; leaseauto’s tellen waar het bedrijf gevestigd is.',
      en: 'Registered cars per private household on 1 January; leased cars count where the company is seated.',
    },
    unit: 'per huishouden',
    ascending: null,
    pillar: null,
    topic: { title: "Personenauto's per huishouden", unit: 'per huishouden', group: 'Motorvoertuigen' },
  },
  {
    ...distance,
    code: 'afstand_supermarkt',
    name: { nl: 'Afstand tot grote supermarkt', en: 'Distance to a large supermarket' },
    definition: {
      nl: 'Gemiddelde afstand over de weg van de inwoners tot de dichtstbijzijnde supermarkt van ten minste 150 m².',
      en: 'Average distance by road of the inhabitants to the nearest supermarket of at least 150 m².',
    },
    pillar: 'POSITIEVE_GEZONDHEID',
    topic: { title: 'Afstand tot grote supermarkt', unit: 'km', group: 'Nabijheid voorzieningen' },
  },
  {
    ...distance,
    code: 'afstand_kinderdagverblijf',
    name: { nl: 'Afstand tot kinderdagverblijf', en: 'Distance to day-care' },
    definition: {
      nl: 'Gemiddelde afstand over de weg van de inwoners tot het dichtstbijzijnde kinderdagverblijf.',
      en: 'Average distance by road of the inhabitants to the nearest day-care centre for children under four.',
    },
    pillar: 'GELIJKE_KANSEN',
    topic: { title: 'Afstand tot kinderdagverblijf', unit: 'km', group: 'Nabijheid voorzieningen' },
  },
  {
    ...ratio,
    code: 'stedelijkheid',
    name: { nl: 'Mate van stedelijkheid', en: 'Degree of urbanity' },
    definition: {
      nl: 'Klasse van de omgevingsadressendichtheid: 1 zeer sterk stedelijk (2 500 adressen per km² of meer) tot 5 niet stedelijk (minder dan 500).',
      en: 'Class of the density of addresses around: 1 very strongly urban (2 500 addresses per km² or more) to 5 not urban (under 500).',
    },
    unit: 'klasse',
    measure: 'ORDINAL',
    decimals: 0,
    ascending: null,
    pillar: null,
    topic: { title: 'Mate van stedelijkheid', unit: 'code', group: 'Stedelijkheid' },
  },
  {
    ...count,
    code: 'oppervlakte_water',
    name: { nl: 'Oppervlakte water', en: 'Area of water' },
    definition: {
      nl: 'Binnenwater van meer dan zes meter breed; bij gemeenten ook buitenwater.',
      en: 'Inland water over six metres wide; for municipalities tidal water too.',
    },
    unit: 'ha',
    roundedTo: null,
    ascending: null,
    pillar: null,
    topic: { title: 'Oppervlakte water', unit: 'ha', group: 'Oppervlakte' },
  },
]

export interface ResolvedMapping {
  mapping: IndicatorMapping
  topic: Topic
}

/** Some indicators have no measure, or several, in a table; an import that meets it stores nothing. */
export class FailedMapping extends Problem {
  readonly indicators: readonly string[]

  constructor(errors: readonly Problem[]) {
    const indicators = errors.map((error) => String(error.path[0]))
    super('BAD_USER_INPUT', `The table does not match the mapping of ${indicators.join(', ')}`, [], errors)
    this.name = 'FailedMapping'
    this.indicators = indicators
  }
}

/** The measure of every indicator in this table, by title, unit and group: keys are renumbered every year. All or nothing. */
export function resolveMappings(
  topics: readonly Topic[],
  mappings: readonly IndicatorMapping[] = indicatorMappings,
): readonly ResolvedMapping[] {
  const resolved: ResolvedMapping[] = []
  const errors: Problem[] = []
  for (const mapping of mappings) {
    const found = topics.filter((topic) => matches(topic, mapping.topic))
    if (found.length === 1) resolved.push({ mapping, topic: found[0]! })
    else errors.push(new Problem('BAD_USER_INPUT', explain(topics, mapping, found), [mapping.code]))
  }
  if (errors.length > 0) throw new FailedMapping(errors)
  return resolved
}

function matches(topic: Topic, wanted: IndicatorMapping['topic']): boolean {
  return same(topic.title, wanted.title) && same(topic.unit, wanted.unit) && topic.groupPath.some((group) => same(group, wanted.group))
}

function same(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').replaceAll('’', "'").trim().toLowerCase()
}

function explain(topics: readonly Topic[], { code, topic: wanted }: IndicatorMapping, found: readonly Topic[]): string {
  const measure = `"${wanted.title}" (${wanted.unit}) under "${wanted.group}"`
  if (found.length > 1) return `${code}: ${measure} fits ${found.length} columns: ${found.map((topic) => topic.key).join(', ')}`
  const near = topics.filter((topic) => same(topic.title, wanted.title))
  const seen = near.map((topic) => `${topic.key} (${topic.unit}) under "${topic.groupPath.join(' › ')}"`).join(', ')
  return `${code}: there is no column for ${measure}${seen === '' ? '' : `, only ${seen}`}`
}
