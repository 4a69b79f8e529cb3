call guard_table('milestone', 'position', 'title', 'planned_on', 'reached_on');
--> statement-breakpoint
create function milestone_in_time() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.reached_on > today() then raise exception 'it was not reached yet' using errcode = '23514'; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger in_time before insert or update on milestone for each row execute function milestone_in_time();
--> statement-breakpoint
call guard_functions();
