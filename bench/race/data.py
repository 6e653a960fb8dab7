"""The batches that both sides are filled with: the same ids, values and times on both.

Only the standard library: the peer's filler runs in the peer's environment.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

START, FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1)
LONG_AGO, EARLY_DAY = datetime(2020, 1, 1, tzinfo=UTC), date(2020, 1, 1)
DAYS, SHIFTS, TEAMS, WORK_CENTERS, CODES = 100, 4, 10, 20, 100
EXPORTED = 10_000
SOME, PRODUCTS = 10, 3  # every tenth batch has three products
LARGE = 1_000  # products of each of the batches that are aggregated
SEED = 12
_PRODUCT_IDS = uuid.UUID("6f1c7a0e-4b6f-5d3c-9a51-0f5d8f0f4c11")  # as chalicelib.products.model has it


@dataclass(frozen=True)
class WorkCenter:
    """A work centre."""

    uuid: str
    created_at: datetime
    identifier: str
    name: str


@dataclass(frozen=True)
class Product:
    """A product that is not aggregated."""

    uuid: str
    unique_code: str
    created_at: datetime


@dataclass(frozen=True)
class Batch:
    """A batch with its products."""

    uuid: str
    created_at: datetime
    updated_at: datetime | None
    is_closed: bool
    closed_at: datetime | None
    task_description: str
    shift: str
    team: str
    batch_number: int
    batch_date: date
    nomenclature: str
    ekn_code: str
    shift_start: datetime
    shift_end: datetime
    work_center_id: str
    products: list[Product] = field(default_factory=list)


def work_centers() -> list[WorkCenter]:
    """All work centres."""
    return [
        WorkCenter(_id("work centre", number), START + timedelta(seconds=number), f"WC-{number:03d}", f"Цех №{number}")
        for number in range(WORK_CENTERS)
    ]


def batches(size: int, large: int) -> Iterator[Batch]:
    """So many batches, and before them so many open ones of 1,000 products, which are older than all others."""
    draws = random.Random(SEED), random.Random(SEED)  # so that the large ones change nothing about the others
    centers = work_centers()
    for number in range(-large, size):
        old = number < 0
        chosen = draws[old]
        at = (LONG_AGO if old else START) + timedelta(seconds=number)
        day = EARLY_DAY if old else FIRST_DAY + timedelta(days=number % DAYS)
        closed = not old and chosen.random() < 0.5
        batch = Batch(
            batch_id(number), created_at=at, updated_at=None if number % 3 else at + timedelta(hours=1),
            is_closed=closed, closed_at=at + timedelta(hours=1) if closed else None,
            task_description="Собрать узел по чертежу", shift="9" if old else str(chosen.randrange(SHIFTS) + 1),
            team=f"Бригада {chosen.randrange(TEAMS)}", batch_number=-number if old else number // DAYS + 1,
            batch_date=day, nomenclature="Болт М8", ekn_code=f"EKN-{chosen.randrange(CODES)}",
            shift_start=datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
            shift_end=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
            work_center_id=chosen.choice(centers).uuid,
        )  # fmt: skip
        count = LARGE if old else PRODUCTS * (number % SOME == 0)
        batch.products.extend(_product(batch, one) for one in range(count))
        yield batch


def batch_id(number: int) -> str:
    """The id of a batch; those of 1,000 products have the numbers -1, -2, and so on."""
    return _id("batch", number)


def export_days(size: int) -> tuple[date, date]:
    """The first and the last day of the 10,000 batches that are exported, of all when there are fewer."""
    days = DAYS if size <= EXPORTED else DAYS * EXPORTED // size
    return FIRST_DAY, FIRST_DAY + timedelta(days=days - 1)


def _product(batch: Batch, number: int) -> Product:
    code = f"PROD-{number:06d}"
    made = uuid.uuid5(_PRODUCT_IDS, f"{batch.uuid}/{code}")
    return Product(str(made), code, batch.created_at + timedelta(milliseconds=number + 1))


def _id(kind: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}"))
