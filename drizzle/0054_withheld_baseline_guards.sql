-- What a baseline was before is withheld with it: its history follows its policy.
call guard_functions();
