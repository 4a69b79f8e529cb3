-- As before, by role and without a query: 0.6 µs instead of 12, of the 45 that the door takes at every request.
create or replace function capabilities(roles role[]) returns text language plpgsql immutable parallel safe as $$
declare
  held role;
  answer text := ',public,';
begin
  foreach held in array roles loop
    answer := answer || case held
      when 'PARTNER_READER' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,'
      when 'PARTNER_EDITOR' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,edit,'
      when 'PARTNER_SYSTEM' then 'content,member,notes,own,push,'
      when 'PROGRAMME_TEAM' then 'content,member,agenda,breakthroughs,drafts,notes,team,audit,'
      when 'PORTFOLIO_HOLDER' then 'content,member,agenda,breakthroughs,drafts,notes,portfolio,audit,'
      when 'RESEARCH_STATISTICS' then 'content,member,agenda,drafts,statistics,'
      when 'BI_READER' then 'content,member,agenda,breakthroughs,'
      when 'COMMUNICATION' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,communicate,'
      when 'COUNCIL_READER' then 'content,member,agenda,council,'
      when 'AUDITOR' then 'audit_all,'
      when 'ADMIN' then 'admin,'
    end;
  end loop;
  return answer;
end $$;
--> statement-breakpoint
call guard_functions();
