grant samenspel_lookup to current_user;
--> statement-breakpoint
-- The texts that are found, the better the higher: above 1 in a form of the words themselves, below with words that are only alike. Ids alone, and only
-- of texts for the caller's audience: whoever asks joins them to the tables, whose policies decide. Nor do words of other texts tell in the rank, which
-- is the lower the more words are alike.
create or replace function found_texts(wanted text, kinds search_kind[] default null) returns table (id uuid, rank double precision)
  language plpgsql stable rows 50 security definer set search_path = pg_catalog, public, pg_temp as $$
#variable_conflict use_column
declare
  query tsquery := search_query(wanted);
  alike tsquery;
begin
  -- For each of them one of the words that are like it; without any for one of them, nothing.
  select case when bool_and(o.words is not null) then string_agg(o.words, ' & ')::tsquery end into alike
  from unnest(search_terms(wanted)) t (term),
    lateral (
      select '(' || string_agg(distinct '''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''', ' | ') || ')' as words
      from search_word w where w.word %> t.term and exists (
        select from search_text known where known.words @@ (('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery) and caller_may(known.audience))) o;
  return query
    select t.id, 1 + ts_rank(t.lexemes, query)::double precision from search_text t
    where t.lexemes @@ query and caller_may(t.audience) and (kinds is null or t.kind = any (kinds))
    union all
    select t.id, ts_rank(t.words, alike)::double precision from search_text t
    where t.words @@ alike and not t.lexemes @@ query and caller_may(t.audience) and (kinds is null or t.kind = any (kinds));
end $$;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
