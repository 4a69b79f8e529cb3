import { and, eq } from 'drizzle-orm'
import { record } from '../../audit/record.ts'
import type { Actor, PrincipalActor } from '../../auth/actor.ts'
import { authorise } from '../../auth/permissions.ts'
import type { Tx } from '../../db/session.ts'
import { Problem } from '../../errors.ts'
import { externalRef } from '../table.ts'
import { type FoundAction, findActions, keyOf } from './find.ts'
import type { ActionSelector } from './report-input.ts'

export interface ExternalRefInput {
  action: ActionSelector
  system: string
  externalId: string
  /** Of the name it had, when the caller wants to replace that one and no other. */
  expectedVersion?: number
}

export interface NamedAction {
  actionId: string
  ref: string
  system: string
  externalId: string
  version: number
  /** It had no name in this system before. */
  created: boolean
}

/** Says by which id one of the organisation's own systems knows an action. Naming it as it is named already changes nothing. */
export async function setExternalRef(tx: Tx, actor: Actor, input: ExternalRefInput): Promise<NamedAction> {
  authorise(actor, 'action.setExternalRef')
  const { action: selector, system, externalId, expectedVersion } = input
  const action = (await findActions(tx, [selector])).get(keyOf(selector))
  if (action === undefined) throw new Problem('NOT_FOUND')
  const [known] = await tx.db
    .select({ id: externalRef.id, externalId: externalRef.externalId, version: externalRef.version })
    .from(externalRef)
    .where(and(eq(externalRef.organisationId, actor.organisationId), eq(externalRef.system, system), eq(externalRef.actionId, action.id)))
  if (expectedVersion !== undefined && expectedVersion !== known?.version)
    throw new Problem('VERSION_CONFLICT', `The version is now ${known?.version ?? 'none'}`)
  const named = { actionId: action.id, ref: action.ref, system, externalId }
  if (known?.externalId === externalId) return { ...named, version: known.version, created: false }
  const version = known === undefined ? await name(tx, actor, action, system, externalId) : await rename(tx, known.id, externalId)
  await record(tx, actor, {
    operation: 'actionSetExternalRef',
    subjectType: 'Action',
    subjectId: action.id,
    before: known && { system, externalId: known.externalId },
    after: { system, externalId },
  })
  return { ...named, version, created: known === undefined }
}

async function name(tx: Tx, actor: PrincipalActor, action: FoundAction, system: string, externalId: string): Promise<number> {
  const { organisationId } = actor
  await orTaken(tx.db.insert(externalRef).values({ organisationId, system, externalId, actionId: action.id }))
  return 1
}

async function rename(tx: Tx, id: string, externalId: string): Promise<number> {
  const [changed] = await orTaken(
    tx.db.update(externalRef).set({ externalId }).where(eq(externalRef.id, id)).returning({ version: externalRef.version }),
  )
  return changed?.version as number
}

/** The database judges whether an id is free, so that two who ask at once cannot both have it. */
async function orTaken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    const { constraint } = (error as { cause?: { constraint?: string } }).cause ?? {}
    throw constraint === 'external_ref_id' ? new Problem('EXTERNAL_ID_TAKEN', undefined, ['externalId']) : error
  }
}
