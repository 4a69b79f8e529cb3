import { judge, rangesOf } from '../media-type.ts'

export const json = 'application/json'
export const graphqlJson = 'application/graphql-response+json'
export type MediaType = typeof json | typeof graphqlJson

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
