"""Standards: editions that never change, the clauses in force in a market, and redlines between texts."""
