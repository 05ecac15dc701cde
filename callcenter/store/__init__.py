"""What must survive: SQL. Invariant: every change is part of one unit of work; Redis holds only what can be rebuilt."""
