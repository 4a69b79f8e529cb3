-- What is published for a neighbourhood: of which plans, and how its texts live.

call guard_table('headline', 'indicator_id');
--> statement-breakpoint
-- Judged at commit, so that two indicators may change places.
alter table headline add constraint headline_once unique (neighbourhood_id, indicator_id) deferrable initially deferred;
--> statement-breakpoint
call guard_table('publication');
--> statement-breakpoint
-- Nobody may change it, but its copy of the version's state follows the version.
drop trigger append_only on publication;
--> statement-breakpoint
call guard_table('publication_text', 'summary', 'foreword', 'foreword_author', 'state');
--> statement-breakpoint
create function publication_of_plan() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare of_version record;
begin
  select v.state, v.number, p.kind, p.neighbourhood_id into of_version from plan_version v join plan p on p.id = v.plan_id where v.id = new.plan_version_id;
  if of_version.kind is distinct from 'PROGRAMME_PLAN'
    and (of_version.kind is distinct from 'EXECUTION_PLAN' or of_version.neighbourhood_id is distinct from new.neighbourhood_id) then
    raise exception 'a publication tells of the programme plan or of the own execution plan' using errcode = '23514';
  end if;
  new.version_state := of_version.state;
  new.version_number := of_version.number;
  return new;
end $$;
--> statement-breakpoint
create trigger of_plan before insert on publication for each row execute function publication_of_plan();
--> statement-breakpoint
create function publication_text_begins() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.state <> 'DRAFT' then raise exception 'a text starts as a draft' using errcode = 'SP412'; end if;
  new.version_state := coalesce((select p.version_state from publication p where p.id = new.publication_id), new.version_state);
  return new;
end $$;
--> statement-breakpoint
create trigger begins before insert on publication_text for each row execute function publication_text_begins();
--> statement-breakpoint
-- A published text tells of a version that holds; when it no longer does, the text is outdated whoever ended the version (invariant 24).
create function publication_text_life() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare
  reworded boolean := (new.summary, new.foreword, new.foreword_author) is distinct from (old.summary, old.foreword, old.foreword_author);
begin
  if old.state = 'OUTDATED' and (reworded or new.state <> old.state) then
    raise exception 'an outdated text stays as it was' using errcode = 'SP409';
  end if;
  if reworded and new.state <> 'DRAFT' then
    raise exception 'other words have to be reviewed' using errcode = 'SP409';
  end if;
  if new.version_state <> 'ADOPTED' and old.state = 'PUBLISHED' and not reworded then
    new.state := 'OUTDATED';
    return new;
  end if;
  if new.state <> old.state then
    if not (old.state::text || '>' || new.state::text = any (array['DRAFT>REVIEWED', 'REVIEWED>DRAFT', 'REVIEWED>PUBLISHED', 'PUBLISHED>DRAFT'])) then
      raise exception 'no such step' using errcode = 'SP412';
    end if;
    if new.state = 'PUBLISHED' and new.version_state <> 'ADOPTED' then
      raise exception 'only what is said of an adopted version is published' using errcode = 'SP412';
    end if;
    if new.state = 'PUBLISHED' and new.language <> 'nl' and not exists (
      select from publication_text x where x.publication_id = new.publication_id and x.language = 'nl' and x.state = 'PUBLISHED') then
      raise exception 'Dutch is published first' using errcode = '23514';
    end if;
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before update on publication_text for each row execute function publication_text_life();
--> statement-breakpoint
call guard_functions();
