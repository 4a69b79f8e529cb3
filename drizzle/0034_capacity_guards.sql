call guard_table('capacity_agreement', 'unit', 'manager_role', 'hours', 'fte', 'starts_on', 'ends_on', 'state');
--> statement-breakpoint
call guard_table('work_stock_item', 'ends_on');
--> statement-breakpoint
-- One state after the other; what was answered stays as it was asked.
create function capacity_agreement_life() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'REQUESTED' then raise exception 'an agreement starts as a request' using errcode = 'SP443'; end if;
    return new;
  end if;
  if new.state <> old.state and not (old.state::text || '>' || new.state::text = any (array['REQUESTED>AGREED', 'REQUESTED>REFUSED', 'AGREED>ENDED'])) then
    raise exception 'no such step' using errcode = 'SP443';
  end if;
  if old.state <> 'REQUESTED' and (new.unit, new.manager_role, new.hours, new.fte, new.starts_on, new.ends_on)
    is distinct from (old.unit, old.manager_role, old.hours, old.fte, old.starts_on, old.ends_on) then
    raise exception 'what was answered stays as it was asked' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger life before insert or update on capacity_agreement for each row execute function capacity_agreement_life();
--> statement-breakpoint
create function work_stock_item_stays_ended() returns trigger language plpgsql as $$
begin
  if old.ends_on is not null then raise exception 'it has ended' using errcode = 'SP409'; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger stays_ended before update on work_stock_item for each row execute function work_stock_item_stays_ended();
--> statement-breakpoint
call guard_functions();
