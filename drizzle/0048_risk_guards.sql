-- Beside what was: risks, for partners, the programme team and the portfolio holder.
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
      when 'COMMUNICATION' then 'content,member,agenda,breakthroughs,drafts,notes,own,own_audit,communicate,'
      when 'COUNCIL_READER' then 'content,member,agenda,council,'
      when 'AUDITOR' then 'audit_all,'
      when 'ADMIN' then 'admin,'
    end;
  end loop;
  return answer;
end $$;
--> statement-breakpoint
call guard_table('risk', 'type', 'description', 'effect', 'likelihood', 'impact', 'state');
--> statement-breakpoint
create function risk_goes_forward() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'OPEN' then raise exception 'a risk starts as open' using errcode = 'SP409'; end if;
  elsif old.state = 'CLOSED' or new.state < old.state then
    raise exception 'a risk goes forward only' using errcode = 'SP409';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger goes_forward before insert or update on risk for each row execute function risk_goes_forward();
--> statement-breakpoint
call guard_functions();
