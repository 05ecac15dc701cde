"""The edge to SQL and Redis: schema, units of work, journal, live view."""
