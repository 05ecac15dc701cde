"""Seats moved between duties, at the edge: rows, and what managers ask."""
