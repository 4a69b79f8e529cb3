ALTER TABLE "status_report" ADD COLUMN "late" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "status_report_changed" ON "status_report" USING btree ("updated_at");--> statement-breakpoint
CREATE INDEX "observation_revision_revised" ON "observation_revision" USING btree ("recorded_at") WHERE "observation_revision"."revision" > 1;