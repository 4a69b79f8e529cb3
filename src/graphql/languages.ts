import type { FastifyRequest } from 'fastify'

const source = 'nl'
const sourceAlone = [source]

/** The languages of `Accept-Language`, best first; what cannot be understood is passed over, since the header never fails a request. */
export function languagesOf(request: FastifyRequest): readonly string[] {
  const header = request.headers['accept-language']
  if (header === undefined) return sourceAlone
  const wanted = header
    .split(',')
    .map((part) => {
      const [tag, ...parameters] = part.trim().split(';')
      const quality = Number(parameters.map((text) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(text)?.[1]).find((text) => text) ?? 1)
      return { tag: tag ?? '', quality }
    })
    .filter(({ tag, quality }) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .slice(0, 5)
    .map(({ tag }) => Intl.getCanonicalLocales(tag)[0] as string)
  return [...wanted, source]
}
