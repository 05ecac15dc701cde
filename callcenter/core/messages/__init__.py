"""What happened (events, past tense) and what is to be done (effects, imperative), by topic."""
