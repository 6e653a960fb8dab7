"""A user, and the rules and errors about users."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.core.actor import ADMINISTRATOR, OWN_ONLY, Actor
from chalicelib.core.errors import AppError, Conflict, Forbidden, NotFound, Unauthorized

FIRST_NUMBER = 2  # number 1 is the built-in administrator
DEFAULT_ROLES = ("user",)
ADMIN, MANAGER = "admin", "manager"


@dataclass(frozen=True)
class User:
    """A user of the directory."""

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
        """Whether reports and tasks of others are shown too."""
        return not OWN_ONLY.issuperset(self.roles)

    def actor(self) -> Actor:
        """The user as one who acts."""
        return Actor(self.number, self.id, self.name, self.email, self.roles)


BUILT_IN = User(
    ADMINISTRATOR.user_id,
    ADMINISTRATOR.uuid,
    ADMINISTRATOR.name,
    ADMINISTRATOR.email,
    ADMINISTRATOR.roles,
    datetime(2025, 1, 1, tzinfo=UTC),
)


# -- who may what --------------------------------------------------------------------------------------------------


def is_admin(actor: Actor) -> bool:
    """Whether it is an administrator who acts."""
    return ADMIN in actor.roles


def check_sees(actor: Actor, user_id: str) -> None:
    """Others are not found by those who see only what is theirs."""
    if not actor.sees_all and actor.uuid != user_id:
        raise unknown()


def check_changes(actor: Actor, user_id: str) -> None:
    """Only an administrator changes others; for everybody else there are none to change."""
    if not is_admin(actor) and actor.uuid != user_id:
        raise unknown()


def check_grants(actor: Actor, before: Collection[str], after: Collection[str]) -> None:
    """Only an administrator decides about roles; naming those that a user has anyway is no decision."""
    if set(before) != set(after) and not is_admin(actor):
        raise Forbidden("roles: роли назначает только администратор")


def allows_more(before: Collection[str], after: Collection[str]) -> bool:
    """Whether somebody may more with the new roles. An administrator may everything, a manager what all others may; of
    any other role it is taken for granted.
    """
    new = set(after) - set(before)
    if ADMIN in before:
        return False
    return ADMIN in new if MANAGER in before else bool(new)


def shortest_password(stage: str) -> int:
    """How many characters a new password has at least."""
    return 6 if stage == "local" else 8


# -- errors --------------------------------------------------------------------------------------------------------


def not_found(number: int) -> NotFound:
    """No user with that number."""
    return NotFound(f"Пользователь {number} не найден")


def unknown() -> NotFound:
    """No user with that id, or none to be seen."""
    return NotFound("Пользователь не найден")


def email_taken() -> Conflict:
    """Another user has the e-mail, whatever its case."""
    return Conflict("Пользователь с таким email уже существует", code="EMAIL_EXISTS")


class RegistrationClosed(Forbidden):
    """Strangers do not register here."""

    code = "REGISTRATION_CLOSED"
    default_message = "Регистрация закрыта: за учетной записью обратитесь к администратору или менеджеру"


class BadResetToken(AppError):
    """No link carries it, or no longer: it was used, or is over, or the password or the address has changed."""

    code = "INVALID_RESET_TOKEN"
    default_message = "Код недействителен: он использован, просрочен или отменен; запросите новый"


def is_confirmed() -> Conflict:
    """Who has confirmed his address needs no invitation."""
    return Conflict("Пользователь уже подтвердил адрес; забытый пароль: POST /v1/users/password/forgot")


def has_orders() -> Conflict:
    """A user cannot be deleted while orders belong to him."""
    return Conflict("У пользователя есть заказы; чтобы удалить его вместе с ними, укажите cascade=true")


def is_built_in() -> Conflict:
    """The built-in administrator has no record that could change."""
    return Conflict("Встроенного администратора нельзя изменить или удалить")


def is_machine() -> Conflict:
    """The account of an API key: nothing of it changes, and it stays as long as its key."""
    return Conflict("Это учетная запись ключа API, изменить ее нельзя: отзовите ключ и выпустите новый")


def has_api_key() -> Conflict:
    """The account of an API key is deleted once its key is revoked."""
    return Conflict("Это учетная запись ключа API: сначала отзовите ключ")


def has_no_email() -> Conflict:
    """A password without an e-mail would be of no use."""
    return Conflict("У пользователя нет email, без него нельзя войти: сначала укажите email")


def wrong_credentials() -> Unauthorized:
    """No such e-mail, no password set, or another one: the answer does not tell which."""
    return Unauthorized("Неверный email или пароль", code="INVALID_CREDENTIALS", headers={"WWW-Authenticate": "Bearer"})


def wrong_password() -> Unauthorized:
    """The old password is another one."""
    return Unauthorized(
        "old_password: неверный пароль", code="INVALID_CREDENTIALS", headers={"WWW-Authenticate": "Bearer"}
    )


# -- unique values -------------------------------------------------------------------------------------------------


def email_claim(email: str) -> str:
    """The unique value of an e-mail."""
    return f"users#email={email.lower()}"


def login_guesses(email: str) -> str:
    """What wrong passwords are counted under at login: by e-mail, whether or not somebody has it."""
    return f"login#{email.lower()}"


def password_guesses(user_id: str) -> str:
    """The same for the old password that its owner changes."""
    return f"old_password#{user_id}"


def number_claim(number: int) -> str:
    """The unique value of a number."""
    return f"users#number={number}"


def orders_counter(user_id: str) -> str:
    """The counter of a user's orders, by UUID; the list of orders keeps it."""
    return f"orders#user_id={user_id}"
