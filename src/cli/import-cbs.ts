import { ConfigError } from '../config.ts'
import type { Credential, Session } from '../db/session.ts'
import { FailedMapping } from '../indicator/cbs/mapping.ts'
import { type KwbTable, openKwbTable } from '../indicator/cbs/reader.ts'
import { type ImportedTable, type ImportOptions, importKwb, recordFailedImport } from '../indicator/write/import-kwb.ts'
import type { ChangedCell, Figure } from '../indicator/write/store-figures.ts'
import type { Call, Command, Result } from './command.ts'
import { callerOf, inSession, type Place } from './place.ts'

export const importCbs: Command = {
  name: 'import cbs',
  usage: '--from <file or folder> [--key <api key>] [--release <name>] [--regions <code>]',
  summary: `Stores the figures of a CBS table "Kerncijfers wijken en buurten" (v3).
--from      a folder of one table, or one data file next to its metadata
--key       of a machine with role RESEARCH_STATISTICS; better given as SAMENSPEL_API_KEY, which no list of processes shows
--release   what CBS calls this state of the table; the moment of its last change when not given
--regions   only regions whose code begins like this; GM0935 brings all of that municipality
All or nothing. The same file again changes nothing; what differs becomes a new revision, and the old one is kept.`,
  options: { from: { type: 'string' }, key: { type: 'string' }, release: { type: 'string' }, regions: { type: 'string' } },
  run: async (call) => {
    const from = call.required('from')
    return inSession(call.config, async (session, place) => {
      const table = await openKwbTable(from)
      return told(await importTable(session, importer(call, place), table, optionsOf(call)))
    })
  },
}

/** What this command enters as when nothing else is said: the demo key of who owns the indicators. */
const demoHolder = 'research_statistics@gemeente-maastricht'

function importer(call: Call, place: Place): Credential {
  const caller = callerOf(call.optional('key'), call.config, place, demoHolder)
  if (caller === undefined)
    throw new ConfigError('SAMENSPEL_API_KEY: an API key with the role RESEARCH_STATISTICS is needed, here or as --key')
  return caller.credential
}

function optionsOf(call: Call): ImportOptions {
  const code = call.optional('regions')
  return {
    release: call.optional('release'),
    regions:
      code === undefined ? undefined : ({ regionCode, municipalityCode }) => regionCode.startsWith(code) || municipalityCode === code,
    progress: (done, total) => call.progress(done, total, 'regions'),
  }
}

/** One transaction for the import; and when the table does not fit, another one that keeps that on record. */
export async function importTable(session: Session, caller: Credential, table: KwbTable, options: ImportOptions): Promise<ImportedTable> {
  try {
    return await session.write(caller, undefined, (tx, actor) => importKwb(tx, actor, table, options))
  } catch (error) {
    if (error instanceof FailedMapping) {
      await session.write(caller, undefined, (tx, actor) => recordFailedImport(tx, actor, table, error, options))
    }
    throw error
  }
}

const changesShown = 20

function told(imported: ImportedTable): Result {
  const { table, year, release, counts, changes } = imported
  const more = counts.revised - changesShown
  return {
    json: imported,
    lines: [
      `${table}, ${year}, release ${release}: ${counts.regions} regions`,
      `${counts.created} figures new, ${counts.revised} revised, ${counts.unchanged} as they were; ${counts.missing} of them without a value`,
      ...changes.slice(0, changesShown).map(changeLine),
      ...(more > 0 ? [`… and ${more} more`] : []),
    ],
  }
}

const changeLine = ({ indicator, region, period, before, after }: ChangedCell): string =>
  `  ${indicator} ${region} ${period}: ${figure(before)} → ${figure(after)} (revision ${after.revision})`

const figure = ({ value, status }: Figure): string => (status === 'NORMAL' ? String(value) : `${value ?? 'none'} ${status}`)
