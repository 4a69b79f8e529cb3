-- What was is seen by the rule of what is.
call keep_history('action_participation');
--> statement-breakpoint
call keep_history('status_report');
--> statement-breakpoint
call keep_history('milestone');
--> statement-breakpoint
call keep_history('action_relation');
