-- History: what every row was, and from when until when the service knew it so (decisions D6).

-- A row that somebody else changed after this transaction began is changed later still, so that no two periods of a row overlap.
create or replace function stamp() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'INSERT' then
    new.version := 1;
    new.created_at := now();
    new.created_by := caller_principal();
    new.updated_at := now();
  else
    new.version := old.version + 1;
    new.created_at := old.created_at;
    new.created_by := old.created_by;
    new.updated_at := case when old.updated_at > now() then old.updated_at + interval '1 microsecond' else now() end;
  end if;
  new.updated_by := caller_principal();
  return new;
end $$;
--> statement-breakpoint
-- The organisation of whoever changed a row; who that person or machine is, stays with the audit trail.
create function organisation_of(principal uuid) returns uuid language sql stable security definer set search_path = pg_catalog, public, pg_temp
  return (select p.organisation_id from principal p where p.id = $1);
--> statement-breakpoint
-- The old row with its period. Nobody else writes history: the runtime role has no right to.
create function write_history() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  execute format('insert into %I select (jsonb_populate_record(null::%1$I, $1)).*', tg_table_name || '_history')
    using to_jsonb(old) || jsonb_build_object('system_period', tstzrange(old.updated_at, new.updated_at));
  return null;
end $$;
--> statement-breakpoint
-- Makes `<table>_history` of a stamped table, or brings it up to date with columns and policy that have changed since.
-- A former row shows to whoever may read it by its own values and sees the row of today: the rights are today's.
create procedure keep_history(relation regclass) language plpgsql as $$
declare
  source text := (select c.relname from pg_class c where c.oid = relation);
  history text := source || '_history';
  states text := source || '_as_known';
  keys text[] := (select array_agg(a.attname order by a.attnum) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = relation and i.indisprimary);
  columns text;
  rule text;
  lacking record;
begin
  if to_regclass(quote_ident(history)) is null then
    execute format('create table %I (like %s, system_period tstzrange not null, primary key (%s, version))', history, relation,
      (select string_agg(quote_ident(k), ', ') from unnest(keys) k));
    execute format('alter table %I enable row level security, force row level security', history);
    execute format('revoke all on %I from public', history);
    execute format('grant select on %I to samenspel_app', history);
    execute format('grant insert on %I to samenspel_lookup', history);
    execute format('create policy %I on %I for insert to samenspel_lookup with check (true)', history || '_insert', history);
    execute format('create trigger never_delete before delete on %I for each row execute function never_delete()', history);
    execute format('create trigger never_truncate before truncate on %I for each statement execute function never_delete()', history);
    execute format('create trigger append_only before update on %I for each row execute function append_only()', history);
    execute format('create trigger tell_change after insert on %I for each statement execute function tell_change()', history);
    -- A row that is changed twice in one transaction was never seen in between.
    execute format('create trigger write_history after update on %s for each row when (old.updated_at < new.updated_at) execute function write_history()', relation);
  end if;
  for lacking in
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_attribute a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
      and not exists (select from pg_attribute h where h.attrelid = to_regclass(quote_ident(history)) and h.attname = a.attname and not h.attisdropped)
  loop
    execute format('alter table %I add column %I %s', history, lacking.name, lacking.type);
  end loop;
  -- What a column requires today it may not have required then.
  for lacking in
    select a.attname as name from pg_attribute a where a.attrelid = to_regclass(quote_ident(history)) and a.attnotnull
      and a.attnum > 0 and not a.attisdropped and a.attname <> all (keys || array['version', 'system_period'])
  loop
    execute format('alter table %I alter column %I drop not null', history, lacking.name);
  end loop;

  select string_agg(format('%I.%I', history, a.attname), ', ' order by a.attnum) into columns
  from pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
  select pg_get_expr(p.polqual, p.polrelid) into rule from pg_policy p
  where p.polrelid = relation and p.polcmd = 'r' and p.polroles @> array['samenspel_app'::regrole::oid];
  execute format('drop policy if exists %I on %I', history || '_read', history);
  execute format('create policy %I on %I for select to samenspel_app using (exists (select from %s today where %s) and exists (select from (select %s) %I where %s))',
    history || '_read', history, relation, (select string_agg(format('today.%I = %I.%1$I', k, history), ' and ') from unnest(keys) k), columns, source, rule);
  execute format('comment on policy %I on %I is %L', history || '_read', history, rule);

  -- Every state a row had and has, each with its period.
  execute format('drop view if exists %I, %I, %I', source || '_field_edit', source || '_edit', states);
  select string_agg(format('%I', a.attname), ', ' order by a.attnum) into columns
  from pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
  execute format('create view %1$I with (security_invoker = true) as select %2$s, tstzrange(updated_at, null) as system_period from %3$s union all select %2$s, system_period from %4$I',
    states, columns, relation, history);
  execute format('grant select on %I to samenspel_app', states);
  if keys = array['id'] then call show_changes(source); end if;
end $$;
--> statement-breakpoint
-- For each state: when and by which organisation it was made, and which columns differ from the state before it, as far as the caller sees that.
-- Who told is the alliance's business, as with a report.
create procedure show_changes(source text) language plpgsql as $$
begin
  execute format($view$create view %I with (security_invoker = true) as
    select md5(s.id::text || '/' || s.version)::uuid as id, s.id as subject_id, s.version, s.updated_at as at,
      case when (select caller_may('content') or caller_may('audit_all')) then organisation_of(s.updated_by) end as organisation_id from %I s$view$, source || '_edit', source || '_as_known');
  execute format($view$create view %1$I with (security_invoker = true) as
    select md5(s.id::text || '/' || s.version || '/' || f.key)::uuid as id, s.id as subject_id, s.version, f.key as field, b.state -> f.key as before, f.value as after
    from (select t.id, t.version, to_jsonb(t) as state from %2$I t union all select h.id, h.version, to_jsonb(h) from %3$I h) s
      left join lateral (select to_jsonb(h) as state from %3$I h where h.id = s.id and h.version < s.version order by h.version desc limit 1) b on true
      cross join lateral jsonb_each(s.state) f
    where f.key not in ('id', 'system_period', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by')
      and f.value is distinct from coalesce(b.state -> f.key, 'null')$view$, source || '_field_edit', source, source || '_history');
  execute format('grant select on %I, %I to samenspel_app', source || '_edit', source || '_field_edit');
end $$;
--> statement-breakpoint
create or replace procedure guard_table(relation regclass, variadic changeable text[] default '{}') language plpgsql as $$
begin
  execute format('alter table %s enable row level security, force row level security', relation);
  execute format('revoke all on %s from public', relation);
  execute format('grant select, insert on %s to samenspel_app', relation);
  execute format('create trigger never_delete before delete on %s for each row execute function never_delete()', relation);
  execute format('create trigger never_truncate before truncate on %s for each statement execute function never_delete()', relation);
  execute format('create trigger tell_change after insert or update on %s for each statement execute function tell_change()', relation);
  if exists (select from pg_attribute a where a.attrelid = relation and a.attname = 'created_by') then
    execute format('create trigger stamp before insert or update on %s for each row execute function stamp()', relation);
  end if;
  if cardinality(changeable) > 0 then
    execute format('grant update (%s) on %s to samenspel_app', (select string_agg(quote_ident(c), ', ') from unnest(changeable) c), relation);
    -- What has stamps and changes, has a history.
    if exists (select from pg_attribute a where a.attrelid = relation and a.attname = 'created_by') then call keep_history(relation); end if;
  else
    execute format('create trigger append_only before update on %s for each row execute function append_only()', relation);
  end if;
end $$;
--> statement-breakpoint
-- Also brings every history up to date, so that a migration that ends with it has nothing more to say of them.
create or replace procedure guard_functions() language plpgsql as $$
declare
  routine regprocedure;
  relation regclass;
begin
  for routine in
    select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proacl is null and p.prokind = 'f'
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('revoke execute on function %s from public', routine);
    execute format('grant execute on function %s to samenspel_app, samenspel_lookup', routine);
  end loop;
  for relation in
    select t.tgrelid::regclass from pg_trigger t where t.tgname = 'write_history' and not t.tgisinternal
  loop
    call keep_history(relation);
  end loop;
end $$;
--> statement-breakpoint
revoke execute on procedure keep_history(regclass), show_changes(text) from public;
--> statement-breakpoint
-- What was there before. Keys hold a secret; observations have revisions of their own; an import run counts while it runs.
do $$
declare relation regclass;
begin
  for relation in
    select c.oid::regclass from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and has_any_column_privilege('samenspel_app', c.oid, 'UPDATE') and c.relname not in ('api_key', 'observation', 'import_run')
  loop
    call keep_history(relation);
  end loop;
end $$;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function write_history() owner to samenspel_lookup;
--> statement-breakpoint
alter function organisation_of(uuid) owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
