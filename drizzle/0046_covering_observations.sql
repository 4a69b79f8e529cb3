-- A series is read from the index alone: its figures lie scattered over the table, year by year, as they came.
alter table observation drop constraint observation_key, add constraint observation_key unique (series_id, period) include (value, status);
