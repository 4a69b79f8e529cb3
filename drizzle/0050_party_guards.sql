-- The same rules over the ids as bytes, so that no read prefers their indexes, in which a part is found by dozens of pages.
alter table action_participation drop constraint action_participation_one_lead, drop constraint action_participation_once,
  add constraint action_participation_one_lead
    exclude using gist (uuid_send(action_id) with =, daterange(starts_on, ends_on) with &&) where (role = 'LEAD'),
  add constraint action_participation_once
    exclude using gist (uuid_send(action_id) with =, uuid_send(organisation_id) with =, daterange(starts_on, ends_on) with &&);
--> statement-breakpoint
call guard_functions();
