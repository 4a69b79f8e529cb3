call guard_table('monitoring_plan', 'title', 'state');
--> statement-breakpoint
call guard_table('monitoring_plan_indicator');
--> statement-breakpoint
call guard_table('evaluation');
--> statement-breakpoint
call guard_table('evaluation_result');
--> statement-breakpoint
call guard_table('evaluation_figure');
--> statement-breakpoint
create function monitoring_plan_life() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'DRAFT' then raise exception 'a monitoring plan starts as a draft' using errcode = 'SP412'; end if;
    return new;
  end if;
  if new.state <> old.state and not (old.state::text || '>' || new.state::text = any (array['DRAFT>ESTABLISHED', 'ESTABLISHED>REVISED'])) then
    raise exception 'no such step' using errcode = 'SP412';
  end if;
  if new.state <> old.state and not exists (select from monitoring_plan_indicator i where i.monitoring_plan_id = new.id) then
    raise exception 'a monitoring plan follows an indicator at least' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before insert or update on monitoring_plan for each row execute function monitoring_plan_life();
--> statement-breakpoint
create function monitoring_plan_frozen() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from monitoring_plan p where p.id = new.monitoring_plan_id and p.state = 'DRAFT') then
    raise exception 'the indicators of an established plan stay' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger frozen before insert on monitoring_plan_indicator for each row execute function monitoring_plan_frozen();
--> statement-breakpoint
-- Judged at commit, so that the objectives may be cited in the same transaction (invariant 23).
create function evaluation_cites_objective() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from evaluation_result r where r.evaluation_id = new.id) then
    raise exception 'an evaluation cites an objective at least' using errcode = '23514';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger cites_objective after insert on evaluation deferrable initially deferred
  for each row execute function evaluation_cites_objective();
--> statement-breakpoint
-- A cited figure is one of the cited indicator, and was known at the moment of the evaluation.
create function evaluation_figure_as_of() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (
    select from observation_revision r join observation o on o.id = r.observation_id join series s on s.id = o.series_id
      join evaluation e on e.id = new.evaluation_id
    where r.id = new.observation_revision_id and s.indicator_id = new.indicator_id and r.recorded_at <= e.as_of) then
    raise exception 'the figure was not known then, or is of another indicator' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger as_of before insert on evaluation_figure for each row execute function evaluation_figure_as_of();
--> statement-breakpoint
call guard_functions();
