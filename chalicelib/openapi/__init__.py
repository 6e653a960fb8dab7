"""The API described: OpenAPI 3.1 at `/openapi.json`, and pages that show it.

Made of what every package registers (core.http.ENDPOINTS) and of the catalog of events; called by wiring only.
"""
