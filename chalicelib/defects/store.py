"""Table `defects`, its list, and the sparse indexes of what is due.

The list has eleven fields: their indexes carry one hundred attributes together, which is what DynamoDB takes.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import IndexSpec, batch_get, fetch, table, table_name
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.settings import settings
from chalicelib.core.threads import side_by_side
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.defects import model, totals
from chalicelib.defects.model import SEVERITIES, STATUSES, Defect, Person
from chalicelib.defects.schemas import DefectQuery
from chalicelib.sites import model as sites

BY_SITE = IndexSpec("due_by_site", "due_site", "open_due")  # open defects with a due date
UNANNOUNCED = IndexSpec("unannounced", "due_shard", "due_next")  # those of them whose due date is not announced


@table("defects", indexes=[BY_SITE, UNANNOUNCED])
class DefectItem(Model):
    """A defect. `severity` and `status` are kept as ranks, so that lists sort by them; days as text, see model.py.

    `open_due` bounds what is overdue; `due_site`, `due_shard` and `due_next` put it into the sparse indexes.
    """

    class Meta:
        pass

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
    """The defect, if there is one."""
    item = fetch(DefectItem, defect_id)
    return defect_of(item) if item else None


def get(defect_id: str) -> Defect:
    """The defect, or NotFound."""
    defect = find(defect_id)
    if defect is None:
        raise model.not_found()
    return defect


def several(ids: Collection[str]) -> dict[str, Defect]:
    """Those of the defects that are there, by id."""
    return {item.uuid: defect_of(item) for item in batch_get(DefectItem, [(one,) for one in sorted(ids)])}


def page(request: PageRequest, today: date) -> PageOf[DefectItem]:
    """A page of the list; `request` has the filters of `DefectQuery`, and `customer_id`."""
    filters = _filters(request.filters, today)
    known = PageRequest(request.limit, request.offset, request.sort_field, request.descending, filters, request.cursor)
    return DEFECTS.page(known)


def every(today: date, **filters: Any) -> Iterator[Defect]:
    """All defects that match, oldest first, read a page at a time."""
    yield from map(defect_of, DEFECTS.every(_filters(filters, today)))


def count(**filters: Any) -> int:
    """How many match."""
    return DEFECTS.total(filters)


def _filters(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The filters of the list in terms of what is indexed: ranks, and the day before which a due date is overdue."""
    filters = dict(given)
    for name, ranks in (("status", STATUSES), ("severity", SEVERITIES)):
        if filters.get(name) is not None:
            filters[name] = ranks.index(filters[name])
    overdue = filters.pop("overdue", None)
    if overdue is not None:
        filters |= {"overdue_on": today - timedelta(days=1)} if overdue else {"not_overdue_on": today}
    return filters


def overdue_of_site(site_id: str, today: date) -> int:
    """How many defects of a site are overdue; reads the keys of those alone."""
    counted = _due(BY_SITE, site_id, today, Select="COUNT")
    return sum(int(answer["Count"]) for answer in counted)


def overdue(today: date, shown: int, most: int) -> tuple[int, bool, list[Defect]]:
    """How many defects are overdue, counted up to about `most`; whether that is all; and those that became so last."""
    pages = side_by_side(lambda shard: _overdue(shard, today, most), range(settings().listing_shards))
    keys = sorted((key for page, _ in pages for key in page), key=lambda key: str(key["s_open_due"]["S"]), reverse=True)
    order = [str(key["uuid"]["S"]) for key in keys[:shown]]
    found = several(order)
    return len(keys), all(complete for _, complete in pages), [found[one] for one in order if one in found]


def _overdue(shard: int, today: date, most: int) -> tuple[list[dict[str, Any]], bool]:
    answer = client("dynamodb").query(
        TableName=table_name("defects"),
        IndexName="by_open_due",
        KeyConditionExpression="lshard = :shard AND s_open_due < :today",
        ExpressionAttributeValues={":shard": {"S": str(shard)}, ":today": {"S": today.isoformat()}},
        ScanIndexForward=False,
        Limit=-(-most // settings().listing_shards),
    )
    return answer["Items"], "LastEvaluatedKey" not in answer


def to_announce(today: date) -> Iterator[str]:
    """The ids of the defects that are overdue and not announced as such."""
    for shard in range(settings().listing_shards):
        for answer in _due(UNANNOUNCED, str(shard), today):
            yield from (key["uuid"]["S"] for key in answer["Items"])


def _due(index: IndexSpec, partition: str, today: date, **more: Any) -> Iterator[dict[str, Any]]:
    """The answers of an index of days, for the days before `today`."""
    arguments: dict[str, Any] = {
        "TableName": table_name("defects"),
        "IndexName": index.name,
        "KeyConditionExpression": f"{index.hash_key} = :partition AND {index.range_key} < :today",
        "ExpressionAttributeValues": {":partition": {"S": partition}, ":today": {"S": today.isoformat()}},
        **more,
    }
    while True:
        answer = client("dynamodb").query(**arguments)
        yield answer
        if "LastEvaluatedKey" not in answer:
            return
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


# -- writing --------------------------------------------------------------------------------------------------------


def add(tx: Transaction, defect: Defect) -> None:
    """Write a new defect; NotFound when its site is being deleted."""
    item = _item(defect)
    tx.put_new(item, index=DEFECTS.index(item))
    DEFECTS.count(tx, item, +1, site_id=sites.not_found())
    totals.count(tx, defect, +1)


def save(tx: Transaction, before: Defect, after: Defect) -> None:
    """Write a defect that is as it was read; what is counted of it is counted where it is now."""
    old, item = _item(before), _item(after)
    item.rev = before.rev + 1
    tx.put(item, index=DEFECTS.index(item), condition=Path("rev") == before.rev, error=Changed())
    for name in DEFECTS.counted:
        DEFECTS.recount(tx, name, getattr(old, name), getattr(item, name))
    totals.count(tx, before, -1)
    totals.count(tx, after, +1)


def remove(tx: Transaction, defect: Defect) -> None:
    """Delete a defect that is as it was read; its records are purged apart."""
    item = _item(defect)
    tx.delete(item, condition=Path("rev") == defect.rev, error=Changed())
    DEFECTS.count(tx, item, -1)
    totals.count(tx, defect, -1)


def _item(defect: Defect) -> DefectItem:
    def text(at: datetime | None) -> str | None:
        return clock.to_text(at) if at else None

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    item = DefectItem(
        defect.id,
        severity=SEVERITIES.index(defect.severity),
        status=STATUSES.index(defect.status),
        reporter_id=defect.reporter.id,
        reporter_name=defect.reporter.name,
        assignee_id=defect.assignee.id if defect.assignee else None,
        assignee_name=defect.assignee.name if defect.assignee else None,
        due_date=day(defect.due_date),
        open_due=defect.open_due,
        due_site=defect.site_id if defect.open_due != model.NEVER else None,
        due_next=defect.unannounced,
        overdue_for=day(defect.overdue_for),
        created_at=text(defect.created_at),
        updated_at=text(defect.updated_at),
        fixed_at=text(defect.fixed_at),
        closed_at=text(defect.closed_at),
        **{name: getattr(defect, name) for name in PLAIN},
    )
    item.due_shard = DEFECTS.index(item)["lshard"] if item.due_next else None
    return item


PLAIN = (
    "number", "site_id", "customer_id", "title", "description", "location", "fixed_by", "times_reopened", "comments",
    "changes", "version", "rev",
)  # fmt: skip


def defect_of(item: DefectItem) -> Defect:
    """The defect an item holds."""

    def moment(text: str | None) -> datetime | None:
        return clock.from_text(text) if text else None

    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    return Defect(
        id=item.uuid,
        severity=SEVERITIES[int(item.severity)],
        status=STATUSES[int(item.status)],
        reporter=Person(item.reporter_id, item.reporter_name),
        assignee=Person(item.assignee_id, str(item.assignee_name)) if item.assignee_id else None,
        due_date=day(item.due_date),
        overdue_for=day(item.overdue_for),
        created_at=clock.from_text(item.created_at),
        updated_at=clock.from_text(item.updated_at),
        fixed_at=moment(item.fixed_at),
        closed_at=moment(item.closed_at),
        **{name: getattr(item, name) for name in PLAIN},
    )


def today() -> date:
    """The day it is, in UTC."""
    return clock.now().astimezone(UTC).date()
