-- What the database held by half of the domain's invariants.

-- 1: what is planned for a neighbourhood keeps it enrolled.
create function enrolment_covers_plans() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (
    select from plan p where p.kind = 'EXECUTION_PLAN' and p.programme_id = old.programme_id and p.neighbourhood_id = old.neighbourhood_id
      and exists (select from plan_version v where v.plan_id = p.id and v.state <> 'WITHDRAWN')
      and not exists (select from enrolment e where e.programme_id = p.programme_id and e.neighbourhood_id = p.neighbourhood_id
        and daterange(e.starts_on, e.ends_on) && daterange(p.starts_on, p.ends_on, '[]'))) then
    raise exception 'there is a plan for the neighbourhood' using errcode = '23514';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger covers_plans after update on enrolment for each row execute function enrolment_covers_plans();
--> statement-breakpoint
-- 3: what begins later is shorter as well.
create or replace function programme_covers_plans() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.ends_on < old.ends_on or new.starts_on > old.starts_on then
    raise exception 'a programme is extended, never shortened' using errcode = '23514';
  end if;
  return new;
end $$;
--> statement-breakpoint
-- 5: of a document with an adopted version nothing changes, and none comes from or goes to another version.
create or replace function document_of_open_version() returns trigger language plpgsql as $$
begin
  if (tg_op = 'INSERT' or (new.plan_version_id, new.kind, new.title, new.media_type, new.sha256, new.url, new.withdrawn) is distinct from
      (old.plan_version_id, old.kind, old.title, old.media_type, old.sha256, old.url, old.withdrawn))
    and exists (select from plan_version v where v.id in (new.plan_version_id, old.plan_version_id) and v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')) then
    raise exception 'what belongs to an adopted version stays as it is' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
-- 10: a report is recorded when it comes, or it could say that it came after what it tells of.
create function recorded_at_another_moment() returns trigger language plpgsql as $$
begin
  raise exception 'recorded at another moment than it was' using errcode = '23514';
end $$;
--> statement-breakpoint
drop trigger recorded_now on status_report;
--> statement-breakpoint
create trigger recorded_now before insert on status_report for each row when (new.recorded_at <> now()) execute function recorded_at_another_moment();
--> statement-breakpoint
-- 13: revisions follow each other in number and in time, so that at any moment one is the latest.
create function observation_revision_follows() returns trigger language plpgsql as $$
begin
  if not exists (
    select from observation_revision r
    where r.observation_id = new.observation_id and r.revision = new.revision - 1 and r.recorded_at <= new.recorded_at) then
    raise exception 'a revision follows the one before it' using errcode = '23514';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger follows after insert on observation_revision for each row when (new.revision <> 1) execute function observation_revision_follows();
--> statement-breakpoint
-- 30: somebody or something that calls keeps its organisation, and a key and a role keep whom they were given to.
create function keeps_its_own() returns trigger language plpgsql as $$
begin
  raise exception 'this belongs to somebody else' using errcode = 'SP409';
end $$;
--> statement-breakpoint
create trigger keeps_its_own before update on principal for each row
  when (new.organisation_id <> old.organisation_id) execute function keeps_its_own();
--> statement-breakpoint
create trigger keeps_its_own before update on api_key for each row when (new.principal_id <> old.principal_id) execute function keeps_its_own();
--> statement-breakpoint
create trigger keeps_its_own before update on role_grant for each row when (new.principal_id <> old.principal_id) execute function keeps_its_own();
--> statement-breakpoint
-- 21: which tables a transaction changed; a change without its audit entry is none. That a push was answered, and how, changes nothing of the programme;
-- nor does a statement that found no row: as long as a transaction wrote nothing, it has no number.
create function audited_changes() returns text language plpgsql stable as $$
declare changed text[] := string_to_array(nullif(current_setting('app.changed', true), ''), ',');
begin
  if cardinality(array_remove(changed, 'status_report_batch')) > 0 and 'audit_entry' <> all (changed)
    and pg_current_xact_id_if_assigned() is not null then
    raise exception 'a change without its audit entry: %', changed;
  end if;
  return array_to_string(changed, ',');
end $$;
--> statement-breakpoint
call guard_functions();
