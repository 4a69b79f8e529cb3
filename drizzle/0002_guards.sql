-- What the table definitions cannot say: forced row security, grants, exclusions, triggers and the door of identity.

do $$
declare relation regclass;
begin
  for relation in select c.oid::regclass from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' loop
    execute format('alter table %s force row level security', relation);
    execute format('revoke all on %s from public', relation);
    execute format('grant select on %s to samenspel_app', relation);
  end loop;
end $$;
--> statement-breakpoint
-- The hash of a key is never read back, not even by the service itself.
revoke select on api_key from samenspel_app;
--> statement-breakpoint
grant select (id, key_id, principal_id, label, scopes, expires_at, revoked_at, last_used_at, version, created_at, created_by, updated_at, updated_by)
  on api_key to samenspel_app;
--> statement-breakpoint
grant insert on
  organisation, alliance_membership, principal, role_grant, api_key,
  programme, pillar, theme, sdg_goal, programme_sdg, result, policy_link,
  neighbourhood, enrolment, region, region_version, neighbourhood_region,
  plan, plan_version, decision, decision_point, mandate,
  action, agreed_action, agreed_action_pillar, agreed_action_theme, agreed_action_sdg, agreed_action_result, action_participation,
  external_ref, status_report, status_report_source, status_report_event, status_report_narrative, status_report_batch, note,
  data_source, indicator, indicator_version, series, import_run, observation, observation_revision, confidential_value, baseline, target,
  audit_entry
  to samenspel_app;
--> statement-breakpoint
-- Only what a verb changes may be changed. Everything else is made once.
grant update (name, kind) on organisation to samenspel_app;
--> statement-breakpoint
grant update (type, ends_on, reason, push_grace_until) on alliance_membership to samenspel_app;
--> statement-breakpoint
grant update (label, disabled) on principal to samenspel_app;
--> statement-breakpoint
grant update (ends_on) on role_grant to samenspel_app;
--> statement-breakpoint
grant update (label, scopes, expires_at, revoked_at) on api_key to samenspel_app;
--> statement-breakpoint
grant update (name, summary, ends_on) on programme to samenspel_app;
--> statement-breakpoint
grant update (name) on pillar, theme, sdg_goal, neighbourhood to samenspel_app;
--> statement-breakpoint
grant update (title, pillar_id, parent_id) on result to samenspel_app;
--> statement-breakpoint
grant update (name, starts_on, ends_on) on policy_link to samenspel_app;
--> statement-breakpoint
grant update (ends_on, evidence) on enrolment to samenspel_app;
--> statement-breakpoint
grant update (name) on region to samenspel_app;
--> statement-breakpoint
grant update (name, change) on region_version to samenspel_app;
--> statement-breakpoint
grant update (main, ends_on) on neighbourhood_region to samenspel_app;
--> statement-breakpoint
grant update (title) on plan to samenspel_app;
--> statement-breakpoint
grant update (state, ambitions, objectives, approach, submitted_at, effective_from, snapshot, content_hash) on plan_version to samenspel_app;
--> statement-breakpoint
grant update (ends_on) on mandate to samenspel_app;
--> statement-breakpoint
grant update (agreed_action_id, status, progress_percent, health, latest_report_id, actual_start_on, actual_end_on) on action to samenspel_app;
--> statement-breakpoint
grant update (title, description, kind, scale, planned_start_on, planned_end_on, cross_domain) on agreed_action to samenspel_app;
--> statement-breakpoint
grant update (ends_on) on action_participation to samenspel_app;
--> statement-breakpoint
grant update (external_id) on external_ref to samenspel_app;
--> statement-breakpoint
grant update (standing) on status_report to samenspel_app;
--> statement-breakpoint
grant update (publisher, title, licence) on data_source to samenspel_app;
--> statement-breakpoint
grant update (pillar_id, name, definition, unit, ascending, aggregation, decimals, disclosure_threshold) on indicator to samenspel_app;
--> statement-breakpoint
grant update (state, counts, finished_at) on import_run to samenspel_app;
--> statement-breakpoint
grant update (value, status, revision, recorded_at, data_source_id, import_run_id, region_version_id) on observation to samenspel_app;
--> statement-breakpoint
grant update (value) on confidential_value, baseline, target to samenspel_app;
--> statement-breakpoint

-- Terms that may not overlap.
alter table alliance_membership add constraint alliance_membership_once
  exclude using gist (programme_id with =, organisation_id with =, daterange(starts_on, ends_on) with &&);
--> statement-breakpoint
alter table enrolment add constraint enrolment_once
  exclude using gist (programme_id with =, neighbourhood_id with =, daterange(starts_on, ends_on) with &&);
--> statement-breakpoint
alter table neighbourhood_region add constraint neighbourhood_region_one_main
  exclude using gist (neighbourhood_id with =, daterange(starts_on, ends_on) with &&) where (main);
--> statement-breakpoint
alter table plan add constraint plan_one_execution_plan
  exclude using gist (neighbourhood_id with =, daterange(starts_on, ends_on, '[]') with &&) where (kind = 'EXECUTION_PLAN');
--> statement-breakpoint
alter table plan add constraint plan_one_agenda
  exclude using gist (programme_id with =, daterange(starts_on, ends_on, '[]') with &&) where (kind = 'STRATEGIC_AGENDA');
--> statement-breakpoint
alter table action_participation add constraint action_participation_one_lead
  exclude using gist (action_id with =, daterange(starts_on, ends_on) with &&) where (role = 'LEAD');
--> statement-breakpoint
alter table action_participation add constraint action_participation_once
  exclude using gist (action_id with =, organisation_id with =, daterange(starts_on, ends_on) with &&);
--> statement-breakpoint
create unique index plan_version_one_in_force on plan_version (plan_id) where state = 'ADOPTED';
--> statement-breakpoint
alter table action add constraint action_agreed foreign key (agreed_action_id) references agreed_action (id) deferrable initially deferred;
--> statement-breakpoint
alter table action add constraint action_latest_report foreign key (latest_report_id) references status_report (id) deferrable initially deferred;
--> statement-breakpoint
alter table result add constraint result_parent foreign key (parent_id) references result (id);
--> statement-breakpoint

-- Who and when, on every row that has it; a client's own values are overwritten.
create function stamp() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'INSERT' then
    new.version := 1;
    new.created_at := now();
    new.created_by := caller_principal();
  else
    new.version := old.version + 1;
    new.created_at := old.created_at;
    new.created_by := old.created_by;
  end if;
  new.updated_at := now();
  new.updated_by := caller_principal();
  return new;
end $$;
--> statement-breakpoint
create function never_delete() returns trigger language plpgsql as $$
begin
  raise exception 'nothing is deleted here' using errcode = 'SP409';
end $$;
--> statement-breakpoint
-- Which tables a transaction changed: what was read from them before is no longer true.
create function tell_change() returns trigger language plpgsql as $$
declare told text := coalesce(current_setting('app.changed', true), '');
begin
  if position(',' || tg_table_name || ',' in ',' || told || ',') = 0 then perform set_config('app.changed', concat_ws(',', nullif(told, ''), tg_table_name), true); end if;
  return null;
end $$;
--> statement-breakpoint
create function append_only() returns trigger language plpgsql as $$
begin
  raise exception 'this is written once' using errcode = 'SP409';
end $$;
--> statement-breakpoint
do $$
declare relation record;
begin
  for relation in
    select c.oid::regclass as name, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'created_by') as stamped
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  loop
    execute format('create trigger never_delete before delete on %s for each row execute function never_delete()', relation.name);
    execute format('create trigger never_truncate before truncate on %s for each statement execute function never_delete()', relation.name);
    execute format('create trigger tell_change after insert or update on %s for each statement execute function tell_change()', relation.name);
    if relation.stamped then
      execute format('create trigger stamp before insert or update on %s for each row execute function stamp()', relation.name);
    end if;
  end loop;
end $$;
--> statement-breakpoint
do $$
declare relation text;
begin
  foreach relation in array array['audit_entry', 'decision', 'decision_point', 'status_report_source', 'status_report_event',
    'status_report_narrative', 'status_report_batch', 'note', 'observation_revision'] loop
    execute format('create trigger append_only before update on %I for each row execute function append_only()', relation);
  end loop;
end $$;
--> statement-breakpoint
create function status_report_keep() returns trigger language plpgsql as $$
begin
  if (new.id, new.action_id, new.subject, new.status, new.effective_at, new.recorded_at) is distinct from
     (old.id, old.action_id, old.subject, old.status, old.effective_at, old.recorded_at)
     or new.progress_percent is distinct from old.progress_percent or new.health is distinct from old.health then
    raise exception 'a report is written once' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger keep before update on status_report for each row execute function status_report_keep();
--> statement-breakpoint

-- Plans stay inside their programme, and execution plans where the programme works.
create function plan_within_programme() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from programme p where p.id = new.programme_id and p.starts_on <= new.starts_on and new.ends_on <= p.ends_on) then
    raise exception 'outside the programme term' using errcode = '23514';
  end if;
  if new.kind = 'EXECUTION_PLAN' and not exists (
    select from enrolment e where e.programme_id = new.programme_id and e.neighbourhood_id = new.neighbourhood_id
      and daterange(e.starts_on, e.ends_on) && daterange(new.starts_on, new.ends_on, '[]')) then
    raise exception 'the neighbourhood is not enrolled' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger within_programme before insert or update on plan for each row execute function plan_within_programme();
--> statement-breakpoint
create function programme_covers_plans() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.ends_on < old.ends_on then
    raise exception 'a programme is extended, never shortened' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger covers_plans before update on programme for each row execute function programme_covers_plans();
--> statement-breakpoint

-- The life of a plan version: its states, and what each of them freezes.
create function plan_version_life() returns trigger language plpgsql as $$
begin
  if new.plan_id <> old.plan_id or new.number <> old.number then
    raise exception 'a version keeps its plan and number' using errcode = 'SP409';
  end if;
  if new.state <> old.state and not (old.state::text || '>' || new.state::text = any (array[
    'DRAFT>SUBMITTED', 'DRAFT>WITHDRAWN', 'SUBMITTED>RETURNED', 'SUBMITTED>WITHDRAWN', 'SUBMITTED>ADOPTED', 'RETURNED>DRAFT',
    'ADOPTED>SUPERSEDED', 'ADOPTED>EXPIRED', 'SUPERSEDED>EXPIRED'])) then
    raise exception 'no such step' using errcode = 'SP412';
  end if;
  if old.state <> 'DRAFT' and (new.ambitions, new.objectives, new.approach) is distinct from (old.ambitions, old.objectives, old.approach) then
    raise exception 'a submitted text is frozen' using errcode = 'SP409';
  end if;
  if old.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')
    and (new.submitted_at, new.effective_from, new.snapshot, new.content_hash) is distinct from (old.submitted_at, old.effective_from, old.snapshot, old.content_hash) then
    raise exception 'an adopted version is immutable' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before update on plan_version for each row execute function plan_version_life();
--> statement-breakpoint
create function plan_version_starts_as_draft() returns trigger language plpgsql as $$
begin
  if new.state <> 'DRAFT' then raise exception 'a version starts as a draft' using errcode = 'SP412'; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger starts_as_draft before insert on plan_version for each row execute function plan_version_starts_as_draft();
--> statement-breakpoint
create function plan_version_of_kind() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  new.plan_kind := (select p.kind from plan p where p.id = new.plan_id);
  return new;
end $$;
--> statement-breakpoint
create trigger of_kind before insert on plan_version for each row execute function plan_version_of_kind();
--> statement-breakpoint
-- Judged at commit, so that the decision may be recorded in the same transaction.
create function plan_version_needs_decision() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.state = 'ADOPTED' and not exists (
    select from decision_point d where d.plan_version_id = new.id and d.type = 'ADOPTION' and d.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')) then
    raise exception 'adoption needs a decision' using errcode = 'SP410';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger needs_decision after update on plan_version deferrable initially deferred
  for each row execute function plan_version_needs_decision();
--> statement-breakpoint
create function agreed_action_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.version_state <> 'DRAFT' then raise exception 'the version is frozen' using errcode = 'SP409'; end if;
    return new;
  end if;
  if (new.id, new.action_id, new.plan_id, new.plan_version_id, new.version_number) is distinct from
     (old.id, old.action_id, old.plan_id, old.plan_version_id, old.version_number)
    or (old.version_state <> 'DRAFT'
      and (new.title, new.description, new.kind, new.scale, new.planned_start_on, new.planned_end_on, new.cross_domain) is distinct from
          (old.title, old.description, old.kind, old.scale, old.planned_start_on, old.planned_end_on, old.cross_domain)) then
    raise exception 'what was agreed is frozen' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger frozen before insert or update on agreed_action for each row execute function agreed_action_frozen();
--> statement-breakpoint
create function agreed_link_frozen() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from agreed_action g where g.id = new.agreed_action_id and g.version_state = 'DRAFT') then
    raise exception 'what was agreed is frozen' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
do $$
declare relation text;
begin
  foreach relation in array array['agreed_action_pillar', 'agreed_action_theme', 'agreed_action_sdg', 'agreed_action_result'] loop
    execute format('create trigger frozen before insert or update on %I for each row execute function agreed_link_frozen()', relation);
  end loop;
end $$;
--> statement-breakpoint

-- Exactly one lead at any date: the exclusion gives at most one; this refuses a gap, unless the lead left the alliance ("lead needed").
create function action_always_led() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare
  of_action uuid := case tg_table_name when 'action' then (to_jsonb(new) ->> 'id')::uuid else (to_jsonb(new) ->> 'action_id')::uuid end;
  leadership record;
  led_until date;
  first boolean := true;
begin
  for leadership in
    select p.starts_on, p.ends_on, p.organisation_id from action_participation p where p.action_id = of_action and p.role = 'LEAD' order by p.starts_on
  loop
    if not first and led_until is distinct from leadership.starts_on and not left_alliance_on(of_action, led_until) then
      raise exception 'a day without a lead' using errcode = '23514';
    end if;
    first := false;
    led_until := leadership.ends_on;
  end loop;
  if first then raise exception 'an action has a lead' using errcode = '23514'; end if;
  if led_until is not null and not left_alliance_on(of_action, led_until) then
    raise exception 'a day without a lead' using errcode = '23514';
  end if;
  return null;
end $$;
--> statement-breakpoint
create function left_alliance_on(of_action uuid, day date) returns boolean language sql stable set search_path = pg_catalog, public
  return exists (
    select from action_participation p join alliance_membership m on m.organisation_id = p.organisation_id
    where p.action_id = of_action and p.role = 'LEAD' and p.ends_on = day and m.ends_on <= day
      and not exists (select from alliance_membership n where n.organisation_id = m.organisation_id and n.starts_on <= day and (n.ends_on is null or n.ends_on > day)));
--> statement-breakpoint
create constraint trigger always_led after insert on action deferrable initially deferred for each row execute function action_always_led();
--> statement-breakpoint
create constraint trigger always_led after insert or update on action_participation deferrable initially deferred for each row execute function action_always_led();
--> statement-breakpoint

-- What each role amounts to; the one place where roles become capabilities (domain §6, decisions D1).
create function capabilities(roles role[]) returns text language sql immutable
begin atomic
  select ',public,' || coalesce(string_agg(distinct c.capability, ',') || ',', '')
  from (values
    ('PARTNER_READER'::role, array['content', 'member', 'agenda', 'drafts', 'notes', 'own', 'own_audit']),
    ('PARTNER_EDITOR', array['content', 'member', 'agenda', 'drafts', 'notes', 'own', 'own_audit', 'edit']),
    ('PARTNER_SYSTEM', array['content', 'member', 'notes', 'own', 'push']),
    ('PROGRAMME_TEAM', array['content', 'member', 'agenda', 'drafts', 'notes', 'team', 'audit']),
    ('PORTFOLIO_HOLDER', array['content', 'member', 'agenda', 'drafts', 'notes', 'portfolio', 'audit']),
    ('RESEARCH_STATISTICS', array['content', 'member', 'agenda', 'drafts', 'statistics']),
    ('BI_READER', array['content', 'member', 'agenda']),
    ('COMMUNICATION', array['content', 'member', 'agenda', 'drafts', 'notes', 'own', 'own_audit', 'communicate']),
    ('COUNCIL_READER', array['content', 'member', 'agenda']),
    ('AUDITOR', array['audit_all']),
    ('ADMIN', array['admin'])
  ) grants (of_role, granted), unnest(grants.granted) c (capability)
  where of_role = any (roles);
end;
--> statement-breakpoint

-- The door of identity: the first statement of every transaction. Judges key, expiry, grants and membership as they are now,
-- and raises otherwise, so that whatever follows in the same round trip does not run.
create function enter(given_key_id text, given_hash bytea)
returns table (principal_id uuid, organisation_id uuid, organisation_slug text, label text, kind text, roles text, scopes text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  caller record;
  held role[];
  held_capabilities text;
  now_on date := today();
begin
  select p.id, p.organisation_id, p.kind, p.label, o.slug, k.scopes,
    array(select g.role from role_grant g where g.principal_id = p.id and g.starts_on <= now_on and (g.ends_on is null or g.ends_on > now_on)) as roles,
    o.kind = 'MUNICIPALITY' or exists (
      select from alliance_membership m where m.organisation_id = o.id and m.starts_on <= now_on and (m.ends_on is null or m.ends_on > now_on)) as is_member
  into caller
  from api_key k join principal p on p.id = k.principal_id join organisation o on o.id = p.organisation_id
  -- Hashed once more, so that the time of the comparison tells nothing of what is stored.
  where k.key_id = given_key_id and sha256(k.hash) = sha256(given_hash)
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and not p.disabled;
  if not found then raise exception 'unknown credential' using errcode = 'SP401'; end if;
  held := caller.roles;
  held_capabilities := capabilities(held);
  if not caller.is_member then
    -- In its grace a system may still push what came late, and nothing else.
    if 'PARTNER_SYSTEM' = any (held) and exists (
      select from alliance_membership m where m.organisation_id = caller.organisation_id and m.ends_on <= now_on and m.push_grace_until > now()) then
      held := array['PARTNER_SYSTEM']::role[];
      held_capabilities := ',public,content,own,push,';
    else
      raise exception 'membership ended' using errcode = 'SP403';
    end if;
  end if;
  perform set_config('app.principal', caller.id::text, true),
          set_config('app.organisation', caller.organisation_id::text, true),
          set_config('app.capabilities', held_capabilities, true);
  principal_id := caller.id;
  organisation_id := caller.organisation_id;
  organisation_slug := caller.slug;
  label := caller.label;
  kind := caller.kind::text;
  roles := array_to_string(held, ',');
  scopes := array_to_string(caller.scopes, ',');
  return next;
end $$;
--> statement-breakpoint
-- Nobody in particular: reads what is public.
create function enter_public()
returns table (principal_id uuid, organisation_id uuid, organisation_slug text, label text, kind text, roles text, scopes text)
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  perform set_config('app.principal', '', true), set_config('app.organisation', '', true), set_config('app.capabilities', ',public,', true);
  return query select null::uuid, null::uuid, null::text, null::text, null::text, ''::text, ''::text;
end $$;
--> statement-breakpoint
-- Last use of keys, flushed in batches; the service cannot otherwise write it.
create function record_key_use(key_ids text[]) returns void language sql security definer set search_path = pg_catalog, public, pg_temp
begin atomic
  update api_key set last_used_at = now() where key_id = any (key_ids);
end;
--> statement-breakpoint
grant select on principal, role_grant, alliance_membership, organisation, api_key to samenspel_lookup;
--> statement-breakpoint
grant update (last_used_at) on api_key to samenspel_lookup;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function enter(text, bytea) owner to samenspel_lookup;
--> statement-breakpoint
alter function record_key_use(text[]) owner to samenspel_lookup;
--> statement-breakpoint
do $$
declare routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('revoke execute on routine %s from public', routine);
    execute format('grant execute on routine %s to samenspel_app, samenspel_lookup', routine);
  end loop;
end $$;
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
--> statement-breakpoint
-- The owner takes the runtime role to seed, so that the same policies judge its rows.
do $$ begin execute format('grant samenspel_app to %I', current_user); end $$;
