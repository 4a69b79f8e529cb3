create extension if not exists unaccent;
--> statement-breakpoint
create extension if not exists pg_trgm;
--> statement-breakpoint
-- Whether a text is found by words: in their forms in Dutch or English, or by most of the letters of what may be mistyped or a part of a word.
-- Asked only of texts that the caller's own policies let it read, so it can find nothing else.
create function matches_words(said text, wanted text) returns boolean language sql stable parallel safe set search_path = pg_catalog, public
begin atomic
  select to_tsvector('pg_catalog.dutch', unaccent(said)) @@ websearch_to_tsquery('pg_catalog.dutch', unaccent(wanted))
    or to_tsvector('pg_catalog.english', unaccent(said)) @@ websearch_to_tsquery('pg_catalog.english', unaccent(wanted))
    or (wanted !~ '(^|\s)-|"' and word_similarity(unaccent(wanted), unaccent(said)) >= 0.6);
end;
--> statement-breakpoint
call guard_functions();
