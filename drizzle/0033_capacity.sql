CREATE TYPE "public"."capacity_state" AS ENUM('REQUESTED', 'AGREED', 'REFUSED', 'ENDED');--> statement-breakpoint
CREATE TABLE "capacity_agreement" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"unit" text NOT NULL,
	"manager_role" jsonb NOT NULL,
	"hours" numeric(9, 2),
	"fte" numeric(6, 2),
	"starts_on" date NOT NULL,
	"ends_on" date,
	"state" "capacity_state" DEFAULT 'REQUESTED' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "capacity_agreement_unit" CHECK (length("capacity_agreement"."unit") between 1 and 200),
	CONSTRAINT "capacity_agreement_role" CHECK (is_localised("capacity_agreement"."manager_role") and "capacity_agreement"."manager_role"::text !~ '@|[0-9]{4}'),
	CONSTRAINT "capacity_agreement_effort" CHECK (num_nonnulls("capacity_agreement"."hours", "capacity_agreement"."fte") = 1 and "capacity_agreement"."hours" > 0 and "capacity_agreement"."fte" > 0),
	CONSTRAINT "capacity_agreement_period" CHECK ("capacity_agreement"."ends_on" >= "capacity_agreement"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "capacity_agreement" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "work_stock_item" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"unit" text NOT NULL,
	"reference" text NOT NULL,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "work_stock_item_sizes" CHECK (length("work_stock_item"."unit") between 1 and 200 and length("work_stock_item"."reference") between 1 and 200)
);
--> statement-breakpoint
ALTER TABLE "work_stock_item" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "capacity_agreement" ADD CONSTRAINT "capacity_agreement_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "work_stock_item" ADD CONSTRAINT "work_stock_item_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "capacity_agreement_action" ON "capacity_agreement" USING btree ("action_id","state");--> statement-breakpoint
CREATE UNIQUE INDEX "work_stock_item_once" ON "work_stock_item" USING btree ("action_id","unit","reference") WHERE ends_on is null;--> statement-breakpoint
CREATE INDEX "work_stock_item_action" ON "work_stock_item" USING btree ("action_id");--> statement-breakpoint
CREATE POLICY "capacity_agreement_read" ON "capacity_agreement" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')) and exists (select 1 from agreed_action g where g.action_id = capacity_agreement.action_id));--> statement-breakpoint
CREATE POLICY "capacity_agreement_insert" ON "capacity_agreement" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "capacity_agreement_update" ON "capacity_agreement" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "work_stock_item_read" ON "work_stock_item" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')) and exists (select 1 from agreed_action g where g.action_id = work_stock_item.action_id));--> statement-breakpoint
CREATE POLICY "work_stock_item_insert" ON "work_stock_item" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "work_stock_item_update" ON "work_stock_item" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));