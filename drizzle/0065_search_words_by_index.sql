grant samenspel_lookup to current_user;
--> statement-breakpoint
-- Each word is looked up by the index, whatever was planned while the words were few: one look for each word of a text, not one at all words.
alter function keep_search_words() set enable_seqscan = off;
--> statement-breakpoint
alter function keep_search_words() set enable_hashjoin = off;
--> statement-breakpoint
alter function keep_search_words() set enable_mergejoin = off;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
