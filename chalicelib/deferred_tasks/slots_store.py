"""Table `deferred_slots`: the invocations of `run_outside` in which tasks of a user are running."""

from collections.abc import Collection
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import table, update_if
from chalicelib.core.reads import read_together

PREFIX = "call_"  # of the attributes that are slots


@table("deferred_slots")
class SlotsItem(Model):
    """The slots of a user (number as text): how many are `taken`, and an attribute for each, named after its
    invocation, with the end of its lease.
    """

    user = UnicodeAttribute(hash_key=True)
    taken = NumberAttribute(default=0)


def read(user_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """Read the slots of users: which invocations have them, and until when."""
    found = read_together((SlotsItem, str(user_id), None) for user_id in sorted(user_ids)).values()
    return {
        int(raw["user"]["S"]): {
            name: clock.from_text(value["S"]) for name, value in raw.items() if name.startswith(PREFIX)
        }
        for raw in found
    }


def take(user_id: int, call: str, until: datetime, limit: int) -> bool:
    """Take a slot of a user for an invocation; return False when `limit` are taken or it has one."""
    free = Path(call).does_not_exist() & (Path("taken").does_not_exist() | (Path("taken") < limit))
    return update_if(SlotsItem(str(user_id)), [Path("taken").add(1), Path(call).set(clock.to_text(until))], free)


def give_back(user_id: int, call: str) -> None:
    """Free the slot of an invocation, if it has one."""
    update_if(SlotsItem(str(user_id)), [Path("taken").add(-1), Path(call).remove()], Path(call).exists())
