import { neighbourhoodChooseHeadlines } from '../indicator/write/choose-headlines.ts'
import { participationEvent } from '../participation/table.ts'
import { publicationTextCreate, publicationTextPublish, publicationTextReview } from '../publication/write.ts'
import { text } from './programme.ts'
import type { Sowing } from './seed.ts'

/** The source announces a publication for each neighbourhood and does not hold it: these show how one looks. */
const exampleTexts = [
  {
    neighbourhood: 'pottenberg',
    language: 'nl',
    summary:
      'Voorbeeld. Twintig jaar lang werken bewoners, de gemeente en zes partners samen aan Pottenberg. Iedereen moet rond kunnen komen, zich gezond voelen en gelijke kansen krijgen.',
    foreword: 'Voorbeeld. Wij wonen hier graag en praten mee over wat er in onze wijk gebeurt.',
    forewordAuthor: 'een bewoner van Pottenberg',
  },
  {
    neighbourhood: 'pottenberg',
    language: 'en',
    summary:
      'Example. For twenty years residents, the municipality and six partners work together on Pottenberg. Everyone should be able to make ends meet, feel healthy and have equal opportunities.',
    foreword: 'Example. We like living here and have a say in what happens in our neighbourhood.',
    forewordAuthor: 'a resident of Pottenberg',
  },
  {
    neighbourhood: 'pottenberg',
    language: 'ar',
    summary: 'مثال. على مدى عشرين عامًا يعمل السكان والبلدية وستة شركاء معًا من أجل حي بوتنبرخ.',
    foreword: 'مثال. نحب العيش هنا ونشارك في ما يحدث في حينا.',
    forewordAuthor: 'أحد سكان بوتنبرخ',
  },
  {
    neighbourhood: 'nazareth',
    language: 'nl',
    summary:
      'Voorbeeld. In Nazareth bouwen bewoners en partners samen aan een sterke gemeenschap. Dat vraagt tijd: het programma loopt twintig jaar.',
    foreword: 'Voorbeeld. In Nazareth kennen mensen elkaar, en daar bouwen we op voort.',
    forewordAuthor: 'een bewoner van Nazareth',
  },
  {
    neighbourhood: 'nazareth',
    language: 'en',
    summary:
      'Example. In Nazareth residents and partners build a strong community together. That takes time: the programme lasts twenty years.',
    foreword: 'Example. In Nazareth people know each other, and we build on that.',
    forewordAuthor: 'a resident of Nazareth',
  },
] as const

/** Dutch first, as it is published first. */
export async function sowPublications({ tx, actor, id }: Sowing): Promise<void> {
  for (const text of exampleTexts) {
    const { textId } = await publicationTextCreate(tx, actor, { ...text, planVersionId: id('planVersion', 'programme'), example: true })
    await publicationTextReview(tx, actor, { id: textId, expectedVersion: 1 })
    await publicationTextPublish(tx, actor, { id: textId, expectedVersion: 2 })
  }
}

/** The source says that residents and partners helped, not when or who. */
export async function sowParticipation({ tx: { db }, programmeId, id }: Sowing): Promise<void> {
  await db.insert(participationEvent).values(
    ['pottenberg', 'nazareth'].map((slug) => ({
      programmeId,
      planVersionId: id('planVersion', 'programme'),
      neighbourhoodId: id('neighbourhood', slug),
      heldOn: '2025-03-12',
      residentGroup: 'bewoners van de wijk',
      subject: text('Voorbeeld: wijkgesprek over het programmaplan', 'Example: neighbourhood conversation about the programme plan'),
      outcome: text('Voorbeeld: ontmoeting kreeg een plaats in het plan.', 'Example: meeting one another was given a place in the plan.'),
      example: true,
    })),
  )
}

const headlines = [
  'moeite_met_rondkomen_pct',
  'goed_ervaren_gezondheid_pct',
  'ernstig_eenzaam_pct',
  'regie_eigen_leven_pct',
  'vrijwilligerswerk_pct',
]

export async function sowHeadlines({ tx, actor }: Sowing): Promise<void> {
  for (const slug of ['pottenberg', 'nazareth']) await neighbourhoodChooseHeadlines(tx, actor, { slug, indicators: headlines })
}
