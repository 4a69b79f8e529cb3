grant insert on audit_entry to samenspel_lookup;
--> statement-breakpoint
-- Whose membership has ended never enters, so that a verb was refused to it is written here, once `enter` has said so; for whom it admits there is nothing to write.
create function record_ended_refusal(given_key_id text, given_hash bytea, entry uuid, of_operation text, of_type text, of_subject uuid, of_request text)
returns void language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform enter(given_key_id, given_hash);
exception when sqlstate 'SP403' then
  insert into audit_entry (id, principal_id, organisation_id, operation, subject_type, subject_id, after, outcome, request_id)
  select entry, p.id, p.organisation_id, of_operation, coalesce(of_type, 'Organisation'), coalesce(of_subject, p.organisation_id),
    '{"code": "MEMBERSHIP_ENDED"}', 'REFUSED', of_request
  from api_key k join principal p on p.id = k.principal_id where k.key_id = given_key_id;
end $$;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function record_ended_refusal(text, bytea, uuid, text, text, uuid, text) owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
