import { Problem } from '../errors.ts'
import type { Actor, PrincipalActor } from './actor.ts'

/** The roles of the access matrix that somebody can hold; PUBLIC is who holds none. */
export const roles = [
  'PARTNER_READER',
  'PARTNER_EDITOR',
  'PARTNER_SYSTEM',
  'PROGRAMME_TEAM',
  'PORTFOLIO_HOLDER',
  'RESEARCH_STATISTICS',
  'BI_READER',
  'COMMUNICATION',
  'COUNCIL_READER',
  'AUDITOR',
  'ADMIN',
] as const
export type Role = (typeof roles)[number]

interface Permission {
  /** Who may use the verb; which rows it then reaches is for the row policies. */
  roles: readonly Role[]
  /** What a machine's key must carry to use it. */
  scope: string
}

/** Every verb, who may use it and the scope a key needs. Rows are never decided here (decisions D1). */
export const permissions = {
  'action.recordStatus': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM'], scope: 'status:write' },
  'action.pushStatus': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM'], scope: 'status:write' },
  'action.retractStatus': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM'], scope: 'status:write' },
  'action.discardReport': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'action.acceptReport': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'action.setExternalRef': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'], scope: 'status:write' },
  'action.create': { roles: ['PROGRAMME_TEAM'], scope: 'action:write' },
  'action.editAgreed': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'action.tag': { roles: ['PROGRAMME_TEAM'], scope: 'action:write' },
  'action.removeFromDraft': { roles: ['PROGRAMME_TEAM'], scope: 'action:write' },
  'action.changeParts': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'milestone.write': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'action.carryOver': { roles: ['PROGRAMME_TEAM'], scope: 'action:write' },
  'action.relate': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'action:write' },
  'note.create': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'], scope: 'note:write' },
  'contribution.write': { roles: ['PARTNER_EDITOR', 'PARTNER_SYSTEM'], scope: 'contribution:write' },
  'plan.create': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.startDraft': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.edit': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.return': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.withdraw': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.submit': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.adopt': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'plan.amend': { roles: ['PORTFOLIO_HOLDER'], scope: 'plan:write' },
  'document.attach': { roles: ['PROGRAMME_TEAM'], scope: 'plan:write' },
  'decision.record': { roles: ['PROGRAMME_TEAM'], scope: 'decision:write' },
  'programme.extend': { roles: ['PROGRAMME_TEAM'], scope: 'programme:write' },
  'theme.add': { roles: ['PROGRAMME_TEAM'], scope: 'programme:write' },
  'result.write': { roles: ['PROGRAMME_TEAM'], scope: 'programme:write' },
  'policy.align': { roles: ['PROGRAMME_TEAM'], scope: 'programme:write' },
  'finance.write': { roles: ['PROGRAMME_TEAM'], scope: 'finance:write' },
  'capacity.write': { roles: ['PROGRAMME_TEAM'], scope: 'capacity:write' },
  'indicator.nameSdg': { roles: ['RESEARCH_STATISTICS'], scope: 'figure:write' },
  'agenda.write': { roles: ['PROGRAMME_TEAM'], scope: 'agenda:write' },
  'breakthrough.write': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER'], scope: 'breakthrough:write' },
  'publication.write': { roles: ['COMMUNICATION', 'PROGRAMME_TEAM'], scope: 'publication:write' },
  'participation.write': { roles: ['COMMUNICATION', 'PROGRAMME_TEAM'], scope: 'publication:write' },
  'evaluation.write': { roles: ['PROGRAMME_TEAM', 'RESEARCH_STATISTICS'], scope: 'evaluation:write' },
  'lesson.write': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'lesson:write' },
  'risk.write': { roles: ['PARTNER_EDITOR', 'PROGRAMME_TEAM'], scope: 'risk:write' },
  'council.inform': { roles: ['PROGRAMME_TEAM'], scope: 'council:write' },
  'headline.choose': { roles: ['RESEARCH_STATISTICS', 'PROGRAMME_TEAM'], scope: 'figure:write' },
  'indicator.setDisclosure': { roles: ['RESEARCH_STATISTICS'], scope: 'figure:write' },
  'conversion.record': { roles: ['RESEARCH_STATISTICS'], scope: 'figure:write' },
  'indicator.import': { roles: ['RESEARCH_STATISTICS'], scope: 'figure:write' },
  'alliance.manage': { roles: ['ADMIN'], scope: 'alliance:write' },
  'key.manage': { roles: ['ADMIN'], scope: 'key:write' },
} as const satisfies Record<string, Permission>

export type Verb = keyof typeof permissions

/** Roles that only the database or only this file knows: somebody could hold what opens no verb, or a verb could be for nobody. */
export const strangeRoles = (known: readonly string[]): string[] => [
  ...known.filter((role) => !(roles as readonly string[]).includes(role)),
  ...roles.filter((role) => !known.includes(role)),
]

/** All scopes there are, in the order of the table. */
export const scopes: readonly string[] = [...new Set(Object.values(permissions).map((permission) => permission.scope))]

const permissionOf = (verb: Verb): Permission => permissions[verb]

export function mayUse(held: readonly string[], verb: Verb): boolean {
  return permissionOf(verb).roles.some((role) => held.includes(role))
}

/** The scopes that serve the verbs of these roles; what a new key gets when none are named. */
export function scopesOf(held: readonly string[]): string[] {
  return scopes.filter((scope) =>
    (Object.keys(permissions) as Verb[]).some((verb) => permissionOf(verb).scope === scope && mayUse(held, verb)),
  )
}

/** Lets a caller through to a verb, or says what is missing. */
export function authorise(actor: Actor, verb: Verb): asserts actor is PrincipalActor {
  if (actor.kind === 'PUBLIC') throw new Problem('UNAUTHENTICATED', 'This needs a credential')
  if (!mayUse(actor.roles, verb)) throw new Problem('FORBIDDEN', `This needs one of the roles ${permissionOf(verb).roles.join(', ')}`)
  if (actor.inGrace && verb !== 'action.pushStatus') throw new Problem('FORBIDDEN', 'Your organisation has left: its system only pushes')
  const { scope } = permissionOf(verb)
  if (actor.kind === 'MACHINE' && !actor.scopes.includes(scope)) throw new Problem('SCOPE_MISSING', `The key lacks the scope ${scope}`)
}
