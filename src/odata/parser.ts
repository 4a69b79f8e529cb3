import type { EdmType, Feed } from '../read/feed.ts'
import {
  arithmetic,
  call,
  depth,
  type Expression,
  type Literal,
  levels,
  membership,
  negation,
  nothing,
  operation,
  readsClock,
  type Valued,
} from './expression.ts'
import { malformed, type Place, quote, type Source, unknownProperty, unsupported } from './faults.ts'
import { functions } from './functions.ts'
import { type Token, tokenize } from './lexer.ts'

export interface Order {
  by: Valued
  descending: boolean
}

/** Parameter aliases of the request: `@name` → its text. */
export type Aliases = ReadonlyMap<string, string>

/** Limits of one expression; a larger one is refused, never cut. */
export const limits = { nodes: 100, depth: 10, nesting: 64, orderItems: 10 }

/** The text of `$filter` → an expression that is true, false or null. */
export function parseFilter(feed: Feed, text: string, aliases: Aliases = new Map()): Expression {
  const source = { option: '$filter', text }
  const filter = new Parser(source, { feed, aliases, nodes: 0, nesting: 0 }).whole()
  const conditional = filter.type === 'Edm.Boolean' || filter.type === 'null'
  if (!conditional) throw malformed({ source, at: 0 }, `the condition is ${filter.type}, not Edm.Boolean`)
  return filter
}

/** The text of `$orderby` → its items, as asked. */
export function parseOrder(feed: Feed, text: string, aliases: Aliases = new Map()): Order[] {
  return new Parser({ option: '$orderby', text }, { feed, aliases, nodes: 0, nesting: 0 }).orders()
}

/** The text between the parentheses of `Set(…)`: a literal of the key's type, or `Name=literal`. */
export function parseKey(feed: Feed, text: string): Literal {
  const source = { option: 'key', text }
  const tokens = tokenize(source)
  const named = tokens[0]?.text === feed.key && tokens[1]?.text === '='
  const [token, end] = named ? tokens.slice(2) : tokens
  const { type } = feed.properties[feed.key]!
  const found = token !== undefined && 'type' in token && fits(token.type, type) && end?.kind === 'end'
  if (!found) throw malformed({ source, at: token?.at ?? 0 }, `the key of ${feed.set} is one ${type}`)
  return { kind: 'literal', type: token.type, text: token.text, nullable: false }
}

const fits = (given: EdmType, wanted: EdmType) => given === wanted || (given === 'Edm.Int32' && wanted === 'Edm.Int64')

interface Scope {
  feed: Feed
  aliases: Aliases
  /** Operators, functions, properties and literals so far. */
  nodes: number
  /** Parentheses, arguments, negations and aliases that are open: what this parser's own stack grows by. */
  nesting: number
}

/** Recursive descent along the ABNF of OData 4.01; aliases are parsed where they stand, by a parser that shares the scope. */
class Parser {
  readonly #source: Source
  readonly #scope: Scope
  readonly #tokens: Token[]
  #next = 0

  constructor(source: Source, scope: Scope) {
    this.#source = source
    this.#scope = scope
    this.#tokens = tokenize(source)
  }

  whole(): Expression {
    const expression = this.#expression()
    this.#end()
    return expression
  }

  orders(): Order[] {
    const orders: Order[] = []
    do {
      const place = this.#place()
      const by = this.#expression()
      if (by.kind === 'null') throw malformed(place, 'null has no order')
      if (readsClock(by)) throw unsupported(place, 'an order by the clock')
      const descending = this.#word(['asc', 'desc']) === 'desc'
      orders.push({ by, descending })
      if (orders.length > limits.orderItems) throw malformed(place, `more than ${limits.orderItems} items`)
    } while (this.#symbol(','))
    this.#end()
    return orders
  }

  #expression(): Expression {
    const place = this.#place()
    const expression = this.#binary(0)
    if (depth(expression) > limits.depth) throw malformed(place, `nested deeper than ${limits.depth}`)
    return expression
  }

  #binary(level: number): Expression {
    const operators = levels[level]
    if (operators === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const place = this.#place()
      const operator = this.#word(operators)
      if (operator === undefined) return left
      left = this.#counted(place, operation(place, operator, left, this.#binary(level + 1)))
    }
  }

  #unary(): Expression {
    const place = this.#place()
    if (this.#word(['not']))
      return this.#counted(
        place,
        negation(
          place,
          this.#nested(() => this.#unary()),
        ),
      )
    if (this.#symbol('-')) return this.#counted(place, arithmetic(place, 'negate', [this.#nested(() => this.#unary())]))
    return this.#member(this.#primary())
  }

  #member(left: Expression): Expression {
    const place = this.#place()
    if (this.#word(['has'])) throw unsupported(place, 'has')
    if (!this.#word(['in'])) return left
    const { kind, text } = this.#peek()
    if (kind === 'word' || kind === 'alias' || text === '[') throw unsupported(place, 'in without a plain list')
    this.#expect('(')
    const items = this.#list(() => this.#primary())
    return this.#counted(place, membership(place, left, items))
  }

  #primary(): Expression {
    const place = this.#place()
    const token = this.#take()
    const { text } = token
    if ('type' in token) return this.#counted(place, { kind: 'literal', type: token.type, text, nullable: false })
    if (token.kind === 'alias') return this.#alias(place, text)
    if (token.kind === 'word') return this.#name(place, text)
    if (text === '(') return this.#group()
    if (text === '[' || text === '{') throw unsupported(place, 'a JSON literal')
    throw malformed(place, token.kind === 'end' ? 'something is missing here' : `${quote(text)} is not expected here`)
  }

  #group(): Expression {
    const expression = this.#nested(() => this.#binary(0))
    this.#expect(')')
    return expression
  }

  /** An alias without a value is null (URL Conventions, "Parameter Aliases"). */
  #alias(place: Place, name: string): Expression {
    if (name.includes('.')) throw unsupported(place, 'an annotation')
    const text = this.#scope.aliases.get(name)
    if (text === undefined) return this.#counted(place, nothing)
    return this.#nested(() => new Parser({ option: name, text }, this.#scope).whole())
  }

  #name(place: Place, name: string): Expression {
    const lower = name.toLowerCase()
    if (this.#symbol('(')) return this.#call(place, name)
    if (lower === 'true' || lower === 'false')
      return this.#counted(place, { kind: 'literal', type: 'Edm.Boolean', text: lower, nullable: false })
    if (lower === 'null') return this.#counted(place, nothing)
    if (name.startsWith('$') || name.includes('.') || name === 'INF' || name === 'NaN') throw unsupported(place, quote(name))
    return this.#property(place, name)
  }

  /** Types are flat: a property has neither members nor properties of its own. */
  #property(place: Place, name: string): Expression {
    const { feed } = this.#scope
    if (this.#symbol('/')) {
      const { text } = this.#take()
      throw /^(any|all|\$count)$/i.test(text) ? unsupported(place, 'a collection') : unknownProperty(place, feed, `${name}/${text}`)
    }
    const property = Object.hasOwn(feed.properties, name) ? feed.properties[name] : undefined
    if (property === undefined) throw unknownProperty(place, feed, name)
    return this.#counted(place, { kind: 'property', name, type: property.type, nullable: property.nullable })
  }

  /** An unknown function is refused by its name, before its arguments (they may have a syntax of their own, as `cast`). */
  #call(place: Place, name: string): Expression {
    if (!functions.has(name.toLowerCase())) throw unsupported(place, `the function ${quote(name)}`)
    const operands = this.#symbol(')') ? [] : this.#list(() => this.#nested(() => this.#binary(0)))
    return this.#counted(place, call(place, name, operands))
  }

  /** Items up to the closing parenthesis. */
  #list(item: () => Expression): Expression[] {
    const items: Expression[] = []
    do items.push(item())
    while (this.#symbol(','))
    this.#expect(')')
    return items
  }

  #counted(place: Place, node: Expression): Expression {
    if (++this.#scope.nodes > limits.nodes) throw malformed(place, `larger than ${limits.nodes} parts`)
    return node
  }

  #nested(parse: () => Expression): Expression {
    if (++this.#scope.nesting > limits.nesting) throw malformed(this.#place(), 'nested too deep')
    const parsed = parse()
    this.#scope.nesting--
    return parsed
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #place(): Place {
    return { source: this.#source, at: this.#peek().at }
  }

  #take(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#next++
    return token
  }

  /** Takes the next token if it is one of these words, in any case (4.01). */
  #word<const T extends string>(words: readonly T[]): T | undefined {
    const { kind, text } = this.#peek()
    const word = kind === 'word' ? words.find((known) => known === text.toLowerCase()) : undefined
    if (word !== undefined) this.#next++
    return word
  }

  #symbol(text: string): boolean {
    const token = this.#peek()
    const found = token.kind === 'symbol' && token.text === text
    if (found) this.#next++
    return found
  }

  #expect(text: string): void {
    const place = this.#place()
    if (!this.#symbol(text)) throw malformed(place, `${quote(text)} is expected here`)
  }

  #end(): void {
    const { kind, text } = this.#peek()
    if (kind !== 'end') throw malformed(this.#place(), `${quote(text)} is not expected here`)
  }
}
