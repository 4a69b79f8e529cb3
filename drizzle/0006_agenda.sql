CREATE TYPE "public"."agenda_scope" AS ENUM('NEIGHBOURHOOD_WIDE', 'CROSS_NEIGHBOURHOOD');--> statement-breakpoint
CREATE TYPE "public"."agenda_step_kind" AS ENUM('STEP', 'OPPORTUNITY');--> statement-breakpoint
CREATE TYPE "public"."agenda_step_state" AS ENUM('PLANNED', 'UNDER_WAY', 'DONE', 'DROPPED');--> statement-breakpoint
CREATE TYPE "public"."breakthrough_level" AS ENUM('NEIGHBOURHOOD', 'MUNICIPAL', 'REGIONAL', 'NATIONAL');--> statement-breakpoint
CREATE TYPE "public"."breakthrough_state" AS ENUM('SIGNALLED', 'ANALYSED', 'ESCALATED', 'RESOLVED', 'ACCEPTED_AS_IS');--> statement-breakpoint
CREATE TYPE "public"."lobby_addressee" AS ENUM('RIJK', 'PROVINCE', 'REGION', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."lobby_outcome" AS ENUM('GRANTED', 'PARTLY_GRANTED', 'REFUSED', 'WITHDRAWN');--> statement-breakpoint
CREATE TABLE "agenda_step" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agenda_theme_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"kind" "agenda_step_kind" NOT NULL,
	"title" jsonb NOT NULL,
	"state" "agenda_step_state" DEFAULT 'PLANNED' NOT NULL,
	"due_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agenda_step_title" CHECK (is_localised("agenda_step"."title"))
);
--> statement-breakpoint
ALTER TABLE "agenda_step" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agenda_theme" (
	"id" uuid PRIMARY KEY NOT NULL,
	"plan_id" uuid NOT NULL,
	"plan_kind" "plan_kind" DEFAULT 'STRATEGIC_AGENDA' NOT NULL,
	"theme_id" uuid,
	"scope" "agenda_scope" NOT NULL,
	"title" jsonb NOT NULL,
	"text" jsonb,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agenda_theme_of_agenda" CHECK ("agenda_theme"."plan_kind" = 'STRATEGIC_AGENDA'),
	CONSTRAINT "agenda_theme_texts" CHECK (is_localised("agenda_theme"."title") and is_localised("agenda_theme"."text"))
);
--> statement-breakpoint
ALTER TABLE "agenda_theme" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "theme_link" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agenda_theme_id" uuid NOT NULL,
	"plan_id" uuid,
	"action_id" uuid,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "theme_link_one_target" CHECK (num_nonnulls("theme_link"."plan_id", "theme_link"."action_id") = 1),
	CONSTRAINT "theme_link_order" CHECK ("theme_link"."ends_on" >= "theme_link"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "theme_link" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "breakthrough" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"agenda_theme_id" uuid,
	"organisation_id" uuid NOT NULL,
	"obstacle" jsonb NOT NULL,
	"level" "breakthrough_level" NOT NULL,
	"state" "breakthrough_state" DEFAULT 'SIGNALLED' NOT NULL,
	"resulting_change" jsonb,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "breakthrough_texts" CHECK (is_localised("breakthrough"."obstacle") and is_localised("breakthrough"."resulting_change")),
	CONSTRAINT "breakthrough_resolved_by_change" CHECK ("breakthrough"."state" <> 'RESOLVED' or "breakthrough"."resulting_change" is not null)
);
--> statement-breakpoint
ALTER TABLE "breakthrough" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "breakthrough_step" (
	"id" uuid PRIMARY KEY NOT NULL,
	"breakthrough_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"state" "breakthrough_state" NOT NULL,
	"taken_on" date NOT NULL,
	"explanation" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "breakthrough_step_number" UNIQUE("breakthrough_id","number"),
	CONSTRAINT "breakthrough_step_state" UNIQUE("breakthrough_id","state")
);
--> statement-breakpoint
ALTER TABLE "breakthrough_step" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "lobby_effort" (
	"id" uuid PRIMARY KEY NOT NULL,
	"breakthrough_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"addressee" "lobby_addressee" NOT NULL,
	"request" jsonb NOT NULL,
	"started_on" date NOT NULL,
	"outcome" "lobby_outcome",
	"outcome_on" date,
	"outcome_text" jsonb,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "lobby_effort_texts" CHECK (is_localised("lobby_effort"."request") and is_localised("lobby_effort"."outcome_text")),
	CONSTRAINT "lobby_effort_outcome" CHECK (("lobby_effort"."outcome" is null) = ("lobby_effort"."outcome_on" is null) and "lobby_effort"."outcome_on" >= "lobby_effort"."started_on")
);
--> statement-breakpoint
ALTER TABLE "lobby_effort" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "lobby_support" (
	"lobby_effort_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "lobby_support_lobby_effort_id_organisation_id_pk" PRIMARY KEY("lobby_effort_id","organisation_id")
);
--> statement-breakpoint
ALTER TABLE "lobby_support" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agenda_step" ADD CONSTRAINT "agenda_step_agenda_theme_id_agenda_theme_id_fk" FOREIGN KEY ("agenda_theme_id") REFERENCES "public"."agenda_theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agenda_step" ADD CONSTRAINT "agenda_step_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agenda_theme" ADD CONSTRAINT "agenda_theme_theme_id_theme_id_fk" FOREIGN KEY ("theme_id") REFERENCES "public"."theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agenda_theme" ADD CONSTRAINT "agenda_theme_agenda" FOREIGN KEY ("plan_id","plan_kind") REFERENCES "public"."plan"("id","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme_link" ADD CONSTRAINT "theme_link_agenda_theme_id_agenda_theme_id_fk" FOREIGN KEY ("agenda_theme_id") REFERENCES "public"."agenda_theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme_link" ADD CONSTRAINT "theme_link_plan_id_plan_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme_link" ADD CONSTRAINT "theme_link_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "breakthrough" ADD CONSTRAINT "breakthrough_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "breakthrough" ADD CONSTRAINT "breakthrough_agenda_theme_id_agenda_theme_id_fk" FOREIGN KEY ("agenda_theme_id") REFERENCES "public"."agenda_theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "breakthrough" ADD CONSTRAINT "breakthrough_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "breakthrough_step" ADD CONSTRAINT "breakthrough_step_breakthrough_id_breakthrough_id_fk" FOREIGN KEY ("breakthrough_id") REFERENCES "public"."breakthrough"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lobby_effort" ADD CONSTRAINT "lobby_effort_breakthrough_id_breakthrough_id_fk" FOREIGN KEY ("breakthrough_id") REFERENCES "public"."breakthrough"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lobby_effort" ADD CONSTRAINT "lobby_effort_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lobby_support" ADD CONSTRAINT "lobby_support_lobby_effort_id_lobby_effort_id_fk" FOREIGN KEY ("lobby_effort_id") REFERENCES "public"."lobby_effort"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lobby_support" ADD CONSTRAINT "lobby_support_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agenda_step_theme" ON "agenda_step" USING btree ("agenda_theme_id");--> statement-breakpoint
CREATE INDEX "agenda_theme_plan" ON "agenda_theme" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "agenda_theme_theme" ON "agenda_theme" USING btree ("theme_id");--> statement-breakpoint
CREATE INDEX "theme_link_theme" ON "theme_link" USING btree ("agenda_theme_id");--> statement-breakpoint
CREATE INDEX "theme_link_plan" ON "theme_link" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "theme_link_action" ON "theme_link" USING btree ("action_id");--> statement-breakpoint
CREATE INDEX "breakthrough_programme" ON "breakthrough" USING btree ("programme_id","state");--> statement-breakpoint
CREATE INDEX "breakthrough_theme" ON "breakthrough" USING btree ("agenda_theme_id");--> statement-breakpoint
CREATE INDEX "lobby_effort_breakthrough" ON "lobby_effort" USING btree ("breakthrough_id");--> statement-breakpoint
CREATE INDEX "lobby_support_organisation" ON "lobby_support" USING btree ("organisation_id");--> statement-breakpoint
CREATE POLICY "agenda_step_read" ON "agenda_step" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from agenda_theme t where t.id = agenda_theme_id));--> statement-breakpoint
CREATE POLICY "agenda_step_insert" ON "agenda_step" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agenda_step_update" ON "agenda_step" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agenda_theme_read" ON "agenda_theme" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from plan p where p.id = plan_id));--> statement-breakpoint
CREATE POLICY "agenda_theme_insert" ON "agenda_theme" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agenda_theme_update" ON "agenda_theme" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "theme_link_read" ON "theme_link" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from agenda_theme t where t.id = agenda_theme_id) and (plan_id is null or exists (select 1 from plan p where p.id = theme_link.plan_id)));--> statement-breakpoint
CREATE POLICY "theme_link_insert" ON "theme_link" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "theme_link_update" ON "theme_link" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "breakthrough_read" ON "breakthrough" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('breakthroughs')) or ((select caller_may('council')) and state = 'RESOLVED'));--> statement-breakpoint
CREATE POLICY "breakthrough_insert" ON "breakthrough" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));--> statement-breakpoint
CREATE POLICY "breakthrough_update" ON "breakthrough" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation()))) WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));--> statement-breakpoint
CREATE POLICY "breakthrough_step_read" ON "breakthrough_step" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from breakthrough b where b.id = breakthrough_id));--> statement-breakpoint
CREATE POLICY "breakthrough_step_insert" ON "breakthrough_step" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and exists (select 1 from breakthrough b where b.id = breakthrough_id and b.organisation_id = (select caller_organisation()))));--> statement-breakpoint
CREATE POLICY "lobby_effort_read" ON "lobby_effort" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from breakthrough b where b.id = breakthrough_id));--> statement-breakpoint
CREATE POLICY "lobby_effort_insert" ON "lobby_effort" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));--> statement-breakpoint
CREATE POLICY "lobby_effort_update" ON "lobby_effort" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation()))) WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));--> statement-breakpoint
CREATE POLICY "lobby_support_read" ON "lobby_support" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from lobby_effort l where l.id = lobby_effort_id));--> statement-breakpoint
CREATE POLICY "lobby_support_insert" ON "lobby_support" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('edit')) and organisation_id = (select caller_organisation())));