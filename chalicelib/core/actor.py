"""The one who acts. Pure, so that rules may speak of actors."""

from collections.abc import Collection
from dataclasses import dataclass

ROLES = ("admin", "manager", "engineer", "executive", "customer", "user")
ADMIN = "admin"
KEY_PREFIX = "sf_"  # an API key begins with it, a token never does
OWN_ONLY = frozenset({"user", "customer"})  # roles that see their own things alone


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: number, UUID, name, e-mail (None for a user without one) and roles."""

    user_id: int
    uuid: str
    name: str
    email: str | None
    roles: tuple[str, ...]

    @property
    def sees_all(self) -> bool:
        """Whether reports and tasks of others are shown too."""
        return not OWN_ONLY.issuperset(self.roles)

    def sees_secrets_of(self, user_id: int) -> bool:
        """Whether the secrets in what that user has sent are shown: to himself and to administrators."""
        return user_id == self.user_id or ADMIN in self.roles


def listed(roles: Collection[str]) -> str:
    """Roles as a text names them, the one that may most first."""
    return ", ".join(role for role in ROLES if role in roles)


ADMINISTRATOR = Actor(1, "00000000-0000-4000-8000-000000000001", "Администратор", "admin@shopfloor.local", ("admin",))
ANONYMOUS = Actor(0, "00000000-0000-0000-0000-000000000000", "", None, ())
