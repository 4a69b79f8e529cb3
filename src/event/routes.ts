import { z } from 'zod'
import type { RestApp } from '../action/routes.ts'
import { plainText } from '../action/write/report-input.ts'
import { Watermark } from '../db/watermark.ts'
import { Problem } from '../errors.ts'
import { accepts } from '../media-type.ts'
import type { EventSource } from '../read/event.ts'
import type { RestOptions } from '../rest/plugin.ts'
import { problems } from '../rest/problem.ts'
import { eventsStatement, type Place } from './statement.ts'

const prefix = 'nl.samenspel.'
const batch = 'application/cloudevents-batch+json'
const json = 'application/json'
const mostEvents = 1000
const theBeginning: Place = { at: '0001-01-01T00:00:00.000000Z', id: '00000000-0000-0000-0000-000000000000' }

const sequenceForm = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

const place = z
  .string()
  .transform((text, { addIssue }): Place => {
    const [, at = '', id = ''] = sequenceForm.exec(text) ?? []
    if (isMoment(at)) return { at, id }
    addIssue({ code: 'custom', message: 'Expected the sequence of an event' })
    return z.NEVER
  })
  .describe('The sequence of the last event that you have; without it you begin at the first')

/** No thirtieth of February, and no year that the database does not know. */
const isMoment = (at: string): boolean => {
  const time = Date.parse(at)
  return !Number.isNaN(time) && at >= '0001' && new Date(time).toISOString().startsWith(at.slice(0, 23))
}

const event = z
  .object({
    specversion: z.literal('1.0'),
    id: z.guid().describe('The same whenever the event is told'),
    source: z.string(),
    type: z.string(),
    subject: z.string().describe('The id of what it is about, for GraphQL `node(id)`'),
    time: z.iso.datetime().describe('When it was recorded'),
    sequence: z.string().describe('Its place among all events: texts that sort as the events do'),
    datacontenttype: z.literal(json),
    data: z.record(z.string(), z.unknown()).describe('Codes and ids; what else there is you ask by the subject, with your own rights'),
  })
  .meta({ id: 'CloudEvent' })

export interface EventOptions extends Pick<RestOptions, 'session' | 'credential' | 'baseUrl'> {
  sources: readonly EventSource[]
}

/**
 * `GET /events`: what happened since a place, as CloudEvents (P9). Nothing is told before all that was recorded until then is, so that who goes on from the
 * last event that it has misses none of those that it may read, however long it was away.
 */
export function eventRoutes(app: RestApp, { session, credential, baseUrl, sources }: EventOptions): void {
  const watermark = new Watermark(session)
  const kinds = new Map(sources.flatMap((source) => Object.entries(source.types)))
  const types = [...kinds.keys()].map((type) => prefix + type) as [string, ...string[]]
  const told = [...kinds].map(([type, when]) => `- \`${prefix}${type}\`: ${when}`)
  const listOfTypes = z.union([z.enum(types).transform((type) => [type]), z.array(z.enum(types)).min(1)])

  app.get(
    '/events',
    {
      // As a batch of CloudEvents or as what it is without the name.
      config: { namesItsForm: true },
      schema: {
        operationId: 'events',
        tags: ['Events'],
        summary: 'What happened since you last asked',
        description: `As CloudEvents, in the order in which it was recorded, each that you may read at least once; what you come to see later is not told afterwards. \`Link\` (\`rel="next"\`) says where to go on; an empty list says that there is no more yet.\n\n${told.join('\n')}`,
        querystring: z.strictObject({
          after: place.optional(),
          limit: z.coerce.number().int().min(1).max(mostEvents).default(100),
          type: listOfTypes.optional().describe('Only these; repeat it for more than one'),
          subject: plainText(200).optional().describe('Only what is about this: an id'),
          own: z.enum(['true', 'false']).default('false').describe('Only of actions that your organisation takes part in today'),
        }),
        response: {
          200: { description: 'The events', content: { [batch]: { schema: z.array(event) }, [json]: { schema: z.array(event) } } },
          ...problems('BAD_USER_INPUT', 'NOT_ACCEPTABLE'),
        },
      },
    },
    async (request, reply) => {
      const { accept } = request.headers
      const form = [batch, json].find((type) => accepts(accept, type))
      if (form === undefined) throw new Problem('NOT_ACCEPTABLE', `The answer is ${batch} or ${json}`)
      const { after = theBeginning, limit, type, subject, own } = request.query
      const { until } = await watermark.ask()
      const question = { after, until, limit, types: type?.map((name) => name.slice(prefix.length)), subject, own: own === 'true' }
      const [rows = []] = await session.read(credential(request), [eventsStatement(sources, question)])
      const events = rows.map(toldAsCloudEvent)
      reply.header('link', `<${baseUrl?.(request) ?? ''}${next(request.url, events.at(-1)?.sequence)}>; rel="next"`).type(form)
      return events
    },
  )
}

function toldAsCloudEvent([id, time, type, subject, data]: readonly (string | null)[]): z.output<typeof event> {
  return {
    specversion: '1.0',
    id: id as string,
    source: 'https://samenspel.maastricht.nl',
    type: prefix + type,
    subject: subject as string,
    time: time as string,
    sequence: `${time}-${id}`,
    datacontenttype: json,
    data: JSON.parse(data as string),
  }
}

/** The same question, to go on behind an event. */
function next(url: string, sequence: string | undefined): string {
  const [path = '', query] = url.split('?')
  const asked = new URLSearchParams(query)
  if (sequence !== undefined) asked.set('after', sequence)
  return asked.size === 0 ? path : `${path}?${asked}`
}
