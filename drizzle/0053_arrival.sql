DROP VIEW IF EXISTS "status_report_source_as_known";--> statement-breakpoint
ALTER TABLE "status_report_source" DROP COLUMN "tie_break";--> statement-breakpoint
call guard_functions();
