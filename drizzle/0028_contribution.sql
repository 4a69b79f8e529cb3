CREATE TYPE "public"."contribution_kind" AS ENUM('MONEY', 'STAFF', 'IN_KIND');--> statement-breakpoint
CREATE TABLE "contribution" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"kind" "contribution_kind" NOT NULL,
	"amount" numeric(14, 2),
	"hours" numeric(9, 2),
	"fte" numeric(6, 2),
	"description" jsonb,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"withdrawn_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "contribution_measure" CHECK (case "contribution"."kind"
        when 'MONEY' then "contribution"."amount" is not null and num_nonnulls("contribution"."hours", "contribution"."fte") = 0
        when 'STAFF' then "contribution"."amount" is null and num_nonnulls("contribution"."hours", "contribution"."fte") = 1
        else num_nonnulls("contribution"."amount", "contribution"."hours", "contribution"."fte") = 0 and "contribution"."description" is not null end),
	CONSTRAINT "contribution_positive" CHECK ("contribution"."amount" > 0 and "contribution"."hours" > 0 and "contribution"."fte" > 0),
	CONSTRAINT "contribution_description" CHECK (is_localised("contribution"."description")),
	CONSTRAINT "contribution_period" CHECK ("contribution"."ends_on" >= "contribution"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "contribution" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "contribution" ADD CONSTRAINT "contribution_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contribution" ADD CONSTRAINT "contribution_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "contribution_action" ON "contribution" USING btree ("action_id","starts_on");--> statement-breakpoint
CREATE INDEX "contribution_organisation" ON "contribution" USING btree ("organisation_id","starts_on");--> statement-breakpoint
CREATE POLICY "contribution_read" ON "contribution" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('contributions')) and organisation_id = (select caller_organisation())) or ((select caller_may('party_contributions')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))));--> statement-breakpoint
CREATE POLICY "contribution_insert" ON "contribution" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (organisation_id = (select caller_organisation()) and (select caller_may('member')) and ((select caller_may('edit')) or (select caller_may('push'))));--> statement-breakpoint
CREATE POLICY "contribution_update" ON "contribution" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (organisation_id = (select caller_organisation()) and (select caller_may('member')) and ((select caller_may('edit')) or (select caller_may('push')))) WITH CHECK (organisation_id = (select caller_organisation()) and (select caller_may('member')) and ((select caller_may('edit')) or (select caller_may('push'))));