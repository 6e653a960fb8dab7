"""A rule of AWS, and the table of all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.contract.aws_rules.stack import Stack

Check = Callable[[Stack], Iterator[str]]
Change = Callable[[Stack], None]


@dataclass(frozen=True)
class Rule:
    """A row: what holds on AWS, the page that says so, the check, and a change that makes a good template break it."""

    says: str
    source: str
    faults: Check
    breaks: Change


RULES: list[Rule] = []


def rule(says: str, source: str, breaks: Change) -> Callable[[Check], Check]:
    """Add a check, which yields what is wrong, to the table. `source` is a page of docs.aws.amazon.com."""

    def add(check: Check) -> Check:
        RULES.append(Rule(says, f"https://docs.aws.amazon.com/{source}", check, breaks))
        return check

    return add


def setting(kind: str, path: str, value: object) -> Change:
    """The change of one value in the first resource of a type; `path` leads to it from the properties, with dots."""

    def change(stack: Stack) -> None:
        place = next(iter(stack.of_type(kind).values()))
        *parts, last = path.split(".")
        for part in parts:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        place[int(last) if isinstance(place, list) else last] = value

    return change
