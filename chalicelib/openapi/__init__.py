"""The description of the API: OpenAPI 3.1 at `/openapi.json`, and pages that show it.

It is made from the registered endpoints (core.http.ENDPOINTS) and the catalog of events; only wiring calls it.
"""
