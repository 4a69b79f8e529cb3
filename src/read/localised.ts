import { Column, is, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Binding, candidates, type FieldArgs, mostCandidates, parameter, varieties } from './arguments.ts'
import { constant, inline, objectOf, unless, type Writer } from './assemble.ts'
import { objectAt, type TypedPlace } from './place.ts'
import { fieldName, type Planning } from './planning.ts'
import { column, type Instance, neverNull } from './statements.ts'

/** Plans `{ text language isFallback }`: the text in the first language wanted that is there, else in its source language, which is then told. */
export function localised(
  planning: Planning,
  place: TypedPlace,
  expression: SQL | SQLWrapper,
  instance: Instance,
  args: FieldArgs,
): Writer {
  const type = objectAt(place)
  const languages = languagesOf(place, args)
  const asked = (told: (texts: SQL) => SQL): number => column(instance.source, once(expression, told))
  const text = asked((texts) => {
    const each = languages.map((language) => sql`${texts} ->> ${language}`)
    return sql`coalesce(${sql.join(each, sql`, `)}, ${texts} ->> (${texts} ->> 'source'))`
  })
  const language = (): number =>
    asked((texts) => {
      const each = languages.map((language) => sql`when ${texts} ? ${language} then ${language}`)
      return sql`case ${sql.join(each, sql` `)} else ${texts} ->> 'source' end`
    })
  const writerOf = (name: string): Writer => {
    if (name === '__typename') return constant(type.name)
    if (name === 'text') return inline(`quote(row[${text}])`)
    const index = language()
    if (name === 'language') return inline(`quote(row[${index}])`)
    return (row, answer) => String(!varieties(candidatesOf(answer, args.field)[0] as string).includes(row[index] as string))
  }
  const write = objectOf(planning.fields(type, place.nodes).map(([key, nodes]) => ({ key, write: writerOf(fieldName(nodes)) })))
  if (neverNull(expression, instance)) return write
  return unless({ source: `row[${text}] === null`, holds: (row) => row[text] === null }, place, write)
}

/** What is told of texts in many places, of which those that are looked up are looked up once. */
const once = (texts: SQL | SQLWrapper, told: (texts: SQL) => SQL): SQL =>
  is(texts, Column) ? told(sql`${texts}`) : sql`(select ${told(sql`once.texts`)} from (select ${texts} as texts offset 0) once)`

/** The languages of the request, as parameters that all fields share. */
const requested = Array.from({ length: mostCandidates }, (_, index) => parameter(({ languages }) => languages[index] ?? null, 'text'))

/** The languages to try as parameters: the field's own where it names one, else those of the request. */
function languagesOf(place: TypedPlace, args: FieldArgs): readonly SQL[] {
  const own = place.nodes[0]?.arguments?.some(({ name }) => name.value === 'language')
  if (!own) return requested
  return requested.map((_, index) => parameter((binding) => candidatesOf(binding, args.field)[index] ?? null, 'text'))
}

/** The languages to try for a field: for the one it asks for, else for those of the request. */
function candidatesOf({ args, languages }: Pick<Binding, 'args' | 'languages'>, field: number): readonly string[] {
  const asked = args[field]?.language as string | null | undefined
  return asked ? candidates([asked]) : languages
}
