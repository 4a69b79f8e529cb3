-- What every later migration says of a new table and of new functions, in one line each.

-- Rows by policy alone, for the owner too; what a verb may change afterwards, or nothing; never deleted; stamped; told of when changed.
create procedure guard_table(relation regclass, variadic changeable text[] default '{}') language plpgsql as $$
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
  else
    execute format('create trigger append_only before update on %s for each row execute function append_only()', relation);
  end if;
end $$;
--> statement-breakpoint
-- Functions that were made since: for the service, not for everybody.
create procedure guard_functions() language plpgsql as $$
declare routine regprocedure;
begin
  for routine in
    select p.oid::regprocedure from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proacl is null and p.prokind = 'f'
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop
    execute format('revoke execute on function %s from public', routine);
    execute format('grant execute on function %s to samenspel_app, samenspel_lookup', routine);
  end loop;
end $$;
--> statement-breakpoint
revoke execute on procedure guard_table(regclass, text[]), guard_functions() from public;
