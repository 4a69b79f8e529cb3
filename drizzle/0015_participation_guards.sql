call guard_table('participation_event', 'held_on', 'subject', 'outcome');
--> statement-breakpoint
call guard_functions();
