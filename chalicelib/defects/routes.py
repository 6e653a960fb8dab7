"""`/api/v1/defects`."""

from chalicelib.core.http import CONSTRUCTION, Routes

api = Routes(__name__, CONSTRUCTION)
