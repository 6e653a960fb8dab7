"""A user, and the rules and errors about users."""

from dataclasses import dataclass

from chalicelib.core.auth import ADMINISTRATOR, OWN_ONLY, Actor
from chalicelib.core.errors import Conflict, NotFound

FIRST_NUMBER = 2  # number 1 is the built-in administrator


@dataclass(frozen=True)
class User:
    """A user of the directory."""

    number: int
    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]

    @property
    def sees_all(self) -> bool:
        """Whether reports and tasks of others are shown too."""
        return not OWN_ONLY.issuperset(self.roles)

    def actor(self) -> Actor:
        """The user as one who acts."""
        return Actor(self.number, self.id, self.name, self.email, self.roles)


BUILT_IN = User(
    ADMINISTRATOR.user_id, ADMINISTRATOR.uuid, ADMINISTRATOR.name, ADMINISTRATOR.email, ADMINISTRATOR.roles
)


def not_found(number: int) -> NotFound:
    """No user with that number."""
    return NotFound(f"Пользователь {number} не найден")


def unknown() -> NotFound:
    """No user with that id."""
    return NotFound("Пользователь не найден")


def email_taken() -> Conflict:
    """Another user has the e-mail, whatever its case."""
    return Conflict("Пользователь с таким email уже существует", code="EMAIL_EXISTS")


def has_orders() -> Conflict:
    """A user cannot be deleted while orders belong to him."""
    return Conflict("У пользователя есть заказы; чтобы удалить его вместе с ними, укажите cascade=true")


def is_built_in() -> Conflict:
    """The built-in administrator has no record that could change."""
    return Conflict("Встроенного администратора нельзя изменить или удалить")


def email_claim(email: str) -> str:
    """The unique value of an e-mail."""
    return f"users#email={email.lower()}"


def number_claim(number: int) -> str:
    """The unique value of a number."""
    return f"users#number={number}"


def orders_counter(user_id: str) -> str:
    """The counter of a user's orders, by UUID; the list of orders keeps it."""
    return f"orders#user_id={user_id}"
