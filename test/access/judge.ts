import type { Caller, Row } from './fixture.ts'
import { blindly, may } from './oracle.ts'
import { probed, type Reach, type Way } from './sql.ts'

export const nameOf = (row: Row): string => `${row.table} ${row.n} (${row.reads}${row.organisation ? `, of ${row.organisation}` : ''})`

const operations = ['read', 'insert', 'update'] as const

/** One who has not entered. */
export const stranger: Caller = {
  name: 'who has not entered',
  organisation: undefined,
  principal: undefined,
  roles: [],
  key: undefined,
  scoped: false,
  credential: { kind: 'public' },
  refused: undefined,
}

/** How what a caller reached differs from what the matrix lets it reach of some tables, in some ways. */
export function differences(
  caller: Caller,
  reach: Reach | string,
  tables: ReadonlyMap<string, readonly Row[]>,
  ways: readonly Way[],
): string[] {
  if (typeof reach === 'string') return reach === caller.refused ? [] : [`is answered ${reach}, not ${caller.refused ?? 'let in'}`]
  if (caller.refused) return ['is let in']
  if (caller === stranger) {
    const rows = [...reach.read, ...reach.insert, ...reach.update].map((n) => `reaches row ${n}`)
    return [...reach.strange, ...rows, ...[...reach.blind].filter(([, changed]) => changed !== '0').map(([table]) => `changes ${table}`)]
  }
  const wrong = [...reach.strange]
  for (const [table, rows] of tables) {
    for (const operation of operations) {
      if (!ways.includes(operation)) continue
      for (const row of operation === 'insert' ? probed(rows) : rows) {
        const expected = may(caller, operation, row, true)
        if (reach[operation].has(row.n) !== expected) wrong.push(`${expected ? 'cannot' : 'can'} ${operation} ${nameOf(row)}`)
      }
    }
    const changed = reach.blind.get(table)
    if (changed === undefined) continue
    const expected = blindly(caller, rows)
    // Where a frozen row ended the attempt, there was one to reach.
    if (changed === 'some' ? expected === 0 : Number(changed) !== expected)
      wrong.push(`changes ${changed}, not ${expected}, rows of ${table} without a look`)
  }
  return wrong
}
