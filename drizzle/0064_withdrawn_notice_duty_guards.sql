-- A notice is taken off a duty by marking the link: nothing is deleted, and what was known of it then stays known.
drop trigger append_only on council_notice_duty;
--> statement-breakpoint
grant update (withdrawn) on council_notice_duty to samenspel_app;
--> statement-breakpoint
call keep_history('council_notice_duty');
--> statement-breakpoint
-- As it was (0023), but for links that were withdrawn.
create or replace function council_notice_in_time() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.informed_on > today() then raise exception 'the council has not been told yet' using errcode = '23514'; end if;
  if tg_op = 'UPDATE' and exists (
    select from council_notice_duty x join information_duty d on d.id = x.information_duty_id
    where x.council_notice_id = new.id and not x.withdrawn and new.informed_on < d.adopted_on) then
    raise exception 'dated before the adoption' using errcode = 'SP440';
  end if;
  return new;
end $$;
--> statement-breakpoint
-- As it was (0023), and when a link counts again. Which notice and which duty it links never changes.
create or replace function council_notice_after_adoption() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if tg_op = 'UPDATE' and (new.council_notice_id, new.information_duty_id) is distinct from (old.council_notice_id, old.information_duty_id) then
    raise exception 'a link is made once' using errcode = 'SP409';
  end if;
  perform from council_notice n where n.id = new.council_notice_id for share;
  if not new.withdrawn and exists (
    select from council_notice n, information_duty d
    where n.id = new.council_notice_id and d.id = new.information_duty_id and n.informed_on < d.adopted_on) then
    raise exception 'dated before the adoption' using errcode = 'SP440';
  end if;
  return new;
end $$;
--> statement-breakpoint
drop trigger after_adoption on council_notice_duty;
--> statement-breakpoint
create trigger after_adoption before insert or update on council_notice_duty for each row execute function council_notice_after_adoption();
--> statement-breakpoint
-- As it was (0024), but for links that were withdrawn.
create or replace view overdue_signal with (security_invoker = true) as
  select v.id, 'ADOPTION' as kind, v.plan_id, d.due_on
  from plan_version v join plan p on p.id = v.plan_id,
    lateral (select coalesce((v.submitted_at at time zone 'Europe/Amsterdam')::date, p.starts_on) + 84 as due_on) d
  where v.state = 'SUBMITTED' and d.due_on < today()
  union all
  select d.id, 'COUNCIL_INFORMATION', v.plan_id, d.due_on
  from information_duty d join plan_version v on v.id = d.id
  where d.due_on < today() and not exists (
    select from council_notice_duty x join council_notice n on n.id = x.council_notice_id
    where x.information_duty_id = d.id and not x.withdrawn and n.informed_on is not null);
--> statement-breakpoint
call guard_functions();
