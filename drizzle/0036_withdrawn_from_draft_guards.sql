-- An action is taken out of a draft, and a tag off an action in it, by marking the row: nothing is deleted, and nothing of it once the version is frozen.
grant update (withdrawn) on agreed_action, agreed_action_pillar, agreed_action_theme, agreed_action_sdg, agreed_action_result to samenspel_app;
--> statement-breakpoint
do $$
declare relation text;
begin
  foreach relation in array array['agreed_action_pillar', 'agreed_action_theme', 'agreed_action_sdg', 'agreed_action_result'] loop
    call keep_history(relation::regclass);
  end loop;
end $$;
--> statement-breakpoint
create or replace function agreed_action_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.version_state <> 'DRAFT' then raise exception 'the version is frozen' using errcode = 'SP409'; end if;
    return new;
  end if;
  if (new.id, new.action_id, new.plan_id, new.plan_version_id, new.version_number) is distinct from
     (old.id, old.action_id, old.plan_id, old.plan_version_id, old.version_number)
    or (old.version_state <> 'DRAFT'
      and (new.title, new.description, new.kind, new.scale, new.planned_start_on, new.planned_end_on, new.cross_domain, new.withdrawn) is distinct from
          (old.title, old.description, old.kind, old.scale, old.planned_start_on, old.planned_end_on, old.cross_domain, old.withdrawn)) then
    raise exception 'what was agreed is frozen' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create or replace function agreed_link_frozen() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if (tg_op = 'INSERT' or new is distinct from old)
    and not exists (select from agreed_action g where g.id = new.agreed_action_id and g.version_state = 'DRAFT') then
    raise exception 'what was agreed is frozen' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
-- The slug of who leads an action, as the version froze it; of a version that is not frozen yet, as it is recorded now.
create function agreed_lead(snapshot jsonb, of_action uuid) returns jsonb language sql stable set search_path = pg_catalog, public
  return case when snapshot is null then (
      select to_jsonb(o.slug) from action_participation p join organisation o on o.id = p.organisation_id
      where p.action_id = of_action and p.role = 'LEAD' order by p.starts_on desc limit 1)
    else (
      select part -> 'organisation'
      from action a, jsonb_path_query(snapshot, '$.actions[*] ? (@.ref == $ref).participations[*] ? (@.role == "LEAD")', jsonb_build_object('ref', a.ref)) part
      where a.id = of_action order by part ->> 'startsOn' desc limit 1) end;
--> statement-breakpoint
-- The codes of what an agreed action is tagged with, as far as the caller sees them.
create or replace function agreed_codes(agreed uuid, tags text) returns jsonb language sql stable set search_path = pg_catalog, public
  return coalesce(case tags
    when 'pillars' then (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_pillar l join pillar c on c.id = l.pillar_id where l.agreed_action_id = agreed and not l.withdrawn)
    when 'themes' then (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_theme l join theme c on c.id = l.theme_id where l.agreed_action_id = agreed and not l.withdrawn)
    when 'sdgs' then (select jsonb_agg(c.number order by c.number) from agreed_action_sdg l join sdg_goal c on c.id = l.sdg_goal_id where l.agreed_action_id = agreed and not l.withdrawn)
    else (select jsonb_agg(c.code order by c.code collate "C") from agreed_action_result l join result c on c.id = l.result_id where l.agreed_action_id = agreed and not l.withdrawn)
  end, '[]');
--> statement-breakpoint
-- What differs between a version and the one it is based on, from the rows that each of them froze; the caller reads both or nothing.
create or replace view plan_version_change with (security_invoker = true) as
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
        select x.o, y.n from (select g as o from agreed_action g where g.plan_version_id = b.id and not g.withdrawn) x
          full join (select g as n from agreed_action g where g.plan_version_id = v.id and not g.withdrawn) y on (y.n).action_id = (x.o).action_id) pair
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
          ('sdgs', agreed_codes((pair.o).id, 'sdgs'), agreed_codes((pair.n).id, 'sdgs')), ('results', agreed_codes((pair.o).id, 'results'), agreed_codes((pair.n).id, 'results')),
          ('lead', agreed_lead(b.snapshot, (pair.o).action_id), agreed_lead(v.snapshot, (pair.n).action_id))
        ) f (field, before, after)
        where (pair.o).id is not null and (pair.n).id is not null and f.before is distinct from f.after) c
  ) d;
--> statement-breakpoint
call guard_functions();
