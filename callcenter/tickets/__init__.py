"""Work orders: drafts that calls make, suggested nature and topic."""
