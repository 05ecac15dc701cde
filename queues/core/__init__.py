"""Pure engines of the line and the seats."""
