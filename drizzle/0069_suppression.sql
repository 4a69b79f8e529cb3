ALTER TABLE "confidential_value" ADD COLUMN "revision" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "confidential_value" ADD COLUMN "status" "obs_status" NOT NULL;--> statement-breakpoint
ALTER TABLE "indicator" ADD COLUMN "numerator_id" uuid;--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_numerator_id_indicator_id_fk" FOREIGN KEY ("numerator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "indicator_numerator" ON "indicator" USING btree ("numerator_id");--> statement-breakpoint
ALTER TABLE "confidential_value" ADD CONSTRAINT "confidential_value_told" CHECK (status not in ('SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING'));--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_threshold_of_count" CHECK ("indicator"."disclosure_threshold" is null or ("indicator"."disclosure_threshold" > 0 and "indicator"."measure" = 'UNIT' and "indicator"."aggregation" = 'SUM'));--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_numerator_of_ratio" CHECK ("indicator"."numerator_id" is null or "indicator"."aggregation" <> 'SUM');