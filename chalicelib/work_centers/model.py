"""Rules and errors of work centres."""

from chalicelib.core.errors import Conflict, NotFound


def not_found() -> NotFound:
    """No work centre with that id."""
    return NotFound("Рабочий центр не найден")


def identifier_taken(identifier: str) -> Conflict:
    """Another work centre has the identifier."""
    return Conflict(f"Рабочий центр с идентификатором «{identifier}» уже существует")


def has_batches() -> Conflict:
    """It cannot be deleted while batches belong to it."""
    return Conflict("У рабочего центра есть партии; чтобы удалить его вместе с ними, укажите cascade=true")


def identifier_claim(identifier: str) -> str:
    """The unique value a work centre holds."""
    return f"work_centers#identifier={identifier}"


def batches_counter(work_center_id: str) -> str:
    """The counter of the batches of a work centre; the batch list keeps it."""
    return f"batches#work_center_id={work_center_id}"
