"""Table `quotas`: the use of each user in a day.

Key: the day with one of a few shards, which spread the writes of a day over partitions, then the number of the user.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core.dynamo import fetch, query, table
from chalicelib.core.transactions import Transaction
from chalicelib.quotas import model

SHARDS = 4
RETENTION = timedelta(days=40)


@table("quotas", ttl="expires_at")
class UseItem(Model):
    """The use of a user in a day."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    emails = NumberAttribute(default=0)
    sms = NumberAttribute(default=0)
    callbacks = NumberAttribute(default=0)
    long_tasks = NumberAttribute(default=0)
    reports = NumberAttribute(default=0)
    uploads = NumberAttribute(default=0)
    background_tasks = NumberAttribute(default=0)
    expires_at = NumberAttribute(default=0)

    @property
    def user_id(self) -> int:
        """The number of the user."""
        return int(self.sk)

    @property
    def used(self) -> dict[str, int]:
        """The use of each quota."""
        return {name: int(getattr(self, name)) for name in model.DEFAULTS}


def find(user_id: int, day: date) -> UseItem:
    """The use of a user in a day."""
    return fetch(UseItem, *_key(user_id, day)) or UseItem(*_key(user_id, day))


def of_day(day: date) -> Iterator[UseItem]:
    """Yield the use of all users in a day, by shard."""
    for shard in range(SHARDS):
        yield from query(UseItem, _partition(day, shard))


def add(
    tx: Transaction, user_id: int, day: date, amounts: Mapping[str, int], limits: Mapping[str, int], error: Exception
) -> None:
    """Add to the use of a user; `error` above a limit."""
    actions: list[Action] = [Path(name).add(amount) for name, amount in amounts.items()]
    actions.append(Path("expires_at").set(int((model.end_of(day) + RETENTION).timestamp())))
    condition: Condition | None = None
    for name, amount in amounts.items():
        fits = Path(name).does_not_exist() | (Path(name) <= limits[name] - amount)
        condition = fits if condition is None else condition & fits
    tx.update(UseItem(*_key(user_id, day)), actions, condition=condition, error=error)


def day_of(item: UseItem) -> date:
    """Return the day of an item."""
    return date.fromisoformat(item.pk.partition("#")[0])


def _key(user_id: int, day: date) -> tuple[str, str]:
    return _partition(day, user_id % SHARDS), f"{user_id:012d}"


def _partition(day: date, shard: int) -> str:
    return f"{day.isoformat()}#{shard}"
