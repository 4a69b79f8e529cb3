-- Roles are cluster-wide: another database of the same cluster may have made them already, or be making them now.
do $$
declare wanted text;
begin
  foreach wanted in array array['samenspel_app', 'samenspel_lookup'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then execute format('create role %I nologin', wanted); end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;
--> statement-breakpoint
create extension if not exists btree_gist;
--> statement-breakpoint
revoke all on schema public from public;
--> statement-breakpoint
grant usage on schema public to samenspel_app, samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke temporary, create on database %I from public', current_database()); end $$;
--> statement-breakpoint
-- Identity is transaction-local. Never entered, or left over from an earlier transaction (''), means: no one, so no rows.
create function caller_may(capability text) returns boolean language sql stable parallel safe
  return position(',' || capability || ',' in current_setting('app.capabilities', true)) > 0;
--> statement-breakpoint
create function caller_organisation() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.organisation', true), '')::uuid;
--> statement-breakpoint
create function caller_principal() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.principal', true), '')::uuid;
--> statement-breakpoint
-- The day it is in Maastricht, by which everything dated is judged.
create function today() returns date language sql stable parallel safe
  return (now() at time zone 'Europe/Amsterdam')::date;
--> statement-breakpoint
-- {"source": "nl", "nl": "…", "en": "…"}: texts by language tag, of which the source language is one.
create function is_localised(texts jsonb) returns boolean language sql immutable parallel safe
  return texts is null or (
    jsonb_typeof(texts) = 'object'
    and jsonb_typeof(texts -> 'source') = 'string'
    and texts ->> 'source' <> 'source'
    and texts ? (texts ->> 'source')
    and not jsonb_path_exists(texts, '$.* ? (@.type() <> "string")')
    and not exists (select from jsonb_object_keys(texts) tag where tag !~ '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$'));
