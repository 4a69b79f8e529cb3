import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { type Binding, candidates, type FieldArgs, parameter } from './arguments.ts'
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
  const [first, second, third] = languagesOf(place, args)
  const texts = sql`${expression}`
  const text = column(
    instance.source,
    sql`coalesce(${texts} ->> ${first}, ${texts} ->> ${second}, ${texts} ->> ${third}, ${texts} ->> (${texts} ->> 'source'))`,
  )
  const language = (): number =>
    column(
      instance.source,
      sql`case when ${texts} ? ${first} then ${first} when ${texts} ? ${second} then ${second} when ${texts} ? ${third} then ${third} else ${texts} ->> 'source' end`,
    )
  const writerOf = (name: string): Writer => {
    if (name === '__typename') return constant(type.name)
    if (name === 'text') return inline(`quote(row[${text}])`)
    const index = language()
    if (name === 'language') return inline(`quote(row[${index}])`)
    return (row, answer) =>
      String(
        !candidatesOf(answer, args.field)
          .slice(0, 2)
          .includes(row[index] as string),
      )
  }
  const write = objectOf(planning.fields(type, place.nodes).map(([key, nodes]) => ({ key, write: writerOf(fieldName(nodes)) })))
  if (neverNull(expression, instance)) return write
  return unless({ source: `row[${text}] === null`, holds: (row) => row[text] === null }, place, write)
}

/** The languages of the request, as parameters that all fields share. */
const requested = [0, 1, 2].map((index) => parameter(({ languages }) => languages[index] ?? null, 'text'))

/** The languages to try as parameters: the field's own where it names one, else those of the request. */
function languagesOf(place: TypedPlace, args: FieldArgs): readonly SQL[] {
  const own = place.nodes[0]?.arguments?.some(({ name }) => name.value === 'language')
  if (!own) return requested
  return [0, 1, 2].map((index) => parameter((binding) => candidatesOf(binding, args.field)[index] ?? null, 'text'))
}

/** The languages to try for a field: for the one it asks for, else for those of the request. */
function candidatesOf({ args, languages }: Pick<Binding, 'args' | 'languages'>, field: number): readonly string[] {
  const asked = args[field]?.language as string | null | undefined
  return asked ? candidates([asked]) : languages
}
