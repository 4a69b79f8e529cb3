-- As known at a moment: every stamped table as a view of its states, each with the period in which the service knew it so.

-- What is written once was known from then on.
create procedure keep_states(relation regclass) language plpgsql as $$
declare
  source text := (select c.relname from pg_class c where c.oid = relation);
  columns text := (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
begin
  execute format('drop view if exists %I', source || '_as_known');
  execute format('create view %I with (security_invoker = true) as select %s, tstzrange(created_at, null) as system_period from %s',
    source || '_as_known', columns, relation);
  execute format('grant select on %I to samenspel_app', source || '_as_known');
end $$;
--> statement-breakpoint
-- As it was (0005), and the states of what is written once.
create or replace procedure guard_table(relation regclass, variadic changeable text[] default '{}') language plpgsql as $$
declare stamped boolean := exists (select from pg_attribute a where a.attrelid = relation and a.attname = 'created_by');
begin
  execute format('alter table %s enable row level security, force row level security', relation);
  execute format('revoke all on %s from public', relation);
  execute format('grant select, insert on %s to samenspel_app', relation);
  execute format('create trigger never_delete before delete on %s for each row execute function never_delete()', relation);
  execute format('create trigger never_truncate before truncate on %s for each statement execute function never_delete()', relation);
  execute format('create trigger tell_change after insert or update on %s for each statement execute function tell_change()', relation);
  if stamped then execute format('create trigger stamp before insert or update on %s for each row execute function stamp()', relation); end if;
  if cardinality(changeable) > 0 then
    execute format('grant update (%s) on %s to samenspel_app', (select string_agg(quote_ident(c), ', ') from unnest(changeable) c), relation);
    -- What has stamps and changes, has a history.
    if stamped then call keep_history(relation); end if;
  else
    execute format('create trigger append_only before update on %s for each row execute function append_only()', relation);
    if stamped then call keep_states(relation); end if;
  end if;
end $$;
--> statement-breakpoint
-- As it was (0005), and the states of what is written once.
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
  for relation in
    select c.oid::regclass from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'created_by')
      and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'system_period')
      and not has_any_column_privilege('samenspel_app', c.oid, 'UPDATE')
  loop
    call keep_states(relation);
  end loop;
end $$;
--> statement-breakpoint
revoke execute on procedure keep_states(regclass) from public;
--> statement-breakpoint
-- A figure as it was: its revision of then. What is withheld by now is withheld of then as well.
create view observation_as_known with (security_invoker = true) as
  select o.id, o.series_id, o.period, o.region_version_id, r.value, r.status, r.revision, r.recorded_at, o.data_source_id, r.import_run_id,
    o.version, o.created_at, o.created_by, o.updated_at, o.updated_by,
    tstzrange(r.recorded_at, (select greatest(r.recorded_at, n.recorded_at) from observation_revision n
      where n.observation_id = r.observation_id and n.revision = r.revision + 1)) as system_period
  from observation_revision r join observation o on o.id = r.observation_id
  where o.status <> 'SUPPRESSED'
  union all
  select o.id, o.series_id, o.period, o.region_version_id, o.value, o.status, o.revision, o.recorded_at, o.data_source_id, o.import_run_id,
    o.version, o.created_at, o.created_by, o.updated_at, o.updated_by, tstzrange(o.created_at, null)
  from observation o
  where o.status = 'SUPPRESSED';
--> statement-breakpoint
grant select on observation_as_known to samenspel_app;
--> statement-breakpoint
-- Nothing is recorded of an earlier moment than that of its transaction, or it would fall into a window that was read.
create function recorded_too_early() returns trigger language plpgsql as $$
begin
  raise exception 'recorded earlier than it was' using errcode = '23514';
end $$;
--> statement-breakpoint
do $$
declare relation text;
begin
  foreach relation in array array['status_report', 'observation', 'observation_revision'] loop
    execute format('create trigger recorded_now before insert on %I for each row when (new.recorded_at < now()) execute function recorded_too_early()', relation);
    execute format('create trigger recorded_again before update on %I for each row
      when (new.recorded_at is distinct from old.recorded_at and new.recorded_at < now()) execute function recorded_too_early()', relation);
  end loop;
end $$;
--> statement-breakpoint
call guard_functions();
