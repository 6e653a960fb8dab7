"""Event types and the code agree: each recorded event has a type, and each type is recorded."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import chalicelib
from chalicelib.events.types import EVENT_TYPES
from chalicelib.wiring.listeners import LISTENERS

CODE = Path(chalicelib.__file__).parent
NOUNS = {name.partition(".")[0] for name in EVENT_TYPES}
NOT_RECORDING = {CODE / "wiring" / "listeners.py", CODE / "events" / "types.py"}


def named() -> Iterator[str]:
    """Yield texts in the code that look like event names; `report.*` for a name that is completed at run time."""
    for path in set(CODE.rglob("*.py")) - NOT_RECORDING:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (text := _text(node)) and _is_name(text):
                yield text


def recorded() -> Iterator[str]:
    """Yield those that are passed to a function that records events."""
    for path in set(CODE.rglob("*.py")) - NOT_RECORDING:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in (
                "record",
                "record_many",
                "record_event",
                "_record_step_event",
            ):
                yield from (text for argument in node.args if _is_name(text := _text(argument)))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _is_name(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z_]+\.[a-z_*]+", text)) and text.partition(".")[0] in NOUNS


def test_every_event_that_is_recorded_is_in_the_catalog() -> None:
    assert {name for name in recorded() if not name.endswith("*")} - set(EVENT_TYPES) == set()


def test_every_event_of_the_catalog_is_recorded() -> None:
    found = set(named())
    open_ended = tuple(name.rstrip("*") for name in found if name.endswith("*"))
    assert {name for name in EVENT_TYPES if name not in found and not name.startswith(open_ended)} == set()


def test_every_listener_listens_to_an_event_of_the_catalog() -> None:
    assert set(LISTENERS) - set(EVENT_TYPES) == set()


def test_the_catalog_says_which_events_have_a_listener() -> None:
    assert {name for name, kind in EVENT_TYPES.items() if kind.has_listener} == set(LISTENERS)
