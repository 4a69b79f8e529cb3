ALTER TABLE "agreed_action" ADD COLUMN "withdrawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "agreed_action_pillar" ADD COLUMN "withdrawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "agreed_action_result" ADD COLUMN "withdrawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "agreed_action_sdg" ADD COLUMN "withdrawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "agreed_action_theme" ADD COLUMN "withdrawn" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE POLICY "agreed_action_pillar_update" ON "agreed_action_pillar" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_result_update" ON "agreed_action_result" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_sdg_update" ON "agreed_action_sdg" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
CREATE POLICY "agreed_action_theme_update" ON "agreed_action_theme" AS PERMISSIVE FOR UPDATE TO "samenspel_app" USING ((select caller_may('team'))) WITH CHECK ((select caller_may('team')));--> statement-breakpoint
ALTER POLICY "agreed_action_read" ON "agreed_action" TO samenspel_app USING ((select caller_may('drafts')) or (withdrawn is not true and ((version_state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') and (select caller_may('public'))) or (version_number = 1 and (select caller_may('content'))))));