call guard_table('information_duty', 'due_on');
--> statement-breakpoint
call guard_table('council_notice', 'subject', 'informed_on', 'reference', 'document');
--> statement-breakpoint
call guard_table('council_notice_duty');
--> statement-breakpoint
-- What a duty says of the adoption is what was decided; there is none of what was never adopted.
create function information_duty_opens() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if not exists (select from plan_version v where v.id = new.id and v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED')) then
    raise exception 'the council is told of what was adopted' using errcode = '23514';
  end if;
  new.adopted_on := coalesce((select max(d.decided_on) from decision_point p join decision d on d.id = p.decision_id
    where p.plan_version_id = new.id and p.type = 'ADOPTION' and p.outcome in ('CONFORM', 'CONFORM_WITH_CHANGES')), today());
  new.due_on := new.adopted_on + 30;
  return new;
end $$;
--> statement-breakpoint
create trigger opens before insert on information_duty for each row execute function information_duty_opens();
--> statement-breakpoint
-- In the same transaction, whoever adopts and however (S51, S52).
create function plan_version_opens_duty() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  insert into information_duty (id) values (new.id);
  return null;
end $$;
--> statement-breakpoint
create trigger opens_duty after update on plan_version for each row
  when (new.state = 'ADOPTED' and old.state <> 'ADOPTED') execute function plan_version_opens_duty();
--> statement-breakpoint
create function council_notice_in_time() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if new.informed_on > today() then raise exception 'the council has not been told yet' using errcode = '23514'; end if;
  if tg_op = 'UPDATE' and exists (
    select from council_notice_duty x join information_duty d on d.id = x.information_duty_id
    where x.council_notice_id = new.id and new.informed_on < d.adopted_on) then
    raise exception 'dated before the adoption' using errcode = 'SP440';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger in_time before insert or update on council_notice for each row execute function council_notice_in_time();
--> statement-breakpoint
-- The notice is held first, so that its date is not corrected meanwhile.
create function council_notice_after_adoption() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  perform from council_notice n where n.id = new.council_notice_id for share;
  if exists (
    select from council_notice n, information_duty d
    where n.id = new.council_notice_id and d.id = new.information_duty_id and n.informed_on < d.adopted_on) then
    raise exception 'dated before the adoption' using errcode = 'SP440';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger after_adoption before insert on council_notice_duty for each row execute function council_notice_after_adoption();
--> statement-breakpoint
call guard_functions();
