CREATE TYPE "public"."lesson_effect" AS ENUM('SIMPLIFICATION', 'EFFECTIVENESS');--> statement-breakpoint
CREATE TABLE "lesson_learned" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid,
	"evaluation_id" uuid,
	"programme_id" uuid,
	"organisation_id" uuid NOT NULL,
	"effect" "lesson_effect" NOT NULL,
	"learnt" jsonb NOT NULL,
	"learnt_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "lesson_learned_one_subject" CHECK (num_nonnulls("lesson_learned"."action_id", "lesson_learned"."evaluation_id", "lesson_learned"."programme_id") = 1),
	CONSTRAINT "lesson_learned_learnt" CHECK (is_localised("lesson_learned"."learnt"))
);
--> statement-breakpoint
ALTER TABLE "lesson_learned" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "lesson_learned" ADD CONSTRAINT "lesson_learned_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lesson_learned" ADD CONSTRAINT "lesson_learned_evaluation_id_evaluation_id_fk" FOREIGN KEY ("evaluation_id") REFERENCES "public"."evaluation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lesson_learned" ADD CONSTRAINT "lesson_learned_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lesson_learned" ADD CONSTRAINT "lesson_learned_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "lesson_learned_action" ON "lesson_learned" USING btree ("action_id","learnt_on");--> statement-breakpoint
CREATE INDEX "lesson_learned_evaluation" ON "lesson_learned" USING btree ("evaluation_id","learnt_on");--> statement-breakpoint
CREATE INDEX "lesson_learned_programme" ON "lesson_learned" USING btree ("programme_id","learnt_on");--> statement-breakpoint
CREATE POLICY "lesson_learned_read" ON "lesson_learned" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('drafts')));--> statement-breakpoint
CREATE POLICY "lesson_learned_insert" ON "lesson_learned" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (organisation_id = (select caller_organisation()) and ((select caller_may('edit')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "lesson_learned_update" ON "lesson_learned" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (organisation_id = (select caller_organisation()) and ((select caller_may('edit')) or (select caller_may('team')))) WITH CHECK (organisation_id = (select caller_organisation()) and ((select caller_may('edit')) or (select caller_may('team'))));