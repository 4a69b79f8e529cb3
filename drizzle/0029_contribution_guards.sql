-- Beside what was (0027): what partners contribute, each role its own; readers and editors also what is contributed to actions of theirs.
create or replace function capabilities(roles role[]) returns text language plpgsql immutable parallel safe as $$
declare
  held role;
  answer text := ',public,';
begin
  foreach held in array roles loop
    answer := answer || case held
      when 'PARTNER_READER' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,contributions,party_contributions,'
      when 'PARTNER_EDITOR' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,contributions,party_contributions,edit,'
      when 'PARTNER_SYSTEM' then 'content,member,notes,own,contributions,push,'
      when 'PROGRAMME_TEAM' then 'content,member,agenda,breakthroughs,drafts,notes,team,audit,'
      when 'PORTFOLIO_HOLDER' then 'content,member,agenda,breakthroughs,drafts,notes,portfolio,audit,'
      when 'RESEARCH_STATISTICS' then 'content,member,agenda,drafts,statistics,'
      when 'BI_READER' then 'content,member,agenda,breakthroughs,contributions,'
      when 'COMMUNICATION' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,communicate,'
      when 'COUNCIL_READER' then 'content,member,agenda,council,'
      when 'AUDITOR' then 'audit_all,'
      when 'ADMIN' then 'admin,'
    end;
  end loop;
  return answer;
end $$;
--> statement-breakpoint
call guard_table('contribution', 'amount', 'hours', 'fte', 'description', 'starts_on', 'ends_on', 'withdrawn_on');
--> statement-breakpoint
create function contribution_stays_withdrawn() returns trigger language plpgsql as $$
begin
  if old.withdrawn_on is not null then raise exception 'it was withdrawn' using errcode = 'SP409'; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger stays_withdrawn before update on contribution for each row execute function contribution_stays_withdrawn();
--> statement-breakpoint
call guard_functions();
