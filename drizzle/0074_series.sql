CREATE TABLE "region_conversion" (
	"id" uuid PRIMARY KEY NOT NULL,
	"region_id" uuid NOT NULL,
	"from_version_id" uuid NOT NULL,
	"to_version_id" uuid NOT NULL,
	"method" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "region_conversion_result" UNIQUE("id","to_version_id"),
	CONSTRAINT "region_conversion_between" CHECK ("region_conversion"."from_version_id" <> "region_conversion"."to_version_id"),
	CONSTRAINT "region_conversion_texts" CHECK (is_localised("region_conversion"."method"))
);
--> statement-breakpoint
ALTER TABLE "region_conversion" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "baseline" DROP CONSTRAINT "baseline_indicator_version_id_indicator_version_id_fk";
--> statement-breakpoint
ALTER TABLE "baseline" DROP CONSTRAINT "baseline_series_id_series_id_fk";
--> statement-breakpoint
ALTER TABLE "series" DROP CONSTRAINT "series_indicator_version_id_indicator_version_id_fk";
--> statement-breakpoint
ALTER TABLE "target" DROP CONSTRAINT "target_indicator_version_id_indicator_version_id_fk";
--> statement-breakpoint
ALTER TABLE "target" DROP CONSTRAINT "target_series_id_series_id_fk";
--> statement-breakpoint
ALTER TABLE "import_run" ADD COLUMN "open" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "indicator" ADD COLUMN "rounded_to" integer;
--> statement-breakpoint
ALTER TABLE "observation" ADD COLUMN "conversion_id" uuid;
--> statement-breakpoint
ALTER TABLE "observation_revision" ADD COLUMN "region_version_id" uuid;
--> statement-breakpoint
ALTER TABLE "observation_revision" ADD COLUMN "conversion_id" uuid;
--> statement-breakpoint
ALTER TABLE "region_version" ADD COLUMN "code" text;
--> statement-breakpoint
-- What was there already, which no verb has changed by this: without the triggers that would say so. The owner passes no policy while they are forced.
do $$
declare relation text;
begin
  foreach relation in array array['region', 'region_version', 'observation', 'observation_revision', 'indicator'] loop
    execute format('alter table %I no force row level security', relation);
    execute format('alter table %I disable trigger user', relation);
  end loop;
  update region_version v set code = r.code from region r where r.id = v.region_id;
  update observation_revision r set region_version_id = o.region_version_id from observation o where o.id = r.observation_id;
  update indicator set rounded_to = case when code in ('bijstand', 'ao_uitkering', 'ww_uitkering', 'aow_uitkering') then 10 else 5 end
  where code in ('inwoners', 'inwoners_0_15', 'inwoners_65plus', 'huishoudens', 'eenpersoonshuishoudens', 'huishoudens_met_kinderen',
    'bijstand', 'ao_uitkering', 'ww_uitkering', 'aow_uitkering');
  set constraints all immediate;
  foreach relation in array array['region', 'region_version', 'observation', 'observation_revision', 'indicator'] loop
    execute format('alter table %I enable trigger user', relation);
    execute format('alter table %I force row level security', relation);
  end loop;
end $$;
--> statement-breakpoint
ALTER TABLE "region_version" ALTER COLUMN "code" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "observation_revision" ALTER COLUMN "region_version_id" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "indicator_version" ADD CONSTRAINT "indicator_version_of_indicator" UNIQUE("id","indicator_id");
--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_by_definition" UNIQUE("id","indicator_version_id");
--> statement-breakpoint
ALTER TABLE "region_version" ADD CONSTRAINT "region_version_code" UNIQUE("code","year");
--> statement-breakpoint
ALTER TABLE "region_version" ADD CONSTRAINT "region_version_of_region" UNIQUE("id","region_id");
--> statement-breakpoint
ALTER TABLE "region_conversion" ADD CONSTRAINT "region_conversion_from" FOREIGN KEY ("from_version_id","region_id") REFERENCES "public"."region_version"("id","region_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "region_conversion" ADD CONSTRAINT "region_conversion_to" FOREIGN KEY ("to_version_id","region_id") REFERENCES "public"."region_version"("id","region_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "region_conversion_region" ON "region_conversion" USING btree ("region_id");
--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_definition" FOREIGN KEY ("series_id","indicator_version_id") REFERENCES "public"."series"("id","indicator_version_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_conversion" FOREIGN KEY ("conversion_id","region_version_id") REFERENCES "public"."region_conversion"("id","to_version_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "observation_revision" ADD CONSTRAINT "observation_revision_region_version_id_region_version_id_fk" FOREIGN KEY ("region_version_id") REFERENCES "public"."region_version"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "observation_revision" ADD CONSTRAINT "observation_revision_conversion" FOREIGN KEY ("conversion_id","region_version_id") REFERENCES "public"."region_conversion"("id","to_version_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_definition" FOREIGN KEY ("indicator_version_id","indicator_id") REFERENCES "public"."indicator_version"("id","indicator_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "target" ADD CONSTRAINT "target_definition" FOREIGN KEY ("series_id","indicator_version_id") REFERENCES "public"."series"("id","indicator_version_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "region_version_redrawn" ON "region_version" USING btree ("region_id","year") WHERE "region_version"."change" = 'REDRAWN';
--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_rounded" CHECK ("indicator"."rounded_to" > 0);
--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_converted" CHECK (conversion_id is null or status in ('ESTIMATED', 'SUPPRESSED'));
--> statement-breakpoint
ALTER TABLE "observation_revision" ADD CONSTRAINT "observation_revision_converted" CHECK (conversion_id is null or status in ('ESTIMATED', 'SUPPRESSED'));
--> statement-breakpoint
ALTER TABLE "region_version" ADD CONSTRAINT "region_version_code_form" CHECK ("region_version"."code" ~ '^(NL[0-9]{2}|GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$');
--> statement-breakpoint
CREATE POLICY "region_conversion_read" ON "region_conversion" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));
--> statement-breakpoint
CREATE POLICY "region_conversion_insert" ON "region_conversion" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));
--> statement-breakpoint
CREATE INDEX "observation_of_conversion" ON "observation" USING btree ("conversion_id") WHERE "observation"."conversion_id" is not null;
--> statement-breakpoint
CREATE INDEX "observation_revision_of_conversion" ON "observation_revision" USING btree ("conversion_id") WHERE "observation_revision"."conversion_id" is not null;
--> statement-breakpoint
CREATE INDEX "region_conversion_from_version" ON "region_conversion" USING btree ("from_version_id");
--> statement-breakpoint
CREATE INDEX "region_conversion_to_version" ON "region_conversion" USING btree ("to_version_id");
