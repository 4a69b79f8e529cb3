-- The council is owed word of what was adopted before there were duties (0022) as well. The triggers of a new duty say the rest.
-- The owner passes no policy while they are forced, and is the only one in here.
alter table plan_version no force row level security;
--> statement-breakpoint
alter table decision no force row level security;
--> statement-breakpoint
alter table decision_point no force row level security;
--> statement-breakpoint
alter table information_duty no force row level security;
--> statement-breakpoint
insert into information_duty (id)
select v.id from plan_version v
where v.state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') and not exists (select from information_duty d where d.id = v.id);
--> statement-breakpoint
alter table plan_version force row level security;
--> statement-breakpoint
alter table decision force row level security;
--> statement-breakpoint
alter table decision_point force row level security;
--> statement-breakpoint
alter table information_duty force row level security;
