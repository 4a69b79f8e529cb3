CREATE POLICY "status_report_source_lookup" ON "status_report_source" AS PERMISSIVE FOR SELECT TO "samenspel_lookup" USING (true);--> statement-breakpoint
ALTER POLICY "action_read" ON "action" TO samenspel_app USING ((select caller_may('drafts')) or ((select caller_may('push')) and id in (select joined_actions())) or exists (select 1 from agreed_action g where g.id = action.agreed_action_id));--> statement-breakpoint
ALTER POLICY "action_participation_read" ON "action_participation" TO samenspel_app USING ((select caller_may('drafts')) or ((select caller_may('push')) and action_id in (select joined_actions())) or exists (select 1 from agreed_action g where g.action_id = action_participation.action_id));--> statement-breakpoint
ALTER POLICY "note_read" ON "note" TO samenspel_app USING ((select caller_may('notes')) and ((select caller_may('drafts')) or exists (select 1 from action a where a.id = action_id)) and case visibility
        when 'ALLIANCE' then true
        when 'ACTION_PARTIES' then (select caller_may('team')) or ((select caller_may('own')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
        else (organisation_id = (select caller_organisation()) and (select caller_may('own'))) end);--> statement-breakpoint
ALTER POLICY "status_report_read" ON "status_report" TO samenspel_app USING ((select caller_may('drafts')) or (((select caller_may('content')) or (subject = 'ACTION' and standing = 'ACCEPTED')) and exists (select 1 from action a where a.id = action_id)));--> statement-breakpoint
ALTER POLICY "status_report_update" ON "status_report" TO samenspel_app USING ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and (action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation())) or reported_by_caller(id)))) WITH CHECK ((select caller_may('team')) or (((select caller_may('push')) or (select caller_may('edit'))) and (action_id in (select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = (select caller_organisation())) or reported_by_caller(id))));--> statement-breakpoint
ALTER POLICY "status_report_narrative_read" ON "status_report_narrative" TO samenspel_app USING (case visibility
        when 'PUBLIC' then (select caller_may('drafts')) or exists (select 1 from status_report r where r.id = report_id)
        when 'ALLIANCE' then (select caller_may('drafts')) or ((select caller_may('content')) and exists (select 1 from action a where a.id = action_id))
        when 'ACTION_PARTIES' then (select caller_may('team')) or (organisation_id = (select caller_organisation()) and (select caller_may('own'))) or ((select caller_may('own')) and (select caller_may('member')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
        when 'OWN_ORGANISATION' then (organisation_id = (select caller_organisation()) and (select caller_may('own')))
        else (select caller_may('team')) or (organisation_id = (select caller_organisation()) and (select caller_may('own'))) end);--> statement-breakpoint
ALTER POLICY "status_report_source_read" ON "status_report_source" TO samenspel_app USING ((select caller_may('drafts')) or ((select caller_may('content')) and exists (select 1 from status_report r where r.id = report_id)));--> statement-breakpoint
ALTER POLICY "theme_link_read" ON "theme_link" TO samenspel_app USING (exists (select 1 from agenda_theme t where t.id = agenda_theme_id) and (plan_id is null or exists (select 1 from plan p where p.id = theme_link.plan_id))
        and (action_id is null or exists (select 1 from action a where a.id = theme_link.action_id)));--> statement-breakpoint
call guard_functions();
