"""`/api/v1/sites`."""

from chalicelib.core.http import CONSTRUCTION, Routes

api = Routes(__name__, CONSTRUCTION)
