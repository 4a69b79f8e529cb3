CREATE TYPE "public"."budget_category" AS ENUM('STAFF', 'ACTIVITIES', 'SUBSIDY', 'COMMUNICATION', 'RESEARCH', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."budget_status" AS ENUM('INDICATIVE', 'COMMITTED');--> statement-breakpoint
CREATE TABLE "policy_alignment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"policy_link_id" uuid NOT NULL,
	"plan_id" uuid,
	"agenda_theme_id" uuid,
	"action_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "policy_alignment_plan" UNIQUE("plan_id","policy_link_id"),
	CONSTRAINT "policy_alignment_theme" UNIQUE("agenda_theme_id","policy_link_id"),
	CONSTRAINT "policy_alignment_action" UNIQUE("action_id","policy_link_id"),
	CONSTRAINT "policy_alignment_one_side" CHECK (num_nonnulls("policy_alignment"."plan_id", "policy_alignment"."agenda_theme_id", "policy_alignment"."action_id") = 1)
);
--> statement-breakpoint
ALTER TABLE "policy_alignment" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "budget_line" (
	"id" uuid PRIMARY KEY NOT NULL,
	"frame_id" uuid NOT NULL,
	"category" "budget_category" NOT NULL,
	"name" jsonb NOT NULL,
	"original" numeric(14, 2) NOT NULL,
	"revised" numeric(14, 2),
	"status" "budget_status" DEFAULT 'INDICATIVE' NOT NULL,
	"chapter" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "budget_line_name" CHECK (is_localised("budget_line"."name")),
	CONSTRAINT "budget_line_amounts" CHECK ("budget_line"."original" >= 0 and "budget_line"."revised" >= 0)
);
--> statement-breakpoint
ALTER TABLE "budget_line" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "financial_frame" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"year" integer NOT NULL,
	"structural_budget" numeric(14, 2) NOT NULL,
	"planned" numeric(14, 2) DEFAULT '0' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "financial_frame_year" UNIQUE("programme_id","year"),
	CONSTRAINT "financial_frame_amounts" CHECK ("financial_frame"."structural_budget" >= 0 and "financial_frame"."planned" >= 0)
);
--> statement-breakpoint
ALTER TABLE "financial_frame" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "indicator_sdg" (
	"indicator_id" uuid NOT NULL,
	"sdg_goal_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "indicator_sdg_indicator_id_sdg_goal_id_pk" PRIMARY KEY("indicator_id","sdg_goal_id")
);
--> statement-breakpoint
ALTER TABLE "indicator_sdg" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "policy_alignment" ADD CONSTRAINT "policy_alignment_policy_link_id_policy_link_id_fk" FOREIGN KEY ("policy_link_id") REFERENCES "public"."policy_link"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_alignment" ADD CONSTRAINT "policy_alignment_plan_id_plan_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_alignment" ADD CONSTRAINT "policy_alignment_agenda_theme_id_agenda_theme_id_fk" FOREIGN KEY ("agenda_theme_id") REFERENCES "public"."agenda_theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_alignment" ADD CONSTRAINT "policy_alignment_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_line" ADD CONSTRAINT "budget_line_frame_id_financial_frame_id_fk" FOREIGN KEY ("frame_id") REFERENCES "public"."financial_frame"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "financial_frame" ADD CONSTRAINT "financial_frame_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "indicator_sdg" ADD CONSTRAINT "indicator_sdg_indicator_id_indicator_id_fk" FOREIGN KEY ("indicator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "indicator_sdg" ADD CONSTRAINT "indicator_sdg_sdg_goal_id_sdg_goal_id_fk" FOREIGN KEY ("sdg_goal_id") REFERENCES "public"."sdg_goal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "policy_alignment_policy" ON "policy_alignment" USING btree ("policy_link_id");--> statement-breakpoint
CREATE INDEX "budget_line_frame" ON "budget_line" USING btree ("frame_id","category");--> statement-breakpoint
CREATE INDEX "indicator_sdg_goal" ON "indicator_sdg" USING btree ("sdg_goal_id");--> statement-breakpoint
CREATE POLICY "policy_alignment_read" ON "policy_alignment" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from plan p where p.id = policy_alignment.plan_id)
        or exists (select 1 from agenda_theme t where t.id = policy_alignment.agenda_theme_id)
        or exists (select 1 from action a where a.id = policy_alignment.action_id));--> statement-breakpoint
CREATE POLICY "policy_alignment_insert" ON "policy_alignment" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "budget_line_read" ON "budget_line" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "budget_line_insert" ON "budget_line" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "budget_line_update" ON "budget_line" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "financial_frame_read" ON "financial_frame" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "financial_frame_insert" ON "financial_frame" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "financial_frame_update" ON "financial_frame" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "indicator_sdg_read" ON "indicator_sdg" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "indicator_sdg_insert" ON "indicator_sdg" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));