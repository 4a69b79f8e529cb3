-- Search by an index.
do $$
declare relation regclass;
begin
  foreach relation in array array['search_text', 'search_word']::regclass[] loop
    execute format('alter table %s force row level security', relation);
    execute format('revoke all on %s from public', relation);
    execute format('grant select, insert on %s to samenspel_lookup', relation);
    execute format('create trigger never_delete before delete on %s for each row execute function never_delete()', relation);
    execute format('create trigger never_truncate before truncate on %s for each statement execute function never_delete()', relation);
  end loop;
end $$;
--> statement-breakpoint
grant update (audience, heading, body) on search_text to samenspel_lookup;
--> statement-breakpoint
-- Each text of these columns, in each of its languages; a column may hold a list of them.
create function texts_of(variadic columns jsonb[]) returns setof text language sql immutable parallel safe
begin atomic
  select spoken.value
  from (select held from unnest(columns) held where held is not null) given,
    jsonb_array_elements(case jsonb_typeof(given.held) when 'array' then given.held else jsonb_build_array(given.held) end) localised,
    jsonb_each_text(localised.value) spoken
  where spoken.key <> 'source';
end;
--> statement-breakpoint
-- All their words as they are searched: without accents, and of a very long text the beginning (a tsvector holds a megabyte).
create function search_words(variadic columns jsonb[]) returns text language sql stable parallel safe set search_path = pg_catalog, public
begin atomic
  select coalesce(left(unaccent(string_agg(t, ' ')), 100000), '') from texts_of(variadic columns) t;
end;
--> statement-breakpoint
-- What is wanted, in the forms of both languages. Whatever is typed is a query: there is no syntax to get wrong.
create function search_query(wanted text) returns tsquery language sql stable parallel safe set search_path = pg_catalog, public
begin atomic
  select websearch_to_tsquery('pg_catalog.dutch', unaccent(wanted)) || websearch_to_tsquery('pg_catalog.english', unaccent(wanted));
end;
--> statement-breakpoint
-- The words that may be mistyped or a part of one: none of what is to be absent, of a phrase, or of alternatives, and none that says nothing.
create function search_terms(wanted text) returns text[] language sql stable parallel safe set search_path = pg_catalog, public
begin atomic
  select array(
    select t.term from unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', unaccent(wanted)))) t (term)
    where wanted !~* '(^|\s)-|"|\mor\M' and length(to_tsvector('pg_catalog.dutch', t.term)) > 0 and length(to_tsvector('pg_catalog.english', t.term)) > 0);
end;
--> statement-breakpoint
-- The same question as `found_texts`, of words that no index holds: those of a moment.
create or replace function matches_words(said text, wanted text) returns boolean language sql stable parallel safe set search_path = pg_catalog, public
begin atomic
  select to_tsvector('pg_catalog.dutch', said) || to_tsvector('pg_catalog.english', said) @@ search_query(wanted)
    or (select coalesce(bool_and(exists (
        select from unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', said))) w (word) where word_similarity(t.term, w.word) >= 0.6)), false)
      from unnest(search_terms(wanted)) t (term));
end;
--> statement-breakpoint
-- The texts that are found, the better the higher: above 1 in a form of the words themselves, below with words that are only alike. Ids alone, and only
-- of texts for the caller's audience: whoever asks joins them to the tables, whose policies decide. Nor do words of other texts tell in the rank, which
-- is the lower the more words are alike.
create function found_texts(wanted text, kinds search_kind[] default null) returns table (id uuid, rank double precision)
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
-- Each word is looked up by its own index, whatever was planned while the words were few: not all words at one look, nor by the index of their letters,
-- which knows `=` too and is slow at it while it has much that it has not sorted in yet.
create function keep_search_words() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_bitmapscan = off as $$
begin
  insert into search_word (word)
  select w.word from unnest(tsvector_to_array(new.words)) w (word) where not exists (select from search_word known where known.word = w.word);
  return null;
end $$;
--> statement-breakpoint
create trigger keep_search_words after insert or update on search_text for each row execute function keep_search_words();
--> statement-breakpoint
-- Keeps the words of a row beside it. Who is the audience is told here as widely as the policies of the table allow, never wider than somebody reads it.
create function keep_search_text() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare kept search_text;
begin
  kept.id := new.id;
  kept.subject_id := new.id;
  kept.heading := '';
  kept.body := '';
  case tg_table_name
    when 'agreed_action' then
      kept.kind := 'ACTION';
      kept.subject_id := new.action_id;
      kept.audience := case when new.withdrawn then 'drafts' when new.version_state in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') then 'public'
        when new.version_number = 1 then 'content' else 'drafts' end;
      kept.heading := search_words(new.title);
      kept.body := search_words(new.description);
    -- A title is found with each version; this row only keeps it for them.
    when 'plan' then
      kept.kind := 'PLAN';
      kept.audience := 'none';
      kept.heading := search_words(new.title);
      update search_text t set heading = kept.heading where t.subject_id = new.id;
    when 'plan_version' then
      kept.kind := 'PLAN';
      kept.subject_id := new.plan_id;
      kept.audience := case when new.state not in ('ADOPTED', 'SUPERSEDED', 'EXPIRED') then 'drafts' when new.plan_kind = 'STRATEGIC_AGENDA' then 'agenda' else 'public' end;
      kept.heading := (select t.heading from search_text t where t.id = new.plan_id);
      kept.body := search_words(new.ambitions, new.objectives, new.approach, new.guiding_principles);
    when 'agenda_theme' then
      kept.kind := 'AGENDA_THEME';
      kept.audience := 'agenda';
      kept.heading := search_words(new.title);
      kept.body := search_words(new.text);
    when 'decision' then
      kept.kind := 'DECISION';
      kept.audience := 'public';
      kept.heading := search_words(new.title);
      kept.body := unaccent(new.reference);
    when 'lesson_learned' then
      kept.kind := 'LESSON';
      kept.audience := 'drafts';
      kept.body := search_words(new.learnt);
  end case;
  insert into search_text (id, kind, subject_id, audience, heading, body)
  values (kept.id, kept.kind, kept.subject_id, kept.audience, kept.heading, kept.body)
  on conflict (id) do update set audience = excluded.audience, heading = excluded.heading, body = excluded.body;
  return null;
end $$;
--> statement-breakpoint
create trigger keep_search_text after insert or update of title, description, version_state, withdrawn on agreed_action for each row execute function keep_search_text();
--> statement-breakpoint
create trigger keep_search_text after insert or update of title on plan for each row execute function keep_search_text();
--> statement-breakpoint
create trigger keep_search_text after insert or update of ambitions, objectives, approach, guiding_principles, state on plan_version for each row execute function keep_search_text();
--> statement-breakpoint
create trigger keep_search_text after insert or update of title, text on agenda_theme for each row execute function keep_search_text();
--> statement-breakpoint
create trigger keep_search_text after insert or update of title on decision for each row execute function keep_search_text();
--> statement-breakpoint
create trigger keep_search_text after insert or update of learnt on lesson_learned for each row execute function keep_search_text();
--> statement-breakpoint
-- What can be found, each by the text that speaks for it: of an action what is agreed now, of a plan the latest version that the caller reads.
create view search_hit with (security_invoker = true) as
  select g.id, 'ACTION'::search_kind as kind, a.id as subject_id from agreed_action g join action a on a.agreed_action_id = g.id
  union all
  select v.id, 'PLAN', v.plan_id from plan_version v
  where not exists (select from plan_version later where later.plan_id = v.plan_id and later.number > v.number)
  union all
  select t.id, 'AGENDA_THEME', t.id from agenda_theme t
  union all
  select d.id, 'DECISION', d.id from decision d
  union all
  select l.id, 'LESSON', l.id from lesson_learned l;
--> statement-breakpoint
grant select on search_hit to samenspel_app;
--> statement-breakpoint
grant create on schema public to samenspel_lookup;
--> statement-breakpoint
grant samenspel_lookup to current_user;
--> statement-breakpoint
alter function found_texts(text, search_kind[]) owner to samenspel_lookup;
--> statement-breakpoint
alter function keep_search_text() owner to samenspel_lookup;
--> statement-breakpoint
alter function keep_search_words() owner to samenspel_lookup;
--> statement-breakpoint
call guard_functions();
--> statement-breakpoint
revoke create on schema public from samenspel_lookup;
--> statement-breakpoint
do $$ begin execute format('revoke samenspel_lookup from %I', current_user); end $$;
--> statement-breakpoint
-- What was there before: each row is touched once, with its triggers alone.
do $$
declare source record;
begin
  for source in select * from (values (1, 'plan', 'title'), (2, 'plan_version', 'state'), (3, 'agreed_action', 'title'), (4, 'agenda_theme', 'title'),
    (5, 'decision', 'title'), (6, 'lesson_learned', 'learnt')) s (place, name, field) order by place
  loop
    execute format('alter table %I no force row level security', source.name);
    execute format('alter table %I disable trigger user', source.name);
    execute format('alter table %I enable trigger keep_search_text', source.name);
    execute format('update %I set %I = %2$I', source.name, source.field);
    execute format('alter table %I enable trigger user', source.name);
    execute format('alter table %I force row level security', source.name);
  end loop;
end $$;
