"""`/api/v1/schedules`."""

from chalicelib.core.http import TASKS, Routes

api = Routes(__name__, TASKS)
