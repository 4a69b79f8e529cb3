-- The whole life of plans: drafts, what is returned and taken back, guiding principles; decisions that are corrected, mandates granted and taken back.

create or replace function plan_version_life() returns trigger language plpgsql as $$
begin
  if new.plan_id <> old.plan_id or new.number <> old.number or new.based_on_id is distinct from old.based_on_id then
    raise exception 'a version keeps its plan, its number and its origin' using errcode = 'SP409';
  end if;
  -- Nobody writes that a version expired: that follows from the term of its plan.
  if new.state <> old.state and not (old.state::text || '>' || new.state::text = any (array[
    'DRAFT>SUBMITTED', 'DRAFT>WITHDRAWN', 'SUBMITTED>RETURNED', 'SUBMITTED>WITHDRAWN', 'SUBMITTED>ADOPTED', 'RETURNED>DRAFT', 'ADOPTED>SUPERSEDED'])) then
    raise exception 'no such step' using errcode = 'SP412';
  end if;
  if old.state <> 'DRAFT' and not (old.state = 'RETURNED' and new.state = 'DRAFT')
    and (new.ambitions, new.objectives, new.approach, new.guiding_principles) is distinct from (old.ambitions, old.objectives, old.approach, old.guiding_principles) then
    raise exception 'a submitted text is frozen' using errcode = 'SP409';
  end if;
  if old.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')
    and (new.submitted_at, new.effective_from, new.snapshot, new.content_hash) is distinct from (old.submitted_at, old.effective_from, old.snapshot, old.content_hash) then
    raise exception 'an adopted version is immutable' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
grant update (guiding_principles) on plan_version to samenspel_app;
--> statement-breakpoint
create function are_localised(texts jsonb) returns boolean language sql immutable parallel safe
  return jsonb_typeof(texts) = 'array' and not exists (
    select from jsonb_array_elements(case jsonb_typeof(texts) when 'array' then texts else '[]' end) t where not is_localised(t) or jsonb_typeof(t) <> 'object');
--> statement-breakpoint
alter table plan_version add constraint plan_version_guiding_principles check (are_localised(guiding_principles));
--> statement-breakpoint
-- One version at a time is on its way to a decision. Judged at commit, so that one may be taken back for another.
alter table plan_version add constraint plan_version_one_under_way
  exclude using gist (plan_id with =) where (state in ('DRAFT', 'SUBMITTED', 'RETURNED')) deferrable initially deferred;
--> statement-breakpoint
create view guiding_principle with (security_invoker = true) as
  select md5(v.id::text || '/' || p.position)::uuid as id, v.id as plan_version_id, p.position::int as position, p.text
  from plan_version v cross join lateral jsonb_array_elements(v.guiding_principles) with ordinality p (text, position);
--> statement-breakpoint
grant select on guiding_principle to samenspel_app;
--> statement-breakpoint
create or replace function plan_version_needs_decision() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.state = 'ADOPTED' and not exists (
    select from decision_point d where d.plan_version_id = new.id and d.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')) then
    raise exception 'adoption needs a decision' using errcode = 'SP410';
  end if;
  return null;
end $$;
--> statement-breakpoint

-- What was recorded wrongly of a decision may be mended; its history shows what it said (S62).
drop trigger append_only on decision;
--> statement-breakpoint
grant update (reference, decided_on, title) on decision to samenspel_app;
--> statement-breakpoint
call keep_history('decision');
--> statement-breakpoint
create function decision_in_time() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.decided_on > today() then raise exception 'not decided yet' using errcode = '23514'; end if;
  if tg_op = 'UPDATE' and exists (
    select from decision_point p join mandate m on m.decision_point_id = p.id and m.starts_on < new.decided_on or m.revoked_by_id = p.id and m.ends_on < new.decided_on
    where p.decision_id = new.id) then
    raise exception 'its mandates were granted or taken back earlier' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger in_time before insert or update on decision for each row execute function decision_in_time();
--> statement-breakpoint

-- A mandate comes from a decision that grants it and reaches the programme plan alone; it ends earlier only by a decision that takes it back, once.
grant update (revoked_by_id) on mandate to samenspel_app;
--> statement-breakpoint
create function decided_on_by(point uuid, of_type decision_type) returns date language sql stable set search_path = pg_catalog, public
  return (select d.decided_on from decision_point p join decision d on d.id = p.decision_id
    where p.id = point and p.type = of_type and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES'));
--> statement-breakpoint
create function mandate_life() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'INSERT' then
    if new.revoked_by_id is not null or new.starts_on < decided_on_by(new.decision_point_id, 'MANDATE_GRANT') is not false
      or not exists (select from plan p where p.id = new.plan_id and p.kind = 'PROGRAMME_PLAN') then
      raise exception 'no decision grants this mandate' using errcode = '23514';
    end if;
  elsif (new.ends_on, new.revoked_by_id) is distinct from (old.ends_on, old.revoked_by_id)
    and (old.revoked_by_id is not null or new.ends_on < old.ends_on is false or new.ends_on >= decided_on_by(new.revoked_by_id, 'MANDATE_REVOKE') is not true) then
    raise exception 'no decision takes this mandate back' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before insert or update on mandate for each row execute function mandate_life();
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
create view guiding_principle_as_known with (security_invoker = true) as
  select md5(v.id::text || '/' || p.position)::uuid as id, v.id as plan_version_id, p.position::int as position, p.text, v.system_period
  from (
    select id, guiding_principles, tstzrange(updated_at, null) as system_period from plan_version
    union all select id, coalesce(guiding_principles, '[]'), system_period from plan_version_history) v
    cross join lateral jsonb_array_elements(v.guiding_principles) with ordinality p (text, position);
--> statement-breakpoint
grant select on guiding_principle_as_known to samenspel_app;
--> statement-breakpoint

-- Amendments under a mandate or by a decision, what a version changes, and the documents of exactly one version.

call guard_table('amendment');
--> statement-breakpoint
-- After the policies have been asked. A mandate reaches one plan, names kinds, and holds today; what gives force by a decision is that decision.
create function amendment_within_scope() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare amended record;
begin
  select v.plan_id, v.state into amended from plan_version v where v.id = new.plan_version_id;
  if amended.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') or new.amended_on <> today() then
    raise exception 'an amendment is written with the adoption' using errcode = 'SP409';
  end if;
  if new.mandate_id is not null and not exists (
    select from mandate m where m.id = new.mandate_id and m.plan_id = amended.plan_id and new.kind = any (m.kinds) and m.holder = 'PORTFOLIO_HOLDER'
      and m.starts_on <= today() and (m.ends_on is null or m.ends_on > today())) then
    raise exception 'beyond the mandate' using errcode = 'SP411';
  end if;
  if new.decision_point_id is not null and not exists (
    select from decision_point p where p.id = new.decision_point_id and p.plan_version_id = new.plan_version_id and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')) then
    raise exception 'the decision is about another version' using errcode = 'SP410';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger within_scope after insert on amendment for each row execute function amendment_within_scope();
--> statement-breakpoint
-- Judged at commit: it came into force in this transaction, in the place of what was adopted before, and under a mandate not for days gone by.
create function amendment_in_force() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (
    select from plan_version v join plan_version former on former.plan_id = v.plan_id and former.number < v.number and former.state = 'SUPERSEDED'
    where v.id = new.plan_version_id and v.state = 'ADOPTED' and (new.mandate_id is null or v.effective_from >= new.amended_on)) then
    raise exception 'an amendment follows what was adopted, from today or later' using errcode = 'SP411';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger in_force after insert on amendment deferrable initially deferred for each row execute function amendment_in_force();
--> statement-breakpoint
create or replace function plan_version_needs_decision() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.state = 'ADOPTED'
    and not exists (select from decision_point d where d.plan_version_id = new.id and d.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES'))
    and not exists (select from amendment a where a.plan_version_id = new.id and a.mandate_id is not null) then
    raise exception 'adoption needs a decision' using errcode = 'SP410';
  end if;
  return null;
end $$;
--> statement-breakpoint
-- A version steps back for another and for nothing else, whoever moves it. Judged at commit.
create function plan_version_is_replaced() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from plan_version v where v.plan_id = new.plan_id and v.number > new.number and v.state in ('ADOPTED', 'SUPERSEDED')) then
    raise exception 'no other version takes its place' using errcode = 'SP412';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger is_replaced after update on plan_version deferrable initially deferred for each row
  when (new.state = 'SUPERSEDED' and old.state <> 'SUPERSEDED') execute function plan_version_is_replaced();
--> statement-breakpoint
-- Who brings a version into force under a mandate changes nothing else of it.
create function plan_version_holder_adopts() returns trigger language plpgsql as $$
begin
  if not caller_may('team') and new.state = old.state
    and (new.submitted_at, new.effective_from, new.snapshot, new.content_hash) is distinct from (old.submitted_at, old.effective_from, old.snapshot, old.content_hash) then
    raise exception 'the programme team writes plans' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger holder_adopts before update on plan_version for each row when (caller_may('portfolio')) execute function plan_version_holder_adopts();
--> statement-breakpoint

-- The codes of what an agreed action is tagged with, as far as the caller sees them.
create function agreed_codes(agreed uuid, tags text) returns jsonb language sql stable set search_path = pg_catalog, public
  return coalesce(case tags
    when 'pillars' then (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_pillar l join pillar c on c.id = l.pillar_id where l.agreed_action_id = agreed)
    when 'themes' then (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_theme l join theme c on c.id = l.theme_id where l.agreed_action_id = agreed)
    when 'sdgs' then (select jsonb_agg(c.number order by c.number) from agreed_action_sdg l join sdg_goal c on c.id = l.sdg_goal_id where l.agreed_action_id = agreed)
    else (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_result l join result c on c.id = l.result_id where l.agreed_action_id = agreed)
  end, '[]');
--> statement-breakpoint
-- What differs between a version and the one it is based on, from the rows that each of them froze; the caller reads both or nothing.
create view plan_version_change with (security_invoker = true) as
  select md5(concat_ws('/', d.plan_version_id, d.action_id, d.kind, d.field))::uuid as id, d.plan_version_id, d.action_id, d.kind, d.field,
    d.before #>> '{}' as before, d.after #>> '{}' as after
  from (
    select v.id as plan_version_id, null::uuid as action_id, 'CHANGED' as kind, t.field, t.before, t.after
    from plan_version v join plan_version b on b.id = v.based_on_id
      cross join lateral (values
        ('ambitions', b.ambitions, v.ambitions), ('objectives', b.objectives, v.objectives), ('approach', b.approach, v.approach),
        ('guidingPrinciples', b.guiding_principles, v.guiding_principles)) t (field, before, after)
    where t.before is distinct from t.after
    union all
    select v.id, coalesce((pair.n).action_id, (pair.o).action_id), c.kind, c.field, c.before, c.after
    from plan_version v join plan_version b on b.id = v.based_on_id
      cross join lateral (
        select x.o, y.n from (select g as o from agreed_action g where g.plan_version_id = b.id) x
          full join (select g as n from agreed_action g where g.plan_version_id = v.id) y on (y.n).action_id = (x.o).action_id) pair
      cross join lateral (
        select case when (pair.o).id is null then 'ADDED' else 'REMOVED' end as kind, null as field, null::jsonb as before, null::jsonb as after
        where (pair.o).id is null or (pair.n).id is null
        union all
        select 'CHANGED', f.field, f.before, f.after
        from (values
          ('title', (pair.o).title, (pair.n).title), ('description', (pair.o).description, (pair.n).description), ('kind', to_jsonb((pair.o).kind), to_jsonb((pair.n).kind)),
          ('scale', to_jsonb((pair.o).scale), to_jsonb((pair.n).scale)), ('planned.startsOn', to_jsonb((pair.o).planned_start_on), to_jsonb((pair.n).planned_start_on)),
          ('planned.endsOn', to_jsonb((pair.o).planned_end_on), to_jsonb((pair.n).planned_end_on)), ('crossDomain', to_jsonb((pair.o).cross_domain), to_jsonb((pair.n).cross_domain)),
          ('pillars', agreed_codes((pair.o).id, 'pillars'), agreed_codes((pair.n).id, 'pillars')), ('themes', agreed_codes((pair.o).id, 'themes'), agreed_codes((pair.n).id, 'themes')),
          ('sdgs', agreed_codes((pair.o).id, 'sdgs'), agreed_codes((pair.n).id, 'sdgs')), ('results', agreed_codes((pair.o).id, 'results'), agreed_codes((pair.n).id, 'results'))
        ) f (field, before, after)
        where (pair.o).id is not null and (pair.n).id is not null and f.before is distinct from f.after) c
  ) d;
--> statement-breakpoint
grant select on plan_version_change to samenspel_app;
--> statement-breakpoint

call guard_table('document', 'withdrawn');
--> statement-breakpoint
create function document_of_open_version() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if (tg_op = 'INSERT' or new.withdrawn <> old.withdrawn)
    and exists (select from plan_version v where v.id = new.plan_version_id and v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')) then
    raise exception 'what belongs to an adopted version stays as it is' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger of_open_version before insert or update on document for each row execute function document_of_open_version();
--> statement-breakpoint
-- As it was (0023), whatever the point is called that gives a version force.
create or replace function information_duty_opens() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from plan_version v where v.id = new.id and v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')) then
    raise exception 'the council is told of what was adopted' using errcode = '23514';
  end if;
  new.adopted_on := coalesce((select max(d.decided_on) from decision_point p join decision d on d.id = p.decision_id
    where p.plan_version_id = new.id and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')), today());
  new.due_on := new.adopted_on + 30;
  return new;
end $$;
--> statement-breakpoint
call guard_functions();
