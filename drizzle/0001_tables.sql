CREATE TYPE "public"."action_kind" AS ENUM('ACTION', 'INITIATIVE', 'OPPORTUNITY', 'POINT_OF_ATTENTION');--> statement-breakpoint
CREATE TYPE "public"."action_scale" AS ENUM('RESIDENT_INITIATIVE', 'STREET_OR_BLOCK', 'NEIGHBOURHOOD', 'CROSS_NEIGHBOURHOOD', 'AREA_DEVELOPMENT');--> statement-breakpoint
CREATE TYPE "public"."action_status" AS ENUM('PIPELINE', 'IMPLEMENTATION', 'FINALISATION', 'CLOSED', 'CANCELLED', 'SUSPENDED');--> statement-breakpoint
CREATE TYPE "public"."health" AS ENUM('ON_TRACK', 'AT_RISK', 'OFF_TRACK', 'UNKNOWN');--> statement-breakpoint
CREATE TYPE "public"."participation_role" AS ENUM('LEAD', 'CONTRIBUTING', 'FUNDING');--> statement-breakpoint
CREATE TYPE "public"."report_standing" AS ENUM('ACCEPTED', 'QUARANTINED');--> statement-breakpoint
CREATE TYPE "public"."report_subject" AS ENUM('ACTION', 'CONTRIBUTION', 'UNRELATED');--> statement-breakpoint
CREATE TYPE "public"."visibility" AS ENUM('PUBLIC', 'ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION', 'PROGRAMME_TEAM');--> statement-breakpoint
CREATE TYPE "public"."amendment_kind" AS ENUM('SUPPLEMENT', 'CHANGE', 'ACCENT');--> statement-breakpoint
CREATE TYPE "public"."decision_body" AS ENUM('COLLEGE', 'PORTFOLIO_HOLDER', 'COUNCIL', 'ALLIANCE');--> statement-breakpoint
CREATE TYPE "public"."decision_outcome" AS ENUM('CONFORM', 'CONFORM_WITH_CHANGES', 'HELD_OVER', 'REJECTED');--> statement-breakpoint
CREATE TYPE "public"."decision_type" AS ENUM('ADOPTION', 'MANDATE_GRANT', 'MANDATE_REVOKE', 'AMENDMENT', 'TAKEN_NOTE', 'EXTENSION', 'NEIGHBOURHOOD_ENROLMENT', 'CLOSURE');--> statement-breakpoint
CREATE TYPE "public"."aggregation" AS ENUM('SUM', 'MEAN', 'NONE');--> statement-breakpoint
CREATE TYPE "public"."import_state" AS ENUM('RUNNING', 'DONE', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."measure" AS ENUM('UNIT', 'PERCENTAGE', 'NOMINAL', 'ORDINAL', 'QUALITATIVE');--> statement-breakpoint
CREATE TYPE "public"."obs_status" AS ENUM('NORMAL', 'PROVISIONAL', 'ESTIMATED', 'BREAK', 'SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING', 'LOW_RELIABILITY');--> statement-breakpoint
CREATE TYPE "public"."region_change" AS ENUM('NONE', 'RECODED', 'REDRAWN');--> statement-breakpoint
CREATE TYPE "public"."region_type" AS ENUM('NL', 'GM', 'WK', 'BU');--> statement-breakpoint
CREATE TYPE "public"."membership_type" AS ENUM('CORE', 'ASSOCIATED');--> statement-breakpoint
CREATE TYPE "public"."organisation_kind" AS ENUM('MUNICIPALITY', 'PROVINCE', 'HOUSING_ASSOCIATION', 'WELFARE', 'CARE', 'MENTAL_HEALTH', 'RESIDENTS_GROUP', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."principal_kind" AS ENUM('PERSON', 'MACHINE');--> statement-breakpoint
CREATE TYPE "public"."role" AS ENUM('PARTNER_READER', 'PARTNER_EDITOR', 'PARTNER_SYSTEM', 'PROGRAMME_TEAM', 'PORTFOLIO_HOLDER', 'RESEARCH_STATISTICS', 'BI_READER', 'COMMUNICATION', 'COUNCIL_READER', 'AUDITOR', 'ADMIN');--> statement-breakpoint
CREATE TYPE "public"."plan_kind" AS ENUM('PROGRAMME_PLAN', 'STRATEGIC_AGENDA', 'EXECUTION_PLAN');--> statement-breakpoint
CREATE TYPE "public"."plan_state" AS ENUM('DRAFT', 'SUBMITTED', 'RETURNED', 'WITHDRAWN', 'ADOPTED', 'SUPERSEDED', 'EXPIRED');--> statement-breakpoint
CREATE TYPE "public"."policy_kind" AS ENUM('IZA', 'GALA', 'DELTAPLAN_OUDEREN', 'COALITION', 'WORKS', 'OTHER');--> statement-breakpoint
CREATE TYPE "public"."result_horizon" AS ENUM('SHORT', 'LONG');--> statement-breakpoint
CREATE TYPE "public"."result_type" AS ENUM('OUTPUT', 'OUTCOME', 'IMPACT', 'OTHER');--> statement-breakpoint
CREATE TABLE "action" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"ref" text NOT NULL,
	"agreed_action_id" uuid,
	"status" "action_status" DEFAULT 'PIPELINE' NOT NULL,
	"progress_percent" integer,
	"health" "health" DEFAULT 'UNKNOWN' NOT NULL,
	"latest_report_id" uuid,
	"actual_start_on" date,
	"actual_end_on" date,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "action_ref" UNIQUE("programme_id","ref"),
	CONSTRAINT "action_plan" UNIQUE("id","plan_id"),
	CONSTRAINT "action_ref_form" CHECK ("action"."ref" ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$'),
	CONSTRAINT "action_progress" CHECK ("action"."progress_percent" between 0 and 100)
);
--> statement-breakpoint
ALTER TABLE "action" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "action_participation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"role" "participation_role" NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "action_participation_order" CHECK ("action_participation"."ends_on" > "action_participation"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "action_participation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agreed_action" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"plan_version_id" uuid NOT NULL,
	"version_state" "plan_state" NOT NULL,
	"version_number" integer NOT NULL,
	"title" jsonb NOT NULL,
	"description" jsonb,
	"kind" "action_kind" DEFAULT 'ACTION' NOT NULL,
	"scale" "action_scale" NOT NULL,
	"planned_start_on" date,
	"planned_end_on" date,
	"cross_domain" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agreed_action_version" UNIQUE("plan_version_id","action_id"),
	CONSTRAINT "agreed_action_texts" CHECK (is_localised("agreed_action"."title") and is_localised("agreed_action"."description")),
	CONSTRAINT "agreed_action_period" CHECK ("agreed_action"."planned_end_on" >= "agreed_action"."planned_start_on")
);
--> statement-breakpoint
ALTER TABLE "agreed_action" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agreed_action_pillar" (
	"agreed_action_id" uuid NOT NULL,
	"pillar_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agreed_action_pillar_agreed_action_id_pillar_id_pk" PRIMARY KEY("agreed_action_id","pillar_id")
);
--> statement-breakpoint
ALTER TABLE "agreed_action_pillar" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agreed_action_result" (
	"agreed_action_id" uuid NOT NULL,
	"result_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agreed_action_result_agreed_action_id_result_id_pk" PRIMARY KEY("agreed_action_id","result_id")
);
--> statement-breakpoint
ALTER TABLE "agreed_action_result" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agreed_action_sdg" (
	"agreed_action_id" uuid NOT NULL,
	"sdg_goal_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agreed_action_sdg_agreed_action_id_sdg_goal_id_pk" PRIMARY KEY("agreed_action_id","sdg_goal_id")
);
--> statement-breakpoint
ALTER TABLE "agreed_action_sdg" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agreed_action_theme" (
	"agreed_action_id" uuid NOT NULL,
	"theme_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "agreed_action_theme_agreed_action_id_theme_id_pk" PRIMARY KEY("agreed_action_id","theme_id")
);
--> statement-breakpoint
ALTER TABLE "agreed_action_theme" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "external_ref" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" uuid NOT NULL,
	"system" text NOT NULL,
	"external_id" text NOT NULL,
	"action_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "external_ref_id" UNIQUE("organisation_id","system","external_id"),
	CONSTRAINT "external_ref_action" UNIQUE("organisation_id","system","action_id"),
	CONSTRAINT "external_ref_sizes" CHECK (length("external_ref"."system") between 1 and 100 and length("external_ref"."external_id") between 1 and 200)
);
--> statement-breakpoint
ALTER TABLE "external_ref" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "note" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"body" text NOT NULL,
	"visibility" "visibility" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "note_visibility" CHECK ("note"."visibility" in ('ALLIANCE', 'ACTION_PARTIES', 'OWN_ORGANISATION')),
	CONSTRAINT "note_size" CHECK (length("note"."body") between 1 and 10000)
);
--> statement-breakpoint
ALTER TABLE "note" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "status_report" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"subject" "report_subject" NOT NULL,
	"standing" "report_standing" NOT NULL,
	"status" "action_status" NOT NULL,
	"progress_percent" integer,
	"health" "health",
	"effective_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "status_report_progress" CHECK ("status_report"."progress_percent" between 0 and 100),
	CONSTRAINT "status_report_not_future" CHECK ("status_report"."effective_at" <= "status_report"."recorded_at" + interval '5 minutes')
);
--> statement-breakpoint
ALTER TABLE "status_report" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "status_report_batch" (
	"id" uuid PRIMARY KEY NOT NULL,
	"principal_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"idempotency_key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"answer" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "status_report_batch_key" UNIQUE("principal_id","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "status_report_batch" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "status_report_event" (
	"report_id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" uuid NOT NULL,
	"external_event_id" text NOT NULL,
	"fingerprint" text NOT NULL,
	"answer" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "status_report_event_id" UNIQUE("organisation_id","external_event_id")
);
--> statement-breakpoint
ALTER TABLE "status_report_event" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "status_report_narrative" (
	"report_id" uuid PRIMARY KEY NOT NULL,
	"action_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"narrative" text NOT NULL,
	"visibility" "visibility" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "status_report_narrative_size" CHECK (length("status_report_narrative"."narrative") between 1 and 10000)
);
--> statement-breakpoint
ALTER TABLE "status_report_narrative" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "status_report_source" (
	"report_id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" uuid NOT NULL,
	"pushed" boolean NOT NULL,
	"source_sequence" bigint,
	"tie_break" text NOT NULL,
	"has_narrative" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "status_report_source" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_entry" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"principal_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"operation" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"outcome" text NOT NULL,
	"request_id" text
);
--> statement-breakpoint
ALTER TABLE "audit_entry" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "decision" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"reference" text NOT NULL,
	"body" "decision_body" NOT NULL,
	"decided_on" date NOT NULL,
	"outcome" "decision_outcome" NOT NULL,
	"title" jsonb NOT NULL,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "decision_reference" UNIQUE("programme_id","reference"),
	CONSTRAINT "decision_title_localised" CHECK (is_localised("decision"."title"))
);
--> statement-breakpoint
ALTER TABLE "decision" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "decision_point" (
	"id" uuid PRIMARY KEY NOT NULL,
	"decision_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"type" "decision_type" NOT NULL,
	"outcome" "decision_outcome" NOT NULL,
	"text" jsonb NOT NULL,
	"plan_version_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "decision_point_number" UNIQUE("decision_id","number"),
	CONSTRAINT "decision_point_text_localised" CHECK (is_localised("decision_point"."text")),
	CONSTRAINT "decision_point_adopts" CHECK ("decision_point"."type" <> 'ADOPTION' or "decision_point"."plan_version_id" is not null)
);
--> statement-breakpoint
ALTER TABLE "decision_point" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "mandate" (
	"id" uuid PRIMARY KEY NOT NULL,
	"decision_point_id" uuid NOT NULL,
	"plan_id" uuid NOT NULL,
	"holder" "role" NOT NULL,
	"kinds" "amendment_kind"[] NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "mandate_kinds" CHECK (cardinality("mandate"."kinds") > 0)
);
--> statement-breakpoint
ALTER TABLE "mandate" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "baseline" (
	"id" uuid PRIMARY KEY NOT NULL,
	"indicator_version_id" uuid NOT NULL,
	"series_id" uuid NOT NULL,
	"period" text NOT NULL,
	"value" numeric NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "baseline_series" UNIQUE("series_id")
);
--> statement-breakpoint
ALTER TABLE "baseline" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "confidential_value" (
	"observation_id" uuid PRIMARY KEY NOT NULL,
	"value" numeric NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "confidential_value" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "data_source" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"publisher" text NOT NULL,
	"title" text NOT NULL,
	"licence" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "data_source_code_unique" UNIQUE("code")
);
--> statement-breakpoint
ALTER TABLE "data_source" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "import_run" (
	"id" uuid PRIMARY KEY NOT NULL,
	"data_source_id" uuid NOT NULL,
	"release" text NOT NULL,
	"state" "import_state" NOT NULL,
	"counts" jsonb,
	"finished_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "import_run" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "indicator" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"pillar_id" uuid,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"definition" jsonb,
	"unit" jsonb NOT NULL,
	"measure" "measure" NOT NULL,
	"ascending" boolean,
	"aggregation" "aggregation" NOT NULL,
	"decimals" integer DEFAULT 0 NOT NULL,
	"disclosure_threshold" integer,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "indicator_code" UNIQUE("programme_id","code"),
	CONSTRAINT "indicator_texts" CHECK (is_localised("indicator"."name") and is_localised("indicator"."definition") and is_localised("indicator"."unit")),
	CONSTRAINT "indicator_decimals" CHECK ("indicator"."decimals" between 0 and 10)
);
--> statement-breakpoint
ALTER TABLE "indicator" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "indicator_version" (
	"id" uuid PRIMARY KEY NOT NULL,
	"indicator_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"starts_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "indicator_version_number" UNIQUE("indicator_id","number")
);
--> statement-breakpoint
ALTER TABLE "indicator_version" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "observation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"series_id" uuid NOT NULL,
	"period" text NOT NULL,
	"region_version_id" uuid NOT NULL,
	"value" numeric,
	"status" "obs_status" NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"data_source_id" uuid NOT NULL,
	"import_run_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "observation_key" UNIQUE("series_id","period"),
	CONSTRAINT "observation_null_explained" CHECK (value is not null or status in ('SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING')),
	CONSTRAINT "observation_suppressed_hidden" CHECK ("observation"."status" <> 'SUPPRESSED' or "observation"."value" is null),
	CONSTRAINT "observation_finite" CHECK ("observation"."value" not in ('NaN', 'Infinity', '-Infinity')),
	CONSTRAINT "observation_period_form" CHECK ("observation"."period" ~ '^[12][0-9]{3}$')
);
--> statement-breakpoint
ALTER TABLE "observation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "observation_revision" (
	"id" uuid PRIMARY KEY NOT NULL,
	"observation_id" uuid NOT NULL,
	"revision" integer NOT NULL,
	"value" numeric,
	"status" "obs_status" NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"import_run_id" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "observation_revision_number" UNIQUE("observation_id","revision"),
	CONSTRAINT "observation_revision_null_explained" CHECK (value is not null or status in ('SUPPRESSED', 'NOT_APPLICABLE', 'NOT_COLLECTED', 'MISSING')),
	CONSTRAINT "observation_revision_suppressed_hidden" CHECK ("observation_revision"."status" <> 'SUPPRESSED' or "observation_revision"."value" is null)
);
--> statement-breakpoint
ALTER TABLE "observation_revision" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "series" (
	"id" uuid PRIMARY KEY NOT NULL,
	"indicator_id" uuid NOT NULL,
	"indicator_version_id" uuid NOT NULL,
	"region_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "series_key" UNIQUE("indicator_version_id","region_id")
);
--> statement-breakpoint
ALTER TABLE "series" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "target" (
	"id" uuid PRIMARY KEY NOT NULL,
	"indicator_version_id" uuid NOT NULL,
	"series_id" uuid NOT NULL,
	"period" text NOT NULL,
	"value" numeric NOT NULL,
	"plan_version_id" uuid,
	"example" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "target_key" UNIQUE("series_id","period"),
	CONSTRAINT "target_period_form" CHECK ("target"."period" ~ '^[12][0-9]{3}$')
);
--> statement-breakpoint
ALTER TABLE "target" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "enrolment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"neighbourhood_id" uuid NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"evidence" jsonb,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "enrolment" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "neighbourhood" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "neighbourhood_slug_unique" UNIQUE("slug"),
	CONSTRAINT "neighbourhood_slug_form" CHECK ("neighbourhood"."slug" ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
--> statement-breakpoint
ALTER TABLE "neighbourhood" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "neighbourhood_region" (
	"id" uuid PRIMARY KEY NOT NULL,
	"neighbourhood_id" uuid NOT NULL,
	"region_id" uuid NOT NULL,
	"main" boolean DEFAULT false NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "neighbourhood_region" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "region" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"type" "region_type" NOT NULL,
	"name" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "region_code_unique" UNIQUE("code"),
	CONSTRAINT "region_code_form" CHECK ("region"."code" ~ case "region"."type" when 'NL' then '^NL[0-9]{2}$' when 'GM' then '^GM[0-9]{4}$' when 'WK' then '^WK[0-9]{4}[0-9A-Z]{2}$' else '^BU[0-9]{4}[0-9A-Z]{4}$' end)
);
--> statement-breakpoint
ALTER TABLE "region" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "region_version" (
	"id" uuid PRIMARY KEY NOT NULL,
	"region_id" uuid NOT NULL,
	"year" integer NOT NULL,
	"name" text NOT NULL,
	"change" "region_change",
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "region_version_year" UNIQUE("region_id","year"),
	CONSTRAINT "region_version_year_range" CHECK ("region_version"."year" between 1900 and 2200)
);
--> statement-breakpoint
ALTER TABLE "region_version" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alliance_membership" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"type" "membership_type" NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"reason" text,
	"push_grace_until" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "alliance_membership_order" CHECK ("alliance_membership"."ends_on" is null or "alliance_membership"."ends_on" >= "alliance_membership"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "alliance_membership" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "api_key" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"principal_id" uuid NOT NULL,
	"label" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"scopes" text[] DEFAULT '{}' NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "api_key_key_id" UNIQUE("key_id")
);
--> statement-breakpoint
ALTER TABLE "api_key" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "organisation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"kind" "organisation_kind" NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "organisation_slug_unique" UNIQUE("slug"),
	CONSTRAINT "organisation_slug_form" CHECK ("organisation"."slug" ~ '^[a-z0-9]+(-[a-z0-9]+)*$')
);
--> statement-breakpoint
ALTER TABLE "organisation" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "principal" (
	"id" uuid PRIMARY KEY NOT NULL,
	"organisation_id" uuid NOT NULL,
	"kind" "principal_kind" NOT NULL,
	"label" text NOT NULL,
	"disabled" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "principal" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "role_grant" (
	"id" uuid PRIMARY KEY NOT NULL,
	"principal_id" uuid NOT NULL,
	"role" "role" NOT NULL,
	"starts_on" date DEFAULT today() NOT NULL,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal()
);
--> statement-breakpoint
ALTER TABLE "role_grant" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"kind" "plan_kind" NOT NULL,
	"neighbourhood_id" uuid,
	"title" jsonb NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "plan_of_kind" UNIQUE("id","kind"),
	CONSTRAINT "plan_title_localised" CHECK (is_localised("plan"."title")),
	CONSTRAINT "plan_neighbourhood" CHECK (("plan"."kind" = 'EXECUTION_PLAN') = ("plan"."neighbourhood_id" is not null)),
	CONSTRAINT "plan_execution_two_years" CHECK ("plan"."kind" <> 'EXECUTION_PLAN' or (extract(doy from "plan"."starts_on") = 1 and "plan"."ends_on" = ("plan"."starts_on" + interval '2 years' - interval '1 day')::date)),
	CONSTRAINT "plan_agenda_five_years" CHECK ("plan"."kind" <> 'STRATEGIC_AGENDA' or (extract(doy from "plan"."starts_on") = 1 and "plan"."ends_on" = ("plan"."starts_on" + interval '5 years' - interval '1 day')::date)),
	CONSTRAINT "plan_term_order" CHECK ("plan"."ends_on" > "plan"."starts_on")
);
--> statement-breakpoint
ALTER TABLE "plan" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plan_version" (
	"id" uuid PRIMARY KEY NOT NULL,
	"plan_id" uuid NOT NULL,
	"plan_kind" "plan_kind" DEFAULT 'PROGRAMME_PLAN' NOT NULL,
	"number" integer NOT NULL,
	"state" "plan_state" DEFAULT 'DRAFT' NOT NULL,
	"ambitions" jsonb,
	"objectives" jsonb,
	"approach" jsonb,
	"submitted_at" timestamp with time zone,
	"effective_from" date,
	"snapshot" jsonb,
	"content_hash" text,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "plan_version_number" UNIQUE("plan_id","number"),
	CONSTRAINT "plan_version_state" UNIQUE("id","state","number"),
	CONSTRAINT "plan_version_number_positive" CHECK ("plan_version"."number" > 0),
	CONSTRAINT "plan_version_adopted_complete" CHECK (not (state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')) or ("plan_version"."effective_from" is not null and "plan_version"."content_hash" is not null)),
	CONSTRAINT "plan_version_texts" CHECK (is_localised("plan_version"."ambitions") and is_localised("plan_version"."objectives") and is_localised("plan_version"."approach"))
);
--> statement-breakpoint
ALTER TABLE "plan_version" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "pillar" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"code" text NOT NULL,
	"position" integer NOT NULL,
	"name" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "pillar_code" UNIQUE("programme_id","code"),
	CONSTRAINT "pillar_position" UNIQUE("programme_id","position"),
	CONSTRAINT "pillar_name_localised" CHECK (is_localised("pillar"."name"))
);
--> statement-breakpoint
ALTER TABLE "pillar" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "policy_link" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"kind" "policy_kind" NOT NULL,
	"name" jsonb NOT NULL,
	"starts_on" date,
	"ends_on" date,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "policy_link_name_localised" CHECK (is_localised("policy_link"."name"))
);
--> statement-breakpoint
ALTER TABLE "policy_link" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "programme" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"summary" jsonb,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "programme_code_unique" UNIQUE("code"),
	CONSTRAINT "programme_name_localised" CHECK (is_localised("programme"."name")),
	CONSTRAINT "programme_a_generation" CHECK ("programme"."ends_on" >= ("programme"."starts_on" + interval '20 years' - interval '1 day')::date)
);
--> statement-breakpoint
ALTER TABLE "programme" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "programme_sdg" (
	"programme_id" uuid NOT NULL,
	"sdg_goal_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "programme_sdg_programme_id_sdg_goal_id_pk" PRIMARY KEY("programme_id","sdg_goal_id")
);
--> statement-breakpoint
ALTER TABLE "programme_sdg" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "result" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"pillar_id" uuid,
	"parent_id" uuid,
	"code" text NOT NULL,
	"type" "result_type" NOT NULL,
	"horizon" "result_horizon" NOT NULL,
	"title" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "result_code" UNIQUE("programme_id","code"),
	CONSTRAINT "result_title_localised" CHECK (is_localised("result"."title"))
);
--> statement-breakpoint
ALTER TABLE "result" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sdg_goal" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" integer NOT NULL,
	"name" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "sdg_goal_number_unique" UNIQUE("number"),
	CONSTRAINT "sdg_goal_number" CHECK ("sdg_goal"."number" between 1 and 17),
	CONSTRAINT "sdg_goal_name_localised" CHECK (is_localised("sdg_goal"."name"))
);
--> statement-breakpoint
ALTER TABLE "sdg_goal" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "theme" (
	"id" uuid PRIMARY KEY NOT NULL,
	"programme_id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid DEFAULT caller_principal(),
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid DEFAULT caller_principal(),
	CONSTRAINT "theme_code" UNIQUE("programme_id","code"),
	CONSTRAINT "theme_name_localised" CHECK (is_localised("theme"."name"))
);
--> statement-breakpoint
ALTER TABLE "theme" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "action" ADD CONSTRAINT "action_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action" ADD CONSTRAINT "action_plan_id_plan_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_participation" ADD CONSTRAINT "action_participation_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_participation" ADD CONSTRAINT "action_participation_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action" ADD CONSTRAINT "agreed_action_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action" ADD CONSTRAINT "agreed_action_action" FOREIGN KEY ("action_id","plan_id") REFERENCES "public"."action"("id","plan_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action" ADD CONSTRAINT "agreed_action_version_state" FOREIGN KEY ("plan_version_id","version_state","version_number") REFERENCES "public"."plan_version"("id","state","number") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "agreed_action_pillar" ADD CONSTRAINT "agreed_action_pillar_agreed_action_id_agreed_action_id_fk" FOREIGN KEY ("agreed_action_id") REFERENCES "public"."agreed_action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_pillar" ADD CONSTRAINT "agreed_action_pillar_pillar_id_pillar_id_fk" FOREIGN KEY ("pillar_id") REFERENCES "public"."pillar"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_result" ADD CONSTRAINT "agreed_action_result_agreed_action_id_agreed_action_id_fk" FOREIGN KEY ("agreed_action_id") REFERENCES "public"."agreed_action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_result" ADD CONSTRAINT "agreed_action_result_result_id_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "public"."result"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_sdg" ADD CONSTRAINT "agreed_action_sdg_agreed_action_id_agreed_action_id_fk" FOREIGN KEY ("agreed_action_id") REFERENCES "public"."agreed_action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_sdg" ADD CONSTRAINT "agreed_action_sdg_sdg_goal_id_sdg_goal_id_fk" FOREIGN KEY ("sdg_goal_id") REFERENCES "public"."sdg_goal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_theme" ADD CONSTRAINT "agreed_action_theme_agreed_action_id_agreed_action_id_fk" FOREIGN KEY ("agreed_action_id") REFERENCES "public"."agreed_action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreed_action_theme" ADD CONSTRAINT "agreed_action_theme_theme_id_theme_id_fk" FOREIGN KEY ("theme_id") REFERENCES "public"."theme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "external_ref" ADD CONSTRAINT "external_ref_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "external_ref" ADD CONSTRAINT "external_ref_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "note" ADD CONSTRAINT "note_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "note" ADD CONSTRAINT "note_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report" ADD CONSTRAINT "status_report_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_batch" ADD CONSTRAINT "status_report_batch_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_event" ADD CONSTRAINT "status_report_event_report_id_status_report_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."status_report"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_event" ADD CONSTRAINT "status_report_event_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_narrative" ADD CONSTRAINT "status_report_narrative_report_id_status_report_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."status_report"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_narrative" ADD CONSTRAINT "status_report_narrative_action_id_action_id_fk" FOREIGN KEY ("action_id") REFERENCES "public"."action"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_narrative" ADD CONSTRAINT "status_report_narrative_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_source" ADD CONSTRAINT "status_report_source_report_id_status_report_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."status_report"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "status_report_source" ADD CONSTRAINT "status_report_source_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision" ADD CONSTRAINT "decision_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision_point" ADD CONSTRAINT "decision_point_decision_id_decision_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decision"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decision_point" ADD CONSTRAINT "decision_point_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandate" ADD CONSTRAINT "mandate_decision_point_id_decision_point_id_fk" FOREIGN KEY ("decision_point_id") REFERENCES "public"."decision_point"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandate" ADD CONSTRAINT "mandate_plan_id_plan_id_fk" FOREIGN KEY ("plan_id") REFERENCES "public"."plan"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_indicator_version_id_indicator_version_id_fk" FOREIGN KEY ("indicator_version_id") REFERENCES "public"."indicator_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_series_id_series_id_fk" FOREIGN KEY ("series_id") REFERENCES "public"."series"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "confidential_value" ADD CONSTRAINT "confidential_value_observation_id_observation_id_fk" FOREIGN KEY ("observation_id") REFERENCES "public"."observation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_run" ADD CONSTRAINT "import_run_data_source_id_data_source_id_fk" FOREIGN KEY ("data_source_id") REFERENCES "public"."data_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "indicator" ADD CONSTRAINT "indicator_pillar_id_pillar_id_fk" FOREIGN KEY ("pillar_id") REFERENCES "public"."pillar"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "indicator_version" ADD CONSTRAINT "indicator_version_indicator_id_indicator_id_fk" FOREIGN KEY ("indicator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_series_id_series_id_fk" FOREIGN KEY ("series_id") REFERENCES "public"."series"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_region_version_id_region_version_id_fk" FOREIGN KEY ("region_version_id") REFERENCES "public"."region_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_data_source_id_data_source_id_fk" FOREIGN KEY ("data_source_id") REFERENCES "public"."data_source"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation" ADD CONSTRAINT "observation_import_run_id_import_run_id_fk" FOREIGN KEY ("import_run_id") REFERENCES "public"."import_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation_revision" ADD CONSTRAINT "observation_revision_observation_id_observation_id_fk" FOREIGN KEY ("observation_id") REFERENCES "public"."observation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observation_revision" ADD CONSTRAINT "observation_revision_import_run_id_import_run_id_fk" FOREIGN KEY ("import_run_id") REFERENCES "public"."import_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_indicator_id_indicator_id_fk" FOREIGN KEY ("indicator_id") REFERENCES "public"."indicator"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_indicator_version_id_indicator_version_id_fk" FOREIGN KEY ("indicator_version_id") REFERENCES "public"."indicator_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "series" ADD CONSTRAINT "series_region_id_region_id_fk" FOREIGN KEY ("region_id") REFERENCES "public"."region"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target" ADD CONSTRAINT "target_indicator_version_id_indicator_version_id_fk" FOREIGN KEY ("indicator_version_id") REFERENCES "public"."indicator_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target" ADD CONSTRAINT "target_series_id_series_id_fk" FOREIGN KEY ("series_id") REFERENCES "public"."series"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "target" ADD CONSTRAINT "target_plan_version_id_plan_version_id_fk" FOREIGN KEY ("plan_version_id") REFERENCES "public"."plan_version"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "neighbourhood_region" ADD CONSTRAINT "neighbourhood_region_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "neighbourhood_region" ADD CONSTRAINT "neighbourhood_region_region_id_region_id_fk" FOREIGN KEY ("region_id") REFERENCES "public"."region"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "region_version" ADD CONSTRAINT "region_version_region_id_region_id_fk" FOREIGN KEY ("region_id") REFERENCES "public"."region"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_membership" ADD CONSTRAINT "alliance_membership_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alliance_membership" ADD CONSTRAINT "alliance_membership_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_key" ADD CONSTRAINT "api_key_principal_id_principal_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "principal" ADD CONSTRAINT "principal_organisation_id_organisation_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisation"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_principal_id_principal_id_fk" FOREIGN KEY ("principal_id") REFERENCES "public"."principal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan" ADD CONSTRAINT "plan_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan" ADD CONSTRAINT "plan_neighbourhood_id_neighbourhood_id_fk" FOREIGN KEY ("neighbourhood_id") REFERENCES "public"."neighbourhood"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plan_version" ADD CONSTRAINT "plan_version_plan" FOREIGN KEY ("plan_id","plan_kind") REFERENCES "public"."plan"("id","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pillar" ADD CONSTRAINT "pillar_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policy_link" ADD CONSTRAINT "policy_link_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programme_sdg" ADD CONSTRAINT "programme_sdg_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "programme_sdg" ADD CONSTRAINT "programme_sdg_sdg_goal_id_sdg_goal_id_fk" FOREIGN KEY ("sdg_goal_id") REFERENCES "public"."sdg_goal"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "result" ADD CONSTRAINT "result_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "result" ADD CONSTRAINT "result_pillar_id_pillar_id_fk" FOREIGN KEY ("pillar_id") REFERENCES "public"."pillar"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "theme" ADD CONSTRAINT "theme_programme_id_programme_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programme"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "action_plan_ref" ON "action" USING btree ("plan_id","ref");--> statement-breakpoint
CREATE INDEX "action_status_ref" ON "action" USING btree ("status","ref");--> statement-breakpoint
CREATE INDEX "action_participation_action" ON "action_participation" USING btree ("action_id","role");--> statement-breakpoint
CREATE INDEX "action_participation_organisation" ON "action_participation" USING btree ("organisation_id","role","action_id");--> statement-breakpoint
CREATE INDEX "agreed_action_of_action" ON "agreed_action" USING btree ("action_id");--> statement-breakpoint
CREATE INDEX "agreed_action_pillar_pillar" ON "agreed_action_pillar" USING btree ("pillar_id");--> statement-breakpoint
CREATE INDEX "agreed_action_result_result" ON "agreed_action_result" USING btree ("result_id");--> statement-breakpoint
CREATE INDEX "agreed_action_sdg_goal" ON "agreed_action_sdg" USING btree ("sdg_goal_id");--> statement-breakpoint
CREATE INDEX "agreed_action_theme_theme" ON "agreed_action_theme" USING btree ("theme_id");--> statement-breakpoint
CREATE INDEX "external_ref_of_action" ON "external_ref" USING btree ("action_id");--> statement-breakpoint
CREATE INDEX "note_action" ON "note" USING btree ("action_id","created_at");--> statement-breakpoint
CREATE INDEX "status_report_action" ON "status_report" USING btree ("action_id","effective_at");--> statement-breakpoint
CREATE INDEX "status_report_recorded" ON "status_report" USING btree ("recorded_at","id");--> statement-breakpoint
CREATE INDEX "status_report_narrative_action" ON "status_report_narrative" USING btree ("action_id");--> statement-breakpoint
CREATE INDEX "status_report_source_organisation" ON "status_report_source" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "audit_entry_subject" ON "audit_entry" USING btree ("subject_type","subject_id","at");--> statement-breakpoint
CREATE INDEX "audit_entry_organisation" ON "audit_entry" USING btree ("organisation_id","at");--> statement-breakpoint
CREATE INDEX "decision_date" ON "decision" USING btree ("programme_id","decided_on");--> statement-breakpoint
CREATE INDEX "decision_point_plan_version" ON "decision_point" USING btree ("plan_version_id");--> statement-breakpoint
CREATE INDEX "mandate_decision_point" ON "mandate" USING btree ("decision_point_id");--> statement-breakpoint
CREATE INDEX "mandate_plan" ON "mandate" USING btree ("plan_id");--> statement-breakpoint
CREATE INDEX "import_run_source" ON "import_run" USING btree ("data_source_id");--> statement-breakpoint
CREATE INDEX "indicator_pillar" ON "indicator" USING btree ("pillar_id");--> statement-breakpoint
CREATE INDEX "observation_recorded" ON "observation" USING btree ("recorded_at","id");--> statement-breakpoint
CREATE INDEX "series_indicator" ON "series" USING btree ("indicator_id","region_id");--> statement-breakpoint
CREATE INDEX "series_region" ON "series" USING btree ("region_id","indicator_id");--> statement-breakpoint
CREATE INDEX "enrolment_neighbourhood" ON "enrolment" USING btree ("neighbourhood_id");--> statement-breakpoint
CREATE INDEX "neighbourhood_region_neighbourhood" ON "neighbourhood_region" USING btree ("neighbourhood_id");--> statement-breakpoint
CREATE INDEX "neighbourhood_region_region" ON "neighbourhood_region" USING btree ("region_id");--> statement-breakpoint
CREATE INDEX "alliance_membership_organisation" ON "alliance_membership" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "alliance_membership_programme" ON "alliance_membership" USING btree ("programme_id","starts_on");--> statement-breakpoint
CREATE INDEX "api_key_principal" ON "api_key" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "role_grant_principal" ON "role_grant" USING btree ("principal_id");--> statement-breakpoint
CREATE INDEX "plan_neighbourhood" ON "plan" USING btree ("neighbourhood_id","starts_on");--> statement-breakpoint
CREATE INDEX "plan_programme" ON "plan" USING btree ("programme_id","kind","starts_on");--> statement-breakpoint
CREATE INDEX "policy_link_programme" ON "policy_link" USING btree ("programme_id");--> statement-breakpoint
CREATE INDEX "programme_sdg_goal" ON "programme_sdg" USING btree ("sdg_goal_id");--> statement-breakpoint
CREATE INDEX "result_pillar" ON "result" USING btree ("pillar_id");--> statement-breakpoint
CREATE POLICY "action_read" ON "action" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('content')) or exists (select 1 from agreed_action g where g.id = action.agreed_action_id));--> statement-breakpoint
CREATE POLICY "action_insert" ON "action" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "action_update" ON "action" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation())))) WITH CHECK ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation()))));--> statement-breakpoint
CREATE POLICY "action_participation_read" ON "action_participation" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('content')) or exists (select 1 from agreed_action g where g.action_id = action_participation.action_id));--> statement-breakpoint
CREATE POLICY "action_participation_insert" ON "action_participation" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "action_participation_update" ON "action_participation" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_read" ON "agreed_action" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((version_state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') and (select caller_may('public'))) or (select caller_may('drafts')) or (version_number = 1 and (select caller_may('content'))));--> statement-breakpoint
CREATE POLICY "agreed_action_insert" ON "agreed_action" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_update" ON "agreed_action" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_pillar_read" ON "agreed_action_pillar" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from agreed_action g where g.id = agreed_action_id));--> statement-breakpoint
CREATE POLICY "agreed_action_pillar_insert" ON "agreed_action_pillar" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_result_read" ON "agreed_action_result" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from agreed_action g where g.id = agreed_action_id));--> statement-breakpoint
CREATE POLICY "agreed_action_result_insert" ON "agreed_action_result" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_sdg_read" ON "agreed_action_sdg" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (exists (select 1 from agreed_action g where g.id = agreed_action_id));--> statement-breakpoint
CREATE POLICY "agreed_action_sdg_insert" ON "agreed_action_sdg" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_theme_read" ON "agreed_action_theme" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')) and exists (select 1 from agreed_action g where g.id = agreed_action_id));--> statement-breakpoint
CREATE POLICY "agreed_action_theme_insert" ON "agreed_action_theme" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "external_ref_read" ON "external_ref" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((organisation_id = (select caller_organisation()) and (select caller_may('own'))));--> statement-breakpoint
CREATE POLICY "external_ref_insert" ON "external_ref" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) and (select caller_may('member')) and ((select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "external_ref_update" ON "external_ref" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) and (select caller_may('member')) and ((select caller_may('push')) or (select caller_may('edit')))) WITH CHECK ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) and (select caller_may('member')) and ((select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "note_read" ON "note" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('notes')) and case visibility
        when 'ALLIANCE' then true
        when 'ACTION_PARTIES' then (select caller_may('team')) or ((select caller_may('own')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
        else (organisation_id = (select caller_organisation()) and (select caller_may('own'))) end);--> statement-breakpoint
CREATE POLICY "note_insert" ON "note" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) and (select caller_may('notes')) and ((select caller_may('edit')) or (select caller_may('push'))) and (visibility <> 'ACTION_PARTIES' or action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))));--> statement-breakpoint
CREATE POLICY "status_report_read" ON "status_report" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('content')) or (subject = 'ACTION' and standing = 'ACCEPTED' and exists (select 1 from action a where a.id = action_id)));--> statement-breakpoint
CREATE POLICY "status_report_insert" ON "status_report" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and case subject when 'ACTION' then action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation())) when 'CONTRIBUTION' then action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())) else true end));--> statement-breakpoint
CREATE POLICY "status_report_update" ON "status_report" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation())))) WITH CHECK ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation()))));--> statement-breakpoint
CREATE POLICY "status_report_batch_read" ON "status_report_batch" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) or principal_id = (select caller_principal()));--> statement-breakpoint
CREATE POLICY "status_report_batch_insert" ON "status_report_batch" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (principal_id = (select caller_principal()) and organisation_id = (select caller_organisation()) and ((select caller_may('team')) or (select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "status_report_event_read" ON "status_report_event" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (organisation_id = (select caller_organisation()) and ((select caller_may('own')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "status_report_event_insert" ON "status_report_event" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (organisation_id = (select caller_organisation()) and ((select caller_may('team')) or (select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "status_report_narrative_read" ON "status_report_narrative" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (case visibility
        when 'PUBLIC' then (select caller_may('content')) or exists (select 1 from status_report r where r.id = report_id)
        when 'ALLIANCE' then (select caller_may('content'))
        when 'ACTION_PARTIES' then (select caller_may('team')) or (organisation_id = (select caller_organisation()) and (select caller_may('own'))) or ((select caller_may('own')) and (select caller_may('member')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
        when 'OWN_ORGANISATION' then (organisation_id = (select caller_organisation()) and (select caller_may('own')))
        else (select caller_may('team')) or (organisation_id = (select caller_organisation()) and (select caller_may('own'))) end);--> statement-breakpoint
CREATE POLICY "status_report_narrative_insert" ON "status_report_narrative" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (organisation_id = (select caller_organisation()) and ((select caller_may('team')) or (select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "status_report_source_read" ON "status_report_source" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('content')));--> statement-breakpoint
CREATE POLICY "status_report_source_insert" ON "status_report_source" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (organisation_id = (select caller_organisation()) and ((select caller_may('team')) or (select caller_may('push')) or (select caller_may('edit'))));--> statement-breakpoint
CREATE POLICY "audit_entry_read" ON "audit_entry" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('audit_all')) or ((select caller_may('own_audit')) and organisation_id = (select caller_organisation()))
        or ((select caller_may('audit')) and (subject_type <> 'Note' or exists (select 1 from note n where n.id = subject_id))));--> statement-breakpoint
CREATE POLICY "audit_entry_insert" ON "audit_entry" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (principal_id = (select caller_principal()) and organisation_id = (select caller_organisation()));--> statement-breakpoint
CREATE POLICY "decision_read" ON "decision" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "decision_insert" ON "decision" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "decision_point_read" ON "decision_point" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "decision_point_insert" ON "decision_point" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "mandate_read" ON "mandate" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "mandate_insert" ON "mandate" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "mandate_update" ON "mandate" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "baseline_read" ON "baseline" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "baseline_insert" ON "baseline" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "baseline_update" ON "baseline" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "confidential_value_read" ON "confidential_value" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "confidential_value_insert" ON "confidential_value" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "confidential_value_update" ON "confidential_value" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "data_source_read" ON "data_source" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "data_source_insert" ON "data_source" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "data_source_update" ON "data_source" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "import_run_read" ON "import_run" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('member')));--> statement-breakpoint
CREATE POLICY "import_run_insert" ON "import_run" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "import_run_update" ON "import_run" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "indicator_read" ON "indicator" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "indicator_insert" ON "indicator" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "indicator_update" ON "indicator" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "indicator_version_read" ON "indicator_version" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "indicator_version_insert" ON "indicator_version" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "observation_read" ON "observation" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "observation_insert" ON "observation" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "observation_update" ON "observation" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "observation_revision_read" ON "observation_revision" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('statistics')) or ((select caller_may('public')) and (value is null or not exists (
        select 1 from observation o where o.id = observation_id and o.status = 'SUPPRESSED'))));--> statement-breakpoint
CREATE POLICY "observation_revision_insert" ON "observation_revision" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "series_read" ON "series" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "series_insert" ON "series" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "target_read" ON "target" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "target_insert" ON "target" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "target_update" ON "target" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('statistics'))) WITH CHECK ((select caller_may('statistics')));--> statement-breakpoint
CREATE POLICY "enrolment_read" ON "enrolment" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "enrolment_insert" ON "enrolment" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "enrolment_update" ON "enrolment" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "neighbourhood_read" ON "neighbourhood" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "neighbourhood_insert" ON "neighbourhood" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "neighbourhood_update" ON "neighbourhood" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "neighbourhood_region_read" ON "neighbourhood_region" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "neighbourhood_region_insert" ON "neighbourhood_region" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "neighbourhood_region_update" ON "neighbourhood_region" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "region_read" ON "region" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "region_insert" ON "region" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "region_update" ON "region" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (((select caller_may('statistics')) or (select caller_may('team')))) WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "region_version_read" ON "region_version" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "region_version_insert" ON "region_version" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "region_version_update" ON "region_version" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING (((select caller_may('statistics')) or (select caller_may('team')))) WITH CHECK (((select caller_may('statistics')) or (select caller_may('team'))));--> statement-breakpoint
CREATE POLICY "alliance_membership_read" ON "alliance_membership" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "alliance_membership_insert" ON "alliance_membership" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "alliance_membership_update" ON "alliance_membership" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('admin'))) WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "alliance_membership_lookup" ON "alliance_membership" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "api_key_read" ON "api_key" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (principal_id = (select caller_principal()) or (select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "api_key_insert" ON "api_key" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "api_key_update" ON "api_key" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('admin'))) WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "api_key_lookup" ON "api_key" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "api_key_use" ON "api_key" AS PERMISSIVE FOR UPDATE TO "samenspel_lookup" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "organisation_read" ON "organisation" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "organisation_insert" ON "organisation" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "organisation_update" ON "organisation" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('admin'))) WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "organisation_lookup" ON "organisation" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "principal_read" ON "principal" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (id = (select caller_principal()) or (select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "principal_insert" ON "principal" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "principal_update" ON "principal" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('admin'))) WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "principal_lookup" ON "principal" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "role_grant_read" ON "role_grant" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING (principal_id = (select caller_principal()) or (select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "role_grant_insert" ON "role_grant" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "role_grant_update" ON "role_grant" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('admin'))) WITH CHECK ((select caller_may('admin')));--> statement-breakpoint
CREATE POLICY "role_grant_lookup" ON "role_grant" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
CREATE POLICY "plan_read" ON "plan" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('team')) or exists (select 1 from plan_version v where v.plan_id = plan.id));--> statement-breakpoint
CREATE POLICY "plan_insert" ON "plan" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "plan_update" ON "plan" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "plan_version_read" ON "plan_version" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') and (select caller_may('public')) and (plan_kind <> 'STRATEGIC_AGENDA' or (select caller_may('agenda')))) or (select caller_may('drafts')));--> statement-breakpoint
CREATE POLICY "plan_version_insert" ON "plan_version" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "plan_version_update" ON "plan_version" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "pillar_read" ON "pillar" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "pillar_insert" ON "pillar" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "pillar_update" ON "pillar" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "policy_link_read" ON "policy_link" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "policy_link_insert" ON "policy_link" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "policy_link_update" ON "policy_link" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "programme_read" ON "programme" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "programme_insert" ON "programme" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "programme_update" ON "programme" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "programme_sdg_read" ON "programme_sdg" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "programme_sdg_insert" ON "programme_sdg" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "result_read" ON "result" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "result_insert" ON "result" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "result_update" ON "result" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "sdg_goal_read" ON "sdg_goal" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('public')));--> statement-breakpoint
CREATE POLICY "sdg_goal_insert" ON "sdg_goal" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "sdg_goal_update" ON "sdg_goal" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "theme_read" ON "theme" AS PERMISSIVE FOR SELECT TO "samenspel_app" USING ((select caller_may('agenda')));--> statement-breakpoint
CREATE POLICY "theme_insert" ON "theme" AS PERMISSIVE FOR INSERT TO "samenspel_app" WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "theme_update" ON "theme" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));