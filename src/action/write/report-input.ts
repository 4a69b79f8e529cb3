import { hash } from 'node:crypto'
import { getTableColumns } from 'drizzle-orm'
import { z } from 'zod'
import { catalogue, type ErrorCode, type Path } from '../../errors.ts'
import { plan, planVersion } from '../../plan/table.ts'
import type { ActionStatus, Health } from '../status.ts'
import { actionParticipation, actionStatus, action as actionTable, agreedAction, health, statusReport, visibility } from '../table.ts'

/** What is wrong with one report, told as data. The path is that of the report's own field. */
export interface Fault {
  code: ErrorCode
  path: Path
  message: string
}

export const fault = (code: ErrorCode, path: Path, message: string = catalogue[code].title): Fault => ({ code, path, message })

export type Visibility = (typeof visibility.enumValues)[number]

/** How a sender names an action: by its own system's id, by the programme's reference, or by our id. */
export type ActionSelector = { externalId: string; system: string } | { ref: string } | { id: string }

export interface ReportInput {
  action: ActionSelector
  externalEventId: string | null
  sourceSequence: number | null
  /** UTC with microseconds. */
  effectiveAt: string
  status: ActionStatus
  progressPercent: number | null
  health: Health | null
  narrative: string | null
  visibility: Visibility
}

/** A report as it was read: complete, or with all that is wrong and whatever of it could still be understood. */
export interface Candidate {
  report?: ReportInput
  /** Of the content, however it was written: recognises a repetition. */
  fingerprint?: string
  externalEventId: string | null
  selector?: ActionSelector
  effectiveAt?: string
  faults: Fault[]
}

/** PostgreSQL cannot hold NUL, nor half of a surrogate pair. */
const unstorable = /[\0\p{Surrogate}]/u

export const plainText = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !unstorable.test(text), 'Must hold no NUL and no lone surrogate')

export const defaultSystem = 'default'

const action = z
  .strictObject({
    externalId: plainText(200).optional().describe("The action's id in your own system"),
    system: plainText(100).optional().describe(`Which of your systems, when you have more than one; \`${defaultSystem}\` unless told`),
    ref: plainText(100).optional().describe("The programme's own reference of the action"),
    id: plainText(100).optional().describe('The id by which this API names the action'),
  })
  .refine(({ externalId, ref, id }) => [externalId, ref, id].filter((name) => name !== undefined).length === 1, {
    message: 'Name the action by exactly one of externalId, ref and id',
  })
  .refine(({ externalId, system }) => system === undefined || externalId !== undefined, {
    message: 'A system goes with an externalId',
    path: ['system'],
  })
  .describe('Exactly one of `externalId` (with `system`), `ref` and `id`')

const effectiveAt = z.iso
  .datetime({ offset: true })
  .refine((text) => text >= '1900' && text < '9999', 'Must lie in the years 1900 to 9998')
  .describe('Since when the action stands as reported: any offset, at most five minutes ahead of the clock')

/** Every field that a push may carry; any other is refused by name. */
const content = {
  action,
  externalEventId: plainText(200).describe('Your id of this report. Sending it again with the same content changes nothing'),
  sourceSequence: z.int().min(0).nullish().describe('Your own order among reports of the same moment'),
  effectiveAt,
  status: z.enum(actionStatus.enumValues),
  progressPercent: z.int().min(0).max(100).nullish().describe('Unchanged when absent'),
  health: z.enum(health.enumValues).nullish().describe('Unchanged when absent'),
  narrative: plainText(10_000).nullish(),
  visibility: z.enum(visibility.enumValues).nullish().describe('Who may read the narrative; ALLIANCE unless told'),
}

export const pushedReport = z.strictObject(content).describe('A report of an action’s status at a moment')
/** A person's report needs no event id; only sending it twice is then not recognised. */
const typedReport = z.strictObject({ ...content, externalEventId: content.externalEventId.nullish() })

export const readPushedReport = (raw: unknown): Candidate => read(pushedReport, raw)
export const readTypedReport = (raw: unknown): Candidate => read(typedReport, raw)

function read(schema: typeof pushedReport | typeof typedReport, raw: unknown): Candidate {
  const { success, data, error } = schema.safeParse(raw)
  if (!success) return { ...salvage(raw), faults: faultsOf(error) }
  const report: ReportInput = {
    action: selectorOf(data.action),
    externalEventId: data.externalEventId ?? null,
    sourceSequence: data.sourceSequence ?? null,
    effectiveAt: toUtc(data.effectiveAt),
    status: data.status,
    progressPercent: data.progressPercent ?? null,
    health: data.health ?? null,
    narrative: data.narrative ?? null,
    visibility: data.visibility ?? 'ALLIANCE',
  }
  return {
    report,
    fingerprint: hash('sha256', JSON.stringify(report), 'hex'),
    externalEventId: report.externalEventId,
    selector: report.action,
    effectiveAt: report.effectiveAt,
    faults: [],
  }
}

/** What of an invalid report can be judged all the same, so that its sender hears of everything at once. */
function salvage(raw: unknown): Omit<Candidate, 'faults'> {
  const fields = (typeof raw === 'object' ? raw : null) as Record<string, unknown> | null
  const eventId = content.externalEventId.safeParse(fields?.externalEventId).data
  const selector = action.safeParse(fields?.action).data
  const moment = effectiveAt.safeParse(fields?.effectiveAt).data
  return {
    externalEventId: eventId ?? null,
    selector: selector && selectorOf(selector),
    effectiveAt: moment && toUtc(moment),
  }
}

function selectorOf({ externalId, system, ref, id }: z.output<typeof action>): ActionSelector {
  if (externalId !== undefined) return { externalId, system: system ?? defaultSystem }
  return ref !== undefined ? { ref } : { id: id as string }
}

/** An instant with any offset and precision → UTC with microseconds; finer digits are cut off. */
function toUtc(text: string): string {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? ''
  const second = new Date(Date.parse(text.replace(/\.\d+/, ''))).toISOString().slice(0, 19)
  return `${second}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}

/** More are not listed one by one, so that an answer cannot be made much larger than its question. */
const unknownFieldsListed = 20

/** What is agreed of an action and its plan, or decided here of a report: there is such a field, and no push changes it (P10). */
const notPushable: ReadonlySet<string> = new Set([
  ...[plan, planVersion, actionTable, agreedAction, actionParticipation, statusReport].flatMap((table) =>
    Object.keys(getTableColumns<typeof table>(table)),
  ),
  ...['lead', 'contributors', 'planned', 'actual', 'objective', 'pillars', 'themes', 'sdgs', 'results', 'milestones', 'disposition'],
])

function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path as Path
    if (issue.code !== 'unrecognized_keys') return [fault('BAD_USER_INPUT', path, issue.message)]
    return issue.keys.slice(0, unknownFieldsListed).map((key) => strangeField(key, path))
  })
}

const strangeField = (key: string, path: Path): Fault =>
  notPushable.has(key)
    ? fault('FIELD_NOT_PUSHABLE', [...path, key])
    : fault('UNKNOWN_PROPERTY', [...path, storable(key)], 'A report has no such field')

const storable = (key: string): string => key.slice(0, 100).replace(new RegExp(unstorable, 'gu'), '\uFFFD')
