call guard_table('action_relation', 'ended_on');
--> statement-breakpoint
create function action_relation_stays_ended() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.ended_on > today() then raise exception 'it has not ended yet' using errcode = '23514'; end if;
  if tg_op = 'UPDATE' and old.ended_on is not null then raise exception 'it has ended' using errcode = 'SP409'; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger stays_ended before insert or update on action_relation for each row execute function action_relation_stays_ended();
--> statement-breakpoint
-- What follows, is a part of or continues an action is no way back to it. One writer at a time, so that no two make a circle together;
-- whoever may write a relation sees every action, so the way is looked for with the writer's own eyes.
create function action_relation_in_no_circle() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.kind = 'COUPLED_WITH' or new.related_action_id is null or new.ended_on is not null then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('relations of actions', 0));
  if exists (
    with recursive reached(id) as (
      select new.related_action_id
      union
      select r.related_action_id from reached join action_relation r on r.action_id = reached.id
      where r.kind = new.kind and r.ended_on is null and r.related_action_id is not null)
    select from reached where id = new.action_id) then
    raise exception 'the relation leads back' using errcode = 'SP429';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger in_no_circle after insert or update on action_relation for each row execute function action_relation_in_no_circle();
--> statement-breakpoint
call guard_functions();
