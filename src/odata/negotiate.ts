import { Problem } from '../errors.ts'

/** The JSON a client asked for (JSON Format, "Requesting the JSON Format"). */
export interface JsonFormat {
  metadata: 'none' | 'minimal' | 'full'
  /** Int64 and Decimal as strings. */
  ieee754: boolean
}

interface Range {
  type: string
  parameters: ReadonlyMap<string, string>
  quality: number
}

/**
 * Data is JSON and nothing else, whatever ranks higher in `Accept`: Power Query lists Atom there, which it then cannot read.
 * `$format` outranks `Accept`.
 * @throws Problem NOT_ACCEPTABLE
 */
export function negotiateJson(accept: string | undefined, format: string | undefined): JsonFormat {
  const asked = format === undefined ? accept?.trim() || '*/*' : format.trim().toLowerCase() === 'json' ? 'application/json' : format
  const offers = readRanges(asked).flatMap((range) => {
    const json = jsonFormat(range)
    return json === undefined ? [] : [{ json, quality: range.quality }]
  })
  const best = offers.sort((a, b) => b.quality - a.quality)[0]
  if (best === undefined) throw new Problem('NOT_ACCEPTABLE', 'Data is application/json')
  return best.json
}

/** `$metadata` is XML for everyone: Power Query prefers JSON by its header, and fails on it. */
export function demandXml(format: string | undefined): void {
  if (format === undefined || ['xml', 'application/xml'].includes(format.trim().toLowerCase())) return
  throw new Problem('NOT_ACCEPTABLE', '$metadata is application/xml')
}

/** A client that reads nothing as new as 4.0 cannot be served. */
export function checkMaxVersion(version: string | undefined): void {
  if (version === undefined) return
  const major = /^\s*(\d+)\.\d+\s*$/.exec(version)?.[1]
  if (major === undefined || Number(major) < 4) throw new Problem('BAD_REQUEST', 'OData-MaxVersion must be 4.0 or higher')
}

export function contentType({ metadata, ieee754 }: JsonFormat): string {
  return `application/json;odata.metadata=${metadata}${ieee754 ? ';IEEE754Compatible=true' : ''};charset=utf-8`
}

function readRanges(accept: string): Range[] {
  return accept.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase())
    const parameters = new Map(
      rest.map((part) => part.split('=', 2) as [string, string | undefined]).map(([name, value = '']) => [name, value]),
    )
    const quality = Number(parameters.get('q') ?? 1)
    return { type, parameters, quality: Number.isNaN(quality) ? 1 : quality }
  })
}

/** What this range allows of ours; formats we do not have, and those refused by `q=0`, are undefined. */
function jsonFormat({ type, parameters, quality }: Range): JsonFormat | undefined {
  if (quality <= 0 || !['application/json', 'application/*', '*/*'].includes(type)) return undefined
  const metadata = parameters.get('odata.metadata') ?? parameters.get('metadata') ?? 'minimal'
  if (metadata !== 'none' && metadata !== 'minimal' && metadata !== 'full') return undefined
  return { metadata, ieee754: parameters.get('ieee754compatible') === 'true' }
}
