"""Which lists may be read: those whose old items all have what the code reads (chalicelib/migrations).

Table `migrations`, one item: the number of the last migration that is applied, and the state of the next one. A list
knows which migration has filled each of its fields. A request that needs a later one than is applied is answered 503
instead of a list that lacks items. A process that has seen its migration applied reads the item again after some
minutes only: the number grows, except that `make restore` sets it back. That pauses all work for a longer time.
"""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import table
from chalicelib.core.errors import Unavailable
from chalicelib.core.reads import get_raw
from chalicelib.core.texts import text

STATE = "state"
RETRY_AFTER_SECONDS = 30
VALID_SECONDS = 600


@table("migrations")
class MigrationsItem(Model):
    """The state of all migrations. `run` and `history` are JSON; `percent` is of the current one."""

    id = UnicodeAttribute(hash_key=True, default=STATE)
    applied = NumberAttribute(default=0)
    percent = NumberAttribute(default=0)
    run = UnicodeAttribute(null=True)
    history = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    version = NumberAttribute(default=0)


class NotReady(Unavailable):
    """503: a migration gives old items what this list reads."""

    code = "LIST_NOT_READY"

    def __init__(self, percent: int) -> None:
        done = text(" (готово {percent} %)", percent=percent) if percent else ""
        super().__init__(
            text(
                "Список готовится после обновления системы{done}: сейчас в нем были бы не все записи, повторите позже",
                done=done,
            ),
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )


class Seen:
    """The last applied migration that this process has read of, and until when that is valid."""

    applied = 0
    until = 0.0


def require(migration: int) -> None:
    """Raise NotReady unless the migration with that number is applied."""
    now = clock.now().timestamp()
    if migration > Seen.applied or now >= Seen.until:
        raw = get_raw((MigrationsItem, STATE, None)) or {}
        Seen.applied = int(raw["applied"]["N"]) if "applied" in raw else 0
        Seen.until = now + VALID_SECONDS
        if migration > Seen.applied:
            raise NotReady(int(raw["percent"]["N"]) if "percent" in raw else 0)
