CREATE TYPE "public"."monitoring_plan_state" AS ENUM('DRAFT', 'ESTABLISHED', 'REVISED');--> statement-breakpoint
CREATE TABLE "evaluation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"monitoring_plan_id" uuid NOT NULL,
	"title" jsonb NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"verdict" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "evaluation_of_plan" UNIQUE("id","monitoring_plan_id"),
	CONSTRAINT "evaluation_texts" CHECK (is_localised("evaluation"."title") and is_localised("evaluation"."verdict")),
	CONSTRAINT "evaluation_period" CHECK ("evaluation"."ends_on" >= "evaluation"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "evaluation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "evaluation_figure" (
	"id" uuid PRIMARY KEY NOT NULL,
	"evaluation_id" uuid NOT NULL,
	"monitoring_plan_id" uuid NOT NULL,
	"indicator_id" uuid NOT NULL,
	"observation_revision_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "evaluation_figure_once" UNIQUE("evaluation_id","observation_revision_id")
);
--> statement-breakpoint
ALTER TABLE "evaluation_figure" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "evaluation_result" (
	"evaluation_id" uuid NOT NULL,
	"result_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "evaluation_result_evaluation_id_result_id_pk" PRIMARY KEY("evaluation_id","result_id")
);
--> statement-breakpoint
ALTER TABLE "evaluation_result" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "monitoring_plan" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"title" jsonb NOT NULL,
	"state" "monitoring_plan_state" DEFAULT 'DRAFT' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "monitoring_plan_title_localised" CHECK (is_localised("monitoring_plan"."title"))
);
--> statement-breakpoint
ALTER TABLE "monitoring_plan" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "monitoring_plan_indicator" (
	"monitoring_plan_id" uuid NOT NULL,
	"indicator_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "monitoring_plan_indicator_monitoring_plan_id_indicator_id_pk" PRIMARY KEY("monitoring_plan_id","indicator_id")
);
--> statement-breakpoint
ALTER TABLE "monitoring_plan_indicator" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "participation_event" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"plan_version_id" uuid,
	"neighbourhood_id" uuid,
	"held_on" date NOT NULL,
	"organisation_id" uuid,
	"resident_group" text,
	"subject" jsonb NOT NULL,
	"outcome" jsonb,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "participation_event_about" CHECK (num_nonnulls("participation_event"."plan_version_id", "participation_event"."neighbourhood_id") > 0),
	CONSTRAINT "participation_event_who" CHECK (num_nonnulls("participation_event"."organisation_id", "participation_event"."resident_group") = 1),
	CONSTRAINT "participation_event_group_described" CHECK ("participation_event"."resident_group" !~ '@|[0-9]{4}'),
	CONSTRAINT "participation_event_texts" CHECK (is_localised("participation_event"."subject") and is_localised("participation_event"."outcome"))
);
--> statement-breakpoint
ALTER TABLE "participation_event" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "evaluation" ADD CONSTRAINT "evaluation_monitoring_plan_id_monitoring_plan_id_fk" FOREIGN KEY ("monitoring_plan_id") REFERENCES "public"."monitoring_plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_figure" ADD CONSTRAINT "evaluation_figure_observation_revision_id_observation_revision_id_fk" FOREIGN KEY ("observation_revision_id") REFERENCES "public"."observation_revision"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_figure" ADD CONSTRAINT "evaluation_figure_evaluation" FOREIGN KEY ("evaluation_id","monitoring_plan_id") REFERENCES "public"."evaluation"("id","monitoring_plan_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_figure" ADD CONSTRAINT "evaluation_figure_indicator" FOREIGN KEY ("monitoring_plan_id","indicator_id") REFERENCES "public"."monitoring_plan_indicator"("monitoring_plan_id","indicator_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_result" ADD CONSTRAINT "evaluation_result_evaluation_id_evaluation_id_fk" FOREIGN KEY ("evaluation_id") REFERENCES "public"."evaluation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluation_result" ADD CONSTRAINT "evaluation_result_result_id_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "public"."result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitoring_plan" ADD CONSTRAINT "monitoring_plan_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitoring_plan_indicator" ADD CONSTRAINT "monitoring_plan_indicator_monitoring_plan_id_monitoring_plan_id_fk" FOREIGN KEY ("monitoring_plan_id") REFERENCES "public"."monitoring_plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitoring_plan_indicator" ADD CONSTRAINT "monitoring_plan_indicator_indicator_id_indicator_id_fk" FOREIGN KEY ("indicator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participation_event" ADD CONSTRAINT "participation_event_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participation_event" ADD CONSTRAINT "participation_event_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participation_event" ADD CONSTRAINT "participation_event_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "participation_event" ADD CONSTRAINT "participation_event_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "evaluation_monitoring_plan" ON "evaluation" USING btree ("monitoring_plan_id");--> statement-breakpoint
CREATE INDEX "evaluation_figure_indicator" ON "evaluation_figure" USING btree ("monitoring_plan_id","indicator_id");--> statement-breakpoint
CREATE INDEX "evaluation_figure_revision" ON "evaluation_figure" USING btree ("observation_revision_id");--> statement-breakpoint
CREATE INDEX "evaluation_result_result" ON "evaluation_result" USING btree ("result_id");--> statement-breakpoint
CREATE INDEX "monitoring_plan_indicator_indicator" ON "monitoring_plan_indicator" USING btree ("indicator_id");--> statement-breakpoint
CREATE INDEX "participation_event_plan_version" ON "participation_event" USING btree ("plan_version_id");--> statement-breakpoint
CREATE INDEX "participation_event_neighbourhood" ON "participation_event" USING btree ("neighbourhood_id","held_on");--> statement-breakpoint
CREATE INDEX "participation_event_organisation" ON "participation_event" USING btree ("organisation_id");--> statement-breakpoint
CREATE POLICY "evaluation_read" ON "evaluation" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "evaluation_insert" ON "evaluation" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "evaluation_figure_read" ON "evaluation_figure" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "evaluation_figure_insert" ON "evaluation_figure" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "evaluation_result_read" ON "evaluation_result" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "evaluation_result_insert" ON "evaluation_result" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "monitoring_plan_read" ON "monitoring_plan" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "monitoring_plan_insert" ON "monitoring_plan" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "monitoring_plan_update" ON "monitoring_plan" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (((select caller_may('team')) or (select caller_may('statistics')))) WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "monitoring_plan_indicator_read" ON "monitoring_plan_indicator" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "monitoring_plan_indicator_insert" ON "monitoring_plan_indicator" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('team')) or (select caller_may('statistics'))));--> statement-breakpoint
CREATE POLICY "participation_event_read" ON "participation_event" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')) and (plan_version_id is null or exists (select 1 from plan_version v where v.id = plan_version_id)));--> statement-breakpoint
CREATE POLICY "participation_event_insert" ON "participation_event" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('communicate')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "participation_event_update" ON "participation_event" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (((select caller_may('communicate')) or (select caller_may('team')))) WITH CHECK (((select caller_may('communicate')) or (select caller_may('team'))));