import { type ASTNode, type DocumentNode, Kind, print, visit } from 'graphql'

/** Everything of an operation that can be left out: selections, directives, arguments, fields of objects, items of lists, operators. */
const removable: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_SPREAD,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
])

/** The document without its nth removable part, nor what only that part used; nothing when there are fewer. */
function without(document: DocumentNode, nth: number): DocumentNode | undefined {
  let count = 0
  const shorter = visit(document, {
    enter(node: ASTNode) {
      if (removable.has(node.kind) && count++ === nth) return null
      return undefined
    },
  })
  return count > nth ? pruned(shorter) : undefined
}

/** Without fragments and variables that nothing names any more. */
function pruned(document: DocumentNode): DocumentNode {
  const used = new Set<string>()
  visit(document, {
    FragmentSpread: ({ name }) => void used.add(name.value),
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(`$${name.value}`),
  })
  const shorter = visit(document, {
    FragmentDefinition: ({ name }) => (used.has(name.value) ? undefined : null),
    VariableDefinition: ({ variable }) => (used.has(`$${variable.name.value}`) ? undefined : null),
  })
  return shorter.definitions.length < document.definitions.length ? pruned(shorter) : shorter
}

/** The shortest document, found in a bounded number of tries, that still fails. */
export async function shrunk(document: DocumentNode, fails: (query: string) => Promise<boolean>): Promise<string> {
  let best = document
  let tries = 0
  for (let nth = 0; tries < 400; ) {
    const shorter = without(best, nth)
    if (shorter === undefined) break
    tries++
    // A selection that is left empty prints as a field without one, and fails in another way or not at all.
    if (await fails(print(shorter)).catch(() => false)) best = shorter
    else nth++
  }
  return print(best)
}
