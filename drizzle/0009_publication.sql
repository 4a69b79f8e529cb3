CREATE TYPE "public"."publication_state" AS ENUM('DRAFT', 'REVIEWED', 'PUBLISHED', 'OUTDATED');--> statement-breakpoint
CREATE TABLE "headline" (
	"id" uuid PRIMARY KEY NOT NULL,
	"neighbourhood_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"indicator_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "headline_position" UNIQUE("neighbourhood_id","position"),
	CONSTRAINT "headline_five" CHECK ("headline"."position" between 1 and 5)
);
--> statement-breakpoint
ALTER TABLE "headline" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "publication" (
	"id" uuid PRIMARY KEY NOT NULL,
	"neighbourhood_id" uuid NOT NULL,
	"plan_version_id" uuid NOT NULL,
	"version_state" "plan_state" DEFAULT 'DRAFT' NOT NULL,
	"version_number" integer DEFAULT 1 NOT NULL,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "publication_once" UNIQUE("plan_version_id","neighbourhood_id"),
	CONSTRAINT "publication_state" UNIQUE("id","version_state")
);
--> statement-breakpoint
ALTER TABLE "publication" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "publication_text" (
	"id" uuid PRIMARY KEY NOT NULL,
	"publication_id" uuid NOT NULL,
	"version_state" "plan_state" DEFAULT 'DRAFT' NOT NULL,
	"language" text NOT NULL,
	"summary" text NOT NULL,
	"foreword" text,
	"foreword_author" text,
	"state" "publication_state" DEFAULT 'DRAFT' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "publication_text_language" UNIQUE("publication_id","language"),
	CONSTRAINT "publication_text_language_form" CHECK ("publication_text"."language" ~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$'),
	CONSTRAINT "publication_text_foreword_by" CHECK (("publication_text"."foreword" is null) = ("publication_text"."foreword_author" is null)),
	CONSTRAINT "publication_text_author_described" CHECK ("publication_text"."foreword_author" !~ '@|[0-9]{4}')
);
--> statement-breakpoint
ALTER TABLE "publication_text" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "headline" ADD CONSTRAINT "headline_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "headline" ADD CONSTRAINT "headline_indicator_id_indicator_id_fk" FOREIGN KEY ("indicator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "publication" ADD CONSTRAINT "publication_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "publication" ADD CONSTRAINT "publication_plan_version" FOREIGN KEY ("plan_version_id","version_state","version_number") REFERENCES "public"."plan_version"("id","state","number") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "publication_text" ADD CONSTRAINT "publication_text_publication" FOREIGN KEY ("publication_id","version_state") REFERENCES "public"."publication"("id","version_state") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
CREATE INDEX "headline_indicator" ON "headline" USING btree ("indicator_id");--> statement-breakpoint
CREATE INDEX "publication_neighbourhood" ON "publication" USING btree ("neighbourhood_id");--> statement-breakpoint
CREATE POLICY "headline_read" ON "headline" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "headline_insert" ON "headline" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "headline_update" ON "headline" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (((select caller_may('statistics')) or (select caller_may('team')))) WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "publication_read" ON "publication" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('communicate')) or (select caller_may('team')) or exists (select 1 from publication_text x where x.publication_id = publication.id));--> statement-breakpoint
CREATE POLICY "publication_insert" ON "publication" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('communicate')) or (select caller_may('team')));--> statement-breakpoint
CREATE POLICY "publication_text_read" ON "publication_text" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((state in ('PUBLISHED', 'OUTDATED') and (select caller_may('public'))) or (select caller_may('communicate')) or (select caller_may('team')));--> statement-breakpoint
CREATE POLICY "publication_text_insert" ON "publication_text" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('communicate')) or (select caller_may('team')));--> statement-breakpoint
CREATE POLICY "publication_text_update" ON "publication_text" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('communicate')) or (select caller_may('team'))) WITH CHECK ((select caller_may('communicate')) or (select caller_may('team')));