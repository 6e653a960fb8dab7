"""`/user`, `/task`, `/tasks`."""

from chalicelib.core.http import LONG_TASKS, Routes

api = Routes(__name__, LONG_TASKS)
