"""`/users` and `/v1/users`; what needs orders is in orders."""

from chalicelib.core.http import USERS, Routes

api = Routes(__name__, USERS)
