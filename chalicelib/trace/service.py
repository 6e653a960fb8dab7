"""Use case: trace a product code. A product costs up to four queries of events and one of reports, in parallel."""

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

MAX_NEWEST_RECORDS = 100  # of a batch
MAX_RECORDS_PER_WINDOW = 25  # from an instant at which a product was added or aggregated
WINDOW_MARGIN = timedelta(seconds=1)  # the record of an event may be older than the change of the product
MAX_EVENTS = 30  # of a product
MAX_REPORTS = 20  # of a batch
EARLIEST = datetime.fromisoformat("1900-01-01T00:00:00Z")


@dataclass(frozen=True)
class _Context:
    """Records that the products of a page refer to."""

    batches: Mapping[str, Any]
    centers: Mapping[str, WorkCenterName]
    adders: Mapping[str, int]
    people: Mapping[int, Actor]

    def person(self, number: float | None) -> PersonName | None:
        """Return a user by number; None when the number or the user is unknown."""
        found = self.people.get(int(number)) if number is not None else None
        return PersonName(id=found.user_id, name=found.name) if found else None


def trace(actor: Actor, *, query: TraceQuery) -> Trace:
    """Return the products with a code, newest first, each with batch, events and reports."""
    page = products.with_code(query.code, query.limit, query.cursor)
    context = _read(page.items)
    page = page.filter(lambda item: item.batch_id in context.batches)
    logs = _logs(actor, page.items)
    found = (
        map_in_parallel(lambda item: reports.on_batch(actor, item.batch_id, MAX_REPORTS), page.items)
        if page.items
        else []
    )
    items = [
        _view(actor, item, context, log, complete, _reports_of_sagas(own))
        for item, (log, complete), own in zip(page.items, logs, found, strict=True)
    ]
    place = {"total": page.total, "limit": page.limit, "next_cursor": page.next_cursor}
    return Trace(code=query.code, items=items, **place).with_cursors_of(page)


def _read(items: Sequence[ProductItem]) -> _Context:
    found = batches.find_many(sorted({item.batch_id for item in items}))
    centers = work_centers.several(sorted({batch.work_center_id for batch in found.values()}))
    adders = products.added_by_users(items)
    aggregators = (item.aggregated_by_user for item in items if item.aggregated_by_user is not None)
    numbers = {*adders.values(), *map(int, aggregators)}
    names = {center.uuid: WorkCenterName.model_validate(center) for center in centers}
    return _Context(found, names, adders, users.actors(numbers) if numbers else {})


def _logs(actor: Actor, items: Sequence[ProductItem]) -> list[tuple[list[Event], bool]]:
    """Return the events of each product, newest first, and whether they are complete.

    Reads the last events of the batch; if it has more, also its first ones and those around the instants at which the
    product was added and aggregated.
    """
    last = (
        map_in_parallel(lambda item: events.latest(actor, f"batch#{item.batch_id}", MAX_NEWEST_RECORDS), items)
        if items
        else []
    )
    windows = [
        (place, at)
        for place, (item, (_, complete)) in enumerate(zip(items, last, strict=True))
        if not complete
        for at in _window_starts(item)
    ]
    found = [[*newest] for newest, _ in last]
    if windows:
        read = map_in_parallel(
            lambda window: events.since(actor, f"batch#{items[window[0]].batch_id}", window[1], MAX_RECORDS_PER_WINDOW),
            windows,
        )
        for (place, _), more in zip(windows, read, strict=True):
            found[place] += more
    return [_of_product(item, log, all_) for item, log, (_, all_) in zip(items, found, last, strict=True)]


def _window_starts(item: ProductItem) -> list[datetime]:
    """Return the starts of the windows: of the batch, of adding and of aggregating the product."""
    texts = [text for text in (item.created_at, item.updated_at) if text]
    return [EARLIEST, *(clock.from_text(text) - WINDOW_MARGIN for text in texts)]


def _of_product(item: ProductItem, log: Sequence[Event], complete: bool) -> tuple[list[Event], bool]:
    own = {event.id: event for event in log if _is_about(event, item)}
    newest = sorted(own.values(), key=lambda event: event.seq, reverse=True)
    return newest[:MAX_EVENTS], complete and len(newest) <= MAX_EVENTS


def _is_about(event: Event, item: ProductItem) -> bool:
    return event.data.get("product_id") in (None, item.uuid)


def _reports_of_sagas(found: Sequence[Any]) -> list[TracedReport]:
    return [
        TracedReport(
            kind="report",
            id=report.id,
            name=report.name,
            status=report.status,
            format=report.format,
            created_at=report.created_at,
            download_url=f"/api/v1/reports/{report.id}/download" if report.file_path else None,
            expires_at=None,
        )
        for report in found
    ]


def _batch_reports(actor: Actor, log: Sequence[Event]) -> list[TracedReport]:
    """Return the reports on the batch that were made in a request and whose files have not expired."""
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
    actor: Actor, item: ProductItem, context: _Context, log: list[Event], complete: bool, own: list[TracedReport]
) -> TracedProduct:
    batch = context.batches[item.batch_id]
    shift = {"start": batch.shift_start, "end": batch.shift_end}
    fields = batch.attribute_values | {"shift_time_range": shift}
    fields |= {"work_center": context.centers.get(batch.work_center_id), "closed_at": batch.closed_at}
    listed = sorted([*own, *_batch_reports(actor, log)], key=lambda report: report.created_at, reverse=True)
    return TracedProduct(
        product_id=item.uuid,
        unique_code=item.unique_code,
        batch=TracedBatch.model_validate(fields),
        added_at=clock.from_text(item.created_at),
        added_by=context.person(context.adders.get(item.uuid)),
        is_aggregated=item.is_aggregated,
        aggregated_at=clock.from_text(item.aggregated_at) if item.aggregated_at else None,
        aggregated_by=context.person(item.aggregated_by_user),
        events=[LoggedEvent.model_validate(event) for event in log],
        events_complete=complete,
        reports=listed,
    )
