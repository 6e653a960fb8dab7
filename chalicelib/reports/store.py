"""Tables `reports`, `report_templates` and `sagas`, with their lists."""

import json
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import IndexSpec, batch_get, erase, fetch, query_index, table, update_if
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.reports import model
from chalicelib.reports.model import Saga, Superseded

DUE = DueIndex("sagas")
BY_BATCH = IndexSpec("by_batch", "batch_id", "created_at")
_STATE = TypeAdapter(Saga)


@table("reports", indexes=[BY_BATCH])
class ReportItem(Model):
    """A report. `id` is its number as text of fixed width; `file_key` is the key of its file in S3.

    `batch_id` is the batch in its parameters, if there is one; `recipients` are email addresses.
    """

    id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    template_id = NumberAttribute()
    user_id = NumberAttribute()
    status = UnicodeAttribute()
    parameters = UnicodeAttribute()
    batch_id = UnicodeAttribute(null=True)
    format = UnicodeAttribute()
    language = UnicodeAttribute(null=True)  # reports of an earlier version have none
    saga_id = UnicodeAttribute()
    file_key = UnicodeAttribute(null=True)
    file_size = NumberAttribute(null=True)
    md5_hash = UnicodeAttribute(null=True)
    error = UnicodeAttribute(null=True)
    recipients = ListAttribute[str](null=True)
    version = NumberAttribute(default=1)

    @property
    def number(self) -> int:
        """The id that clients see."""
        return int(self.id)


@table("report_templates")
class TemplateItem(Model):
    """A template made by a user: a built-in report with parameters filled in."""

    id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    name = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    base_template_id = NumberAttribute()
    parameters = UnicodeAttribute()


@table("sagas", indexes=[DUE.spec])
class SagaItem(Model):
    """A saga: `state` is the saga as JSON; lists and conditions need the other attributes.

    `share` and `due_at` are read from their attributes, because the running step and the sweep also write them alone,
    without a new version. `due_at` is removed when the saga has ended and its superfluous files are deleted.
    """

    saga_id = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    status = UnicodeAttribute()
    user_id = NumberAttribute()
    due_at = UnicodeAttribute(null=True)
    share = NumberAttribute(default=0)
    version = NumberAttribute()
    state = UnicodeAttribute()


REPORT_LIST = Listing(
    "reports",
    ReportItem,
    id_field="id",
    sorts=("created_at",),
    equals=("status", "user_id"),
    counted=("status", "user_id"),
)
TEMPLATE_LIST = Listing("report_templates", TemplateItem, id_field="id", sorts=("created_at",))
SAGA_LIST = Listing(
    "sagas",
    SagaItem,
    id_field="saga_id",
    sorts=("created_at",),
    equals=("status", "user_id"),
    counted=("status", "user_id"),
)


def key_of(number: int) -> str:
    """Return the key of the item with a number."""
    return f"{number:018d}"


# -- reports --------------------------------------------------------------------------------------------------------


def find_report(number: int) -> ReportItem | None:
    """Return the report of a number, or None."""
    return fetch(ReportItem, key_of(number))


def find_reports(numbers: Collection[int]) -> list[ReportItem]:
    """Return the existing reports of these numbers, in no order."""
    return batch_get(ReportItem, [(key_of(number),) for number in sorted(numbers)])


def get_report(number: int) -> ReportItem:
    """Return the report of a number, or raise NotFound."""
    item = find_report(number)
    if item is None:
        raise model.report_not_found()
    return item


def add_report(tx: Transaction, item: ReportItem) -> None:
    """Write a new report."""
    tx.put_new(item, index=REPORT_LIST.index(item))
    REPORT_LIST.count(tx, item, +1)


def reports_of_batch(batch_id: str, limit: int) -> list[ReportItem]:
    """Return the last reports with a batch in their parameters, newest first."""
    page = next(query_index("reports", BY_BATCH, batch_id, descending=True, limit=limit))
    found = batch_get(ReportItem, [(raw["id"]["S"],) for raw in page["Items"]])
    return sorted(found, key=lambda item: (item.created_at, item.id), reverse=True)


def change_report(tx: Transaction, item: ReportItem, at: datetime, **changes: Any) -> None:
    """Set fields of a report; Changed when it was written since `item` was read."""
    seen, before = item.version, item.status
    for name, value in changes.items():
        setattr(item, name, value)
    item.updated_at, item.version = clock.to_text(at), seen + 1
    REPORT_LIST.count_change(tx, "status", before, item.status)
    tx.put(item, index=REPORT_LIST.index(item), condition=Path("version") == seen, error=Changed())


def remove_report(tx: Transaction, item: ReportItem) -> None:
    """Delete a report; Changed when it was written since it was read."""
    tx.delete(item, condition=Path("version") == item.version, error=Changed())
    REPORT_LIST.count(tx, item, -1)


# -- templates ------------------------------------------------------------------------------------------------------


def find_template(number: int) -> TemplateItem | None:
    """Return the template of a user, or None."""
    return fetch(TemplateItem, key_of(number))


def add_template(tx: Transaction, item: TemplateItem) -> None:
    """Write a new template."""
    tx.put_new(item, index=TEMPLATE_LIST.index(item))
    TEMPLATE_LIST.count(tx, item, +1)


def replace_template(tx: Transaction, old: TemplateItem, item: TemplateItem) -> None:
    """Replace a template; Changed when it was written since `old` was read."""
    tx.put(item, index=TEMPLATE_LIST.index(item), condition=_unchanged(old), error=Changed())


def _unchanged(item: TemplateItem) -> Condition:
    before = Path("updated_at")
    same: Condition = (before == item.updated_at) if item.updated_at else before.does_not_exist()
    unchanged: Condition = Path("id").exists() & same
    return unchanged


def remove_template(tx: Transaction, item: TemplateItem) -> None:
    """Delete a template; Changed when it was written since it was read."""
    tx.delete(item, condition=_unchanged(item), error=Changed())
    TEMPLATE_LIST.count(tx, item, -1)


# -- sagas ----------------------------------------------------------------------------------------------------------


def find_saga(saga_id: str) -> Saga | None:
    """Return the saga of an id, or None."""
    item = fetch(SagaItem, saga_id)
    return saga_of(item) if item else None


def add_saga(tx: Transaction, saga: Saga) -> None:
    """Write a new saga."""
    item = _item(saga)
    tx.put_new(item, index=SAGA_LIST.index(item))
    SAGA_LIST.count(tx, item, +1)


def save_saga(tx: Transaction, saga: Saga) -> None:
    """Write a saga; Changed when it was written since it was read.

    The saga of a deleted report is removed from the list. It keeps `lshard`, the partition key of the index of due
    sagas, so that the sweep finds it and deletes its files.
    """
    seen, saga.version = saga.version, saga.version + 1
    item = _item(saga)
    index = SAGA_LIST.index(item)
    if saga.deleted:
        index = {"lshard": index["lshard"]}
        before = _item(saga)
        before.status = saga.seen_status
        SAGA_LIST.count(tx, before, -1)
    else:
        SAGA_LIST.count_change(tx, "status", saga.seen_status, saga.status)
    tx.put(item, index=index, condition=Path("version") == seen, error=Changed())


def save_share(saga: Saga, share: float) -> None:
    """Write the finished share of the running step; Superseded when the saga was written meanwhile."""
    if not _update(saga, Path("share").set(round(share, 4))):
        raise Superseded


def postpone(saga: Saga, due_at: datetime | None) -> None:
    """Set when the sweep checks a saga again, None: never. Changed when it was written since it was read."""
    if not _update(saga, Path("due_at").set(clock.to_text(due_at)) if due_at else Path("due_at").remove()):
        raise Changed


def forget_saga(saga: Saga) -> None:
    """Delete the saga of a deleted report."""
    erase(SagaItem(saga.saga_id))


def due_sagas(at: datetime, limit: int) -> Iterator[Saga]:
    """Yield up to `limit` sagas of each partition that the sweep has to check."""
    return map(saga_of, DUE.items(SagaItem, at, limit))


def _update(saga: Saga, action: Action) -> bool:
    return update_if(SagaItem(saga.saga_id), [action], Path("version") == saga.version)


def _item(saga: Saga) -> SagaItem:
    return SagaItem(
        saga.saga_id,
        created_at=clock.to_text(saga.created_at),
        status=saga.status,
        user_id=saga.user_id,
        due_at=clock.to_text(saga.due_at) if saga.due_at else None,
        share=int(saga.share) if saga.share == int(saga.share) else saga.share,  # DynamoDB writes 0, not 0.0
        version=saga.version,
        state=_STATE.dump_json(saga).decode(),
    )


def saga_of(item: SagaItem) -> Saga:
    """Return the saga of an item."""
    saga = _STATE.validate_python(json.loads(item.state))
    saga.share, saga.seen_status = float(item.share), item.status
    saga.due_at = clock.from_text(item.due_at) if item.due_at else None
    return saga
