"""The HTTP edge: API, event stream, OpenAPI, pages."""
