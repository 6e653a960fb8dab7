"""The modules with the functions of deferred tasks. A function may be killed and called again."""

from chalicelib.deferred_tasks import types
from chalicelib.reports import deferred

TASK_TYPES = (types, deferred)
