import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Filter } from './model.ts'

/** Whether the texts of the row with this id say what is asked. */
type Said = (id: SQL, ...texts: (SQL | SQLWrapper)[]) => SQL

/** A filter by what texts say: one of them contains something, all together are found by words; of now, by an index. */
export function byText<C>(condition: (child: C, said: Said) => SQL): Filter<C> {
  return (child, test, past) =>
    condition(child, (id, ...texts) => {
      const columns = sql.join(texts, sql`, `)
      const one = sql`exists (select from texts_of(${columns}) said where ${test(sql`said`, 'text')})`
      if (test.matches === undefined) return one
      const { words, alone } = test.matches
      const found = past
        ? sql`matches_words(search_words(${columns}), ${words})`
        : sql`${id} in (select found.id from found_texts(${words}) found)`
      return alone ? found : sql`${one} and ${found}`
    })
}
