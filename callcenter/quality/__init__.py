"""Quality review at the edge: what reviewers ask, and calls on paper."""
