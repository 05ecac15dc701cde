"""The reference policies of SCENARIOS.md 8: something to check an implementation by, and to beat."""
