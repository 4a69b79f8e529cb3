-- The actions that the caller's organisation leads or led; asked by policies of tables that the policies of parts look at themselves.
create function led_actions() returns setof uuid language sql stable security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  select p.action_id from action_participation p where p.role = 'LEAD' and p.organisation_id = caller_organisation();
end;
--> statement-breakpoint
-- Who leaves the alliance leaves its actions on that day: those it led need a lead. Whoever ends a membership need not be one who changes parts.
create function membership_ends_parts() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.ends_on is not null and new.ends_on is distinct from old.ends_on and not exists (
    select from alliance_membership m where m.id <> new.id and m.organisation_id = new.organisation_id
      and m.starts_on <= new.ends_on and (m.ends_on is null or m.ends_on > new.ends_on)) then
    update action_participation p set ends_on = new.ends_on
    where p.organisation_id = new.organisation_id and p.starts_on < new.ends_on and (p.ends_on is null or p.ends_on > new.ends_on);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger ends_parts after update on alliance_membership for each row execute function membership_ends_parts();
--> statement-breakpoint
grant select, update (ends_on) on action_participation to samenspel_lookup;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
-- Whoever ends a membership need not see every action that is led.
alter function action_always_led() security definer set search_path = pg_catalog, public, pg_temp;
--> statement-breakpoint
alter function action_always_led() owner to samenspel_lookup;
--> statement-breakpoint
alter function led_actions() owner to samenspel_lookup;
--> statement-breakpoint
alter function membership_ends_parts() owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
