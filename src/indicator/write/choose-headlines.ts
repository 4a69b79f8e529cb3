import { and, eq, inArray, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { parsed } from '../../input.ts'
import { enrolment, neighbourhood } from '../../neighbourhood/table.ts'
import { headline, indicator } from '../table.ts'

const choice = z.strictObject({
  slug: z.string(),
  indicators: z
    .array(z.string())
    .length(5)
    .refine((codes) => new Set(codes).size === codes.length, 'Names an indicator twice'),
})

/** Chooses the five indicators that a neighbourhood is shown by (S58), in order. */
export async function neighbourhoodChooseHeadlines(tx: Tx, actor: Actor, input: unknown): Promise<{ neighbourhoodId: string }> {
  authorise(actor, 'headline.choose')
  const { slug, indicators: codes } = parsed(choice, input)
  const [place] = await tx.db
    .select({ id: neighbourhood.id, programmeId: enrolment.programmeId })
    .from(neighbourhood)
    .innerJoin(enrolment, eq(enrolment.neighbourhoodId, neighbourhood.id))
    .where(eq(neighbourhood.slug, slug))
    .limit(1)
  if (place === undefined) throw new Problem('NOT_FOUND', 'No such neighbourhood', ['slug'])
  const found = await tx.db
    .select({ id: indicator.id, code: indicator.code })
    .from(indicator)
    .where(and(eq(indicator.programmeId, place.programmeId), inArray(indicator.code, codes)))
  const idOf = new Map(found.map(({ id, code }) => [code, id]))
  const unknown = codes.flatMap((code, place) =>
    idOf.has(code) ? [] : [new Problem('NOT_FOUND', 'No such indicator', ['indicators', place])],
  )
  if (unknown.length > 0) throw new Problem('NOT_FOUND', unknown[0]?.message, unknown[0]?.path, unknown)

  const chosen = codes.map((code, index) => ({
    id: uuidv7(),
    neighbourhoodId: place.id,
    position: index + 1,
    indicatorId: idOf.get(code) as string,
  }))
  const changed = await tx.db
    .insert(headline)
    .values(chosen)
    .onConflictDoUpdate({
      target: [headline.neighbourhoodId, headline.position],
      set: { indicatorId: sql`excluded.indicator_id` },
      setWhere: sql`${headline.indicatorId} <> excluded.indicator_id`,
    })
    .returning({ id: headline.id })
  if (changed.length > 0) {
    const after = { headlines: codes }
    await record(tx, actor, { operation: 'neighbourhoodChooseHeadlines', subjectType: 'Neighbourhood', subjectId: place.id, after })
  }
  return { neighbourhoodId: place.id }
}
