"""The numbers of shards of lists and counters: parameters of the stack that belong to its data.

With few shards a list needs fewer requests; with many a table takes more writes a second. Only the shards below the
number are read, so a stack keeps the numbers that its data was written with. They may be raised; a deployment that
lowers them is refused.
"""

from collections.abc import Mapping

from infra.names import Json

PARAMETERS = ("ListingShards", "CounterShards")
WITHOUT_PARAMETERS = {"ListingShards": 6, "CounterShards": 16}  # stacks of the first release, without these parameters
LOCAL = {"ListingShards": 1, "CounterShards": 1}
MAX_SHARDS = 64
_DESCRIPTIONS = {
    "ListingShards": "Partitions of each index of a list; make deploy refuses lower numbers, which would hide data",
    "CounterShards": "Items of each counter; make deploy refuses lower numbers, which would lose counts",
}


class TooFewShards(Exception):
    """A deployment would hide the data in the shards that it drops."""


def parameters(stage: str) -> Json:
    """Return the parameters of the template; the defaults are for a new stack."""
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
    """Return what an update of a stack (as DescribeStacks has it) has to send for the parameters that are not given.

    An update uses the template's default for a parameter that is not sent. TooFewShards when a given number is below
    the current one.
    """
    present = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack.get("Parameters", ())}
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
