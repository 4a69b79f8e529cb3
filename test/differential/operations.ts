import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

export interface Asked {
  query: string
  variables: Record<string, unknown>
}

/** What arguments are drawn from. */
export interface Material {
  ids: readonly string[]
  /** Codes, slugs and references by the concept they belong to. */
  names: ReadonlyMap<string, readonly string[]>
  /** Between which rows were changed. */
  moments: readonly string[]
  /** Cursors by the list that gave them out. */
  cursors: ReadonlyMap<string, readonly string[]>
}

/** Numbers between 0 and 1 that follow from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Walks the schema at random, so that a new type or field is asked for as soon as it is there. */
export class Operations {
  readonly #schema: GraphQLSchema
  readonly #material: Material
  readonly #random: () => number
  #variables = new Map<string, { type: string; value: unknown; given: boolean; otherwise: string | undefined }>()
  #fragments: { name: string; type: string; text: string }[] = []
  #aliases = 0
  #fields = 0

  constructor(schema: GraphQLSchema, material: Material, random: () => number) {
    this.#schema = schema
    this.#material = material
    this.#random = random
  }

  next(): Asked {
    this.#variables = new Map()
    this.#fragments = []
    this.#aliases = 0
    this.#fields = 8 + this.#below(24)
    const query = this.#schema.getQueryType() as GraphQLObjectType
    const selection = this.#selection(query, 3 + this.#below(5))
    const declared = [...this.#variables].map(
      ([name, { type, otherwise }]) => `$${name}: ${type}${otherwise === undefined ? '' : ` = ${otherwise}`}`,
    )
    const heading = declared.length > 0 ? `query Q(${declared.join(', ')}) ` : this.#chance(0.5) ? 'query ' : ''
    const fragments = this.#fragments.map(({ name, type, text }) => ` fragment ${name} on ${type} ${text}`)
    return { query: heading + selection + fragments.join(''), variables: this.#given() }
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }

  #given(): Record<string, unknown> {
    return Object.fromEntries([...this.#variables].filter(([, { given }]) => given).map(([name, { value }]) => [name, value]))
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #chance(probability: number): boolean {
    return this.#random() < probability
  }

  #selection(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const parts: string[] = []
    // What is searched has an order that only the index knows, and is tested by itself.
    const fields = Object.values(type.getFields()).filter(({ name }) => name !== 'search')
    const deep = fields.filter((field) => isCompositeType(getNamedType(field.type)))
    for (let count = 1 + this.#below(4); count > 0; count--) {
      const kind = this.#random()
      if (kind < 0.06) parts.push(this.#named('__typename') + this.#switch())
      else if (kind < 0.11 && depth > 1)
        parts.push(`... ${this.#chance(0.5) ? `on ${type.name} ` : ''}${this.#switch()}${this.#selection(type, depth)}`)
      else if (kind < 0.17 && depth > 1) parts.push(this.#spread(type, depth))
      else {
        const candidates = depth > 0 && this.#fields > 0 && deep.length > 0 && this.#chance(0.6) ? deep : fields
        const field = this.pick(candidates)
        if (depth > 0 || !isCompositeType(getNamedType(field.type))) parts.push(this.#field(type, field, depth))
      }
    }
    if (isInterfaceType(type)) {
      for (const concrete of this.#schema.getPossibleTypes(type)) {
        if (this.#chance(3 / this.#schema.getPossibleTypes(type).length))
          parts.push(`... on ${concrete.name} ${this.#switch()}${this.#selection(concrete, depth)}`)
      }
    }
    return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`
  }

  #named(name: string): string {
    return this.#chance(0.1) && this.#aliases < 25 ? `a${++this.#aliases}: ${name}` : name
  }

  #switch(): string {
    if (!this.#chance(0.06)) return ''
    const condition = this.#chance(0.15) ? 'true' : this.#variable('Boolean!', this.#chance(0.5), 'true', ['switch'])
    return ` @${this.pick(['include', 'skip'])}(if: ${condition}) `
  }

  #spread(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const known = this.#fragments.filter((fragment) => fragment.type === type.name)
    if (known.length > 0 && this.#chance(0.6)) return `...${this.pick(known).name}${this.#switch()}`
    const text = this.#selection(type, depth - 1)
    const name = `F${this.#fragments.length}`
    this.#fragments.push({ name, type: type.name, text })
    return `...${name}${this.#switch()}`
  }

  #field(parent: GraphQLObjectType | GraphQLInterfaceType, field: GraphQLField<unknown, unknown>, depth: number): string {
    this.#fields--
    const given = this.#argumentsOf(parent.name, field)
    // A field that is asked with arguments has a name of its own, or it would not merge with another asking.
    const name = given !== '' && this.#aliases < 25 ? `a${++this.#aliases}: ${field.name}` : this.#named(field.name)
    const type = getNamedType(field.type)
    const inner = isObjectType(type) || isInterfaceType(type) ? ` ${this.#selection(type, depth - 1)}` : ''
    return `${name}${given}${this.#switch()}${inner}`
  }

  #argumentsOf(parent: string, field: GraphQLField<unknown, unknown>): string {
    const paged = field.args.some(({ name }) => name === 'first')
    const given = field.args.flatMap((arg) => {
      const required = isNonNullType(arg.type) && arg.defaultValue === undefined
      if (!required && !this.#chance(this.#likelihood(arg))) return []
      const path = [parent, field.name, arg.name]
      if (paged && this.#chance(0.03)) return [`${arg.name}: null`]
      return [`${arg.name}: ${this.#valueOf(arg.type, path)}`]
    })
    return given.length === 0 ? '' : `(${given.join(', ')})`
  }

  #likelihood({ name }: GraphQLArgument): number {
    if (name === 'first') return 0.35
    if (name === 'last') return 0.15
    if (name === 'after' || name === 'before') return 0.15
    return 0.4
  }

  /** A value of a type as it stands in the document, or a variable for it. */
  #valueOf(type: GraphQLInputType, path: readonly string[]): string {
    if (this.#chance(0.25)) {
      const otherwise = this.#chance(0.3) ? literal(this.#draw(type, path), type) : undefined
      const value = this.#draw(type, path)
      return this.#variable(String(type), value, otherwise, path)
    }
    if (isNonNullType(type)) return this.#valueOf(type.ofType, path)
    if (isInputObjectType(type)) {
      const given = Object.values(type.getFields()).flatMap((field) =>
        isNonNullType(field.type) || this.#chance(1.3 / Object.keys(type.getFields()).length)
          ? [`${field.name}: ${this.#valueOf(field.type, [...path, field.name])}`]
          : [],
      )
      return `{ ${given.join(', ')} }`
    }
    if (isListType(type)) {
      const { ofType } = type
      return `[${Array.from({ length: this.#below(4) }, () => this.#valueOf(ofType, path)).join(', ')}]`
    }
    return literal(this.#draw(type, path), type)
  }

  #variable(type: string, value: unknown, otherwise: string | undefined, path: readonly string[]): string {
    const name = `${path.at(-1)}${this.#variables.size}`
    const mayLack = !type.endsWith('!') || otherwise !== undefined
    this.#variables.set(name, { type, value, otherwise, given: !(mayLack && this.#chance(0.2)) })
    return `$${name}`
  }

  /** A value as JSON has it. */
  #draw(type: GraphQLInputType, path: readonly string[]): unknown {
    if (isNonNullType(type)) return this.#draw(type.ofType, path)
    if (isListType(type)) return Array.from({ length: this.#below(4) }, () => this.#draw(type.ofType, path))
    if (isEnumType(type)) return this.pick(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      const chosen = fields.filter((field) => isNonNullType(field.type) || this.#chance(1.3 / fields.length))
      return Object.fromEntries(chosen.map((field) => [field.name, this.#draw(field.type, [...path, field.name])]))
    }
    const name = path.at(-1) as string
    switch (type.name) {
      case 'Int':
        if (name === 'first' || name === 'last')
          return this.#chance(0.2) ? this.pick([0, -1, 101, 2_147_483_647]) : this.pick([1, 1, 2, 3, 5, 100])
        return path.includes('year') ? 2023 + this.#below(5) : this.#below(18)
      case 'Boolean':
        return this.#chance(0.5)
      case 'Float':
        return this.#below(100) / 4
      case 'ID':
        return this.#chance(0.1)
          ? this.pick(['', 'bm9uc2Vuc2U', 'Action:1', `${this.pick(this.#material.ids)}x`])
          : this.pick(this.#material.ids)
      case 'Date':
        return this.pick(['2024-12-31', '2025-01-01', '2025-06-01', '2026-05-31', '2044-12-31', '0001-01-01', '9999-12-31'])
      case 'DateTime':
        if (name === 'asOf' && this.#chance(0.8)) return this.pick(this.#material.moments)
        return this.pick(['2025-06-01T10:07:13Z', '2026-01-01T00:00:00+01:00', '2199-01-01T00:00:00Z'])
      case 'Decimal':
        return this.pick(['0', '12.50', '-3', '100'])
      case 'Language':
        return this.pick(['nl', 'en', 'en', 'en-GB', 'de', 'source', 'tlh-Latn'])
      default:
        return name === 'after' || name === 'before' ? this.#cursor(path) : this.#text(path)
    }
  }

  #cursor([parent, field]: readonly string[]): string {
    const own = this.#material.cursors.get(`${parent}.${field}`) ?? []
    if (own.length > 0 && this.#chance(0.75)) return this.pick(own)
    const [, others] = this.pick([...this.#material.cursors, ['', []] as const])
    return others.length > 0 && this.#chance(0.7) ? this.pick(others) : this.pick(['', 'W10', 'x', 'WyJhIiwiYiJd'])
  }

  #text(path: readonly string[]): string {
    if (this.#chance(0.05)) return this.pick(['', 'niets', '“漢字”', "'; drop table action; --", '%', '\\'])
    if (path.at(-1) === 'matches') return this.pick(['canary', 'tekst', 'teksten', 'nothing -canary'])
    if (path.at(-1) === 'contains') return this.pick(['canary', 'TEKST', '-00', '1', 'e'])
    for (const name of [...path].reverse()) {
      const known = this.#material.names.get(name) ?? this.#material.names.get(name.replace(/s$/, ''))
      if (known !== undefined) return this.pick(known)
    }
    return this.pick(this.pick([...this.#material.names.values()]))
  }
}

/** A JSON value as it is written in a document. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType)
  if (value === null) return 'null'
  if (isListType(type)) return `[${(value as unknown[]).map((item) => literal(item, type.ofType)).join(', ')}]`
  if (isEnumType(type)) return String(value)
  if (isInputObjectType(type)) {
    const fields = Object.entries(value as Record<string, unknown>).map(
      ([name, inner]) => `${name}: ${literal(inner, (type.getFields()[name] as { type: GraphQLInputType }).type)}`,
    )
    return `{ ${fields.join(', ')} }`
  }
  return JSON.stringify(value)
}
