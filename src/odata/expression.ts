import type { EdmType } from '../read/feed.ts'
import { malformed, type Place, quote, unsupported } from './faults.ts'
import { functions } from './functions.ts'

/** A typed expression over one feed. `type` is what OData says it is; only the literal null has none. */
export type Expression = Null | Valued

/** An expression that may have a value, and so has a type. */
export type Valued = Literal | Property | Call

interface Null {
  kind: 'null'
  type: 'null'
  nullable: true
}

/** `text` is the value as PostgreSQL reads it. */
export interface Literal {
  kind: 'literal'
  type: EdmType
  nullable: false
  text: string
}

interface Property {
  kind: 'property'
  type: EdmType
  nullable: boolean
  name: string
}

/** An operator or a function, in lower case; `in` has its left side first, `and` and `or` have two operands or more. */
export interface Call {
  kind: 'call'
  type: EdmType
  nullable: boolean
  name: string
  operands: readonly Expression[]
}

/** Loosest first; operators of a level associate to the left (URL Conventions, "Operator Precedence"). */
export const levels = [['or'], ['and'], ['eq', 'ne'], ['gt', 'ge', 'lt', 'le'], ['add', 'sub'], ['mul', 'div', 'divby', 'mod']] as const

type Logic = 'and' | 'or'
type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
export type Operator = (typeof levels)[number][number]

const integers: readonly (EdmType | 'null')[] = ['Edm.Int32', 'Edm.Int64']
const numbers: readonly EdmType[] = ['Edm.Int32', 'Edm.Int64', 'Edm.Decimal']
const times: readonly (EdmType | 'null')[] = ['Edm.Date', 'Edm.DateTimeOffset']
const comparisons: readonly string[] = [...levels[2], ...levels[3]] satisfies Comparison[]

export const nothing: Expression = { kind: 'null', type: 'null', nullable: true }

export function operation(place: Place, name: Operator, left: Expression, right: Expression): Expression {
  if (name === 'and' || name === 'or') return logic(place, name, left, right)
  if (!comparisons.includes(name)) return arithmetic(place, name, [left, right])
  demandComparable(place, left, right)
  return { kind: 'call', name, operands: [left, right], type: 'Edm.Boolean', nullable: false }
}

export function negation(place: Place, operand: Expression): Expression {
  demand(place, 'not', operand, ['Edm.Boolean'])
  return { kind: 'call', name: 'not', operands: [operand], type: 'Edm.Boolean', nullable: operand.nullable }
}

/** A chain of one operator is one call, so that its length is not depth. */
function logic(place: Place, name: Logic, left: Expression, right: Expression): Expression {
  for (const operand of [left, right]) demand(place, name, operand, ['Edm.Boolean'])
  const chain = left.kind === 'call' && left.name === name ? left.operands : [left]
  const operands = [...chain, right]
  return { kind: 'call', name, operands, type: 'Edm.Boolean', nullable: operands.some(isNullable) }
}

/** Integers stay integers, save in `divby`; what a zero divides is null, unless the zero is written out: that is an error. */
export function arithmetic(place: Place, name: Operator | 'negate', operands: Expression[]): Expression {
  if (operands.some((operand) => times.includes(operand.type))) throw unsupported(place, 'arithmetic with time')
  for (const operand of operands) demand(place, name, operand, numbers)
  const divisor = ['div', 'divby', 'mod'].includes(name) ? operands[1] : undefined
  if (divisor?.kind === 'literal' && Number(divisor.text) === 0) throw malformed(place, 'division by zero')
  if (operands.some(isNull)) return nothing
  const whole = name !== 'divby' && operands.every((operand) => integers.includes(operand.type))
  const nullable = divisor !== undefined || operands.some(isNullable)
  return { kind: 'call', name, operands, type: whole ? 'Edm.Int64' : 'Edm.Decimal', nullable }
}

export function membership(place: Place, left: Expression, items: readonly Expression[]): Expression {
  for (const item of items) {
    if (item.kind !== 'literal' && item.kind !== 'null') throw unsupported(place, 'a list of anything but literals')
    demandComparable(place, left, item)
  }
  return { kind: 'call', name: 'in', operands: [left, ...items], type: 'Edm.Boolean', nullable: false }
}

/** A function of null is null (URL Conventions, "Canonical Functions"). */
export function call(place: Place, name: string, operands: readonly Expression[]): Expression {
  const definition = functions.get(name.toLowerCase())
  if (definition === undefined) throw unsupported(place, `the function ${quote(name)}`)
  const most = definition.takes.length
  const least = most - (definition.optional ?? 0)
  const fits = operands.length >= least && operands.length <= most
  if (!fits) throw malformed(place, `${quote(name)} takes ${least === most ? most : `${least} or ${most}`} arguments`)
  for (const [index, operand] of operands.entries()) demand(place, name, operand, definition.takes[index]!)
  if (operands.some(isNull)) return nothing
  return { kind: 'call', name: name.toLowerCase(), operands, type: definition.type, nullable: operands.some(isNullable) }
}

/** How many calls deep; a property or a literal is 0. */
export function depth(expression: Expression): number {
  return expression.kind === 'call' ? 1 + Math.max(0, ...expression.operands.map(depth)) : 0
}

/** Its value changes between two pages. */
export function readsClock(expression: Expression): boolean {
  return expression.kind === 'call' && (expression.name === 'now' || expression.operands.some(readsClock))
}

function demand(place: Place, taker: string, operand: Expression, types: readonly EdmType[]): void {
  if (operand.type === 'null' || types.includes(operand.type)) return
  throw malformed(place, `${quote(taker)} takes ${types.join(' or ')}, not ${operand.type}`)
}

function demandComparable(place: Place, left: Expression, right: Expression): void {
  if (left.type === right.type || left.type === 'null' || right.type === 'null') return
  if (numbers.includes(left.type) && numbers.includes(right.type)) return
  throw malformed(place, `${left.type} cannot be compared with ${right.type}`)
}

const isNull = (expression: Expression) => expression.kind === 'null'
const isNullable = (expression: Expression) => expression.nullable
