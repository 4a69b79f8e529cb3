import type { Caller, Row } from './fixture.ts'
import { type Operation, type Role, type Scope, scopeOf } from './matrix.ts'

/** Whether the matrix lets a caller do something with a row. `current` counts what is still open as allowed or refused as it now is. */
export function may(caller: Caller, operation: Operation, row: Row, current = false): boolean {
  if (caller.refused) return false
  // What can be changed is only what can be seen.
  if (operation === 'update' && !may(caller, 'read', row, current)) return false
  const object = operation === 'read' ? row.reads : row.writes
  const held: readonly Role[] = ['PUBLIC', ...caller.roles]
  return held.some((role) => within(scopeOf(operation, object, role, current), caller, row))
}

/** How many rows of a table the matrix lets a caller change that does not look at them first. */
export function blindly(caller: Caller, rows: readonly Row[]): number {
  if (caller.refused) return 0
  const held: readonly Role[] = ['PUBLIC', ...caller.roles]
  return rows.filter((row) => held.some((role) => within(scopeOf('update', row.writes, role, true), caller, row))).length
}

/** Whether the doors let a caller use a verb, on an action where that matters. */
export function mayUse(caller: Caller, verb: string, action: Row, current = false): boolean {
  return !caller.refused && [...caller.roles].some((role) => within(scopeOf('use', verb, role, current), caller, action))
}

function within(scope: Scope, caller: Caller, row: Row): boolean {
  return scope.split('|').some((either) => either.split('&').every((each) => holds(each, caller, row)))
}

function holds(word: string, { organisation, principal }: Caller, row: Row): boolean {
  switch (word) {
    case '-':
      return false
    case 'all':
      return true
    case 'own':
      return organisation !== undefined && row.organisation === organisation
    case 'self':
      return principal !== undefined && row.principal === principal
    case 'part':
      return organisation !== undefined && row.parts.includes(organisation)
    case 'ever':
      return organisation !== undefined && row.ever.includes(organisation)
    case 'lead':
      return organisation !== undefined && row.leads.includes(organisation)
    case 'leading':
      return organisation !== undefined && row.leading.includes(organisation)
    case 'adopted':
      return row.adopted
    default:
      throw new Error(`No such scope: ${word}`)
  }
}
