drop function enter(text, bytea);
--> statement-breakpoint
create function enter(given_key_id text, given_hash bytea)
returns table (principal_id uuid, organisation_id uuid, organisation_slug text, label text, kind text, roles text, scopes text, in_grace boolean)
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
    -- In its grace a system may still push what came late, and nothing else: it reads as the public does, and what is its own.
    if 'PARTNER_SYSTEM' = any (held) and exists (
      select from alliance_membership m where m.organisation_id = caller.organisation_id and m.ends_on <= now_on and m.push_grace_until > now()) then
      held := array['PARTNER_SYSTEM']::role[];
      held_capabilities := ',public,own,push,';
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
  in_grace := not caller.is_member;
  return next;
end $$;
--> statement-breakpoint
-- Once the reports of a push in grace are admitted: until the end of its transaction it sees all that the status of their actions follows from.
create function see_what_folds() returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if caller_may('push') and not caller_may('member') then
    perform set_config('app.capabilities', current_setting('app.capabilities') || 'content,member,', true);
  end if;
end $$;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function enter(text, bytea) owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
