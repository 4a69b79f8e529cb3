CREATE TYPE "public"."notice_kind" AS ENUM('RIB', 'COMMITTEE_MEETING', 'SITE_VISIT', 'WRITTEN');--> statement-breakpoint
CREATE TABLE "council_notice" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"kind" "notice_kind" NOT NULL,
	"subject" jsonb NOT NULL,
	"informed_on" date,
	"reference" text,
	"document" text,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "council_notice_reference" UNIQUE("programme_id","reference"),
	CONSTRAINT "council_notice_subject" CHECK (is_localised("council_notice"."subject")),
	CONSTRAINT "council_notice_held" CHECK ("council_notice"."kind" in ('RIB', 'WRITTEN') or "council_notice"."informed_on" is not null)
);
--> statement-breakpoint
ALTER TABLE "council_notice" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "council_notice_duty" (
	"council_notice_id" uuid NOT NULL,
	"information_duty_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "council_notice_duty_council_notice_id_information_duty_id_pk" PRIMARY KEY("council_notice_id","information_duty_id")
);
--> statement-breakpoint
ALTER TABLE "council_notice_duty" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "information_duty" (
	"id" uuid PRIMARY KEY NOT NULL,
	"adopted_on" date DEFAULT today() NOT NULL,
	"due_on" date DEFAULT today() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "information_duty_due" CHECK ("information_duty"."due_on" >= "information_duty"."adopted_on")
);
--> statement-breakpoint
ALTER TABLE "information_duty" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "council_notice" ADD CONSTRAINT "council_notice_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "council_notice_duty" ADD CONSTRAINT "council_notice_duty_council_notice_id_council_notice_id_fk" FOREIGN KEY ("council_notice_id") REFERENCES "public"."council_notice"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "council_notice_duty" ADD CONSTRAINT "council_notice_duty_information_duty_id_information_duty_id_fk" FOREIGN KEY ("information_duty_id") REFERENCES "public"."information_duty"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "information_duty" ADD CONSTRAINT "information_duty_id_plan_version_id_fk" FOREIGN KEY ("id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "council_notice_informed" ON "council_notice" USING btree ("programme_id","informed_on");--> statement-breakpoint
CREATE INDEX "council_notice_duty_duty" ON "council_notice_duty" USING btree ("information_duty_id");--> statement-breakpoint
CREATE POLICY "council_notice_read" ON "council_notice" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or (select caller_may('council')));--> statement-breakpoint
CREATE POLICY "council_notice_insert" ON "council_notice" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "council_notice_update" ON "council_notice" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "council_notice_duty_read" ON "council_notice_duty" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or (select caller_may('council')));--> statement-breakpoint
CREATE POLICY "council_notice_duty_insert" ON "council_notice_duty" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "information_duty_read" ON "information_duty" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('team')) or (select caller_may('portfolio')) or (select caller_may('council')));--> statement-breakpoint
CREATE POLICY "information_duty_insert" ON "information_duty" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (select caller_may('portfolio')));--> statement-breakpoint
CREATE POLICY "information_duty_update" ON "information_duty" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));