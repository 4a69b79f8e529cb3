import { eq } from 'drizzle-orm'
import { uuidv7 } from 'uuidv7'
import { agendaStep, agendaTheme, themeLink } from '../agenda/table.ts'
import { policyAlignment } from '../alignment/table.ts'
import { breakthrough, breakthroughStep, lobbyEffort, lobbySupport } from '../breakthrough/table.ts'
import { policyLink } from '../programme/table.ts'
import { text } from './programme.ts'
import type { Sowing } from './seed.ts'

/**
 * One theme, one breakthrough and one lobby effort, to see how the agenda works. All of it is example: the proposal names the Rijk
 * as one to lobby with, and no theme, breakthrough or lobby.
 */
export async function sowAgenda({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  const agendaThemeId = uuidv7()
  await db.insert(agendaTheme).values({
    id: agendaThemeId,
    planId: id('plan', 'agenda'),
    themeId: id('theme', 'wonen'),
    scope: 'CROSS_NEIGHBOURHOOD',
    title: text('Voorbeeld: langer thuis in de eigen wijk', 'Example: staying in one’s own neighbourhood for longer'),
    text: text(
      'Voorbeeld: wonen, zorg en ontmoeting zo verbinden dat ouderen in de wijk kunnen blijven.',
      'Example: bring housing, care and meeting together, so that older people can stay in the neighbourhood.',
    ),
    example: true,
  })
  const term = { startsOn: '2025-01-01', endsOn: '2026-12-31' }
  await db.insert(themeLink).values([
    { agendaThemeId, planId: id('plan', 'pottenberg'), ...term },
    { agendaThemeId, planId: id('plan', 'nazareth'), ...term },
  ])
  await db.insert(agendaStep).values([
    {
      agendaThemeId,
      organisationId: id('organisation', 'envida'),
      kind: 'STEP',
      title: text(
        'Voorbeeld: samen de vraag naar wonen met zorg in beeld brengen',
        'Example: chart the demand for housing with care together',
      ),
      state: 'UNDER_WAY',
    },
    {
      agendaThemeId,
      organisationId: id('organisation', 'woonpunt'),
      kind: 'OPPORTUNITY',
      title: text('Voorbeeld: ontmoetingsruimte bij een herstructurering', 'Example: a place to meet as part of a restructuring'),
    },
  ])
  const [deltaplan] = await db.select({ id: policyLink.id }).from(policyLink).where(eq(policyLink.kind, 'DELTAPLAN_OUDEREN'))
  await db.insert(policyAlignment).values({ policyLinkId: deltaplan?.id as string, actionId: id('action', 'POT-2025-06') })
  await sowBreakthrough({ db, programmeId, id, agendaThemeId })
}

interface Example extends Pick<Sowing, 'programmeId' | 'id'> {
  db: Sowing['tx']['db']
  agendaThemeId: string
}

async function sowBreakthrough({ db, programmeId, id, agendaThemeId }: Example): Promise<void> {
  const breakthroughId = uuidv7()
  await db.insert(breakthrough).values({
    id: breakthroughId,
    programmeId,
    agendaThemeId,
    organisationId: id('organisation', 'woonpunt'),
    level: 'NATIONAL',
    obstacle: text(
      'Voorbeeld: geld voor wonen en geld voor zorg mogen niet samen worden ingezet.',
      'Example: money for housing and money for care may not be used together.',
    ),
    example: true,
  })
  await db.insert(breakthroughStep).values({
    breakthroughId,
    number: 1,
    state: 'SIGNALLED',
    takenOn: '2025-09-01',
    explanation: 'Voorbeeld: gesignaleerd door partners in de alliantie.',
  })
  const lobbyEffortId = uuidv7()
  await db.insert(lobbyEffort).values({
    id: lobbyEffortId,
    breakthroughId,
    organisationId: id('organisation', 'gemeente-maastricht'),
    addressee: 'RIJK',
    request: text('Voorbeeld: ruimte voor een gezamenlijk budget per wijk.', 'Example: room for one joint budget per neighbourhood.'),
    startedOn: '2025-10-01',
  })
  await db
    .insert(lobbySupport)
    .values(['envida', 'servatius', 'woonpunt'].map((slug) => ({ lobbyEffortId, organisationId: id('organisation', slug) })))
}
