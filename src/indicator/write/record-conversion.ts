import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { dutchText, givenId, parsed } from '../../input.ts'
import { regionConversion, regionVersion } from '../../neighbourhood/table.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { measured } from './store-figures.ts'
import { column } from './store-regions.ts'
import { type Convertible, countsFirst, followCounts, storeConverted } from './withhold-figures.ts'

const converted = z.strictObject({
  indicatorVersionId: givenId,
  period: z.string().regex(/^[12]\d{3}$/, 'Must be a year'),
  value: z.string().regex(/^-?\d{1,15}(\.\d{1,10})?$/, 'Must be a number of at most 15 digits and 10 decimals'),
})

const newConversion = z.strictObject({
  fromVersionId: givenId,
  toVersionId: givenId,
  method: dutchText(2000),
  figures: z.array(converted).min(1).max(500),
})

type Converted = z.infer<typeof converted>
type Version = typeof regionVersion.$inferSelect

/**
 * Records how figures of a region were converted from its boundaries of one year to those of another, and the figures that came of it: the next
 * revision of each, an estimate that names its method, or withheld where it or what it was converted from is. All or nothing.
 */
export async function regionConversionRecord(tx: Tx, actor: Actor, input: unknown): Promise<string> {
  authorise(actor, 'conversion.record')
  const { fromVersionId, toVersionId, method, figures } = parsed(newConversion, input)
  await oneAtATime(tx)
  const from = await versionOf(tx, fromVersionId)
  const to = await versionOf(tx, toVersionId)
  const found = from === undefined ? [] : await measuredFigures(tx, from, figures)
  const problems = [...wrongBoundaries(from, to), ...found.flatMap((figure, at) => wrongFigure(figure, at, figures))]
  if (problems.length > 0) throw new Problem('BAD_USER_INPUT', problems[0]?.message, problems[0]?.path, problems)

  const { id: toVersion, regionId } = to as Version
  const row = { id: uuidv7(), regionId, fromVersionId: (from as Version).id, toVersionId: toVersion, method }
  await tx.db.insert(regionConversion).values(row)
  const values = (found as Convertible[]).map((figure, at) => ({ ...figure, value: (figures[at] as Converted).value }))
  for (const figure of countsFirst(values)) await storeConverted(tx, figure, { id: row.id, regionVersionId: toVersion })
  for (const year of new Set(values.map(({ period }) => period))) {
    const converted = values.filter(({ period }) => period === year)
    await followCounts(
      tx,
      converted.map(({ indicatorId }) => indicatorId),
      Number(year),
    )
  }
  // Which figures, and none of their values: whoever reads the trail may not be told all of them.
  const after = { ...row, figures: values.map(({ code, period }) => ({ indicator: code, period })) }
  await record(tx, actor, { operation: 'regionConversionRecord', subjectType: 'RegionConversion', subjectId: row.id, after })
  return row.id
}

async function versionOf({ db }: Tx, id: string | undefined): Promise<Version | undefined> {
  if (id === undefined) return undefined
  const [found] = await db.select().from(regionVersion).where(eq(regionVersion.id, id))
  return found
}

function wrongBoundaries(from: Version | undefined, to: Version | undefined): Problem[] {
  const unknown = (path: string) => new Problem('NOT_FOUND', 'No such region as it was drawn in a year', [path])
  if (from === undefined || to === undefined)
    return [...(from === undefined ? [unknown('fromVersionId')] : []), ...(to === undefined ? [unknown('toVersionId')] : [])]
  if (from.regionId !== to.regionId) return [new Problem('BAD_USER_INPUT', 'Boundaries of another region', ['toVersionId'])]
  if (from.id === to.id) return [new Problem('BAD_USER_INPUT', 'Converts to the boundaries that it converts from', ['toVersionId'])]
  return []
}

/** What is there of a figure that was converted: nothing of what its source does not tell. */
interface Found extends Omit<Convertible, 'indicatorId' | 'observationId' | 'revision'> {
  indicatorId: string | null
  observationId: string | null
  revision: number | null
  /** What its source tells, withheld or not. */
  measured: string | null
  /** The region was redrawn between the boundaries of the figure and those that it would be converted from. */
  redrawn: boolean
}

async function measuredFigures({ db }: Tx, from: Version, figures: readonly Converted[]): Promise<Found[]> {
  const definitions = column(
    figures.map(({ indicatorVersionId }) => indicatorVersionId ?? null),
    'uuid',
  )
  const periods = column(
    figures.map(({ period }) => period),
    'text',
  )
  const { rows } = await db.execute<{ [field in keyof Found]: Found[field] }>(sql`
    select i.id as "indicatorId", i.code, i.disclosure_threshold as "disclosureThreshold", i.numerator_id as "numeratorId",
      g.definition as "indicatorVersionId", g.period, o.id as "observationId", o.revision,
      case when o.conversion_id is null then coalesce(o.value, c.value) else m.value end as measured,
      exists (select from region_version d where d.region_id = w.region_id and d.change = 'REDRAWN'
        and d.year > least(w.year, ${from.year}) and d.year <= greatest(w.year, ${from.year})) as redrawn
    from unnest(${definitions}, ${periods}) with ordinality g (definition, period, at)
    left join indicator_version n on n.id = g.definition
    left join indicator i on i.id = n.indicator_id
    left join series s on s.indicator_version_id = n.id and s.region_id = ${from.regionId}
    left join observation o on o.series_id = s.id and o.period = g.period
    ${measured}
    left join confidential_value c on c.observation_id = o.id and c.revision = o.revision
    left join region_version w on w.id = coalesce(m.region_version_id, o.region_version_id)
    order by g.at`)
  return rows
}

function wrongFigure(figure: Found, at: number, figures: readonly Converted[]): Problem[] {
  const { indicatorVersionId, period, value } = figures[at] as Converted
  const path = (field: string) => ['figures', at, field]
  if (figure.indicatorId === null) return [new Problem('NOT_FOUND', 'No such definition of an indicator', path('indicatorVersionId'))]
  const first = figures.findIndex((other) => other.indicatorVersionId === indicatorVersionId && other.period === period)
  if (first < at) return [new Problem('BAD_USER_INPUT', 'Converts a figure twice', ['figures', at])]
  if (figure.measured === null) return [new Problem('NOT_FOUND', 'There is no figure of this year to convert', path('period'))]
  if (figure.disclosureThreshold !== null && value.startsWith('-'))
    return [new Problem('BAD_USER_INPUT', 'A count is not below zero', path('value'))]
  if (figure.redrawn) return [new Problem('BAD_USER_INPUT', 'The figure of this year is by other boundaries', path('period'))]
  return []
}
