-- Whatever stores a figure: a count above zero and below its threshold is withheld.
create function count_is_withheld() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
  if exists (select from stored o join series s on s.id = o.series_id join indicator i on i.id = s.indicator_id
      where o.value > 0 and o.value < i.disclosure_threshold) then
    raise exception 'a count below its threshold is withheld' using errcode = '23514', constraint = 'observation_below_threshold';
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger withheld_inserted after insert on observation referencing new table as stored for each statement execute function count_is_withheld();
--> statement-breakpoint
create trigger withheld_updated after update on observation referencing new table as stored for each statement execute function count_is_withheld();
--> statement-breakpoint
call guard_functions();
