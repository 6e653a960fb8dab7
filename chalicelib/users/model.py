"""A user, and the rules and errors of users."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.core.actor import ADMINISTRATOR, OWN_ONLY, Actor
from chalicelib.core.errors import AppError, Conflict, Forbidden, NotFound, Unauthorized
from chalicelib.core.texts import text

FIRST_NUMBER = 2  # number 1 is the built-in administrator
DEFAULT_ROLES = ("user",)
ADMIN, MANAGER = "admin", "manager"


@dataclass(frozen=True)
class User:
    """A user of the directory. `is_machine`: the account of an API key."""

    number: int
    id: str
    name: str
    email: str | None
    roles: tuple[str, ...]
    created_at: datetime
    updated_at: datetime | None = None
    email_confirmed: bool = False
    is_machine: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether the user sees records of other users."""
        return not OWN_ONLY.issuperset(self.roles)

    def actor(self) -> Actor:
        """Return the user as an actor."""
        return Actor(self.number, self.id, self.name, self.email, self.roles)


BUILT_IN = User(
    ADMINISTRATOR.user_id,
    ADMINISTRATOR.uuid,
    ADMINISTRATOR.name,
    ADMINISTRATOR.email,
    ADMINISTRATOR.roles,
    datetime(2025, 1, 1, tzinfo=UTC),
)


# -- permissions ---------------------------------------------------------------------------------------------------


def is_admin(actor: Actor) -> bool:
    """Whether the actor is an administrator."""
    return ADMIN in actor.roles


def check_sees(actor: Actor, user_id: str) -> None:
    """Raise NotFound when the actor sees only own records and the user is another one."""
    if not actor.sees_all and actor.uuid != user_id:
        raise unknown()


def check_changes(actor: Actor, user_id: str) -> None:
    """Raise NotFound unless the actor changes itself or is an administrator."""
    if not is_admin(actor) and actor.uuid != user_id:
        raise unknown()


def check_grants(actor: Actor, before: Collection[str], after: Collection[str]) -> None:
    """Raise Forbidden unless the roles stay the same or the actor is an administrator."""
    if set(before) != set(after) and not is_admin(actor):
        raise Forbidden("roles: роли назначает только администратор")


def allows_more(before: Collection[str], after: Collection[str]) -> bool:
    """Whether new roles allow more than old ones. An administrator may do everything, a manager everything that the
    other roles may; any other new role counts as more.
    """
    new = set(after) - set(before)
    if ADMIN in before:
        return False
    return ADMIN in new if MANAGER in before else bool(new)


def min_password_length(stage: str) -> int:
    """Return the minimum length of a new password, in characters."""
    return 6 if stage == "local" else 8


# -- errors --------------------------------------------------------------------------------------------------------


def not_found(number: int) -> NotFound:
    """No user has that number."""
    return NotFound(text("Пользователь {number} не найден", number=number))


def unknown() -> NotFound:
    """No user has that id, or the actor may not see it."""
    return NotFound("Пользователь не найден")


def email_taken() -> Conflict:
    """Another user has the email, in any case."""
    return Conflict("Пользователь с таким email уже существует", code="EMAIL_EXISTS")


class RegistrationClosed(Forbidden):
    """The deployment does not allow registration."""

    code = "REGISTRATION_CLOSED"
    default_message = "Регистрация закрыта: за учетной записью обратитесь к администратору или менеджеру"


class BadResetToken(AppError):
    """The token is unknown, used or expired, or the password or address has changed since."""

    code = "INVALID_RESET_TOKEN"
    default_message = "Код недействителен: он использован, просрочен или отменен; запросите новый"


def is_confirmed() -> Conflict:
    """The user has confirmed the address and needs no invitation."""
    return Conflict("Пользователь уже подтвердил адрес; забытый пароль: POST /v1/users/password/forgot")


def has_orders() -> Conflict:
    """The user has orders."""
    return Conflict("У пользователя есть заказы; чтобы удалить его вместе с ними, укажите cascade=true")


def is_built_in() -> Conflict:
    """The built-in administrator has no record to change."""
    return Conflict("Встроенного администратора нельзя изменить или удалить")


def is_machine() -> Conflict:
    """The account of an API key cannot be changed."""
    return Conflict("Это учетная запись ключа API, изменить ее нельзя: отзовите ключ и выпустите новый")


def has_api_key() -> Conflict:
    """The account of an API key cannot be deleted before the key is revoked."""
    return Conflict("Это учетная запись ключа API: сначала отзовите ключ")


def has_no_email() -> Conflict:
    """A user without an email cannot log in, so needs no password."""
    return Conflict("У пользователя нет email, без него нельзя войти: сначала укажите email")


def wrong_credentials() -> Unauthorized:
    """The email is unknown, or the password is unset or wrong; the message does not say which."""
    return Unauthorized("Неверный email или пароль", code="INVALID_CREDENTIALS", headers={"WWW-Authenticate": "Bearer"})


def wrong_password() -> Unauthorized:
    """The old password is wrong."""
    return Unauthorized(
        "old_password: неверный пароль", code="INVALID_CREDENTIALS", headers={"WWW-Authenticate": "Bearer"}
    )


# -- unique values -------------------------------------------------------------------------------------------------


def email_claim(email: str) -> str:
    """Return the unique value of an email."""
    return f"users#email={email.lower()}"


def login_guesses(email: str) -> str:
    """Return the key of the count of wrong passwords at login: by email, known or not."""
    return f"login#{email.lower()}"


def password_guesses(user_id: str) -> str:
    """Return the key of the count of wrong old passwords, by user."""
    return f"old_password#{user_id}"


def number_claim(number: int) -> str:
    """Return the unique value of a number."""
    return f"users#number={number}"


def orders_counter(user_id: str) -> str:
    """Return the counter of a user's orders, which the list of orders maintains."""
    return f"orders#user_id={user_id}"
