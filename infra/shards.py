"""Over how many partitions a list and a counter are spread: parameters of the stack that stay with its data.

A stack that gets few shards costs fewer requests for each list; one with many takes more writes a second. Items and
counters are found only in the shards that are read, so a stack keeps the numbers that its data was written with. They
may be raised; a deployment that lowers them is refused.
"""

from collections.abc import Mapping

from infra.names import Json

PARAMETERS = ("ListingShards", "CounterShards")
WITHOUT_PARAMETERS = {"ListingShards": 6, "CounterShards": 16}  # stacks of the first release, which had none
LOCAL = {"ListingShards": 1, "CounterShards": 1}
MAX_SHARDS = 64
_DESCRIPTIONS = {
    "ListingShards": "Partitions of each index of a list; never to be lowered once there is data",
    "CounterShards": "Items of each counter; never to be lowered once there is data",
}


class TooFewShards(Exception):
    """A deployment would hide what is written in the shards that it drops."""


def parameters(stage: str) -> Json:
    """The parameters of the template; the defaults are those of a new stack."""
    defaults = LOCAL if stage == "local" else WITHOUT_PARAMETERS
    return {
        name: {
            "Type": "Number",
            "Default": defaults[name],
            "MinValue": 1,
            "MaxValue": MAX_SHARDS,
            "Description": _DESCRIPTIONS[name],
        }
        for name in PARAMETERS
    }


def for_update(stack: Json, given: Mapping[str, str]) -> list[Json]:
    """What an update of a stack (as DescribeStacks has it) has to send for the parameters that are not given.

    An update takes the template's default for a parameter that is not sent. Raises TooFewShards for a given number
    below the present one.
    """
    present = {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", ())}
    for name in PARAMETERS:
        before = int(present.get(name, WITHOUT_PARAMETERS[name]))
        if int(given.get(name, before)) < before:
            raise TooFewShards(f"{name} is {before} and cannot be lowered: what is in the other shards would be lost")
    return [
        {"ParameterKey": name, "UsePreviousValue": True}
        if name in present
        else {"ParameterKey": name, "ParameterValue": str(WITHOUT_PARAMETERS[name])}
        for name in PARAMETERS
        if name not in given
    ]
