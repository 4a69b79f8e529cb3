create function action_relation_of_plan() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  new.plan_id := (select a.plan_id from action a where a.id = new.action_id);
  return new;
end $$;
--> statement-breakpoint
create trigger of_plan before insert on action_relation for each row execute function action_relation_of_plan();
--> statement-breakpoint
-- Those that were there already, which no verb has changed by this: without the triggers that would say so. The owner passes no policy while they are forced.
do $$
declare relation text;
begin
  foreach relation in array array['action', 'action_relation'] loop execute format('alter table %I no force row level security', relation); end loop;
  alter table action_relation disable trigger user;
  update action_relation r set plan_id = a.plan_id from action a where a.id = r.action_id;
  set constraints all immediate;
  alter table action_relation enable trigger user;
  foreach relation in array array['action', 'action_relation'] loop execute format('alter table %I force row level security', relation); end loop;
end $$;
--> statement-breakpoint
call guard_functions();
