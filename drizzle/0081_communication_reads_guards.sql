-- Communication reads what a partner's reader does (decisions, access matrix): risks and contributions as well.
create or replace function capabilities(roles role[]) returns text language plpgsql immutable parallel safe as $$
declare
  held role;
  answer text := ',public,';
begin
  foreach held in array roles loop
    answer := answer || case held
      when 'PARTNER_READER' then 'content,member,agenda,breakthroughs,drafts,risks,notes,own,own_audit,contributions,party_contributions,'
      when 'PARTNER_EDITOR' then 'content,member,agenda,breakthroughs,drafts,risks,notes,own,own_audit,contributions,party_contributions,edit,'
      when 'PARTNER_SYSTEM' then 'content,member,notes,own,contributions,push,'
      when 'PROGRAMME_TEAM' then 'content,member,agenda,breakthroughs,drafts,risks,notes,team,audit,'
      when 'PORTFOLIO_HOLDER' then 'content,member,agenda,breakthroughs,drafts,risks,notes,portfolio,audit,'
      when 'RESEARCH_STATISTICS' then 'content,member,agenda,drafts,statistics,'
      when 'BI_READER' then 'content,member,agenda,breakthroughs,contributions,'
      when 'COMMUNICATION' then 'content,member,agenda,breakthroughs,drafts,risks,notes,own,own_audit,contributions,party_contributions,communicate,'
      when 'COUNCIL_READER' then 'content,member,agenda,council,'
      when 'AUDITOR' then 'audit_all,'
      when 'ADMIN' then 'admin,'
    end;
  end loop;
  return answer;
end $$;
