import type { FastifyInstance } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { type Path, Problem } from '../errors.ts'

/** The routes of this scope are described, checked and answered by zod. */
export function zodRoutes(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema }) => validate(schema))
  app.setSerializerCompiler(serializerCompiler)
}

/** Tells everything that is wrong with an input at once, by path. */
const validate = (schema: z.ZodType) => (input: unknown) => {
  const { success, data, error } = schema.safeParse(input)
  if (success) return { value: data }
  const faults = error.issues.map(({ message, path }) => new Problem('BAD_USER_INPUT', message, path as Path))
  return { error: new Problem('BAD_USER_INPUT', undefined, [], faults) }
}
