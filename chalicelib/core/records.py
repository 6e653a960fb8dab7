"""Conversion of a dataclass to the item of its table and back: fields have the names of the attributes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from pynamodb.models import Model

from chalicelib.core import clock, texts
from chalicelib.core.conversion import new_item

R = TypeVar("R")
M = TypeVar("M", bound=Model)

Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How the value of a field is written to an attribute, and read from it; None is an absent attribute."""


def to_json(value: Any) -> str:
    """Return the JSON that items have."""
    return json.dumps(value, ensure_ascii=False)


JSON: Codec = (to_json, json.loads)
OPTIONAL_JSON: Codec = (
    lambda value: None if value is None else to_json(value),
    lambda text: json.loads(text) if text else None,
)
LANGUAGE: Codec = (
    lambda code: None if code == texts.DEFAULT else code,
    lambda code: code or texts.DEFAULT,
)
"""Absent in an item of the default language, as in those of earlier releases."""
MOMENT: Codec = (
    lambda moment: clock.to_text(moment) if moment else None,
    lambda text: clock.from_text(text) if text else None,
)


class Records(Generic[R, M]):
    """Converts records of a dataclass. Fields of the type datetime are texts in the item; `codecs` says how others are
    written that the item has as another type, `renamed` which attributes have another name than their field.
    """

    def __init__(
        self, record: type[R], item: type[M], codecs: Mapping[str, Codec] = {}, renamed: Mapping[str, str] = {}
    ) -> None:
        hints = get_type_hints(record)
        moments = {name for name, hint in hints.items() if datetime in (hint, *get_args(hint))}
        known = {**dict.fromkeys(moments, MOMENT), **codecs}
        names = [field.name for field in fields(record)]  # type: ignore[arg-type]
        self._record, self._item = record, item
        self._fields = [(name, renamed.get(name, name), known.get(name)) for name in names]

    def item_of(self, record: R, **more: Any) -> M:
        """Return the item of a record, with attributes that are no fields of it."""
        values = {
            attribute: codec[0](getattr(record, name)) if codec else getattr(record, name)
            for name, attribute, codec in self._fields
        }
        return new_item(self._item, **values, **more)

    def record_of(self, item: M) -> R:
        """Return the record that an item holds."""
        values = {
            name: codec[1](getattr(item, attribute)) if codec else getattr(item, attribute)
            for name, attribute, codec in self._fields
        }
        return self._record(**values)
