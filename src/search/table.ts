import { sql } from 'drizzle-orm'
import { customType, index, pgEnum, pgPolicy, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { lookup } from '../db/columns.ts'

export const searchKind = pgEnum('search_kind', ['ACTION', 'PLAN', 'AGENDA_THEME', 'DECISION', 'LESSON'])

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/**
 * The words of what can be searched, beside the tables that hold them (triggers keep it), so that an index finds them. No operator of such an index
 * is leakproof, so none would be used under a row policy: the service reads nothing here. It asks `found_texts`, which tells ids alone and only of
 * texts for the caller's audience, and the policies of the tables themselves decide of those.
 */
export const searchText = pgTable(
  'search_text',
  {
    /** That of the row the words come from. */
    id: uuid('id').primaryKey(),
    kind: searchKind('kind').notNull(),
    /** What they are found as: the action of an agreed text, the plan of a version. */
    subjectId: uuid('subject_id').notNull(),
    /** The capability without which no policy shows the row. */
    audience: text('audience').notNull(),
    /** In every language, without accents. */
    heading: text('heading').notNull(),
    body: text('body').notNull(),
    lexemes: tsvector('lexemes')
      .notNull()
      .generatedAlwaysAs(sql`setweight(to_tsvector('pg_catalog.dutch', heading) || to_tsvector('pg_catalog.english', heading), 'A')
        || to_tsvector('pg_catalog.dutch', body) || to_tsvector('pg_catalog.english', body)`),
    /** As they are written, for words that are only alike. */
    words: tsvector('words')
      .notNull()
      .generatedAlwaysAs(sql`setweight(to_tsvector('pg_catalog.simple', heading), 'A') || to_tsvector('pg_catalog.simple', body)`),
  },
  (t) => [
    index('search_text_lexemes').using('gin', t.lexemes),
    index('search_text_words').using('gin', t.words),
    index('search_text_subject').on(t.subjectId),
    pgPolicy('search_text_read', { for: 'select', to: lookup, using: sql`true` }),
    pgPolicy('search_text_insert', { for: 'insert', to: lookup, withCheck: sql`true` }),
    pgPolicy('search_text_update', { for: 'update', to: lookup, using: sql`true` }),
  ],
)

/**
 * Every word of those texts, so that what is mistyped is looked for among some thousands of words and not in each text. Two that come at once may
 * stand twice: a unique word would have one writer wait for another.
 */
export const searchWord = pgTable('search_word', { word: text('word').notNull() }, (t) => [
  index('search_word_word').on(t.word),
  index('search_word_trigrams').using('gin', sql`word gin_trgm_ops`),
  pgPolicy('search_word_read', { for: 'select', to: lookup, using: sql`true` }),
  pgPolicy('search_word_insert', { for: 'insert', to: lookup, withCheck: sql`true` }),
])
