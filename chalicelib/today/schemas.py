"""Response models of the dashboard of today."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from chalicelib.batches.schemas import ShiftTimeRange
from chalicelib.core.fields import Output
from chalicelib.defects.schemas import Participant


class PlanAndFact(Output):
    """Totals of batches. `planned`: the sum of their plans, null if none has one; `made_of_planned`: the products of
    batches with a plan. `aggregation_rate` is in percent, 0.0 without products.
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
    """A work centre; identifier and name are null when it was deleted."""

    uuid: UUID
    identifier: str | None
    name: str | None


class RunningPlace(Output):
    """A work centre where shifts are running."""

    work_center: Place
    total: PlanAndFact
    shifts: list[RunningShift]


class Running(Output):
    """The running shifts by work centre. `truncated`: there are more batches than the first 200, which are included."""

    total: PlanAndFact
    work_centers: list[RunningPlace]
    truncated: bool


class HourOfProducts(Output):
    """The hour that starts at `hour`; null while it is not counted."""

    hour: datetime
    added: int | None
    aggregated: int | None


class ProductsByHour(Output):
    """The last 24 hours with the current one, oldest first, as counted at `counted_at`."""

    counted_at: datetime
    hours: list[HourOfProducts]


class Count(Output):
    """A count; `at_least`: counting stopped there, and there are more."""

    total: int
    at_least: bool


class FailedImport(Output):
    """An import that failed, or that has failed rows."""

    task_id: UUID
    status: Literal["SUCCESS", "FAILURE"]
    finished_at: datetime
    total: int | None
    failed: int | None
    error: str | None
    errors_url: str | None


class FailedImports(Count):
    """The imports of the last 24 hours that failed or have failed rows, with the newest five."""

    items: list[FailedImport]


class OverdueDefect(Output):
    """An overdue defect."""

    id: UUID
    number: int
    site_id: UUID
    title: str
    severity: str
    status: str
    due_date: date
    assignee: Participant | None


class OverdueDefects(Count):
    """The overdue defects, with the five that became overdue last."""

    items: list[OverdueDefect]


class TroubledWebhook(Output):
    """A subscription that was disabled after failures, or whose last `failures` attempts failed."""

    uuid: UUID
    url: str
    is_active: bool
    failures: int
    disabled_at: datetime | None
    disabled_reason: str | None


class TroubledWebhooks(Output):
    """The numbers of disabled and of failing subscriptions, with five of them, disabled first."""

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
    """The failed deferred tasks that were not retried, with the newest five."""

    items: list[FailedTask]


class Attention(Output):
    """What needs action. A part is null for a caller who may not see it for all users."""

    failed_imports: FailedImports | None
    overdue_defects: OverdueDefects | None
    webhooks: TroubledWebhooks | None
    failed_tasks: FailedTasks | None


class Today(Output):
    """The dashboard of today. All is read in the request, except `products_by_hour`, which has its own time.

    `as_of` is the start of the minute, so that the ETag stays while nothing changes.
    """

    as_of: datetime
    time_zone: str
    running: Running
    products_by_hour: ProductsByHour | None
    attention: Attention
