grant update (admitted) on status_report to samenspel_app;
--> statement-breakpoint
-- As it was (0002); and only what waits is admitted, once.
create or replace function status_report_keep() returns trigger language plpgsql as $$
begin
  if (new.id, new.action_id, new.subject, new.status, new.effective_at, new.recorded_at) is distinct from
     (old.id, old.action_id, old.subject, old.status, old.effective_at, old.recorded_at)
     or new.progress_percent is distinct from old.progress_percent or new.health is distinct from old.health then
    raise exception 'a report is written once' using errcode = 'SP409';
  end if;
  if new.admitted <> old.admitted and (old.admitted or old.standing <> 'QUARANTINED') then
    raise exception 'only what waits is admitted, and once' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
call guard_functions();
