"""Table `deferred_slots`: the calls of `run_outside` in which tasks of a user are under way."""

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
    """The slots of a user, by number as text: how many are `taken`, and for each, under the name of the call that has
    it, when its lease ends.
    """

    class Meta:
        pass

    user = UnicodeAttribute(hash_key=True)
    taken = NumberAttribute(default=0)


def held(user_ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """The slots of users: which calls have them, and until when."""
    found = read_together((SlotsItem, str(user_id), None) for user_id in sorted(user_ids)).values()
    return {
        int(raw["user"]["S"]): {
            name: clock.from_text(value["S"]) for name, value in raw.items() if name.startswith(PREFIX)
        }
        for raw in found
    }


def take(user_id: int, call: str, until: datetime, most: int) -> bool:
    """Take a slot of a user for a call, unless `most` are taken or it has one."""
    free = Path(call).does_not_exist() & (Path("taken").does_not_exist() | (Path("taken") < most))
    return update_if(SlotsItem(str(user_id)), [Path("taken").add(1), Path(call).set(clock.to_text(until))], free)


def give_back(user_id: int, call: str) -> None:
    """Free the slot that a call has; nothing happens when it has none."""
    update_if(SlotsItem(str(user_id)), [Path("taken").add(-1), Path(call).remove()], Path(call).exists())
