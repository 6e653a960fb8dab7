"""The use case of a trace. A product costs up to four queries of events and one of reports, made side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.batches import service as batches
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.threads import map_in_parallel
from chalicelib.events import service as events
from chalicelib.events.model import Event
from chalicelib.events.schemas import LoggedEvent
from chalicelib.products import service as products
from chalicelib.products.service import ProductItem
from chalicelib.reports import service as reports
from chalicelib.trace.schemas import (
    PersonName,
    Trace,
    TracedBatch,
    TracedProduct,
    TracedReport,
    TraceQuery,
    WorkCenterName,
)
from chalicelib.users import service as users
from chalicelib.work_centers import service as work_centers

NEWEST = 100  # records of a batch that are looked through, from the newest on
AROUND = 25  # records after the moment at which a product was added or aggregated
EARLIER = timedelta(seconds=1)  # an event may be written down a moment before what it is about
SHOWN = 30  # events of a product
REPORTS = 20  # of a batch
FIRST = datetime.fromisoformat("1900-01-01T00:00:00Z")


@dataclass(frozen=True)
class _Known:
    """What was read of the products of a page."""

    batches: Mapping[str, Any]
    centers: Mapping[str, WorkCenterName]
    adders: Mapping[str, int]
    people: Mapping[int, Actor]

    def person(self, number: float | None) -> PersonName | None:
        """A user, if it is known which, and if he is still there."""
        found = self.people.get(int(number)) if number is not None else None
        return PersonName(id=found.user_id, name=found.name) if found else None


def trace(actor: Actor, *, query: TraceQuery) -> Trace:
    """The batches that have a code, and what is known about it there, the newest first."""
    page = products.with_code(query.code, query.limit, query.cursor)
    known = _read(page.items)
    page = page.filter(lambda item: item.batch_id in known.batches)
    logs = _logs(actor, page.items)
    found = (
        map_in_parallel(lambda item: reports.on_batch(actor, item.batch_id, REPORTS), page.items) if page.items else []
    )
    items = [
        _view(actor, item, known, log, complete, _of_saga(own))
        for item, (log, complete), own in zip(page.items, logs, found, strict=True)
    ]
    place = {"total": page.total, "limit": page.limit, "next_cursor": page.next_cursor}
    return Trace(code=query.code, items=items, **place).cut_by(page)


def _read(items: Sequence[ProductItem]) -> _Known:
    found = batches.find_many(sorted({item.batch_id for item in items}))
    centers = work_centers.several(sorted({batch.work_center_id for batch in found.values()}))
    adders = products.added_by_users(items)
    numbers = {*adders.values(), *(int(one.aggregated_by_user) for one in items if one.aggregated_by_user is not None)}
    names = {one.uuid: WorkCenterName.model_validate(one) for one in centers}
    return _Known(found, names, adders, users.actors(numbers) if numbers else {})


def _logs(actor: Actor, items: Sequence[ProductItem]) -> list[tuple[list[Event], bool]]:
    """The events of each product, newest first, and whether they are all: the last of its batch, and if the batch has
    more, its first, and those at the moments when the product was added and aggregated.
    """
    last = map_in_parallel(lambda item: events.latest(actor, f"batch#{item.batch_id}", NEWEST), items) if items else []
    windows = [
        (place, at)
        for place, (item, (_, complete)) in enumerate(zip(items, last, strict=True))
        if not complete
        for at in _moments(item)
    ]
    found = [[*newest] for newest, _ in last]
    if windows:
        read = map_in_parallel(
            lambda one: events.since(actor, f"batch#{items[one[0]].batch_id}", one[1], AROUND), windows
        )
        for (place, _), more in zip(windows, read, strict=True):
            found[place] += more
    return [_of_product(item, log, all_) for item, log, (_, all_) in zip(items, found, last, strict=True)]


def _moments(item: ProductItem) -> list[datetime]:
    """When the batch began, the product came in, and it was aggregated."""
    known = [text for text in (item.created_at, item.updated_at) if text]
    return [FIRST, *(clock.from_text(text) - EARLIER for text in known)]


def _of_product(item: ProductItem, log: Sequence[Event], complete: bool) -> tuple[list[Event], bool]:
    own = {event.id: event for event in log if _concerns(event, item)}
    newest = sorted(own.values(), key=lambda event: event.seq, reverse=True)
    return newest[:SHOWN], complete and len(newest) <= SHOWN


def _concerns(event: Event, item: ProductItem) -> bool:
    return event.data.get("product_id") in (None, item.uuid)


def _of_saga(found: Sequence[Any]) -> list[TracedReport]:
    return [
        TracedReport(
            kind="report",
            id=one.id,
            name=one.name,
            status=one.status,
            format=one.format,
            created_at=one.created_at,
            download_url=f"/api/v1/reports/{one.id}/download" if one.file_path else None,
            expires_at=None,
        )
        for one in found
    ]


def _at_once(actor: Actor, log: Sequence[Event]) -> list[TracedReport]:
    """The reports on the batch that were made at once for a request, as long as their files are kept."""
    now = clock.now()
    return [
        TracedReport(
            kind="batch_report",
            id=None,
            name=None,
            status="completed",
            format=event.data["report_type"],
            created_at=event.occurred_at,
            download_url=event.data["file_url"],
            expires_at=event.data["expires_at"],
        )
        for event in log
        if event.name == "batch.report_generated" and actor.sees_all and clock.from_text(event.data["expires_at"]) > now
    ]


def _view(
    actor: Actor, item: ProductItem, known: _Known, log: list[Event], complete: bool, own: list[TracedReport]
) -> TracedProduct:
    batch = known.batches[item.batch_id]
    shift = {"start": batch.shift_start, "end": batch.shift_end}
    fields = batch.attribute_values | {"shift_time_range": shift}
    fields |= {"work_center": known.centers.get(batch.work_center_id), "closed_at": batch.closed_at}
    listed = sorted([*own, *_at_once(actor, log)], key=lambda one: one.created_at, reverse=True)
    return TracedProduct(
        product_id=item.uuid,
        unique_code=item.unique_code,
        batch=TracedBatch.model_validate(fields),
        added_at=clock.from_text(item.created_at),
        added_by=known.person(known.adders.get(item.uuid)),
        is_aggregated=item.is_aggregated,
        aggregated_at=clock.from_text(item.aggregated_at) if item.aggregated_at else None,
        aggregated_by=known.person(item.aggregated_by_user),
        events=[LoggedEvent.model_validate(event) for event in log],
        events_complete=complete,
        reports=listed,
    )
