grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
-- What a member's system takes part in today. While reports are recorded, also what its organisation took part in on earlier days, of which they may tell.
create or replace function joined_actions() returns setof uuid language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.action_id from action_participation p
  where p.organisation_id = caller_organisation() and (caller_may('reporting')
    or (caller_may('member') and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())));
end;
--> statement-breakpoint
-- Until the end of its transaction the caller records reports. None that only reads does, so no door of reading comes by what this opens.
create function begin_reporting() returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if current_setting('transaction_read_only')::boolean then
    raise exception 'reports are recorded by one who writes' using errcode = '25006';
  end if;
  perform set_config('app.capabilities', current_setting('app.capabilities') || 'reporting,', true);
end $$;
--> statement-breakpoint
-- As it was (0040), for one who records reports.
create or replace function see_what_folds() returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if caller_may('reporting') and caller_may('push') and not caller_may('member') then
    perform set_config('app.capabilities', current_setting('app.capabilities') || 'content,member,', true);
  end if;
end $$;
--> statement-breakpoint
-- As it was (0061); and it is the receiver who admits: the team, or who edits for the lead of today.
create or replace function status_report_keep() returns trigger language plpgsql as $$
begin
  if (new.id, new.action_id, new.subject, new.status, new.effective_at, new.recorded_at) is distinct from
     (old.id, old.action_id, old.subject, old.status, old.effective_at, old.recorded_at)
     or new.progress_percent is distinct from old.progress_percent or new.health is distinct from old.health then
    raise exception 'a report is written once' using errcode = 'SP409';
  end if;
  if new.admitted <> old.admitted then
    if old.admitted or old.standing <> 'QUARANTINED' then
      raise exception 'only what waits is admitted, and once' using errcode = 'SP409';
    end if;
    if not (caller_may('team') or (caller_may('edit') and exists (
      select from action_participation p where p.action_id = new.action_id and p.role = 'LEAD' and p.organisation_id = caller_organisation()
        and p.starts_on <= today() and (p.ends_on is null or p.ends_on > today())))) then
      raise exception 'its receiver admits a report' using errcode = '42501';
    end if;
  end if;
  return new;
end $$;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
