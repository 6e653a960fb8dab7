"""The attribute `listed` of an item: the values of the fields of its list, and all that the list's indexes project.

The projection of an index can never be changed, and the indexes of a table project a hundred attributes at most. So
each index of each list projects this one attribute, and another field changes no index that exists.

It is a map from short codes of fields to values as attributes have them, null included. So it does not matter in which
order a list declares its fields, and a value that is missing is distinguished from null: the item was written before
the list had the field. `value_of` raises Unfilled then, and a migration writes the attribute (`Listing.index`). The
values that sort keys end with, `created_at` and the id, are not in it. Why codes: with whole names an entry would be
longer than its fields as attributes of their own.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pynamodb.models import Model

from chalicelib.core.conversion import Raw
from chalicelib.core.errors import Unavailable
from chalicelib.core.paging import decode, encode

LISTED = "listed"


class Unfilled(Unavailable):
    """503: an item was written before its list had the field, and the migration that writes its value has not ended."""

    default_message = "Список перестраивается после обновления, повторите запрос позже"


@cache
def code_of(field: str) -> str:
    """Return the code of a field: two characters that follow from its name, so that they never change."""
    return base64.urlsafe_b64encode(zlib.crc32(field.encode()).to_bytes(4))[:2].decode()


def value_of(entry: Raw, field: str) -> str:
    """Return the encoded value of a field of an index entry; Unfilled when the entry does not have it."""
    raw = entry.get(field)  # of its sort key
    if raw is None and LISTED in entry:
        raw = entry[LISTED]["M"].get(code_of(field))
    if raw is None:
        raise Unfilled
    return decode(raw)


class ListedFields:
    """The fields of a list that `listed` has."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._codes = [(code_of(field), field) for field in fields]
        if len(dict(self._codes)) < len(fields):
            raise ValueError(f"two of the fields {', '.join(fields)} have the same code: rename one")

    def of(self, item: Model, changes: Mapping[str, Any] | None = None) -> Raw:
        """Return `listed` of an item, whose fields get the values of `changes`."""
        values: Mapping[str, Any] = {**item.attribute_values, **(changes or {})}
        return {"M": {code: _typed(values.get(name)) for code, name in self._codes}}


def _typed(value: Any) -> Raw:
    if type(value) is str:  # what most are
        return {"S": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": encode(value)}
