"""Rules and errors of work centres."""

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.texts import text


def not_found() -> NotFound:
    """Return the error of a work centre that does not exist."""
    return NotFound("Рабочий центр не найден")


def identifier_taken(identifier: str) -> Conflict:
    """Return the error of an identifier that another work centre has."""
    return Conflict(text("Рабочий центр с идентификатором «{identifier}» уже существует", identifier=identifier))


def has_batches() -> Conflict:
    """Return the error of deleting a work centre with batches."""
    return Conflict("У рабочего центра есть партии; чтобы удалить его вместе с ними, укажите cascade=true")


def identifier_claim(identifier: str) -> str:
    """Return the unique value of a work centre."""
    return f"work_centers#identifier={identifier}"


def batches_counter(work_center_id: str) -> str:
    """Return the name of the counter of the batches of a work centre, a counter of the batch list."""
    return f"batches#work_center_id={work_center_id}"
