-- The year of a baseline, also of one that is withheld: never its value.
create function baseline_period(of_series uuid) returns text language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return (select b.period from baseline b where b.series_id = of_series);
--> statement-breakpoint
grant select on baseline to samenspel_lookup;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function baseline_period(uuid) owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
