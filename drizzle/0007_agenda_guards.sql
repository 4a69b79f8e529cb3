call guard_table('agenda_theme', 'scope', 'title', 'text');
--> statement-breakpoint
call guard_table('theme_link', 'ends_on');
--> statement-breakpoint
call guard_table('agenda_step', 'title', 'organisation_id', 'state', 'due_on');
--> statement-breakpoint
call guard_table('breakthrough', 'state', 'resulting_change');
--> statement-breakpoint
call guard_table('breakthrough_step');
--> statement-breakpoint
call guard_table('lobby_effort', 'outcome', 'outcome_on', 'outcome_text');
--> statement-breakpoint
call guard_table('lobby_support');
--> statement-breakpoint
-- A theme is taken up in one plan or action once at a time.
alter table theme_link add constraint theme_link_plan_once
  exclude using gist (agenda_theme_id with =, plan_id with =, daterange(starts_on, ends_on, '[]') with &&) where (plan_id is not null);
--> statement-breakpoint
alter table theme_link add constraint theme_link_action_once
  exclude using gist (agenda_theme_id with =, action_id with =, daterange(starts_on, ends_on, '[]') with &&) where (action_id is not null);
--> statement-breakpoint
-- A link holds only while the agenda and the execution plan both do, and leads to no other kind of plan.
create function theme_link_within_terms() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (
    select from agenda_theme t join plan a on a.id = t.plan_id
      join plan p on p.kind = 'EXECUTION_PLAN' and p.id = coalesce(new.plan_id, (select x.plan_id from action x where x.id = new.action_id))
    where t.id = new.agenda_theme_id
      and daterange(new.starts_on, new.ends_on, '[]') <@ (daterange(a.starts_on, a.ends_on, '[]') * daterange(p.starts_on, p.ends_on, '[]'))) then
    raise exception 'outside the terms' using errcode = 'SP427';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger within_terms before insert or update on theme_link for each row execute function theme_link_within_terms();
--> statement-breakpoint
create function breakthrough_life() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'SIGNALLED' then raise exception 'a breakthrough starts as signalled' using errcode = 'SP428'; end if;
  elsif new.state <> old.state and not (old.state::text || '>' || new.state::text = any (array[
    'SIGNALLED>ANALYSED', 'ANALYSED>ESCALATED', 'ESCALATED>RESOLVED', 'ESCALATED>ACCEPTED_AS_IS'])) then
    raise exception 'no such step' using errcode = 'SP428';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before insert or update on breakthrough for each row execute function breakthrough_life();
--> statement-breakpoint
create function breakthrough_step_in_time() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.taken_on > today() or new.taken_on < (select max(s.taken_on) from breakthrough_step s where s.breakthrough_id = new.breakthrough_id and s.number < new.number) then
    raise exception 'out of order' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger in_time before insert on breakthrough_step for each row execute function breakthrough_step_in_time();
--> statement-breakpoint
-- Judged at commit: the state is the one that the latest step came to, so neither is written without the other.
create function breakthrough_follows_steps() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare
  of_breakthrough uuid := case tg_table_name when 'breakthrough' then (to_jsonb(new) ->> 'id')::uuid else (to_jsonb(new) ->> 'breakthrough_id')::uuid end;
begin
  if (select b.state from breakthrough b where b.id = of_breakthrough) is distinct from
    (select s.state from breakthrough_step s where s.breakthrough_id = of_breakthrough order by s.number desc limit 1) then
    raise exception 'the state is that of the latest step' using errcode = 'SP428';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger follows_steps after insert or update on breakthrough deferrable initially deferred
  for each row execute function breakthrough_follows_steps();
--> statement-breakpoint
create constraint trigger follows_steps after insert on breakthrough_step deferrable initially deferred
  for each row execute function breakthrough_follows_steps();
--> statement-breakpoint
-- As before, and who reads breakthroughs: the alliance and BI all of them, the council what is resolved (domain §6).
create or replace function capabilities(roles role[]) returns text language sql immutable
begin atomic
  select ',public,' || coalesce(string_agg(distinct c.capability, ',') || ',', '')
  from (values
    ('PARTNER_READER'::role, array['content', 'member', 'agenda', 'breakthroughs', 'drafts', 'notes', 'own', 'own_audit']),
    ('PARTNER_EDITOR', array['content', 'member', 'agenda', 'breakthroughs', 'drafts', 'notes', 'own', 'own_audit', 'edit']),
    ('PARTNER_SYSTEM', array['content', 'member', 'notes', 'own', 'push']),
    ('PROGRAMME_TEAM', array['content', 'member', 'agenda', 'breakthroughs', 'drafts', 'notes', 'team', 'audit']),
    ('PORTFOLIO_HOLDER', array['content', 'member', 'agenda', 'breakthroughs', 'drafts', 'notes', 'portfolio', 'audit']),
    ('RESEARCH_STATISTICS', array['content', 'member', 'agenda', 'drafts', 'statistics']),
    ('BI_READER', array['content', 'member', 'agenda', 'breakthroughs']),
    ('COMMUNICATION', array['content', 'member', 'agenda', 'breakthroughs', 'drafts', 'notes', 'own', 'own_audit', 'communicate']),
    ('COUNCIL_READER', array['content', 'member', 'agenda', 'council']),
    ('AUDITOR', array['audit_all']),
    ('ADMIN', array['admin'])
  ) grants (of_role, granted), unnest(grants.granted) c (capability)
  where of_role = any (roles);
end;
--> statement-breakpoint
call guard_functions();
