"""A cache of the JSON of stored items. Used by the fast paths `query` and `reads`.

Most of what a read costs is the encoding of its items. An item that is stored is never changed: a write puts another
in its place. So its text stays right until then, as long as the item itself is kept beside it. A full
cache is emptied, so the memory is bounded.
"""

import json
from typing import Any

MAX_CHARACTERS = 8_000_000
MAX_TEXT = 50_000
"""Longer texts are not kept."""

Item = dict[str, Any]


class Texts:
    """The texts of items: whole, and as an index shows them."""

    def __init__(self, dynamodb: Any) -> None:
        self._kept: dict[int, tuple[Item, dict[int, tuple[Any, str]]]] = {}  # by the identity of item and index
        self._characters = 0
        self._set_item, self._remove_item = dynamodb._set_item, dynamodb._remove_item
        dynamodb._set_item, dynamodb._remove_item = self.set_item, self.remove_item

    def of(self, item: Item, index: Item | None = None, keep: set[str] | None = None) -> str:
        """The JSON of an item, of the attributes `keep` when it is shown by an index."""
        kept = self._kept.get(id(item))
        if kept is not None and kept[0] is item:
            known = kept[1].get(id(index))
            if known is not None and known[0] is index:
                return known[1]
        shown = item if keep is None else {name: item[name] for name in item if name in keep}
        text = json.dumps(shown, ensure_ascii=False)
        if len(text) <= MAX_TEXT:
            self._keep(item, index, text)
        return text

    def _keep(self, item: Item, index: Item | None, text: str) -> None:
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            self._kept, self._characters = {}, len(text)
        kept = self._kept.get(id(item))
        if kept is None or kept[0] is not item:
            kept = self._kept[id(item)] = (item, {})
        kept[1][id(index)] = (index, text)

    def set_item(self, table: Any, pk_val: str, sk_val: str, item: Item) -> Any:
        """Store an item, and forget the text of what was there."""
        old = self._set_item(table, pk_val, sk_val, item)
        self._forget(old)
        self._forget(item)
        return old

    def remove_item(self, table: Any, pk_val: str, sk_val: str) -> Any:
        """Delete an item and its text."""
        old = self._remove_item(table, pk_val, sk_val)
        self._forget(old)
        return old

    def _forget(self, item: Item | None) -> None:
        forgotten = self._kept.pop(id(item), None)
        if forgotten is not None:
            self._characters -= sum(len(text) for _, text in forgotten[1].values())


def texts_of(dynamodb: Any) -> Texts:
    """The texts of a module of DynamoDB."""
    if not hasattr(dynamodb, "kept_texts"):
        dynamodb.kept_texts = Texts(dynamodb)
    texts: Texts = dynamodb.kept_texts
    return texts


def answer_of(dynamodb: Any, text: str) -> tuple[int, dict[str, str], bytes]:
    """An answer of MiniStack with this text."""
    status, headers, _ = dynamodb.json_response({})
    return status, headers, text.encode()
