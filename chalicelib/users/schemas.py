"""Request and response models of users. No response has a password or its hash."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Email, Input, Name, Output
from chalicelib.core.settings import settings
from chalicelib.core.validation import broken_rule
from chalicelib.users import model

MIN_LENGTH, MAX_LENGTH = model.min_password_length("local"), 200


def _long_enough(text: str) -> str:
    minimum = model.min_password_length(settings().stage)
    if len(text) < minimum:
        raise broken_rule("string_too_short", "длина не меньше {min_length}", min_length=minimum)
    return text


Password = Annotated[
    str, Field(strict=True, min_length=MIN_LENGTH, max_length=MAX_LENGTH), AfterValidator(_long_enough)
]
"""8 to 200 characters of any kind, at least 6 on the local stage, unchanged, blanks included."""

Role = Literal["admin", "manager", "engineer", "executive", "customer", "user"]


def _without_duplicates(roles: list[str]) -> list[str]:
    return list(dict.fromkeys(roles))


Roles = Annotated[list[Role], Field(min_length=1, max_length=20), AfterValidator(_without_duplicates)]
"""At least one role; duplicates are removed."""


class SecretInput(Input):
    """A body with a password: its validation errors never show the input."""

    model_config = ConfigDict(hide_input_in_errors=True)


class UserCreate(SecretInput):
    """A new user. Without a password the user cannot log in until one is set."""

    email: Email
    name: Name
    roles: Roles | None = None
    password: Password | None = None


class UserUpdate(Input):
    """The fields to change; null is the same as absent."""

    email: Email | None = None
    name: Name | None = None
    roles: Roles | None = None


class ProfileUpdate(Input):
    """The own fields to change; null is the same as absent."""

    email: Email | None = None
    name: Name | None = None


class NewPassword(SecretInput):
    """A password that an administrator sets."""

    password: Password


class PasswordChange(SecretInput):
    """A change of the own password."""

    old_password: Annotated[str, Field(strict=True, max_length=MAX_LENGTH)]
    new_password: Password


class ForgottenPassword(Input):
    """The email of a user who forgot the password."""

    email: Email


class PasswordReset(SecretInput):
    """The token of a link, and the new password."""

    token: Annotated[str, Field(strict=True, min_length=1, max_length=200)]
    password: Password


class Registration(SecretInput):
    """The registration of a new user."""

    email: Email
    password: Password
    name: Name


class Credentials(SecretInput):
    """A login. Any text is allowed: a text that cannot be a password is a wrong password."""

    email: Annotated[str, Field(strict=True, min_length=1, max_length=254)]
    password: Annotated[str, Field(strict=True, min_length=1, max_length=MAX_LENGTH)]


class AdminRequest(SecretInput):
    """A request of `make admin`. `existing`: the account may exist; `keep_password`: it keeps its password."""

    email: Email
    name: Name | None = None
    password: Password
    existing: bool = False
    keep_password: bool = False


class UserView(Output):
    """A user; `email` is null for a user created without one.

    `email_confirmed`: the user has set a password by a link that was sent to the address.
    """

    id: UUID
    number: int
    email: str | None
    email_confirmed: bool
    name: str
    roles: list[str]
    created_at: datetime
    updated_at: datetime | None
    is_machine: bool


class SignedIn(Output):
    """A token and its user."""

    token: str
    user: UserView


class Message(Output):
    """What will happen, as a text."""

    message: str


class UserQuery(Input):
    """The list of users, newest first unless `sort_direction=ASC`; `email` in any case."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None
    email: Email | None = None
    sort_direction: Literal["ASC", "DESC"] = "DESC"


UserData = Data[UserView]
UserPage = DataPage[UserView]
SignedInData = Data[SignedIn]
MessageData = Data[Message]
