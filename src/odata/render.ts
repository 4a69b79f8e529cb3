import { type SQL, sql } from 'drizzle-orm'
import type { EdmType, Feed } from '../read/feed.ts'
import type { Call, Expression } from './expression.ts'
import { functions } from './functions.ts'

const postgresTypes: Record<EdmType, SQL> = {
  'Edm.String': sql`text`,
  'Edm.Guid': sql`uuid`,
  'Edm.Int32': sql`integer`,
  'Edm.Int64': sql`bigint`,
  'Edm.Decimal': sql`numeric`,
  'Edm.Boolean': sql`boolean`,
  'Edm.Date': sql`date`,
  'Edm.DateTimeOffset': sql`timestamptz`,
}

// With a cast, since `order by true` is an error.
const always = sql`true::boolean`
const never = sql`false::boolean`

/** A value of the caller: always a parameter, always with its type. */
export const parameter = (type: EdmType, text: string) => sql`${text}::${postgresTypes[type]}`

/** A property where it is compared or ordered. Text is cast: its column may be an enum, which compares with nothing else. */
export function property(feed: Feed, name: string): SQL {
  const { type, sql: source } = feed.properties[name]!
  return type === 'Edm.String' ? sql`(${source})::text` : sql`(${source})`
}

/**
 * What stands in a `where`: there false and null are the same, so comparisons stay as plain as an index needs them.
 * OData has no null from a comparison: `null gt 1` is false, `null eq null` and `null ne 1` are true.
 */
export function condition(feed: Feed, expression: Expression): SQL {
  return render(feed, expression, true)
}

/** The exact value; `not` and `eq` can tell false from null. */
export function value(feed: Feed, expression: Expression): SQL {
  return render(feed, expression, false)
}

function render(feed: Feed, expression: Expression, loose: boolean): SQL {
  switch (expression.kind) {
    case 'null':
      return sql`null::boolean`
    case 'literal':
      return parameter(expression.type, expression.text)
    case 'property':
      return property(feed, expression.name)
    case 'call':
      return renderCall(feed, expression, loose)
  }
}

function renderCall(feed: Feed, call: Call, loose: boolean): SQL {
  switch (call.name) {
    case 'and':
    case 'or':
      return sql`(${sql.join(
        call.operands.map((operand) => render(feed, operand, loose)),
        sql.raw(` ${call.name} `),
      )})`
    case 'not':
      return sql`(not ${value(feed, call.operands[0]!)})`
    case 'eq':
    case 'ne':
      return equality(feed, call, loose)
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return inequality(feed, call, loose)
    case 'in':
      return membership(feed, call, loose)
    default:
      return functions.has(call.name) ? functionCall(feed, call) : arithmetic(feed, call)
  }
}

function equality(feed: Feed, { name, operands }: Call, loose: boolean): SQL {
  const [left, right] = operands as [Expression, Expression]
  if (right.kind === 'null') return nullTest(feed, left, name === 'eq')
  if (left.kind === 'null') return nullTest(feed, right, name === 'eq')
  const either = left.nullable || right.nullable
  const both = left.nullable && right.nullable
  const plain = name === 'eq' ? !either || (loose && !both) : !either
  const operator = plain ? { eq: '=', ne: '<>' } : { eq: 'is not distinct from', ne: 'is distinct from' }
  return sql`(${value(feed, left)} ${sql.raw(operator[name as 'eq' | 'ne'])} ${value(feed, right)})`
}

function nullTest(feed: Feed, operand: Expression, isNull: boolean): SQL {
  if (operand.kind === 'null') return isNull ? always : never
  return isNull ? sql`(${value(feed, operand)} is null)` : sql`(${value(feed, operand)} is not null)`
}

function inequality(feed: Feed, { name, operands }: Call, loose: boolean): SQL {
  const [left, right] = operands as [Expression, Expression]
  if (left.kind === 'null' || right.kind === 'null') return never
  const operator = sql.raw({ gt: '>', ge: '>=', lt: '<', le: '<=' }[name as 'gt' | 'ge' | 'lt' | 'le'])
  const comparison = sql`(${value(feed, left)} ${operator} ${value(feed, right)})`
  return loose || !(left.nullable || right.nullable) ? comparison : falseForNull(comparison)
}

function membership(feed: Feed, { operands: [left, ...items] }: Call, loose: boolean): SQL {
  const tests: SQL[] = []
  const values = items.filter((item) => item.kind !== 'null')
  if (left!.kind === 'null') return values.length < items.length ? always : never
  if (values.length > 0) {
    const list = values.map((item) => value(feed, item))
    const test = sql`(${value(feed, left!)} in (${sql.join(list, sql`, `)}))`
    tests.push(loose || !left!.nullable ? test : falseForNull(test))
  }
  if (values.length < items.length) tests.push(nullTest(feed, left!, true))
  return tests.length === 1 ? tests[0]! : sql`(${sql.join(tests, sql` or `)})`
}

const falseForNull = (test: SQL) => sql`coalesce(${test}, false)`

function functionCall(feed: Feed, call: Call): SQL {
  const definition = functions.get(call.name)!
  const operands = call.operands.map((operand) => {
    const rendered = value(feed, operand)
    return definition.utc && operand.type === 'Edm.DateTimeOffset' ? sql`(${rendered} at time zone 'UTC')` : rendered
  })
  return definition.sql(...operands)
}

/** In bigint or numeric, so that only what bigint cannot hold overflows; `/` and `%` of bigint cut towards zero, as OData's do. */
function arithmetic(feed: Feed, call: Call): SQL {
  const [left, right] = call.operands.map((operand) => sql`(${value(feed, operand)})::${postgresTypes[call.type]}`)
  switch (call.name) {
    case 'negate':
      return sql`(- ${left})`
    case 'add':
      return sql`(${left} + ${right})`
    case 'sub':
      return sql`(${left} - ${right})`
    case 'mul':
      return sql`(${left} * ${right})`
    case 'mod':
      return sql`(${left} % nullif(${right}, 0))`
    default:
      return sql`(${left} / nullif(${right}, 0))`
  }
}
