import { z } from 'zod'
import type { Localised } from './db/columns.ts'
import { type Path, Problem } from './errors.ts'

/** An input as its schema reads it, or all that is wrong with it at once. */
export function parsed<T>(schema: z.ZodType<T>, input: unknown): T {
  const { success, data, error } = schema.safeParse(input)
  if (success) return data
  const errors = error.issues.map(({ message, path }) => new Problem('BAD_USER_INPUT', message, path as Path))
  throw new Problem('BAD_USER_INPUT', errors[0]?.message, errors[0]?.path, errors)
}

/** An id that cannot be one names nothing, which is the same as something that is hidden. */
export const givenId = z.uuid().optional().catch(undefined)

/** Dutch text; translations of what it replaces go with that. */
export const dutchText = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .transform((nl): Localised => ({ source: 'nl', nl }))

/** A number of something, not negative, with at most two decimals, told as it is stored. */
export const hundredths = (digits: number, what: string) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${digits}}(\\.\\d{1,2})?$`), `Must be ${what}, not negative, with at most two decimals`)
    .transform((given) => {
      const [whole, decimals = ''] = given.split('.') as [string, string?]
      return `${BigInt(whole)}.${decimals.padEnd(2, '0')}`
    })

/** Nothing that anybody has reason to send or keep is deeper. */
const deepest = 10

/** JSON with sorted keys and no blanks: equal for equal content, however it was written. */
export function canonical(value: unknown, depth = 0): string {
  if (depth > deepest) throw new Problem('BAD_USER_INPUT', 'The input is nested too deeply')
  if (Array.isArray(value)) return `[${value.map((element) => canonical(element, depth + 1)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = value as Record<string, unknown>
  const written = Object.keys(fields)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(fields[key], depth + 1)}`)
  return `{${written.join()}}`
}
