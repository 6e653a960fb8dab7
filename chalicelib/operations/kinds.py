"""The kinds of operations: the endpoint that lists them, the filters of their index, and how to read them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, get_args

from chalicelib.background_tasks import model as background_model
from chalicelib.background_tasks import service as background_tasks
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest
from chalicelib.deferred_tasks import schedules
from chalicelib.deferred_tasks import service as deferred
from chalicelib.long_tasks import service as long_tasks
from chalicelib.operations.model import KINDS, Kind, Status, raw_statuses
from chalicelib.operations.schemas import Operation
from chalicelib.operations.views import REPORT, Viewer
from chalicelib.reports import sagas

T = TypeVar("T")
Read = Sequence[Operation | None]


@dataclass(frozen=True)
class Selection:
    """Filters of operations; None: no filter. `since`: created then or later, as the text of a list position."""

    kinds: frozenset[Kind] = frozenset(KINDS)
    statuses: frozenset[Status] | None = None
    type: str | None = None
    owner_id: int | None = None
    since: str = ""

    def includes(self, operation: Operation) -> bool:
        """Whether an operation, as it is now, matches the filters."""
        return (
            (self.statuses is None or operation.status in self.statuses)
            and self.type in (None, operation.type)
            and self.owner_id in (None, operation.owner_id)
        )


@dataclass(frozen=True)
class Source:
    """A kind: the endpoint that lists it, the filters of its index (None: nothing can match), and how to read it."""

    endpoint: str
    filters: Callable[[Selection], Filters | None]
    newest: Callable[[Filters, NewestRequest], NewestKeys]
    read: Callable[[Actor, Sequence[IndexEntry]], Read]


def _filters_of(selection: Selection, kind: Kind, **fields: Any) -> dict[str, frozenset[Any]] | None:
    """Return the filters of a list by its own statuses and other fields; None when nothing can match."""
    filters = {name: frozenset({value}) for name, value in fields.items() if value is not None}
    if selection.statuses is None:
        return filters
    raw = frozenset(raw_statuses(kind, selection.statuses))
    return {**filters, "status": raw} if raw else None


def _of_background(selection: Selection) -> Filters | None:
    if selection.type not in (None, *get_args(background_model.Kind)):
        return None
    return _filters_of(selection, "background", user_id=selection.owner_id, type=selection.type)


def _of_deferred(selection: Selection) -> Filters | None:
    return _filters_of(selection, "deferred", user_id=selection.owner_id, task_type=selection.type)


def _of_schedules(selection: Selection) -> Filters | None:
    filters = _filters_of(selection, "schedule", task_type=selection.type)
    if filters and (raw := filters.pop("status", None)):
        filters["paused"] = frozenset(status == "paused" for status in raw)
    return filters


def _of_long(selection: Selection) -> Filters | None:
    return _filters_of(selection, "long", user_id=selection.owner_id)


def _of_sagas(selection: Selection) -> Filters | None:
    return _filters_of(selection, "saga", user_id=selection.owner_id) if selection.type in (None, REPORT) else None


def _view_all(found: Sequence[T | None], view: Callable[[T], Operation]) -> Read:
    return [None if record is None else view(record) for record in found]


def _read_sagas(actor: Actor, keys: Sequence[IndexEntry]) -> Read:
    found = sagas.find_many(keys)
    names = sagas.report_names(saga for saga in found if saga)
    return _view_all(found, lambda saga: Viewer(actor).saga(saga, names.get(saga.report_id)))


SOURCES: Mapping[Kind, Source] = {
    "background": Source(
        "GET /api/background_tasks",
        _of_background,
        background_tasks.newest,
        lambda actor, keys: _view_all(background_tasks.find_many(keys), Viewer(actor).background),
    ),
    "deferred": Source(
        "GET /api/v1/tasks",
        _of_deferred,
        deferred.newest,
        lambda actor, keys: _view_all(deferred.find_many(keys), Viewer(actor).deferred),
    ),
    "schedule": Source(
        "GET /api/v1/schedules",
        _of_schedules,
        schedules.newest,
        lambda actor, keys: _view_all(schedules.find_many(keys), Viewer(actor).schedule),
    ),
    "long": Source(
        "GET /tasks/{user_id}",
        _of_long,
        long_tasks.newest,
        lambda actor, keys: _view_all(long_tasks.find_many(keys), Viewer(actor).long),
    ),
    "saga": Source("GET /api/v1/sagas", _of_sagas, sagas.newest, _read_sagas),
}


def of_actor(actor: Actor, selection: Selection) -> Selection | None:
    """Limit a selection to what the actor may list: kinds by role, own operations or all; None for nothing."""
    viewer = Viewer(actor)
    kinds = frozenset(kind for kind in selection.kinds if viewer.link(SOURCES[kind].endpoint, ""))
    if actor.sees_all:
        return replace(selection, kinds=kinds)
    if selection.owner_id not in (None, actor.user_id):
        return None
    return replace(selection, kinds=kinds, owner_id=actor.user_id)
