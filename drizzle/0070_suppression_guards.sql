grant update (numerator_id) on indicator to samenspel_app;
--> statement-breakpoint
grant update (revision, status) on confidential_value to samenspel_app;
--> statement-breakpoint
-- The thresholds that were there were set by no verb and applied by nobody, to figures that their publisher protects before it publishes them.
-- The owner passes no policy while they are forced.
alter table indicator no force row level security;
--> statement-breakpoint
alter table indicator disable trigger user;
--> statement-breakpoint
update indicator set disclosure_threshold = null where disclosure_threshold is not null;
--> statement-breakpoint
alter table indicator enable trigger user;
--> statement-breakpoint
alter table indicator force row level security;
--> statement-breakpoint
call guard_functions();
