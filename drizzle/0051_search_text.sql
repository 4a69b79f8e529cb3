CREATE TYPE "public"."search_kind" AS ENUM('ACTION', 'PLAN', 'AGENDA_THEME', 'DECISION', 'LESSON');--> statement-breakpoint
CREATE TABLE "search_text" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" "search_kind" NOT NULL,
	"subject_id" uuid NOT NULL,
	"audience" text NOT NULL,
	"heading" text NOT NULL,
	"body" text NOT NULL,
	"lexemes" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('pg_catalog.dutch', heading) || to_tsvector('pg_catalog.english', heading), 'A')
        || to_tsvector('pg_catalog.dutch', body) || to_tsvector('pg_catalog.english', body)) STORED NOT NULL,
	"words" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('pg_catalog.simple', heading), 'A') || to_tsvector('pg_catalog.simple', body)) STORED NOT NULL
);
--> statement-breakpoint
ALTER TABLE "search_text" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "search_word" (
	"word" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "search_word" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "search_text_lexemes" ON "search_text" USING gin ("lexemes");--> statement-breakpoint
CREATE INDEX "search_text_words" ON "search_text" USING gin ("words");--> statement-breakpoint
CREATE INDEX "search_text_subject" ON "search_text" USING btree ("subject_id");--> statement-breakpoint
CREATE INDEX "search_word_word" ON "search_word" USING btree ("word");--> statement-breakpoint
CREATE INDEX "search_word_trigrams" ON "search_word" USING gin (word gin_trgm_ops);--> statement-breakpoint
CREATE POLICY "search_text_read" ON "search_text" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "search_text_insert" ON "search_text" AS PERMISSIVE FOR INSERT TO "samenspel_lookup" WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "search_text_update" ON "search_text" AS PERMISSIVE FOR UPDATE TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "search_word_read" ON "search_word" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "search_word_insert" ON "search_word" AS PERMISSIVE FOR INSERT TO "samenspel_lookup" WITH CHECK (true);