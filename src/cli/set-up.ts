import { admitRuntime, migrate as migrateDatabase } from '../db/migrate.ts'
import { seed as sow } from '../seed/seed.ts'
import type { Command } from './command.ts'
import { atPlace, ownerOf } from './place.ts'

export const migrate: Command = {
  name: 'migrate',
  usage: '',
  summary: `Brings the database up to date.
As its owner (DATABASE_OWNER_URL), who needs CREATEROLE; lets the role of DATABASE_URL in. Safe to repeat.`,
  run: ({ config }) =>
    atPlace(config, async (place) => {
      const ownerUrl = ownerOf(place)
      await migrateDatabase(ownerUrl)
      if (place.url) await admitRuntime(ownerUrl, place.url)
      const admitted = place.url ? decodeURIComponent(new URL(place.url).username) : null
      const lines = [
        'The database is up to date.',
        admitted ? `${admitted} may serve it.` : 'DATABASE_URL is not set: no role was let in to serve it.',
      ]
      return { json: { migrated: true, admitted }, lines }
    }),
}

export const seed: Command = {
  name: 'seed',
  usage: '',
  summary: `Sows the programme of the source document into an empty database.
As its owner (DATABASE_OWNER_URL). Does nothing when it is there.`,
  run: ({ config, progress }) =>
    atPlace(config, async (place) => {
      const outcome = await sow(ownerOf(place), { progress })
      const line = outcome === 'seeded' ? 'The programme is sown.' : 'The programme was there already; nothing was changed.'
      return { json: { seeded: outcome === 'seeded' }, lines: [line] }
    }),
}
