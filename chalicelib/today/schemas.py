"""What travels about today."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chalicelib.batches.schemas import ShiftTimeRange
from chalicelib.core.fields import Output
from chalicelib.defects.schemas import Participant


class PlanAndFact(Output):
    """What some batches amount to. `planned` is the sum of their plans, null if none has one; `made_of_planned` are the
    products of those that have one. The rate is in percent, 0.0 where there are no products.
    """

    batches: int
    open_batches: int
    planned: int | None
    made_of_planned: int
    products: int
    aggregated: int
    aggregation_rate: float


class RunningBatch(Output):
    """A batch whose shift is running, open or closed."""

    uuid: UUID
    batch_number: int
    batch_date: date
    nomenclature: str
    team: str
    is_closed: bool
    planned_quantity: int | None
    products_total: int
    aggregated_total: int
    shift_time_range: ShiftTimeRange


class RunningShift(Output):
    """The running batches of a shift at a work centre, by number."""

    shift: str
    total: PlanAndFact
    batches: list[RunningBatch]


class Place(Output):
    """A work centre; identifier and name are null when it is gone."""

    uuid: UUID
    identifier: str | None
    name: str | None


class RunningPlace(Output):
    """A work centre where shifts are running."""

    work_center: Place
    total: PlanAndFact
    shifts: list[RunningShift]


class Running(Output):
    """The running shifts by work centre. `truncated`: there are more than the first 200 batches, which are here."""

    total: PlanAndFact
    work_centers: list[RunningPlace]
    truncated: bool


class HourOfProducts(Output):
    """An hour that begins at `hour`; null while it is not counted."""

    hour: datetime
    added: int | None
    aggregated: int | None


class ProductsByHour(Output):
    """The last 24 hours, the oldest first, the last of them running; as they were at `counted_at`."""

    counted_at: datetime
    hours: list[HourOfProducts]


class Count(Output):
    """How many there are; `at_least`: that many were counted, and there are more."""

    total: int
    at_least: bool


class FailedImport(Output):
    """An import that failed, or some of whose rows did."""

    task_id: UUID
    status: Literal["SUCCESS", "FAILURE"]
    finished_at: datetime
    total: int | None
    failed: int | None
    error: str | None
    errors_url: str | None


class FailedImports(Count):
    """The imports of the last 24 hours that failed, whole or in part, and the newest five of them."""

    items: list[FailedImport]


class OverdueDefect(Output):
    """A defect that is not fixed in time."""

    id: UUID
    number: int
    site_id: UUID
    title: str
    severity: str
    status: str
    due_date: date
    assignee: Participant | None


class OverdueDefects(Count):
    """The overdue defects, and the five that became so last."""

    items: list[OverdueDefect]


class TroubledWebhook(Output):
    """A subscription that was switched off for its failures, or whose last attempts failed, `failures` in a row."""

    uuid: UUID
    url: str
    is_active: bool
    failures: int
    disabled_at: datetime | None
    disabled_reason: str | None


class TroubledWebhooks(Output):
    """How many subscriptions are switched off and how many fail, and five of them, the switched off first."""

    disabled: int
    failing: int
    items: list[TroubledWebhook]


class FailedTask(Output):
    """A deferred task that used up its attempts."""

    id: int
    task_type: str
    error_message: str | None
    completed_at: datetime | None


class FailedTasks(Count):
    """The deferred tasks that failed and were not set going again, and the newest five of them."""

    items: list[FailedTask]


class Attention(Output):
    """What needs action. A part is null for a user who may not see it for all users."""

    failed_imports: FailedImports | None
    overdue_defects: OverdueDefects | None
    webhooks: TroubledWebhooks | None
    failed_tasks: FailedTasks | None


class Today(Output):
    """What goes on now. All is read for the answer, but for `products_by_hour`, which says itself how old it is.

    `as_of` is the beginning of the minute, so that an answer in which nothing has changed has the same ETag.
    """

    as_of: datetime
    time_zone: Literal["UTC"]
    running: Running
    products_by_hour: ProductsByHour | None
    attention: Attention
