"""The template itself: what CloudFormation refuses."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.rule import rule
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
QUOTAS = "AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"


def _grow(stack: Stack) -> None:
    stack.template["Metadata"] = {"More": "x" * 1_000_000}


@rule("A template has 1 MB", QUOTAS, _grow)
def template_size(stack: Stack) -> Iterator[str]:
    """In S3, before and after the SAM transform; as text in the call it would have 51,200 bytes."""
    size = len(json.dumps(stack.template, ensure_ascii=False).encode())
    if size > 1_000_000:
        yield f"{size} bytes"


def _add_topics(stack: Stack) -> None:
    stack.resources.update({f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(500)})


@rule("A template has 500 resources", QUOTAS, _add_topics)
def number_of_resources(stack: Stack) -> Iterator[str]:
    """After the SAM transform, which adds permissions, mappings and deployments."""
    if len(stack.resources) > 500:
        yield f"{len(stack.resources)} resources"


def _add_parameters(stack: Stack) -> None:
    stack.template["Parameters"].update({f"More{number}": {"Type": "String"} for number in range(200)})


@rule("A template has 200 parameters and 200 outputs", QUOTAS, _add_parameters)
def number_of_parameters(stack: Stack) -> Iterator[str]:
    """And a value of a parameter 4,096 bytes."""
    for part in ("Parameters", "Outputs"):
        if len(stack.template.get(part, {})) > 200:
            yield part
    defaults = {name: str(one.get("Default", "")) for name, one in stack.template["Parameters"].items()}
    yield from (name for name, value in defaults.items() if len(value.encode()) > 4_096)


def _misname(stack: Stack) -> None:
    stack.resources["With-Dash"] = {"Type": "AWS::SNS::Topic"}


@rule("A logical id is letters and digits", QUOTAS, _misname)
def logical_ids(stack: Stack) -> Iterator[str]:
    """255 of them."""
    for part in ("Parameters", "Conditions", "Resources", "Outputs"):
        yield from (name for name in stack.template.get(part, {}) if not re.fullmatch("[A-Za-z0-9]{1,255}", name))


def _describe_at_length(stack: Stack) -> None:
    stack.template["Description"] = "я" * 600


@rule("The description of a template has 1,024 bytes", QUOTAS, _describe_at_length)
def description_size(stack: Stack) -> Iterator[str]:
    """In UTF-8."""
    if len(stack.template.get("Description", "").encode()) > 1_024:
        yield "Description"


def _references(value: Any) -> Iterator[str]:
    """The logical ids that a part of the template refers to."""
    if isinstance(value, list):
        for one in value:
            yield from _references(one)
    if not isinstance(value, dict):
        return
    for key, of in value.items():
        if key == "Ref":
            yield of
        elif key == "Fn::GetAtt":
            yield of[0] if isinstance(of, list) else of.split(".")[0]
        elif key == "Fn::Sub":
            text, given = of if isinstance(of, list) else (of, {})
            yield from (name for name in re.findall(r"\$\{(\w+)[.}]", text) if name not in given)
            yield from _references(given)
        elif key == "DependsOn":
            yield from [of] if isinstance(of, str) else of
        else:
            yield from _references(of)


def _refer_to_nothing(stack: Stack) -> None:
    next(iter(stack.resources.values()))["DependsOn"] = "Nothing"


@rule(
    "A reference names a resource or a parameter",
    "AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html",
    _refer_to_nothing,
)
def references_exist(stack: Stack) -> Iterator[str]:
    """Of this template."""
    known = {*stack.resources, *stack.template["Parameters"]}
    for part in ("Resources", "Outputs"):
        for name, one in stack.template[part].items():
            definition = one.get("Properties", {}).get("DefinitionSubstitutions", {})
            found = {each for each in _references(one) if not each.startswith("AWS::")}
            yield from (f"{name}: {each}" for each in sorted(found - known - {*definition}))


def _refer_in_a_circle(stack: Stack) -> None:
    first, second = [*stack.resources.values()][:2]
    names = [*stack.resources][:2]
    first["DependsOn"], second["DependsOn"] = names[1], names[0]


@rule(
    "Resources do not wait for each other in a circle",
    "AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-circular-dependency",
    _refer_in_a_circle,
)
def no_circles(stack: Stack) -> Iterator[str]:
    """The whole template is refused."""
    waits = {name: {*_references(one)} & {*stack.resources} for name, one in stack.resources.items()}
    while done := {name for name, others in waits.items() if not others}:
        waits = {name: others - done for name, others in waits.items() if name not in done}
    if waits:
        yield f"among {sorted(waits)}"


def _depend_on_a_condition(stack: Stack) -> None:
    name = next(name for name, one in stack.resources.items() if "Condition" not in one)
    conditional = next(name for name, one in stack.resources.items() if "Condition" in one)
    stack.resources[name].setdefault("Metadata", {})["Of"] = {"Ref": conditional}


@rule(
    "What exists under a condition is referred to under the same one",
    "AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-validation-error",
    _depend_on_a_condition,
)
def conditional_references(stack: Stack) -> Iterator[str]:
    """Or inside an `Fn::If` of that condition, or under one of which it is a part."""
    conditions = {name: one["Condition"] for name, one in stack.resources.items() if "Condition" in one}
    for part in ("Resources", "Outputs"):
        for name, one in stack.template[part].items():
            for other in {*_references(_without_choices(one))} & {*conditions}:
                own = one.get("Condition")
                parts = stack.template["Conditions"].get(own, {}).get("Fn::And", ())
                if conditions[other] != own and {"Condition": conditions[other]} not in parts:
                    yield f"{name} refers to {other}"


def _without_choices(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_choices(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_choices(one) for key, one in value.items() if key != "Fn::If"}
    return value
