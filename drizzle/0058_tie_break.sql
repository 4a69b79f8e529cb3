-- Reports of before have none, and stand in the order of their ids.
ALTER TABLE "status_report_source" ADD COLUMN "tie_break" text NOT NULL DEFAULT '';--> statement-breakpoint
ALTER TABLE "status_report_source" ALTER COLUMN "tie_break" DROP DEFAULT;--> statement-breakpoint
call guard_functions();
