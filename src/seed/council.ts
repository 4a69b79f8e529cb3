import { uuidv7 } from 'uuidv7'
import { councilNotice, councilNoticeDuty } from '../council/table.ts'
import { text } from './programme.ts'
import type { Sowing } from './seed.ts'

/**
 * What the source says the council was told: in a committee meeting before the adoption, and by the letter it has attached.
 * When that letter was sent it does not say, so the duty that the adoption opened stands open.
 */
export async function sowCouncil({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  const letter = uuidv7()
  await db.insert(councilNotice).values([
    {
      programmeId,
      kind: 'COMMITTEE_MEETING',
      informedOn: '2025-04-01',
      subject: text('Proces en programma Veerkrachtige Wijken', 'Process and programme Resilient Neighbourhoods'),
    },
    {
      id: letter,
      programmeId,
      kind: 'RIB',
      subject: text(
        'Raadsinformatiebrief bij het programmaplan Veerkrachtige Wijken',
        'Council information letter on the programme plan Resilient Neighbourhoods',
      ),
    },
  ])
  await db.insert(councilNoticeDuty).values({ councilNoticeId: letter, informationDutyId: id('planVersion', 'programme') })
}
