"""`/api/v1/tasks`."""

from chalicelib.core.http import TASKS, Routes

api = Routes(__name__, TASKS)
