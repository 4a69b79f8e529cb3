interface Range {
  type: string
  quality: number
}

/** What an Accept header admits in UTF-8. */
export function rangesOf(accept: string): Range[] {
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

/** The quality of a media type by the most specific range that covers it (RFC 9110 §12.5.1); `named` when that is the type itself. */
export function judge(ranges: readonly Range[], type: string): { quality: number; named: boolean } {
  for (const covering of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const found = ranges.filter((range) => range.type === covering)
    if (found.length > 0) return { quality: Math.max(...found.map((range) => range.quality)), named: covering === type }
  }
  return { quality: 0, named: false }
}

/** Whether a client takes this type. Who says nothing takes anything. */
export const accepts = (accept: string | undefined, type: string): boolean =>
  accept === undefined || accept.trim() === '' || judge(rangesOf(accept), type).quality > 0

export function isUtf8(contentType: string): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1]?.toLowerCase()
  return charset === undefined || charset === 'utf-8' || charset === 'utf8'
}
