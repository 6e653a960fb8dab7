"""Table `defects`, its list, and the sparse indexes of due dates."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.conversion import Raw
from chalicelib.core.dynamo import IndexSpec, batch_get, count_index, fetch, query_index, table
from chalicelib.core.index_reads import index_of
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.defects import model, totals
from chalicelib.defects.model import SEVERITIES, STATUSES, Defect, Person
from chalicelib.defects.schemas import DefectQuery
from chalicelib.sites import model as sites

BY_SITE = IndexSpec("due_by_site", "due_site", "open_due")  # open defects with a due date
UNANNOUNCED = IndexSpec("unannounced", "due_shard", "due_next")  # those of them not announced as overdue
BY_DUE_DATE = index_of("open_due")


@table("defects", indexes=[BY_SITE, UNANNOUNCED])
class DefectItem(Model):
    """A defect. `severity` and `status` are stored as ranks, for the order of lists; days and instants as text.

    `open_due`: see `Defect.open_due`. `due_site`, `due_shard` and `due_next` are the keys of the sparse indexes.
    """

    uuid = UnicodeAttribute(hash_key=True)
    number = NumberAttribute()
    site_id = UnicodeAttribute()
    customer_id = UnicodeAttribute(null=True)
    title = UnicodeAttribute()
    description = UnicodeAttribute()
    location = UnicodeAttribute(null=True)
    severity = NumberAttribute()
    status = NumberAttribute()
    reporter_id = UnicodeAttribute()
    reporter_name = UnicodeAttribute()
    assignee_id = UnicodeAttribute(null=True)
    assignee_name = UnicodeAttribute(null=True)
    due_date = UnicodeAttribute(null=True)
    open_due = UnicodeAttribute()
    due_site = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_next = UnicodeAttribute(null=True)
    overdue_for = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    fixed_at = UnicodeAttribute(null=True)
    fixed_by = UnicodeAttribute(null=True)
    closed_at = UnicodeAttribute(null=True)
    times_reopened = NumberAttribute(default=0)
    comments = NumberAttribute(default=0)
    changes = NumberAttribute(default=0)
    version = NumberAttribute(default=1)
    rev = NumberAttribute(default=1)


DEFECTS = Listing(
    "defects",
    DefectItem,
    id_field="uuid",
    sorts=DefectQuery.SORTS,
    equals=("site_id", "number", "status", "severity", "assignee_id", "reporter_id", "customer_id"),
    ranges={
        "due_from": Range("due_date", lower=True),
        "due_to": Range("due_date", lower=False),
        "overdue_on": Range("open_due", lower=False),
        "not_overdue_on": Range("open_due", lower=True),
        "created_from": Range("created_at", lower=True),
        "created_to": Range("created_at", lower=False),
    },
    counted=("site_id", "status", "severity", "assignee_id", "reporter_id", "customer_id"),
)


# -- reading --------------------------------------------------------------------------------------------------------


def find(defect_id: str) -> Defect | None:
    """Return the defect; None when there is none."""
    item = fetch(DefectItem, defect_id)
    return defect_of(item) if item else None


def get(defect_id: str) -> Defect:
    """Return the defect; NotFound."""
    defect = find(defect_id)
    if defect is None:
        raise model.not_found()
    return defect


def find_many(ids: Collection[str]) -> dict[str, Defect]:
    """Return the existing ones of these defects, by id."""
    return {item.uuid: defect_of(item) for item in batch_get(DefectItem, [(key,) for key in sorted(ids)])}


def page(request: PageRequest, today: date) -> PageOf[DefectItem]:
    """Return a page of the list; the filters of `request` are those of `DefectQuery`, and `customer_id`."""
    return DEFECTS.page(replace(request, filters=_indexed(request.filters, today)))


def every(today: date, **filters: Any) -> Iterator[Defect]:
    """Yield all matching defects, oldest first, read a page at a time."""
    yield from map(defect_of, DEFECTS.every(_indexed(filters, today)))


def count(**filters: Any) -> int:
    """Count the matching defects."""
    return DEFECTS.total(filters)


def _indexed(filters: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Translate filters of the API to those of the indexes: ranks, and `overdue` as a range of `open_due`."""
    indexed = dict(filters)
    for name, ranks in (("status", STATUSES), ("severity", SEVERITIES)):
        if indexed.get(name) is not None:
            indexed[name] = ranks.index(indexed[name])
    overdue = indexed.pop("overdue", None)
    if overdue is not None:
        indexed |= {"overdue_on": today - timedelta(days=1)} if overdue else {"not_overdue_on": today}
    return indexed


# -- overdue defects ------------------------------------------------------------------------------------------------


def count_overdue(site_id: str, today: date) -> int:
    """Count the overdue defects of a site; reads only their index keys."""
    return count_index("defects", BY_SITE, site_id, sort=("<", today.isoformat()))


def latest_overdue(today: date, limit: int, max_counted: int) -> tuple[int, bool, list[Defect]]:
    """Count overdue defects up to about `max_counted`; return the count, whether it is complete, and the `limit`
    defects that became overdue last.
    """
    shards = settings().listing_shards
    before, part = ("<", today.isoformat()), -(-max_counted // shards)

    def last_overdue(shard: int) -> Raw:
        return next(query_index("defects", BY_DUE_DATE, str(shard), sort=before, descending=True, limit=part))

    pages = map_in_parallel(last_overdue, range(shards))
    keys = sorted((key for page in pages for key in page["Items"]), key=lambda key: str(key["s_open_due"]["S"]))
    ids = [str(key["uuid"]["S"]) for key in reversed(keys[-limit:])]
    found, is_complete = find_many(ids), not any("LastEvaluatedKey" in page for page in pages)
    return len(keys), is_complete, [found[defect_id] for defect_id in ids if defect_id in found]


def unannounced(today: date) -> Iterator[str]:
    """Yield the ids of the defects that are overdue and not announced as overdue."""
    for shard in range(settings().listing_shards):
        for page in query_index("defects", UNANNOUNCED, str(shard), sort=("<", today.isoformat())):
            yield from (key["uuid"]["S"] for key in page["Items"])


# -- writing --------------------------------------------------------------------------------------------------------


def add(tx: Transaction, defect: Defect) -> None:
    """Write a new defect; NotFound when its site is being deleted."""
    item = _item_of(defect)
    tx.put_new(item, index=DEFECTS.index(item))
    DEFECTS.count(tx, item, +1, site_id=sites.not_found())
    totals.count(tx, defect, +1)


def save(tx: Transaction, before: Defect, after: Defect) -> None:
    """Replace a defect and update all counters; Changed when it is not as it was read."""
    old, item = _item_of(before), _item_of(after)
    item.rev = before.rev + 1
    tx.put(item, index=DEFECTS.index(item), condition=Path("rev") == before.rev, error=Changed())
    for name in DEFECTS.counted:
        DEFECTS.count_change(tx, name, getattr(old, name), getattr(item, name))
    totals.count(tx, before, -1)
    totals.count(tx, after, +1)


def remove(tx: Transaction, defect: Defect) -> None:
    """Delete a defect, without its records; Changed when it is not as it was read."""
    item = _item_of(defect)
    tx.delete(item, condition=Path("rev") == defect.rev, error=Changed())
    DEFECTS.count(tx, item, -1)
    totals.count(tx, defect, -1)


# -- items ----------------------------------------------------------------------------------------------------------

INSTANTS = ("created_at", "updated_at", "fixed_at", "closed_at")
DAYS = ("due_date", "overdue_for")
UNCONVERTED = (
    "number", "site_id", "customer_id", "title", "description", "location", "fixed_by", "times_reopened", "comments",
    "changes", "version", "rev",
)  # fmt: skip


def _item_of(defect: Defect) -> DefectItem:
    texts: dict[str, Any] = {name: clock.to_text(at) for name in INSTANTS if (at := getattr(defect, name))}
    texts |= {name: day.isoformat() for name in DAYS if (day := getattr(defect, name))}
    item = DefectItem(
        defect.id,
        severity=SEVERITIES.index(defect.severity),
        status=STATUSES.index(defect.status),
        reporter_id=defect.reporter.id,
        reporter_name=defect.reporter.name,
        assignee_id=defect.assignee.id if defect.assignee else None,
        assignee_name=defect.assignee.name if defect.assignee else None,
        open_due=defect.open_due,
        due_site=defect.site_id if defect.open_due != model.NO_DUE_DATE else None,
        due_next=defect.unannounced,
        **texts,
        **{name: getattr(defect, name) for name in UNCONVERTED},
    )
    item.due_shard = DEFECTS.shard(item) if item.due_next else None
    return item


def defect_of(item: DefectItem) -> Defect:
    """Return the defect of an item."""
    times: dict[str, Any] = {name: clock.from_text(at) for name in INSTANTS if (at := getattr(item, name))}
    times |= {name: date.fromisoformat(day) for name in DAYS if (day := getattr(item, name))}
    return Defect(
        id=item.uuid,
        severity=SEVERITIES[int(item.severity)],
        status=STATUSES[int(item.status)],
        reporter=Person(item.reporter_id, item.reporter_name),
        assignee=Person(item.assignee_id, str(item.assignee_name)) if item.assignee_id else None,
        **times,
        **{name: getattr(item, name) for name in UNCONVERTED},
    )
