"""The actor of a use case. Pure, so that model.py may use it."""

from collections.abc import Collection
from dataclasses import dataclass

ROLES = ("admin", "manager", "engineer", "executive", "customer", "user")
ADMIN = "admin"
KEY_PREFIX = "sf_"  # an API key starts with it, a token never does
OWN_ONLY = frozenset({"user", "customer"})  # roles that see only their own data


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of a use case: number, UUID, name, email (None for a user without one) and roles."""

    user_id: int
    uuid: str
    name: str
    email: str | None
    roles: tuple[str, ...]

    @property
    def sees_all(self) -> bool:
        """Whether the actor sees the reports and tasks of others too."""
        return not OWN_ONLY.issuperset(self.roles)

    def sees_secrets_of(self, user_id: int) -> bool:
        """Return whether the actor sees the secrets in the data of a user: that user and administrators do."""
        return user_id == self.user_id or ADMIN in self.roles


def listed(roles: Collection[str]) -> str:
    """Return roles as one text, the most powerful first."""
    return ", ".join(role for role in ROLES if role in roles)


ADMINISTRATOR = Actor(1, "00000000-0000-4000-8000-000000000001", "Администратор", "admin@shopfloor.local", ("admin",))
ANONYMOUS = Actor(0, "00000000-0000-0000-0000-000000000000", "", None, ())
