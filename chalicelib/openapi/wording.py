"""The words of the document: what parameters, fields, models and events mean, and the language that they are shown in.

Texts are Russian, in this package, in `descriptions/*.toml` and in the docstrings of handlers. Their English is in
`translations/en/openapi*.toml`, paragraph by paragraph.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib import roles
from chalicelib.core import texts

FOLDER = Path(__file__).parent / "descriptions"
ROLES = {
    "admin": "администратор",
    "manager": "менеджер",
    "engineer": "инженер",
    "executive": "руководитель",
    "customer": "заказчик",
    "user": "пользователь",
}


@cache
def table(name: str) -> Mapping[str, str]:
    """Return the descriptions of `parameters`, `fields`, `models` or `events` by name."""
    found: Mapping[str, str] = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return found


@cache
def _english() -> Mapping[str, str]:
    return texts.entries(document=True)


def said(russian: str, **values: Any) -> str:
    """Return a text in the current language, with the values in place of its `{names}`."""
    if texts.current() == texts.ENGLISH:
        russian = "\n\n".join(_english().get(part, part) for part in russian.split("\n\n"))
    return russian.format_map(values) if values else russian


def of_parameter(operation: str, name: str) -> str | None:
    """Return what a parameter of an operation means."""
    return _of("parameters", operation, name)


def of_field(model: str, name: str) -> str | None:
    """Return what a field of a model means."""
    return _of("fields", model, name)


def of_model(name: str) -> str | None:
    """Return what a model is."""
    found = table("models").get(name)
    return said(found) if found else None


def of_event(name: str) -> str:
    """Return when an event occurs."""
    return said(table("events")[name])


def of_roles(endpoint: str, *, public: bool) -> str:
    """Return who may call an endpoint."""
    if public:
        return said("Токен не нужен.")
    cells = roles.rows()[endpoint]
    all_data = ", ".join(said(ROLES[role]) for role, cell in cells.items() if cell == "x")
    own_data = ", ".join(said(ROLES[role]) for role, cell in cells.items() if cell == "own")
    if all(cell == "x" for cell in cells.values()):
        return said("Роли: все.")
    if own_data:
        return said("Роли: {all_data}; только со своими данными: {own_data}.", all_data=all_data, own_data=own_data)
    return said("Роли: {all_data}.", all_data=all_data)


def _of(kind: str, owner: str, name: str) -> str | None:
    found = table(kind).get(f"{owner}.{name}") or table(kind).get(name)
    return said(found) if found else None
