"""A user, and the errors about users."""

from dataclasses import dataclass

from chalicelib.core.errors import NotFound


@dataclass(frozen=True)
class User:
    """A user of the directory."""

    number: int
    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]


def not_found(number: int) -> NotFound:
    """No user with that number."""
    return NotFound(f"Пользователь {number} не найден")
