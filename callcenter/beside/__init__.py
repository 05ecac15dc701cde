"""Managers beside a talk at the edge: its settings, rows, what they ask."""
