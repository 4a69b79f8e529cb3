CREATE TYPE "public"."document_kind" AS ENUM('PLAN', 'PROPOSAL', 'COUNCIL_INFORMATION_LETTER', 'COMMUNICATION_PLAN', 'OTHER');--> statement-breakpoint
CREATE TABLE "amendment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"plan_version_id" uuid NOT NULL,
	"kind" "amendment_kind" NOT NULL,
	"rationale" jsonb NOT NULL,
	"mandate_id" uuid,
	"decision_point_id" uuid,
	"amended_on" date DEFAULT today() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "amendment_plan_version_id_unique" UNIQUE("plan_version_id"),
	CONSTRAINT "amendment_rationale_localised" CHECK (is_localised("amendment"."rationale")),
	CONSTRAINT "amendment_force" CHECK (("amendment"."mandate_id" is null) <> ("amendment"."decision_point_id" is null))
);
--> statement-breakpoint
ALTER TABLE "amendment" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "document" (
	"id" uuid PRIMARY KEY NOT NULL,
	"plan_version_id" uuid NOT NULL,
	"kind" "document_kind" NOT NULL,
	"title" jsonb NOT NULL,
	"media_type" text NOT NULL,
	"sha256" text NOT NULL,
	"url" text NOT NULL,
	"withdrawn" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "document_title_localised" CHECK (is_localised("document"."title")),
	CONSTRAINT "document_sha256" CHECK ("document"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
ALTER TABLE "document" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "decision_point" DROP CONSTRAINT "decision_point_adopts";--> statement-breakpoint
ALTER TABLE "mandate" ADD COLUMN "revoked_by_id" uuid;--> statement-breakpoint
ALTER TABLE "plan_version" ADD COLUMN "based_on_id" uuid;--> statement-breakpoint
ALTER TABLE "plan_version" ADD COLUMN "guiding_principles" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "amendment" ADD CONSTRAINT "amendment_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "amendment" ADD CONSTRAINT "amendment_mandate_id_mandate_id_fk" FOREIGN KEY ("mandate_id") REFERENCES "public"."mandate"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "amendment" ADD CONSTRAINT "amendment_decision_point_id_decision_point_id_fk" FOREIGN KEY ("decision_point_id") REFERENCES "public"."decision_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document" ADD CONSTRAINT "document_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "amendment_mandate" ON "amendment" USING btree ("mandate_id");--> statement-breakpoint
CREATE INDEX "amendment_decision_point" ON "amendment" USING btree ("decision_point_id");--> statement-breakpoint
CREATE INDEX "document_plan_version" ON "document" USING btree ("plan_version_id");--> statement-breakpoint
CREATE UNIQUE INDEX "document_once" ON "document" USING btree ("plan_version_id","sha256") WHERE not withdrawn;--> statement-breakpoint
ALTER TABLE "mandate" ADD CONSTRAINT "mandate_revoked_by_id_decision_point_id_fk" FOREIGN KEY ("revoked_by_id") REFERENCES "public"."decision_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_version" ADD CONSTRAINT "plan_version_of_plan" UNIQUE("id","plan_id");--> statement-breakpoint
ALTER TABLE "plan_version" ADD CONSTRAINT "plan_version_based_on" FOREIGN KEY ("based_on_id","plan_id") REFERENCES "public"."plan_version"("id","plan_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mandate_revoked_by" ON "mandate" USING btree ("revoked_by_id");--> statement-breakpoint
CREATE INDEX "plan_version_of_base" ON "plan_version" USING btree ("based_on_id","plan_id");--> statement-breakpoint
ALTER TABLE "decision_point" ADD CONSTRAINT "decision_point_adopts" CHECK (("decision_point"."type" in ('ADOPTION', 'AMENDMENT')) = ("decision_point"."plan_version_id" is not null));--> statement-breakpoint
ALTER TABLE "mandate" ADD CONSTRAINT "mandate_term" CHECK ("mandate"."ends_on" >= "mandate"."starts_on");--> statement-breakpoint
CREATE POLICY "decision_update" ON "decision" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "amendment_read" ON "amendment" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from plan_version v where v.id = plan_version_id));--> statement-breakpoint
CREATE POLICY "amendment_insert" ON "amendment" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('portfolio')) and mandate_id is not null) or ((select caller_may('team')) and decision_point_id is not null));--> statement-breakpoint
CREATE POLICY "document_read" ON "document" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from plan_version v where v.id = plan_version_id));--> statement-breakpoint
CREATE POLICY "document_insert" ON "document" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "document_update" ON "document" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
ALTER POLICY "plan_version_update" ON "plan_version" TO samenspel_app USING ((select caller_may('team')) or ((select caller_may('portfolio')) and state in ('SUBMITTED', 'ADOPTED', 'SUPERSEDED') and exists (
        select 1 from mandate m where m.plan_id = plan_version.plan_id and m.holder = 'PORTFOLIO_HOLDER'
          and m.starts_on <= (select today()) and (m.ends_on is null or m.ends_on > (select today()))))) WITH CHECK ((select caller_may('team')) or ((select caller_may('portfolio')) and state in ('SUBMITTED', 'ADOPTED', 'SUPERSEDED') and exists (
        select 1 from mandate m where m.plan_id = plan_version.plan_id and m.holder = 'PORTFOLIO_HOLDER'
          and m.starts_on <= (select today()) and (m.ends_on is null or m.ends_on > (select today())))));