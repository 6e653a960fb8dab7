"""The parameters of an update: what is given, and everything else as it was."""

import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from zoneinfo import available_timezones

from infra import shards
from infra.deploying.failures import DeployFailed
from infra.names import Json

TOPIC = "AlarmTopicArn"
PROTECTION = "DeletionProtection"
ZONE = "TimeZone"
_EXAMPLE = """SET='Name=value Other="value with blanks"'"""


def given(text: str) -> dict[str, str]:
    """Return the parameters in `Name=value Other="value with blanks"`, the variable `SET` of make.

    DeployFailed: it cannot be read, or a value is one that CloudFormation would accept and every function refuse.
    """
    try:
        items = shlex.split(text)
    except ValueError as error:
        raise DeployFailed(f"SET cannot be read, {error}: {_EXAMPLE}") from error
    if without := next((item for item in items if "=" not in item), None):
        raise DeployFailed(f"{without} has no value: {_EXAMPLE}")
    found: dict[str, str] = dict(item.partition("=")[::2] for item in items)
    zone = found.get(ZONE, "UTC")
    if zone not in available_timezones():
        near = get_close_matches(zone, available_timezones(), n=1, cutoff=0.5)
        raise DeployFailed(f"{ZONE}={zone} is no time zone{f': is {near[0]} meant?' if near else ''}")
    return found


def to_send(template: Json, stack: Json | None, given: Mapping[str, str]) -> list[Json]:
    """Return the parameters of a change set by this template. `stack` is what DescribeStacks says; None: a new one.

    An update takes the template's default for a parameter that is not sent, so each one that the stack has is sent.
    """
    known: Json = template.get("Parameters", {})
    for name in given:
        if name not in known:
            raise DeployFailed(_unknown(name, known))
    sent = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    if stack is None:
        return sent
    try:
        of_shards = shards.for_update(stack, given)
    except (shards.TooFewShards, ValueError) as error:
        raise DeployFailed(str(error)) from error
    sent += [one for one in of_shards if one["ParameterKey"] in known]
    named = {one["ParameterKey"] for one in sent}
    kept = [name for name in present(stack) if name in known and name not in named]
    return [*sent, *({"ParameterKey": name, "UsePreviousValue": True} for name in kept)]


def present(stack: Json | None) -> dict[str, str]:
    """Return the parameters of a stack; those without echo have asterisks."""
    return {one["ParameterKey"]: one["ParameterValue"] for one in (stack or {}).get("Parameters", ())}


def protection(template: Json, given: Mapping[str, str]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return what is given to a new stack without protected tables, and what is given then; nothing: they stay so."""
    default = template.get("Parameters", {}).get(PROTECTION, {}).get("Default")
    if given.get(PROTECTION, default) != "true":
        return given, {}
    return {**given, PROTECTION: "false"}, {**given, PROTECTION: "true"}


def refuse_without_alarms(stage: str, stack: Json | None, given: Mapping[str, str]) -> None:
    """DeployFailed: production would run without a topic that receives its alarms."""
    if stage == "prod" and not given.get(TOPIC, present(stack).get(TOPIC, "")):
        raise DeployFailed(
            f'prod has no topic for its alarms: SET="{TOPIC}=arn:aws:sns:..." names one, ALARMS=0 deploys without'
        )


def _unknown(name: str, known: Json) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5) or get_close_matches(
        name.lower(), [one.lower() for one in known], n=1, cutoff=0.5
    )
    spelled = next((one for one in known if near and one.lower() == near[0].lower()), None)
    hint = f"is {spelled} meant?" if spelled else f"there are {', '.join(sorted(known))}"
    return f"there is no parameter {name}: {hint}"
