"""`/orders`."""

from chalicelib.core.http import USERS, Routes

api = Routes(__name__, USERS)
