grant samenspel_lookup to current_user;
--> statement-breakpoint
-- As it was (0005); the record is made once, where `(f(…)).*` makes it once for each of its columns.
create or replace function write_history() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  execute format('insert into %I select * from jsonb_populate_record(null::%1$I, $1)', tg_table_name || '_history')
    using to_jsonb(old) || jsonb_build_object('system_period', tstzrange(old.updated_at, new.updated_at));
  return null;
end $$;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
