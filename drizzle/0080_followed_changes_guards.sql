-- When an action came to stand as it did, for who follows events.
create index action_history_changed on action_history (updated_at);
--> statement-breakpoint
call keep_history('status_report');
