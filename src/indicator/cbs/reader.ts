import { basename } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../errors.ts'
import { type Cell, type CellContext, readCell } from './cell.ts'
import { bad, type Cells, findFiles, openRows, readJson } from './files.ts'

export type RegionType = 'NL' | 'GM' | 'WK' | 'BU'
export type RegionChange = 1 | 2 | 3

/** A measure as one table describes it. Its key is renumbered every year; title, unit and groups are what lasts. */
export interface Topic {
  key: string
  title: string
  unit: string
  /** Titles of its groups, outermost first. */
  groupPath: readonly string[]
  dataType: string
  decimals: number
  description: string
  /** The publisher says so of the topic or its group. */
  provisional: boolean
}

export interface KwbRow {
  regionCode: string
  regionType: RegionType
  regionName: string
  /** `GM0935` for the municipality itself and all within it; null for the country. */
  municipalityCode: string | null
  /** 1 unchanged, 2 recoded, 3 redrawn; null where the publisher gives none. */
  changeCode: RegionChange | null
  /** The cell of a topic of this table. Judged when asked for: an unreadable figure in a column nobody imports stops nothing. */
  cells: (topicKey: string) => Cell
}

export interface KwbTable {
  tableId: string
  year: number
  title: string
  /** The publisher calls its figures final, but for topics of which it says otherwise. */
  final: boolean
  /** As published: local time without offset. */
  modified: string
  licence: 'CC BY 4.0'
  source: 'CBS'
  /** Base names of the data files. */
  files: readonly string[]
  topics: readonly Topic[]
  regionNames: ReadonlyMap<string, string>
  /** Rows of the whole table as the publisher counts them; a file may hold a selection. */
  rowCount?: number
  rows(): AsyncIterable<KwbRow>
}

const tableInfos = z.object({
  Identifier: z.string().trim().min(1),
  Title: z.string().trim(),
  ShortDescription: z.string().nullish(),
  Modified: z.string().trim().min(1),
  Period: z.string().trim().nullish(),
  RecordCount: z.coerce.number().int().nonnegative().nullish(),
})

const property = z.object({
  ID: z.number(),
  ParentID: z.number().nullish(),
  Type: z.string(),
  Key: z.string().nullish(),
  Title: z.string().nullish(),
  Description: z.string().nullish(),
  MapYear: z.union([z.number(), z.string()]).nullish(),
  Datatype: z.string().nullish(),
  Unit: z.string().nullish(),
  Decimals: z.number().nullish(),
  Default: z.string().nullish(),
})
type Property = z.infer<typeof property>

const regionKey = 'WijkenEnBuurten'

/** A table of Kerncijfers wijken en buurten (v3) from files: a folder of one table, or one data file next to its metadata. */
export async function openKwbTable(path: string): Promise<KwbTable> {
  const files = await findFiles(path)
  const info = parseInfos(files.tableInfos, await readJson(files.tableInfos))
  const properties = parseProperties(files.dataProperties, await readJson(files.dataProperties))
  const year = yearOf(files.tableInfos, info, properties)
  const final = /Status van de cijfers:\s*Definitief/i.test(info.ShortDescription ?? '')

  const data = files.data[0]!
  const { columns, context, close } = await openRows(files.data)
  await close()
  checkColumns(data, columns, properties)
  const table = /\/([^/]+)\/\$metadata/.exec(context ?? '')?.[1]
  if (table !== undefined && table !== info.Identifier) throw bad(data, `is of table ${table}, its metadata of ${info.Identifier}`)

  const present = new Map(columns.map((name, at) => [name, at]))
  const described = properties.filter((one) => isTopic(one) && present.has(one.Key ?? ''))
  const topics = described.map((one) => topicOf(one, properties))
  const contexts = new Map(described.map((one, at) => [topics[at]!.key, contextOf(one, topics[at]!, files.typed)]))
  const regionNames = await readRegionNames(files.regions)

  return {
    tableId: info.Identifier,
    year,
    title: info.Title,
    final,
    modified: info.Modified,
    licence: 'CC BY 4.0',
    source: 'CBS',
    files: files.data.map((file) => basename(file)),
    topics,
    regionNames,
    rowCount: info.RecordCount ?? undefined,
    rows: () => readRows(files.data, { columns, topics, contexts, regionNames }),
  }
}

function parseInfos(file: string, json: unknown): z.infer<typeof tableInfos> {
  const enveloped = z.object({ value: z.array(z.unknown()).length(1) }).safeParse(json)
  const parsed = tableInfos.safeParse(enveloped.success ? enveloped.data.value[0] : json)
  if (!parsed.success) throw bad(file, `is not a TableInfos (${fault(parsed.error)})`)
  return parsed.data
}

function parseProperties(file: string, json: unknown): Property[] {
  const parsed = z.object({ value: z.array(property) }).safeParse(json)
  if (!parsed.success) throw bad(file, `is not a DataProperties (${fault(parsed.error)})`)
  return parsed.data.value
}

function fault(error: z.ZodError): string {
  const [issue] = error.issues
  return issue === undefined ? 'unknown' : `${issue.path.join('.')}: ${issue.message}`
}

function yearOf(file: string, info: z.infer<typeof tableInfos>, properties: Property[]): number {
  const region = properties.find((one) => one.Key === regionKey)
  if (!/kerncijfers wijken en buurten/i.test(info.Title) || region === undefined) {
    throw bad(file, `table ${info.Identifier} "${info.Title}" is not one of Kerncijfers wijken en buurten`)
  }
  const dimension = properties.find((one) => /Dimension/.test(one.Type))
  if (dimension !== undefined) throw bad(file, `table ${info.Identifier} has a dimension ${dimension.Key} next to the region`)
  const years = [info.Period, region.MapYear, /\b(20\d\d)\b/.exec(info.Title)?.[1]].filter((year) => year != null).map(String)
  const [year] = years
  if (year === undefined || !/^20\d\d$/.test(year)) throw bad(file, `table ${info.Identifier} does not say of which year it is`)
  if (years.some((other) => other !== year)) throw bad(file, `table ${info.Identifier} names several years: ${years.join(', ')}`)
  return Number(year)
}

function isTopic(one: Property): boolean {
  return one.Type === 'Topic'
}

function checkColumns(file: string, columns: readonly string[], properties: Property[]): void {
  if (!columns.includes(regionKey)) throw bad(file, `has no column ${regionKey}`)
  const twice = columns.find((name, at) => columns.indexOf(name) !== at)
  if (twice !== undefined) throw bad(file, `has the column ${twice} twice`)
  const known = new Set(['ID', regionKey, ...properties.filter(isTopic).map((one) => one.Key ?? '')])
  const strange = columns.filter((name) => !known.has(name))
  if (strange.length > 0) throw bad(file, `has columns that its metadata does not describe: ${strange.slice(0, 5).join(', ')}`)
}

function tidy(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim()
}

function topicOf(one: Property, properties: Property[]): Topic {
  const groups = groupsOf(one, properties)
  return {
    key: one.Key ?? '',
    title: tidy(one.Title),
    unit: tidy(one.Unit),
    groupPath: groups.map((group) => tidy(group.Title)),
    dataType: one.Datatype ?? 'String',
    decimals: one.Decimals ?? 0,
    description: (one.Description ?? '').replace(/\r\n/g, '\n').trim(),
    provisional: [one, ...groups].some((other) => saysProvisional(other.Description ?? '')),
  }
}

function groupsOf(one: Property, properties: Property[]): Property[] {
  const groups: Property[] = []
  let parent = one.ParentID
  while (parent != null && groups.length < 10) {
    const group = properties.find((other) => other.ID === parent)
    if (group === undefined) break
    groups.unshift(group)
    parent = group.ParentID
  }
  return groups
}

function saysProvisional(description: string): boolean {
  const said = description.replace(/(?:geen|niet langer) (?:nader )?voorlopige cijfers/gi, '')
  return /voorlopige cijfers|voorlopig karakter|cijfers zijn (?:nog )?(?:nader )?voorlopig/i.test(said)
}

function contextOf(one: Property, topic: Topic, typed: boolean): CellContext {
  return {
    typed,
    text: topic.dataType === 'String',
    signed: /\beuro\b/i.test(topic.unit),
    provisional: topic.provisional,
    blank: one.Default ?? null,
  }
}

async function readRegionNames(file: string): Promise<Map<string, string>> {
  const { columns, rows } = await openRows([file])
  const key = columns.indexOf('Key')
  const title = columns.indexOf('Title')
  if (key < 0 || title < 0) throw bad(file, 'has no columns Key and Title')
  const names = new Map<string, string>()
  for await (const row of rows) {
    const code = tidy(row[key])
    const name = tidy(row[title])
    if (code === '' || name === '') throw bad(file, 'names a region without code or title', names.size + 1)
    names.set(code, name)
  }
  return names
}

const kinds: Record<RegionType, string> = { NL: 'Land', GM: 'Gemeente', WK: 'Wijk', BU: 'Buurt' }
const codes: Record<RegionType, RegExp> = {
  NL: /^NL0[01]$/,
  GM: /^GM\d{4}$/,
  WK: /^WK\d{4}[0-9A-Z]{2}$/,
  BU: /^BU\d{4}[0-9A-Z]{4}$/,
}
const types = ['NL', 'GM', 'WK', 'BU'] as const

interface Layout {
  columns: readonly string[]
  topics: readonly Topic[]
  contexts: ReadonlyMap<string, CellContext>
  regionNames: ReadonlyMap<string, string>
}

async function* readRows(files: readonly string[], layout: Layout): AsyncGenerator<KwbRow> {
  const { columns, contexts, regionNames } = layout
  const at = new Map(columns.map((name, index) => [name, index]))
  const titled = (title: string): number => at.get(layout.topics.find((topic) => topic.title === title)?.key ?? '') ?? -1
  const region = at.get(regionKey)!
  const kind = titled('Soort regio')
  const coding = titled('Codering')
  const change = titled('Indelingswijziging wijken en buurten')
  const seen = new Set<string>()
  const { rows, at: position } = await openRows(files)

  for await (const row of rows) {
    const { file, row: number } = position
    const regionCode = tidy(row[region])
    const regionType = types.find((type) => codes[type].test(regionCode))
    if (regionType === undefined) throw bad(file, `"${regionCode}" is not a region code`, number)
    if (seen.has(regionCode)) throw bad(file, `${regionCode} comes a second time`, number)
    seen.add(regionCode)
    const named = tidy(row[coding])
    if (coding >= 0 && named !== regionCode) throw bad(file, `${regionCode} is coded "${named}"`, number)
    const sort = tidy(row[kind])
    if (kind >= 0 && sort !== kinds[regionType]) throw bad(file, `${regionCode} is called "${sort}"`, number)
    const regionName = regionNames.get(regionCode)
    if (regionName === undefined) throw bad(file, `${regionCode} is not among the regions of the table`, number)
    yield {
      regionCode,
      regionType,
      regionName,
      municipalityCode: regionType === 'NL' ? null : `GM${regionCode.slice(2, 6)}`,
      changeCode: change < 0 ? null : changeOf(file, tidy(row[change]), regionCode, number),
      cells: (topicKey) => cellOf(file, row, at.get(topicKey), contexts.get(topicKey), `${regionCode}, ${topicKey}`, number),
    }
  }
  if (seen.size === 0) throw bad(files[0]!, 'holds no rows')
}

function changeOf(file: string, text: string, regionCode: string, row: number): RegionChange | null {
  switch (text) {
    case '1':
      return 1
    case '2':
      return 2
    case '3':
      return 3
    case '.':
    case '':
      return null
    default:
      throw bad(file, `${regionCode} has a region change "${text}", which is not 1, 2 or 3`, row)
  }
}

function cellOf(file: string, row: Cells, at: number | undefined, context: CellContext | undefined, where: string, number: number): Cell {
  if (at === undefined || context === undefined) throw bad(file, `there is no such topic: ${where}`, number)
  try {
    return readCell(row[at] ?? null, context)
  } catch (error) {
    throw error instanceof Problem ? bad(file, `${where}: ${error.message}`, number) : error
  }
}
