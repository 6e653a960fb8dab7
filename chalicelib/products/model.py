"""Rules and errors of products."""

import uuid
from typing import NamedTuple

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.texts import text

BUCKET = 1_000  # products in a partition of the table
SHOWN = 1_000  # first products of a batch, which are in pages too
PAGE = 25  # products in a page
NAMESPACE = uuid.UUID("6f1c7a0e-4b6f-5d3c-9a51-0f5d8f0f4c11")


class Doer(NamedTuple):
    """Who adds or aggregates products: the user, and the work that it is part of.

    `work_id` is the id of a background task, or of the aggregation of a whole batch by one request.
    """

    user_id: int | None
    work_id: str | None = None


def product_id(batch_id: str, unique_code: str) -> str:
    """Return the id of the product with a code in a batch (UUID version 5, RFC 9562)."""
    return str(uuid.uuid5(NAMESPACE, f"{batch_id}/{unique_code}"))


def partition(batch_id: str, number: int) -> str:
    """Return the partition of the product with a number in a batch."""
    return f"{batch_id}#{number // BUCKET:06d}"


def not_found() -> NotFound:
    """Return the error of a product that does not exist."""
    return NotFound("Продукт не найден")


class CodeTaken(Conflict):
    """The batch has a product with that code."""

    code = "CODE_TAKEN"

    def __init__(self, unique_code: str) -> None:
        super().__init__(text("Продукт с кодом «{unique_code}» уже есть в партии", unique_code=unique_code))


class AlreadyAggregated(Conflict):
    """The product is already aggregated."""

    default_message = "Продукт уже агрегирован"
