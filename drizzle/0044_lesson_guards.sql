call guard_table('lesson_learned', 'effect', 'learnt', 'learnt_on');
--> statement-breakpoint
call guard_functions();
