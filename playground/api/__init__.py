"""The HTTP API: one table of routes, from which the urls, the OpenAPI document and the docs page follow."""
