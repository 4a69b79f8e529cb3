-- A programme and a day of its term: what a digest is of. For who tells the council, who answers for it, and the council.
create view council_digest with (security_invoker = true) as
  select md5(p.id::text || '/' || day)::uuid as id, p.id as programme_id, p.starts_on + day as since
  from programme p, generate_series(0, today() - p.starts_on) day
  where (select caller_may('team') or caller_may('portfolio') or caller_may('council'));
--> statement-breakpoint
-- What is late: a submitted version twelve weeks later, a duty after its last day. Who sees which is decided where they are.
create view overdue_signal with (security_invoker = true) as
  select v.id, 'ADOPTION' as kind, v.plan_id, d.due_on
  from plan_version v join plan p on p.id = v.plan_id,
    lateral (select coalesce((v.submitted_at at time zone 'Europe/Amsterdam')::date, p.starts_on) + 84 as due_on) d
  where v.state = 'SUBMITTED' and d.due_on < today()
  union all
  select d.id, 'COUNCIL_INFORMATION', v.plan_id, d.due_on
  from information_duty d join plan_version v on v.id = d.id
  where d.due_on < today() and not exists (
    select from council_notice_duty x join council_notice n on n.id = x.council_notice_id
    where x.information_duty_id = d.id and n.informed_on is not null);
--> statement-breakpoint
grant select on council_digest, overdue_signal to samenspel_app;
