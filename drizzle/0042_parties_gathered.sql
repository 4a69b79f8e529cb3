ALTER POLICY "note_read" ON "note" TO samenspel_app USING ((select caller_may('notes')) and ((select caller_may('drafts')) or (exists (select 1 from agreed_action g where g.action_id = note.action_id) or ((select caller_may('member')) and ((select caller_may('push')) and action_id = any (array(select joined_actions())))))) and case visibility
        when 'ALLIANCE' then true
        when 'ACTION_PARTIES' then (select caller_may('team')) or ((select caller_may('own')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))
        else (organisation_id = (select caller_organisation()) and (select caller_may('own'))) end);--> statement-breakpoint
ALTER POLICY "note_insert" ON "note" TO samenspel_app WITH CHECK ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) and (select caller_may('notes')) and ((select caller_may('edit')) or (select caller_may('push'))) and (visibility <> 'ACTION_PARTIES' or action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))));--> statement-breakpoint
ALTER POLICY "status_report_narrative_read" ON "status_report_narrative" TO samenspel_app USING ((organisation_id = (select caller_organisation()) and (select caller_may('own'))) or case when visibility in ('PUBLIC', 'ALLIANCE')
        then (select caller_may('drafts')) or ((visibility = 'PUBLIC' or (select caller_may('content'))) and exists (select 1 from status_report r where r.id = report_id))
        else (visibility <> 'OWN_ORGANISATION' and (select caller_may('team')))
          or (visibility = 'ACTION_PARTIES' and (select caller_may('own')) and (select caller_may('member')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))) end);--> statement-breakpoint
ALTER POLICY "contribution_read" ON "contribution" TO samenspel_app USING ((select caller_may('team')) or (select caller_may('portfolio')) or ((select caller_may('contributions')) and organisation_id = (select caller_organisation())) or ((select caller_may('party_contributions')) and action_id in (select p.action_id from action_participation p where p.organisation_id = (select caller_organisation())
  and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today()))));--> statement-breakpoint
call guard_functions();
