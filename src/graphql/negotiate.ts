export const json = 'application/json'
export const graphqlJson = 'application/graphql-response+json'
export type MediaType = typeof json | typeof graphqlJson

interface Range {
  type: string
  quality: number
}

function rangesOf(accept: string): Range[] {
  const ranges: Range[] = []
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    if (type === '') continue
    let quality = 1
    let served = true
    for (const parameter of parameters) {
      const [name, value = ''] = parameter.split('=').map((text) => text.trim().replaceAll('"', ''))
      if (name === 'q') quality = /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(value) ? Number(value) : 1
      else if (name === 'charset' && value !== 'utf-8' && value !== 'utf8') served = false
    }
    if (served) ranges.push({ type, quality })
  }
  return ranges
}

/** The quality of a media type by the most specific range that covers it; `named` when that is the type itself. */
function judge(ranges: readonly Range[], type: MediaType): { quality: number; named: boolean } {
  for (const covering of [type, 'application/*', '*/*']) {
    const found = ranges.filter((range) => range.type === covering)
    if (found.length > 0) return { quality: Math.max(...found.map((range) => range.quality)), named: covering === type }
  }
  return { quality: 0, named: false }
}

/**
 * What to answer with: `application/graphql-response+json` where the client asks for it by name (wins a tie) or accepts nothing else of ours,
 * otherwise `application/json`, which a client expects that says nothing, or accepts anything. `undefined` is 406. The charset is always UTF-8.
 */
export function negotiate(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept === json || accept.trim() === '') return json
  const ranges = rangesOf(accept)
  const modern = judge(ranges, graphqlJson)
  const legacy = judge(ranges, json)
  if (modern.quality === 0 && legacy.quality === 0) return undefined
  return legacy.quality === 0 || (modern.named && modern.quality >= legacy.quality) ? graphqlJson : json
}

/** Whether the header itself names one of our media types. */
export function namesJson(accept: string | undefined): boolean {
  return accept !== undefined && rangesOf(accept).some((range) => range.quality > 0 && (range.type === json || range.type === graphqlJson))
}
