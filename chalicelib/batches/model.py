"""Rules and errors of batches."""

import base64
import zlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.core.texts import text

AGGREGATION_LEASE = timedelta(seconds=60)  # until a lease that is not renewed expires


def not_found() -> NotFound:
    """Return the error of a batch that does not exist."""
    return NotFound("Партия не найдена")


def number_taken(batch_number: int, batch_date: date) -> Conflict:
    """Return the error of a number that another batch has on that date."""
    return Conflict(
        text(
            "Партия с номером {batch_number} на дату {batch_date} уже существует",
            batch_number=batch_number,
            batch_date=batch_date.isoformat(),
        )
    )


NOT_ADDED = "продукты не добавляются"
NOT_AGGREGATED = "продукты не агрегируются"


class Closed(Conflict):
    """The batch is closed; `action` (Russian) is what is refused."""

    code = "BATCH_CLOSED"

    def __init__(self, action: str) -> None:
        super().__init__(text("Партия закрыта: {action}", action=text(action)))


def already_closed() -> Conflict:
    """Return the error of closing a closed batch."""
    return Conflict("Партия уже закрыта")


def cannot_close(reason: str) -> Conflict:
    """Return the error of closing a batch that is not aggregated (CLOSE_REQUIRES_AGGREGATION)."""
    return Conflict(text("Невозможно закрыть партию: {reason}", reason=text(reason)))


def still_open() -> Conflict:
    """Return the error of deleting an open batch."""
    return Conflict("Нельзя удалить открытую партию: сначала закройте ее")


class BeingAggregated(Conflict):
    """Another aggregation of the whole batch is running."""

    default_message = "Партия сейчас агрегируется, повторите запрос позже"
    temporary = True


def too_many_to_aggregate(count: int, limit: int, batch_id: str) -> Conflict:
    """Return the error of aggregating more products than one request can; it names the asynchronous endpoint."""
    return Conflict(
        text(
            "В партии {count} неагрегированных продуктов, за один запрос агрегируется не более "
            "{limit}; используйте PATCH /api/batches/{batch_id}/aggregate_async",
            count=count,
            limit=limit,
            batch_id=batch_id,
        )
    )


def too_many_to_cascade(count: int, limit: int) -> Conflict:
    """Return the error of deleting a work centre with more batches than one request can delete."""
    return Conflict(
        text(
            "У рабочего центра {count} партий, каскадно удаляется не более {limit}; удалите часть партий сами",
            count=count,
            limit=limit,
        )
    )


def check_shift(start: datetime, end: datetime) -> None:
    """Raise Invalid unless a shift ends after it starts."""
    if end <= start:
        raise shift_ends_first()


def shift_ends_first() -> Invalid:
    """Return the error of a shift that ends before it starts."""
    return invalid_field("shift_end", "должно быть позже shift_start")


def check_closable(total: int, aggregated: int, *, requires_aggregation: bool) -> None:
    """Raise Conflict unless a batch has products and all are aggregated, if aggregation is required."""
    if not requires_aggregation:
        return
    if total == 0:
        raise cannot_close("в ней нет продуктов")
    if aggregated < total:
        raise cannot_close(text("не агрегировано продуктов: {count}", count=total - aggregated))


def number_claim(batch_number: int, batch_date: date) -> str:
    """Return the claim that keeps number and date unique."""
    return f"batches#number={batch_number}#date={batch_date.isoformat()}"


def packed(positions: Collection[int]) -> str:
    """Encode positions in a list as a short text: a bit for each, compressed."""
    if not positions:
        return ""
    bits = bytearray(max(positions) // 8 + 1)
    for position in positions:
        bits[position // 8] |= 1 << position % 8
    return base64.b64encode(zlib.compress(bits)).decode()


def unpacked(text: str) -> set[int]:
    """Decode the positions that `packed` encoded."""
    bits = zlib.decompress(base64.b64decode(text)) if text else b""
    return {8 * number + bit for number, byte in enumerate(bits) if byte for bit in range(8) if byte >> bit & 1}
