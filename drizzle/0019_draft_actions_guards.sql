-- The actions that the caller's organisation takes or ever took part in; asked by policies that the policies of parts look at themselves.
create function joined_actions() returns setof uuid language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.action_id from action_participation p where p.organisation_id = caller_organisation();
end;
--> statement-breakpoint
-- Asked by the policy of reports, at which the policy of sources looks.
create function reported_by_caller(report uuid) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return exists (select from status_report_source s where s.report_id = report and s.organisation_id = caller_organisation());
--> statement-breakpoint
grant select on status_report_source to samenspel_lookup;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function joined_actions() owner to samenspel_lookup;
--> statement-breakpoint
alter function reported_by_caller(uuid) owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
