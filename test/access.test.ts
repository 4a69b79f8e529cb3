import t from 'tap'
import { accessDatabase } from './access/database.ts'
import type { Row } from './access/fixture.ts'
import type { Operation } from './access/matrix.ts'
import { may } from './access/oracle.ts'
import { reached, setProbes } from './access/sql.ts'

const operations: readonly Operation[] = ['read', 'insert', 'update']

const nameOf = (row: Row): string => `${row.table} ${row.n} (${row.reads}${row.organisation ? `, of ${row.organisation}` : ''})`

t.test('who may see and do what', async (t) => {
  const { fixture, url, connect } = await accessDatabase(t)
  let cells = 0

  t.test('in SQL, as the runtime role', async (t) => {
    const client = await connect(url)
    await setProbes(client, fixture.rows)
    for (const caller of fixture.callers) {
      const reach = await reached(client, fixture, caller)
      if (typeof reach === 'string') {
        t.equal(reach, caller.refused, `${caller.name} is turned away`)
        cells += fixture.rows.length * operations.length
        continue
      }
      const wrong = [...reach.strange]
      for (const row of fixture.rows) {
        for (const operation of operations) {
          if (operation === 'insert' && !row.insertable) continue
          cells++
          const expected = may(caller, operation, row, true)
          if (reach[operation].has(row.n) !== expected) wrong.push(`${expected ? 'cannot' : 'can'} ${operation} ${nameOf(row)}`)
        }
      }
      t.same(wrong, [], caller.name)
    }
  })
  t.comment(`${cells} cells`)
})
