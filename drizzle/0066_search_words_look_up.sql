-- The trigram index knows `=` too, and is slow at it: it would be asked while it has much that it has not sorted in yet. The other index is not.
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function keep_search_words() set enable_bitmapscan = off;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
