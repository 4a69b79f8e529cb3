import type { SQL } from 'drizzle-orm'

export type EdmType =
  | 'Edm.String'
  | 'Edm.Guid'
  | 'Edm.Int32'
  | 'Edm.Int64'
  | 'Edm.Decimal'
  | 'Edm.Boolean'
  | 'Edm.Date'
  | 'Edm.DateTimeOffset'

export interface FeedProperty {
  type: EdmType
  nullable: boolean
  description: string
  /** Of a code: all that there are. More may join them. */
  values?: readonly string[]
  /** The column or expression it is read from, over the feed's own `from`. */
  sql: SQL
}

/** A flat table for BI: one entity set in OData, one file in the exports. Row policies of its tables decide the rows. */
export interface Feed {
  /** Entity set name, plural PascalCase: `Observations`. */
  set: string
  /** Entity type name: `Observation`. */
  type: string
  description: string
  /** The property that identifies a row for ever; also the tie-breaker of every order. */
  key: string
  /** The property that tells when a row came to be known, by which a refresh asks for what is new: answered up to the watermark. */
  recorded?: string
  /** The property that tells when a row last changed, as when it was taken back: by which a refresh finds what it no longer counts. */
  changed?: string
  /** Everything after `from`, without the keyword. */
  from: SQL
  /** A condition that always holds; never the guard of a secret (policies are). */
  where?: SQL
  /** Each row is computed of others, which are found for it: as of a moment as well, when other feeds join their tables whole. */
  stepwise?: true
  properties: Record<string, FeedProperty>
}
