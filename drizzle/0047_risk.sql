CREATE TYPE "public"."risk_level" AS ENUM('LOW', 'MEDIUM', 'HIGH');--> statement-breakpoint
CREATE TYPE "public"."risk_state" AS ENUM('OPEN', 'MITIGATED', 'CLOSED');--> statement-breakpoint
CREATE TYPE "public"."risk_type" AS ENUM('TRUST', 'PLANNING', 'CAPACITY', 'FINANCE', 'OTHER');--> statement-breakpoint
CREATE TABLE "risk" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"type" "risk_type" NOT NULL,
	"description" jsonb NOT NULL,
	"effect" jsonb NOT NULL,
	"likelihood" "risk_level" NOT NULL,
	"impact" "risk_level" NOT NULL,
	"state" "risk_state" DEFAULT 'OPEN' NOT NULL,
	"recorded_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "risk_texts" CHECK (is_localised("risk"."description") and is_localised("risk"."effect"))
);
--> statement-breakpoint
ALTER TABLE "risk" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "risk" ADD CONSTRAINT "risk_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "risk" ADD CONSTRAINT "risk_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "risk_programme" ON "risk" USING btree ("programme_id","recorded_on");--> statement-breakpoint
CREATE POLICY "risk_read" ON "risk" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('risks')));--> statement-breakpoint
CREATE POLICY "risk_insert" ON "risk" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));--> statement-breakpoint
CREATE POLICY "risk_update" ON "risk" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation()))) WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));