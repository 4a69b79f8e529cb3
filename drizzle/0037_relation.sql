CREATE TYPE "public"."relation_kind" AS ENUM('FOLLOWS', 'PART_OF', 'COUPLED_WITH', 'CONTINUES');--> statement-breakpoint
CREATE TABLE "action_relation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"kind" "relation_kind" NOT NULL,
	"related_action_id" uuid,
	"works_source" text,
	"works_reference" text,
	"works_description" jsonb,
	"ended_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "action_relation_of_two" CHECK ("action_relation"."related_action_id" <> "action_relation"."action_id"),
	CONSTRAINT "action_relation_target" CHECK (num_nonnulls("action_relation"."works_source", "action_relation"."works_reference", "action_relation"."works_description") = case when "action_relation"."related_action_id" is null then 3 else 0 end),
	CONSTRAINT "action_relation_works" CHECK (length("action_relation"."works_source") between 1 and 200 and length("action_relation"."works_reference") between 1 and 200),
	CONSTRAINT "action_relation_description" CHECK (is_localised("action_relation"."works_description"))
);
--> statement-breakpoint
ALTER TABLE "action_relation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "action_relation" ADD CONSTRAINT "action_relation_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_relation" ADD CONSTRAINT "action_relation_related_action_id_action_id_fk" FOREIGN KEY ("related_action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "action_relation_once" ON "action_relation" USING btree ("action_id","kind","related_action_id") WHERE ended_on is null;--> statement-breakpoint
CREATE UNIQUE INDEX "action_relation_works_once" ON "action_relation" USING btree ("action_id","kind","works_source","works_reference") WHERE ended_on is null;--> statement-breakpoint
CREATE UNIQUE INDEX "action_relation_coupled_once" ON "action_relation" USING btree (least(action_id, related_action_id),greatest(action_id, related_action_id)) WHERE kind = 'COUPLED_WITH' and related_action_id is not null and ended_on is null;--> statement-breakpoint
CREATE INDEX "action_relation_related" ON "action_relation" USING btree ("related_action_id");--> statement-breakpoint
CREATE POLICY "action_relation_read" ON "action_relation" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((exists (select 1 from agreed_action g where g.action_id = action_relation.action_id) or ((select caller_may('push')) and action_id = any (array(select joined_actions())))) and (related_action_id is null or (exists (select 1 from agreed_action g where g.action_id = action_relation.related_action_id) or ((select caller_may('push')) and related_action_id = any (array(select joined_actions()))))));--> statement-breakpoint
CREATE POLICY "action_relation_insert" ON "action_relation" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions())));--> statement-breakpoint
CREATE POLICY "action_relation_update" ON "action_relation" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions()))) WITH CHECK ((select caller_may('team')) or ((select caller_may('edit')) and action_id in (select led_actions())));