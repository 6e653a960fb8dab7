"""The modules with the types of deferred tasks. The function of a type may be killed and called again."""

from chalicelib.deferred_tasks import types
from chalicelib.reports import deferred

TASK_TYPES = (types, deferred)
