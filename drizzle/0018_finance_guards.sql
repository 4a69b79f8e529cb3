call guard_table('indicator_sdg');
--> statement-breakpoint
call guard_table('policy_alignment');
--> statement-breakpoint
call guard_table('financial_frame', 'structural_budget', 'planned');
--> statement-breakpoint
call guard_table('budget_line', 'revised', 'status');
--> statement-breakpoint
-- The total of a year follows its lines. Its row is held first, so that of two who plan at once the second counts the first.
create function budget_line_counts() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  perform from financial_frame f where f.id = new.frame_id for update;
  update financial_frame f set planned = l.total
  from (select sum(coalesce(b.revised, b.original)) as total from budget_line b where b.frame_id = new.frame_id) l
  where f.id = new.frame_id and f.planned <> l.total;
  return null;
end $$;
--> statement-breakpoint
create trigger counts after insert or update on budget_line for each row execute function budget_line_counts();
--> statement-breakpoint
-- Judged at commit, so that lines may be shifted and the budget raised in one transaction.
create function financial_frame_holds() returns trigger language plpgsql set search_path = pg_catalog, public as $$
declare frame record;
begin
  select f.structural_budget, f.planned, coalesce((select sum(coalesce(b.revised, b.original)) from budget_line b where b.frame_id = f.id), 0) as total
    into frame from financial_frame f where f.id = new.id;
  if frame.planned <> frame.total then raise exception 'the total is that of the lines' using errcode = 'SP409'; end if;
  if frame.total > frame.structural_budget then raise exception 'more is planned than there is' using errcode = 'SP422'; end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger financial_frame_holds after insert or update on financial_frame deferrable initially deferred
  for each row execute function financial_frame_holds();
--> statement-breakpoint
-- A programme plan is not offered for decision with a budget that does not hold, not even for the rest of this transaction.
create function plan_version_within_budget() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (
    select from plan p join financial_frame f on f.programme_id = p.programme_id
    where p.id = new.plan_id and f.structural_budget < (select sum(coalesce(b.revised, b.original)) from budget_line b where b.frame_id = f.id)) then
    raise exception 'more is planned than there is' using errcode = 'SP422';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger within_budget before update on plan_version for each row
  when (new.plan_kind = 'PROGRAMME_PLAN' and new.state = 'SUBMITTED' and old.state <> 'SUBMITTED')
  execute function plan_version_within_budget();
--> statement-breakpoint
call guard_functions();
