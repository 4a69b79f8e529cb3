import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type CsvError, parse } from 'csv-parse'
import { Problem } from '../../errors.ts'

/** One line of a set, in the order of its columns; null where nothing was published. */
export type Cells = (string | null)[]

export interface KwbFiles {
  /** One file, or the pages of one set in their order. */
  data: string[]
  typed: boolean
  tableInfos: string
  dataProperties: string
  regions: string
}

export function bad(file: string, message: string, row?: number): Problem {
  const name = basename(file)
  return row === undefined
    ? new Problem('BAD_USER_INPUT', `${name}: ${message}`, [name])
    : new Problem('BAD_USER_INPUT', `${name}, row ${row}: ${message}`, [name, row])
}

interface DataFile {
  path: string
  /** `84799NED_` in `84799NED_TypedDataSet_page1.json`. */
  prefix: string
  typed: boolean
  /** `national` in `TypedDataSet.national.csv.gz`. */
  label: string
  extension: string
  page: number
}

const dataName = /^(?<prefix>[0-9A-Za-z]+[_.-])?(?<set>TypedDataSet|UntypedDataSet)(?<rest>.*?)\.(?<extension>(?:csv|json)(?:\.gz)?)$/
const pageName = /[._-]?(?:page|part|skip)[._-]?(?<page>\d+)$/i
const regionsName = /WijkenEnBuurten(?:\.([^.]+))?\.(?:csv|json)/
/** Which of two forms of the same set is read. */
const extensions = ['csv.gz', 'csv', 'json.gz', 'json']

function dataFile(path: string): DataFile | undefined {
  const { prefix = '', set, rest = '', extension } = dataName.exec(basename(path))?.groups ?? {}
  if (set === undefined || extension === undefined) return undefined
  const page = pageName.exec(rest)?.groups?.page
  const label = rest.replace(pageName, '').replace(/^[._-]/, '')
  return { path, prefix, typed: set === 'TypedDataSet', label, extension, page: page === undefined ? 0 : Number(page) }
}

/** The data and its metadata, from a folder or from one file of it. */
export async function findFiles(path: string): Promise<KwbFiles> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  const folder = info.isDirectory() ? path : dirname(path)
  const names = await readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error)
  })
  const all = names.map((name) => dataFile(join(folder, name))).filter((file) => file !== undefined)
  const chosen = info.isDirectory() ? choose(folder, all) : single(path)
  const pages = all.filter((file) => sameSet(file, chosen)).sort((a, b) => a.page - b.page)

  const beside = (name: string, pattern: RegExp, choice: (found: string[]) => string | undefined = (found) => found[0]): string => {
    const own = names.filter((other) => other.startsWith(chosen.prefix) && pattern.test(other.slice(chosen.prefix.length)))
    const found = (own.length > 0 ? own : names.filter((other) => pattern.test(other))).sort()
    const one = choice(found)
    if (one === undefined) throw bad(chosen.path, `there is no ${name} next to it`)
    return join(folder, one)
  }
  return {
    data: pages.length > 0 ? pages.map((file) => file.path) : [chosen.path],
    typed: chosen.typed,
    tableInfos: beside('TableInfos.json', /^TableInfos(\.[^.]+)?\.json$/),
    dataProperties: beside('DataProperties.json', /^DataProperties(\.[^.]+)?\.json$/),
    regions: beside('WijkenEnBuurten.json or .csv', /^WijkenEnBuurten(\.[^.]+)?\.(csv|json)(\.gz)?$/, (found) => {
      const labelled = (label: string) => found.find((name) => label === (regionsName.exec(name)?.[1] ?? ''))
      return labelled(chosen.label) ?? labelled('') ?? labelled('national') ?? found[0]
    }),
  }
}

function sameSet(a: DataFile, b: DataFile): boolean {
  return a.prefix === b.prefix && a.typed === b.typed && a.label === b.label && a.extension === b.extension && a.page > 0 === b.page > 0
}

function single(path: string): DataFile {
  const known = dataFile(path)
  if (known !== undefined) return known
  const extension = extensions.find((end) => path.endsWith(`.${end}`))
  if (extension === undefined) throw bad(path, 'is not a .csv, .csv.gz, .json or .json.gz file')
  return { path, prefix: '', typed: true, label: '', extension, page: 0 }
}

function choose(folder: string, all: DataFile[]): DataFile {
  const typed = all.some((file) => file.typed)
  const files = all.filter((file) => file.typed === typed)
  const labels = new Set(files.map((file) => file.label))
  const label = ['', 'national'].find((name) => labels.has(name)) ?? [...labels][0]
  if (label === undefined) throw bad(folder, 'holds no TypedDataSet file (.csv, .csv.gz, .json or .json.gz)')
  const same = files.filter((file) => file.label === label)
  if (!labels.has('') && !labels.has('national') && labels.size > 1) {
    throw bad(folder, `holds more than one data file, name one of them: ${files.map((file) => basename(file.path)).join(', ')}`)
  }
  return same.sort((a, b) => extensions.indexOf(a.extension) - extensions.indexOf(b.extension))[0]!
}

function unreadable(file: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return bad(file, 'there is no such file or folder')
    case 'Z_BUF_ERROR':
      return bad(file, 'ends before its compressed content does; it was cut off')
    case 'Z_DATA_ERROR':
      return bad(file, 'is not a sound gzip file')
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return bad(file, 'is not UTF-8 text')
    default:
      return bad(file, 'cannot be read')
  }
}

/** The decoded text of a file, unpacked when its name ends in .gz, a chunk at a time. */
async function* text(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file)
  // `pipeline` closes both ends whichever fails or stops first; its error surfaces in the loop below.
  const source: Readable = file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => {}) : bytes
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of source) {
      const decoded = decoder.decode(chunk as Buffer, { stream: true })
      if (decoded !== '') yield decoded
    }
    const rest = decoder.decode()
    if (rest !== '') yield rest
  } catch (error) {
    throw unreadable(file, error)
  }
}

export async function readJson(file: string): Promise<unknown> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error)
  })
  try {
    return JSON.parse(content)
  } catch {
    throw bad(file, 'is not JSON')
  }
}

/** Where a row stands, counted from 1 in its file. */
export interface Place {
  file: string
  row: number
}

/** A set as it is read: first its column names, then its rows. */
export interface RowSet {
  columns: string[]
  /** The publisher's address of the set, where the file names it: `https://…/84799NED/$metadata#…TypedDataSet`. */
  context: string | undefined
  /** Of the row read last. */
  at: Place
  rows: AsyncGenerator<Cells>
  /** For who does not read the rows to their end. */
  close: () => Promise<unknown>
}

export function openRows(files: readonly string[]): Promise<RowSet> {
  return /\.csv(\.gz)?$/.test(files[0]!) ? openCsv(files[0]!) : openJson(files)
}

async function openCsv(file: string): Promise<RowSet> {
  const records = csv(file, await delimiterOf(file))
  const header = await records.next()
  if (header.done === true) throw bad(file, 'is empty')
  const at = { file, row: 0 }
  const columns = header.value.map((name) => name.trim())
  return { columns, context: undefined, at, rows: csvRows(records, at), close: () => records.return(undefined) }
}

async function delimiterOf(file: string): Promise<',' | ';'> {
  for await (const chunk of text(file)) {
    const [line = ''] = chunk.split('\n', 1)
    return line.split(';').length > line.split(',').length ? ';' : ','
  }
  return ','
}

async function* csv(file: string, delimiter: string): AsyncGenerator<string[]> {
  const parser = parse({ delimiter, skip_empty_lines: true, max_record_size: 1_000_000 })
  const records: AsyncIterable<string[]> = pipeline(Readable.from(text(file)), parser, () => {})
  try {
    for await (const record of records) yield record
  } catch (error) {
    if (error instanceof Problem) throw error
    const { code, lines, message } = error as CsvError
    throw typeof code === 'string' && code.startsWith('CSV_') ? bad(file, csvFault(code, lines, message)) : unreadable(file, error)
  }
}

function csvFault(code: string, line: unknown, message: string): string {
  const where = typeof line === 'number' ? `line ${line}` : 'a line'
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') return `${where} has another number of columns than the header`
  return `${where} is not CSV (${message.slice(0, 120)})`
}

async function* csvRows(records: AsyncGenerator<string[]>, at: Place): AsyncGenerator<Cells> {
  for await (const record of records) {
    at.row++
    yield record.map((field) => (field === '' ? null : field))
  }
}

type JsonRow = Record<string, string | null>

async function openJson(files: readonly string[]): Promise<RowSet> {
  const file = files[0]!
  const envelope: Envelope = { outer: '', next: undefined }
  const opened = envelopeRows(file, envelope)
  const start = await opened.next()
  if (start.done === true) throw bad(file, 'holds no rows')
  const columns = Object.keys(start.value)
  const context = /"(?:odata\.metadata|@odata\.context)"\s*:\s*"([^"]*)"/.exec(envelope.outer)?.[1]
  const at = { file, row: 0 }
  const rows = jsonRows({ files, columns, at, start: start.value, opened, envelope })
  return { columns, context, at, rows, close: () => opened.return(undefined) }
}

interface Pages {
  files: readonly string[]
  columns: readonly string[]
  at: Place
  /** The first page is open already and its first row read. */
  start: JsonRow
  opened: AsyncGenerator<JsonRow>
  envelope: Envelope
}

async function* jsonRows({ files, columns, at, start, opened, envelope }: Pages): AsyncGenerator<Cells> {
  try {
    at.row = 1
    yield columns.map((name) => start[name] ?? null)
    let before = 0
    for (const [index, file] of files.entries()) {
      const page: Envelope = index === 0 ? envelope : { outer: '', next: undefined }
      at.file = file
      at.row = index === 0 ? 1 : 0
      for await (const record of index === 0 ? opened : envelopeRows(file, page)) {
        at.row++
        const names = Object.keys(record)
        if (names.length !== columns.length || !columns.every((name) => name in record)) {
          throw bad(file, `its ${names.length} columns are not the ${columns.length} of the first row`, at.row)
        }
        yield columns.map((name) => record[name] ?? null)
      }
      before += at.row
      checkPage(file, page.next, before, index === files.length - 1)
    }
  } finally {
    await opened.return(undefined)
  }
}

/** A page that names a next one must be followed by it, and by the right one; the last page names none. */
function checkPage(file: string, next: string | undefined, rows: number, last: boolean): void {
  if (last) {
    if (next !== undefined) throw bad(file, 'names a next page that is not among the files')
    return
  }
  if (next === undefined) throw bad(file, 'names no next page, but another page file follows it')
  const skip = /[?&]\$?(?:%24)?skip=(\d+)/i.exec(next)?.[1]
  if (skip !== undefined && Number(skip) !== rows)
    throw bad(file, `the next page starts after row ${skip}, but ${rows} rows came before it`)
}

interface Envelope {
  /** What surrounds the rows. */
  outer: string
  next: string | undefined
}

const quote = 34
const backslash = 92
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93

/**
 * The rows of `{"odata.metadata": …, "value": [{…}, {…}], "odata.nextLink": …}`, one at a time, whatever the size of the file.
 * Numbers come out as the text that was published.
 */
async function* envelopeRows(file: string, envelope: Envelope): AsyncGenerator<JsonRow> {
  let depth = 0
  let inString = false
  let escaped = false
  let inRows = false
  let row = ''
  let count = 0
  for await (const chunk of text(file)) {
    let from = 0
    for (let at = 0; at < chunk.length; at++) {
      const char = chunk.charCodeAt(at)
      if (inString) {
        if (escaped) escaped = false
        else if (char === backslash) escaped = true
        else if (char === quote) inString = false
      } else if (char === quote) {
        inString = true
      } else if (char === openBrace || char === openBracket) {
        if (depth === 0 && char === openBracket) throw bad(file, 'is a bare array, not an OData envelope with "value"')
        if (inRows && depth === 2) {
          checkGap(file, chunk.slice(from, at), count)
          from = at
        } else if (!inRows && depth === 1 && char === openBracket) {
          envelope.outer += chunk.slice(from, at + 1)
          from = at + 1
          inRows = /"value"\s*:\s*\[$/.test(envelope.outer)
        }
        depth++
      } else if (char === closeBrace || char === closeBracket) {
        depth--
        if (inRows && depth === 2) {
          row += chunk.slice(from, at + 1)
          from = at + 1
          count++
          yield parseRow(file, row, count)
          row = ''
        } else if (inRows && depth === 1) {
          checkGap(file, chunk.slice(from, at), count)
          from = at
          inRows = false
        }
      }
    }
    const rest = chunk.slice(from)
    if (!inRows) envelope.outer += rest
    else if (depth > 2) row += rest
    else checkGap(file, rest, count)
    if (row.length + envelope.outer.length > 1_000_000) throw bad(file, 'is not an OData envelope with rows in "value"')
  }
  if (depth !== 0 || inString) throw bad(file, `ends in the middle, after row ${count}`)
  envelope.next = parseOuter(file, envelope.outer)
}

function checkGap(file: string, gap: string, count: number): void {
  if (!/^[\s,]*$/.test(gap)) throw bad(file, `"${gap.trim().slice(0, 40)}" is not a row`, count + 1)
}

function parseOuter(file: string, outer: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(outer)
  } catch {
    throw bad(file, 'is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || !('value' in parsed)) throw bad(file, 'is not an OData envelope with "value"')
  const next = Reflect.get(parsed, 'odata.nextLink') ?? Reflect.get(parsed, '@odata.nextLink')
  return typeof next === 'string' ? next : undefined
}

function parseRow(file: string, source: string, count: number): JsonRow {
  let row: Record<string, unknown>
  try {
    row = JSON.parse(source.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => (token.startsWith('"') ? token : `"${token}"`)))
  } catch {
    throw bad(file, 'is not JSON', count)
  }
  for (const [name, cell] of Object.entries(row)) {
    if (cell !== null && typeof cell !== 'string') throw bad(file, `${name} is neither a number, a text nor null`, count)
  }
  return row as JsonRow
}
