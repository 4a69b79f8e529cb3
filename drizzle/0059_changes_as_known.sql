-- What differs between versions is asked of the tables themselves now, so that it can be asked of a moment as well: no view and no function is in between.
drop view plan_version_change;
--> statement-breakpoint
drop function agreed_lead(jsonb, uuid);
--> statement-breakpoint
drop function agreed_codes(uuid, text);
