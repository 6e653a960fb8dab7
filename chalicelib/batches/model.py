"""Rules and errors of batches."""

import base64
import zlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field

AGGREGATION_LEASE = timedelta(seconds=60)  # how long a batch stays reserved for an aggregation that died


def not_found() -> NotFound:
    """No batch with that id."""
    return NotFound("Партия не найдена")


def number_taken(batch_number: int, batch_date: date) -> Conflict:
    """Another batch has that number on that date."""
    return Conflict(f"Партия с номером {batch_number} на дату {batch_date.isoformat()} уже существует")


NOT_ADDED = "продукты не добавляются"
NOT_AGGREGATED = "продукты не агрегируются"


class Closed(Conflict):
    """The batch is closed, `action` says what cannot be done with it."""

    code = "BATCH_CLOSED"

    def __init__(self, action: str) -> None:
        super().__init__(f"Партия закрыта: {action}")


def already_closed() -> Conflict:
    """It is closed already."""
    return Conflict("Партия уже закрыта")


def cannot_close(reason: str) -> Conflict:
    """CLOSE_REQUIRES_AGGREGATION is on, and the batch is not ready."""
    return Conflict(f"Невозможно закрыть партию: {reason}")


def still_open() -> Conflict:
    """Only a closed batch can be deleted."""
    return Conflict("Нельзя удалить открытую партию: сначала закройте ее")


class BeingAggregated(Conflict):
    """Another aggregation of the whole batch is running."""

    default_message = "Партия сейчас агрегируется, повторите запрос позже"
    temporary = True


def too_many_to_aggregate(count: int, limit: int, batch_id: str) -> Conflict:
    """More than one request can do; points to the asynchronous way."""
    return Conflict(
        f"В партии {count} неагрегированных продуктов, за один запрос агрегируется не более {limit}; "
        f"используйте PATCH /api/batches/{batch_id}/aggregate_async"
    )


def too_many_to_cascade(count: int, limit: int) -> Conflict:
    """More batches than one request can delete with their work centre."""
    return Conflict(f"У рабочего центра {count} партий, каскадно удаляется не более {limit}; удалите часть партий сами")


def check_shift(start: datetime, end: datetime) -> None:
    """A shift ends after it starts."""
    if end <= start:
        raise shift_ends_first()


def shift_ends_first() -> Invalid:
    """The error of a shift that ends before it starts."""
    return invalid_field("shift_end", "должно быть позже shift_start")


def check_closable(total: int, aggregated: int, *, requires_aggregation: bool) -> None:
    """With CLOSE_REQUIRES_AGGREGATION a batch has products, all aggregated, before it is closed."""
    if not requires_aggregation:
        return
    if total == 0:
        raise cannot_close("в ней нет продуктов")
    if aggregated < total:
        raise cannot_close(f"не агрегировано продуктов: {total - aggregated}")


def number_claim(batch_number: int, batch_date: date) -> str:
    """The unique value a batch holds."""
    return f"batches#number={batch_number}#date={batch_date.isoformat()}"


def packed(places: Collection[int]) -> str:
    """Places of a list as a short text: a bit for each, compressed."""
    if not places:
        return ""
    bits = bytearray(max(places) // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return base64.b64encode(zlib.compress(bits)).decode()


def unpacked(text: str) -> set[int]:
    """The places that `packed` wrote."""
    bits = zlib.decompress(base64.b64decode(text)) if text else b""
    return {8 * number + bit for number, byte in enumerate(bits) if byte for bit in range(8) if byte >> bit & 1}
