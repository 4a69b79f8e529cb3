import { sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { z } from 'zod'
import { record } from '../../audit/record.ts'
import type { Actor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { dutchText, parsed } from '../../input.ts'
import { programmeOf } from '../../programme/write.ts'
import { plan, planKind, planVersion } from '../table.ts'
import type { PlanChange } from '../write.ts'

const day = z.iso.date()

const creation = z
  .strictObject({
    programme: z.string(),
    kind: z.enum(planKind.enumValues),
    title: dutchText(500),
    term: z.strictObject({ startsOn: day, endsOn: day }),
    neighbourhood: z.string().nullish(),
  })
  .superRefine(({ kind, term, neighbourhood }, { addIssue }) => {
    const wrong = (path: string[], message: string) => addIssue({ code: 'custom', path, message })
    const years = wholeYears[kind]
    if (years === undefined ? term.endsOn <= term.startsOn : !covers(term, years)) {
      wrong(['term'], years === undefined ? 'It ends before it begins' : `Must be ${years} whole calendar years`)
    }
    if ((kind === 'EXECUTION_PLAN') !== (neighbourhood != null)) {
      wrong(
        ['neighbourhood'],
        kind === 'EXECUTION_PLAN' ? 'It is for one neighbourhood' : 'Only an execution plan is for one neighbourhood',
      )
    }
  })

/** How many calendar years a plan covers (S17, S23); the programme plan any. */
const wholeYears: Partial<Record<(typeof planKind.enumValues)[number], number>> = { EXECUTION_PLAN: 2, STRATEGIC_AGENDA: 5 }

function covers({ startsOn, endsOn }: { startsOn: string; endsOn: string }, years: number): boolean {
  const first = Number(startsOn.slice(0, 4))
  return startsOn.endsWith('-01-01') && endsOn === `${String(first + years - 1).padStart(4, '0')}-12-31`
}

/** Makes a plan with its first draft, within the programme and where that works (invariants 1 to 3). */
export async function planCreate(tx: Tx, actor: Actor, input: unknown): Promise<PlanChange> {
  authorise(actor, 'plan.create')
  const given = parsed(creation, input)
  const { kind, title, term } = given
  const programmeId = await programmeOf(tx, given.programme)
  const neighbourhoodId = await admitted(tx, programmeId, given)
  const id = uuidv7()
  const planVersionId = uuidv7()
  await tx.db.insert(plan).values({ id, programmeId, kind, neighbourhoodId, title, ...term })
  await tx.db.insert(planVersion).values({ id: planVersionId, planId: id, number: 1 })
  await record(tx, actor, { operation: 'planCreate', subjectType: 'Plan', subjectId: id, after: given })
  return { planId: id, planVersionId }
}

interface Place {
  within: boolean
  neighbourhood: string | null
  enrolled: boolean
  overlaps: boolean
}

/** The id of the neighbourhood that the plan is for, if any; all that keeps such a plan from being is told at once. */
async function admitted(tx: Tx, programmeId: string, { kind, term, neighbourhood = null }: z.output<typeof creation>) {
  const { startsOn, endsOn } = term
  const { rows } = await tx.db.execute<Place & Record<string, unknown>>(sql`
    select p.starts_on <= ${startsOn}::date and ${endsOn}::date <= p.ends_on as within, n.id as neighbourhood,
      exists (select from enrolment e where e.programme_id = p.id and e.neighbourhood_id = n.id
        and daterange(e.starts_on, e.ends_on) && daterange(${startsOn}, ${endsOn}, '[]')) as enrolled,
      exists (select from plan o where o.programme_id = p.id and o.kind = ${kind}::plan_kind and o.kind <> 'PROGRAMME_PLAN'
        and o.neighbourhood_id is not distinct from n.id
        and daterange(o.starts_on, o.ends_on, '[]') && daterange(${startsOn}, ${endsOn}, '[]')) as overlaps
    from programme p left join neighbourhood n on n.slug = ${neighbourhood}::text where p.id = ${programmeId}`)
  const place = rows[0] as Place
  const wrong: Problem[] = []
  if (!place.within) wrong.push(new Problem('BAD_USER_INPUT', 'Outside the term of the programme', ['term']))
  if (neighbourhood !== null && place.neighbourhood === null)
    wrong.push(new Problem('NOT_FOUND', 'No such neighbourhood', ['neighbourhood']))
  else if (neighbourhood !== null && !place.enrolled) {
    wrong.push(new Problem('BAD_USER_INPUT', 'The neighbourhood is not enrolled then', ['neighbourhood']))
  } else if (place.overlaps) wrong.push(new Problem('PLAN_OVERLAP', undefined, ['term']))
  const [first] = wrong
  if (first !== undefined) throw new Problem(first.code, first.message, first.path, wrong)
  return place.neighbourhood
}
