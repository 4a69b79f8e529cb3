CREATE TABLE "milestone" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"title" jsonb NOT NULL,
	"planned_on" date NOT NULL,
	"reached_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "milestone_title" CHECK (is_localised("milestone"."title")),
	CONSTRAINT "milestone_position" CHECK ("milestone"."position" between 1 and 1000)
);
--> statement-breakpoint
ALTER TABLE "milestone" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "milestone" ADD CONSTRAINT "milestone_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "milestone_action" ON "milestone" USING btree ("action_id","position");--> statement-breakpoint
CREATE POLICY "milestone_read" ON "milestone" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((exists (select 1 from agreed_action g where g.action_id = milestone.action_id) or ((select caller_may('push')) and action_id = any (array(select joined_actions())))));--> statement-breakpoint
CREATE POLICY "milestone_insert" ON "milestone" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions())));--> statement-breakpoint
CREATE POLICY "milestone_update" ON "milestone" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions()))) WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions())));