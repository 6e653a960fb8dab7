"""What travels about users. A password comes in and never goes out; its hash does neither."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from chalicelib.core.envelope import Data, DataPage
from chalicelib.core.fields import Cursor, Email, Input, Name, Output
from chalicelib.core.settings import settings
from chalicelib.users import model

SHORTEST, LONGEST = model.shortest_password("local"), 200


def _long_enough(text: str) -> str:
    shortest = model.shortest_password(settings().stage)
    if len(text) < shortest:
        raise PydanticCustomError("string_too_short", "длина не меньше {min_length}", {"min_length": shortest})
    return text


Password = Annotated[str, Field(strict=True, min_length=SHORTEST, max_length=LONGEST), AfterValidator(_long_enough)]
"""8 to 200 characters of any kind, on the local stage 6, kept as they are sent, blanks included."""

Role = Literal["admin", "manager", "engineer", "executive", "customer", "user"]


def _once(roles: list[str]) -> list[str]:
    return list(dict.fromkeys(roles))


Roles = Annotated[list[Role], Field(min_length=1, max_length=20), AfterValidator(_once)]
"""At least one role; one that is named twice counts once."""


class Secretive(Input):
    """A body with a password: what is wrong with it never shows what was sent."""

    model_config = ConfigDict(hide_input_in_errors=True)


class UserCreate(Secretive):
    """A new user. Without a password he cannot log in until one is set."""

    email: Email
    name: Name
    roles: Roles | None = None
    password: Password | None = None


class UserUpdate(Input):
    """What changes; null is the same as absent."""

    email: Email | None = None
    name: Name | None = None
    roles: Roles | None = None


class ProfileUpdate(Input):
    """What a user changes about himself; null is the same as absent."""

    email: Email | None = None
    name: Name | None = None


class NewPassword(Secretive):
    """A password that an administrator sets."""

    password: Password


class PasswordChange(Secretive):
    """A password that its owner changes."""

    old_password: Annotated[str, Field(strict=True, max_length=LONGEST)]
    new_password: Password


class ForgottenPassword(Input):
    """Whose password is forgotten."""

    email: Email


class PasswordReset(Secretive):
    """What a link carried, and the password to be."""

    token: Annotated[str, Field(strict=True, min_length=1, max_length=200)]
    password: Password


class Registration(Secretive):
    """A new user, who makes himself known."""

    email: Email
    password: Password
    name: Name


class Credentials(Secretive):
    """A login. Any text may be tried: what cannot be right is simply wrong."""

    email: Annotated[str, Field(strict=True, min_length=1, max_length=254)]
    password: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST)]


class AdminRequest(Secretive):
    """What `make admin` asks for. `existing`: the account may be there; `keep_password`: and keeps the one it has."""

    email: Email
    name: Name | None = None
    password: Password
    existing: bool = False
    keep_password: bool = False


class UserView(Output):
    """A user as clients see him; `email` is null for one who was made without.

    `email_confirmed`: he has set a password by a link that was sent there, so the address is his.
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
    """A token, and whose it is."""

    token: str
    user: UserView


class Told(Output):
    """What will happen."""

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
ToldData = Data[Told]
