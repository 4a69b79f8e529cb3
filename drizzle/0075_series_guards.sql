call guard_table('region_conversion');
--> statement-breakpoint
grant update (code) on region to samenspel_app;
--> statement-breakpoint
grant update (code) on region_version to samenspel_app;
--> statement-breakpoint
grant update (rounded_to) on indicator to samenspel_app;
--> statement-breakpoint
grant update (conversion_id) on observation to samenspel_app;
--> statement-breakpoint
-- By which definition and where something is told, is said once: what is measured otherwise is another series.
create trigger append_only before update on indicator_version for each row execute function append_only();
--> statement-breakpoint
create trigger append_only before update on series for each row execute function append_only();
--> statement-breakpoint
create trigger keep_key before update of series_id, period on observation for each row execute function append_only();
--> statement-breakpoint
create trigger keep_key before update of indicator_version_id, series_id, period on baseline for each row execute function append_only();
--> statement-breakpoint
create trigger keep_key before update of indicator_version_id, series_id, period on target for each row execute function append_only();
--> statement-breakpoint
-- Judged for all rows of a statement together: an import writes thousands.
create function observation_fits() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (select from written w where not exists (
    select from series s join region_version v on v.region_id = s.region_id where s.id = w.series_id and v.id = w.region_version_id)) then
    raise exception 'boundaries of another region' using errcode = '23514';
  end if;
  if exists (select from written w where w.status = 'NORMAL' and w.import_run_id is not null and not exists (
    select from import_run r where r.id = w.import_run_id and not r.open)) then
    raise exception 'no figure of an open year is final' using errcode = '23514';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger fits_when_made after insert on observation referencing new table as written for each statement execute function observation_fits();
--> statement-breakpoint
create trigger fits_when_changed after update on observation referencing new table as written for each statement execute function observation_fits();
--> statement-breakpoint
-- A revision is by the boundaries of its observation, unless it says otherwise.
create function revision_of_observation() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  select o.region_version_id, o.conversion_id into new.region_version_id, new.conversion_id from observation o where o.id = new.observation_id;
  return new;
end $$;
--> statement-breakpoint
create trigger of_observation before insert on observation_revision for each row when (new.region_version_id is null) execute function revision_of_observation();
--> statement-breakpoint
-- As it was (0021); by the boundaries of then, and how it was converted to them.
drop view observation_as_known;
--> statement-breakpoint
create view observation_as_known with (security_invoker = true) as
  select o.id, o.series_id, o.period, r.region_version_id, r.conversion_id, r.value, r.status, r.revision, r.recorded_at, o.data_source_id, r.import_run_id,
    o.version, o.created_at, o.created_by, o.updated_at, o.updated_by,
    tstzrange(r.recorded_at, (select greatest(r.recorded_at, n.recorded_at) from observation_revision n
      where n.observation_id = r.observation_id and n.revision = r.revision + 1)) as system_period
  from observation_revision r join observation o on o.id = r.observation_id
  where o.status <> 'SUPPRESSED'
  union all
  select o.id, o.series_id, o.period, o.region_version_id, o.conversion_id, o.value, o.status, o.revision, o.recorded_at, o.data_source_id, o.import_run_id,
    o.version, o.created_at, o.created_by, o.updated_at, o.updated_by, tstzrange(o.created_at, null)
  from observation o
  where o.status = 'SUPPRESSED';
--> statement-breakpoint
grant select on observation_as_known to samenspel_app;
--> statement-breakpoint
call guard_functions();
