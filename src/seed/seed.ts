import { eq, sql } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { record } from '../audit/record.ts'
import type { PrincipalActor } from '../auth/actor.ts'
import { scopesOf } from '../auth/permissions.ts'
import { install, installer, type Tx } from '../db/session.ts'
import { enrolment, neighbourhood, neighbourhoodRegion, region, regionVersion } from '../neighbourhood/table.ts'
import { allianceMembership, organisation } from '../organisation/table.ts'
import { pillar, policyLink, programme, programmeSdg, result, sdgGoal, theme } from '../programme/table.ts'
import { sowAgenda } from './agenda.ts'
import { sowCouncil } from './council.ts'
import { sowFigures, sowIndicators } from './indicators.ts'
import { adoptProgrammePlan, sowActions, sowPlans, submitPlans } from './plans.ts'
import {
  changeOf,
  corePartners,
  enrolled,
  membership,
  municipality,
  namedSdgs,
  neighbourhoods,
  organisations,
  pillars,
  policyLinks,
  regions,
  regionYears,
  results,
  sdgGoals,
  themes,
  theProgramme,
} from './programme.ts'
import { sowHeadlines, sowParticipation, sowPublications } from './publications.ts'

/** What every part of the seed works with. */
export interface Sowing {
  tx: Tx
  actor: PrincipalActor
  programmeId: string
  /** The id of what the source texts call by a key, made when first named. */
  id(kind: Kind, key: string | number): string
}

type Kind =
  | 'action'
  | 'agreedAction'
  | 'dataSource'
  | 'importRun'
  | 'indicator'
  | 'indicatorVersion'
  | 'neighbourhood'
  | 'observation'
  | 'organisation'
  | 'pillar'
  | 'plan'
  | 'planVersion'
  | 'region'
  | 'regionVersion'
  | 'result'
  | 'sdg'
  | 'series'
  | 'theme'

type Progress = (done: number, total: number, what: string) => void

const steps: readonly { what: string; sow(sowing: Sowing): Promise<void> }[] = [
  { what: 'programme', sow: sowProgramme },
  { what: 'alliance', sow: sowAlliance },
  { what: 'neighbourhoods', sow: sowNeighbourhoods },
  { what: 'plans', sow: sowPlans },
  { what: 'example actions', sow: sowActions },
  { what: 'example agenda theme', sow: sowAgenda },
  { what: 'submission', sow: submitPlans },
  { what: 'decision', sow: adoptProgrammePlan },
  { what: 'council', sow: sowCouncil },
  { what: 'publications', sow: sowPublications },
  { what: 'participation', sow: sowParticipation },
  { what: 'indicators', sow: sowIndicators },
  { what: 'figures', sow: sowFigures },
  { what: 'headlines', sow: sowHeadlines },
]

const lockKey = 7_264_002

/** Sows the programme of the source document into an empty database, once: all of it or nothing. */
export async function seed(ownerUrl: string, options: { progress?: Progress } = {}): Promise<'seeded' | 'already there'> {
  return install(ownerUrl, async (tx, actor) => {
    // Of two that start together, the second finds it done.
    await tx.db.execute(sql`select pg_advisory_xact_lock(${lockKey})`)
    if (await isThere(tx)) return 'already there'
    const sowing = begin(tx, actor)
    for (const [done, { what, sow }] of steps.entries()) {
      options.progress?.(done, steps.length, what)
      await sow(sowing)
    }
    await record(tx, actor, { operation: 'seed', subjectType: 'Programme', subjectId: sowing.programmeId })
    options.progress?.(steps.length, steps.length, 'done')
    return 'seeded'
  })
}

async function isThere(tx: Tx): Promise<boolean> {
  const found = await tx.db.select({ id: programme.id }).from(programme).where(eq(programme.code, theProgramme.code))
  return found.length > 0
}

function begin(tx: Tx, actor: PrincipalActor): Sowing {
  // The installation reports and audits in the name of the municipality, so that is the organisation it is of.
  const ids = new Map<string, string>([[`organisation ${municipality}`, installer.organisationId]])
  const id = (kind: Kind, key: string | number): string => {
    const name = `${kind} ${key}`
    const known = ids.get(name) ?? uuidv7()
    ids.set(name, known)
    return known
  }
  // It is not held back by a key: every scope that its roles can use is its own.
  return { tx, actor: { ...actor, scopes: scopesOf(actor.roles) }, programmeId: uuidv7(), id }
}

async function sowProgramme({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(programme).values({ id: programmeId, ...theProgramme })
  await db.insert(pillar).values(pillars.map((row) => ({ id: id('pillar', row.code), programmeId, ...row })))
  await db.insert(theme).values(themes.map((row) => ({ id: id('theme', row.code), programmeId, ...row })))
  await db.insert(sdgGoal).values(sdgGoals.map((row) => ({ id: id('sdg', row.number), ...row })))
  await db.insert(programmeSdg).values(namedSdgs.map((number) => ({ programmeId, sdgGoalId: id('sdg', number) })))
  await db.insert(result).values(
    results.map(({ pillar: ofPillar, parent, ...row }) => ({
      id: id('result', row.code),
      programmeId,
      pillarId: ofPillar && id('pillar', ofPillar),
      parentId: parent && id('result', parent),
      ...row,
    })),
  )
  await db.insert(policyLink).values(policyLinks.map((row) => ({ programmeId, ...row })))
}

async function sowAlliance({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(organisation).values(organisations.map((row) => ({ id: id('organisation', row.slug), ...row })))
  await db
    .insert(allianceMembership)
    .values(corePartners.map((slug) => ({ programmeId, organisationId: id('organisation', slug), ...membership })))
}

async function sowNeighbourhoods({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(neighbourhood).values(neighbourhoods.map(({ slug, name }) => ({ id: id('neighbourhood', slug), slug, name })))
  await db
    .insert(enrolment)
    .values(neighbourhoods.map(({ slug }) => ({ programmeId, neighbourhoodId: id('neighbourhood', slug), ...enrolled })))
  await db.insert(region).values(regions.map((row) => ({ id: id('region', row.code), ...row })))
  await db.insert(regionVersion).values(
    regions.flatMap(({ code, name, type }) =>
      regionYears.map((year) => ({
        id: id('regionVersion', `${code} ${year}`),
        regionId: id('region', code),
        year,
        code,
        name,
        change: changeOf(type, year),
      })),
    ),
  )
  await db.insert(neighbourhoodRegion).values(
    neighbourhoods.map(({ slug, region: code }) => ({
      neighbourhoodId: id('neighbourhood', slug),
      regionId: id('region', code),
      main: true,
      startsOn: enrolled.startsOn,
    })),
  )
}
