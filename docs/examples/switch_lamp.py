"""The deferred task type `switch_lamp`."""

from pydantic import PositiveInt

from chalicelib.core.fields import Input
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.registry import Result, task_type

LAMPS = 8


class Lamp(Input):
    """The payload of `switch_lamp`."""

    number: PositiveInt


@task_type("switch_lamp")
def switch_lamp(payload: Lamp) -> Result:
    """Switch a lamp on."""
    if payload.number > LAMPS:
        raise Failure("Такой лампы нет", final=True)
    return {"lamp": payload.number, "is": "on"}
