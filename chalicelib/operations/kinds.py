"""The kinds of operations: who lists them, which of their filters an index answers, and how they are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, get_args

from chalicelib.background_tasks import model as background_model
from chalicelib.background_tasks import service as background_tasks
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import Key
from chalicelib.core.newest import Filters, NewestKeys, Section
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
class Wanted:
    """What is asked for; None: whatever it is. `since`: made then or later, as a position has it."""

    kinds: frozenset[Kind] = frozenset(KINDS)
    statuses: frozenset[Status] | None = None
    type: str | None = None
    owner_id: int | None = None
    since: str = ""

    def takes(self, operation: Operation) -> bool:
        """Whether an operation, as it is now, is asked for."""
        return (
            (self.statuses is None or operation.status in self.statuses)
            and self.type in (None, operation.type)
            and self.owner_id in (None, operation.owner_id)
        )


@dataclass(frozen=True)
class Source:
    """A kind: the endpoint that lists it, the filters for its index (None: nothing can match), and how to read it."""

    endpoint: str
    filters: Callable[[Wanted], Filters | None]
    newest: Callable[[Filters, Section], NewestKeys]
    read: Callable[[Actor, Sequence[Key]], Read]


def _given(wanted: Wanted, kind: Kind, **fields: Any) -> dict[str, frozenset[Any]] | None:
    """The filters of a list that has a field for the status, and others with the values that are asked for."""
    filters = {name: frozenset({value}) for name, value in fields.items() if value is not None}
    if wanted.statuses is None:
        return filters
    raw = frozenset(raw_statuses(kind, wanted.statuses))
    return {**filters, "status": raw} if raw else None


def _of_background(wanted: Wanted) -> Filters | None:
    if wanted.type not in (None, *get_args(background_model.Kind)):
        return None
    return _given(wanted, "background", user_id=wanted.owner_id, type=wanted.type)


def _of_deferred(wanted: Wanted) -> Filters | None:
    return _given(wanted, "deferred", user_id=wanted.owner_id, task_type=wanted.type)


def _of_schedules(wanted: Wanted) -> Filters | None:
    filters = _given(wanted, "schedule", task_type=wanted.type)
    if filters and (raw := filters.pop("status", None)):
        filters["paused"] = frozenset(status == "paused" for status in raw)
    return filters


def _of_long(wanted: Wanted) -> Filters | None:
    return _given(wanted, "long", user_id=wanted.owner_id)


def _of_sagas(wanted: Wanted) -> Filters | None:
    return _given(wanted, "saga", user_id=wanted.owner_id) if wanted.type in (None, REPORT) else None


def _shown(found: Sequence[T | None], view: Callable[[T], Operation]) -> Read:
    return [None if one is None else view(one) for one in found]


def _read_sagas(actor: Actor, keys: Sequence[Key]) -> Read:
    found = sagas.find_many(keys)
    names = sagas.report_names(saga for saga in found if saga)
    return _shown(found, lambda saga: Viewer(actor).saga(saga, names.get(saga.report_id)))


SOURCES: Mapping[Kind, Source] = {
    "background": Source(
        "GET /api/background_tasks",
        _of_background,
        background_tasks.newest,
        lambda actor, keys: _shown(background_tasks.find_many(keys), Viewer(actor).background),
    ),
    "deferred": Source(
        "GET /api/v1/tasks",
        _of_deferred,
        deferred.newest,
        lambda actor, keys: _shown(deferred.find_many(keys), Viewer(actor).deferred),
    ),
    "schedule": Source(
        "GET /api/v1/schedules",
        _of_schedules,
        schedules.newest,
        lambda actor, keys: _shown(schedules.find_many(keys), Viewer(actor).schedule),
    ),
    "long": Source(
        "GET /tasks/{user_id}",
        _of_long,
        long_tasks.newest,
        lambda actor, keys: _shown(long_tasks.find_many(keys), Viewer(actor).long),
    ),
    "saga": Source("GET /api/v1/sagas", _of_sagas, sagas.newest, _read_sagas),
}


def of_actor(actor: Actor, wanted: Wanted) -> Wanted | None:
    """What of it the actor may see: the kinds that he may list, and of those his own or all; None for nothing."""
    viewer = Viewer(actor)
    kinds = frozenset(kind for kind in wanted.kinds if viewer.link(SOURCES[kind].endpoint, ""))
    if actor.sees_all:
        return replace(wanted, kinds=kinds)
    if wanted.owner_id not in (None, actor.user_id):
        return None
    return replace(wanted, kinds=kinds, owner_id=actor.user_id)
