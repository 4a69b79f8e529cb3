import type { Reads } from '../db/session.ts'

/** The tables of which the database keeps all states, each in a view `<table>_as_known` with the period in which it was known so. */
export async function keptTables(reads: Reads): Promise<ReadonlySet<string>> {
  const text = `select left(c.relname, -length('_as_known')) from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname like '%\\_as\\_known'`
  const [rows] = await reads.read({ kind: 'public' }, [{ text, values: [] }])
  return new Set(rows?.map(([table]) => table as string))
}

/** Those of them that a statement names. */
export const keptIn = (text: string, kept: ReadonlySet<string>): string[] =>
  [...new Set(text.match(/\w+/g))].filter((word) => kept.has(word))
