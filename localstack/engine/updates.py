"""Update expressions as functions. Used by the fast paths `expressions` and `transactions`.

Covered are actions on whole attributes: SET to a value, another attribute, if_not_exists, list_append, a sum or a
difference; REMOVE; ADD of a number. What is applied to the item is what MiniStack applies, in its order: all values of
SET are found in the item as it was.
"""

import re
from collections.abc import Callable
from typing import Any

from localstack.engine.conditions import Token, Unusual, attribute

CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_SMALL_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,14}").fullmatch

Item = dict[str, Any]
Update = Callable[[Item, Any, Any], tuple[Item, list[tuple[Any, ...]]]]
"""Of an item of its own, the values and the names of a request: changes the item; returns it and the changed paths."""
Value = Callable[[Item, Any, Any], Any]


def update_of(dynamodb: Any, text: str) -> Update | None:
    """The function that an update expression means; None when it has a fault or is not of the usual forms."""
    tokens = dynamodb._tokenize(text)
    named = [token for token in tokens if not _is_clause(token)]
    if dynamodb._check_redundant_parens(tokens) or dynamodb._check_reserved_keyword_usage(named):
        return None
    try:
        clauses = _clauses(tokens)
        reader = _Reader(dynamodb)
        sets = [reader.assignment(part) for part in dynamodb._split_by_comma(clauses.get("SET", []))]
        removed = [_only_name(part) for part in dynamodb._split_by_comma(clauses.get("REMOVE", []))]
        added = [reader.addition(part) for part in dynamodb._split_by_comma(clauses.get("ADD", []))]
    except Unusual:
        return None
    return _update(sets, removed, added)


def _is_clause(token: Token) -> bool:
    return token[0] == "IDENT" and token[1].upper() in CLAUSES


def _clauses(tokens: list[Token]) -> dict[str, list[Token]]:
    found: dict[str, list[Token]] = {}
    current: list[Token] | None = None
    for token in tokens:
        if _is_clause(token):
            if token[1].upper() in found or token[1].upper() == "DELETE":
                raise Unusual
            current = found[token[1].upper()] = []
        elif token[0] != "EOF":
            if current is None:
                raise Unusual
            current.append(token)
    return found


def _only_name(tokens: list[Token]) -> Callable[[Any], Any]:
    """The attribute that tokens name, which must be a whole one."""
    if len(tokens) != 1:
        raise Unusual
    return attribute(tokens[0])


def _update(
    sets: list[tuple[Callable[[Any], Any], Value]],
    removed: list[Callable[[Any], Any]],
    added: list[tuple[Callable[[Any], Any], str]],
) -> Update:
    def update(item: Item, values: Any, names: Any) -> tuple[Item, list[tuple[Any, ...]]]:
        paths: list[tuple[Any, ...]] = []
        pending = [(name(names), value(item, values, names)) for name, value in sets]
        for name, value in pending:
            if value is not None:
                _set(item, name, value)
                paths.append((name,))
        for named in removed:
            name = named(names)
            paths.append((name,))
            _check(item, name)
            item.pop(name, None)
        for named, reference in added:
            name = named(names)
            number = _sum(item.get(name), values.get(reference))
            _set(item, name, number)
            paths.append((name,))
        return item, paths

    return update


def _check(item: Item, name: Any) -> None:
    """MiniStack takes an item with an attribute named M for a map."""
    if type(name) is not str or name == "M" or "M" in item:
        raise Unusual


def _set(item: Item, name: Any, value: Any) -> None:
    _check(item, name)
    item[name] = value


def _whole(value: Any) -> int:
    if type(value) is dict and len(value) == 1:
        text = value.get("N")
        if type(text) is str and _SMALL_WHOLE(text):
            return int(text)
    raise Unusual


def _sum(current: Any, added: Any) -> Item:
    """The number that ADD stores, of whole numbers."""
    return {"N": str((0 if current is None else _whole(current)) + _whole(added))}


class _Reader:
    """Reads the values that are assigned, as MiniStack does."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def assignment(self, tokens: list[Token]) -> tuple[Callable[[Any], Any], Value]:
        if len(tokens) < 3 or tokens[1][0] != "EQ":
            raise Unusual
        return attribute(tokens[0]), self._value(tokens[2:])

    def addition(self, tokens: list[Token]) -> tuple[Callable[[Any], Any], str]:
        if len(tokens) != 2 or tokens[1][0] != "VALUE_REF":
            raise Unusual
        return attribute(tokens[0]), tokens[1][1]

    def _value(self, tokens: list[Token]) -> Value:
        depth = 0
        for at, (kind, _) in enumerate(tokens):
            depth += (kind == "LPAREN") - (kind == "RPAREN")
            if depth == 0 and at and kind in ("PLUS", "MINUS"):
                sign = 1 if kind == "PLUS" else -1
                return _arithmetic(self._value(tokens[:at]), self._value(tokens[at + 1 :]), sign)
        if len(tokens) == 1:
            reference = tokens[0][1]
            if tokens[0][0] == "VALUE_REF":
                return lambda _item, values, _names: values.get(reference)
            return _existing(attribute(tokens[0]))
        return self._function(tokens)

    def _function(self, tokens: list[Token]) -> Value:
        begins = len(tokens) > 2 and tokens[0][0] == "IDENT" and tokens[1][0] == "LPAREN"
        if begins and self._dynamodb._find_matching_paren(tokens, 1) == len(tokens) - 1:
            parts = self._dynamodb._split_by_comma(tokens[2:-1])
            if len(parts) == 2 and tokens[0][1].lower() == "if_not_exists":
                return _if_not_exists(_only_name(parts[0]), self._value(parts[1]))
            if len(parts) == 2 and tokens[0][1].lower() == "list_append":
                return _list_append(self._value(parts[0]), self._value(parts[1]))
        raise Unusual


def _existing(name: Callable[[Any], Any]) -> Value:
    def existing(item: Item, _values: Any, names: Any) -> Any:
        value = item.get(name(names))
        if value is None:
            raise Unusual
        if "M" in value or "L" in value:
            raise Unusual  # the two attributes must not share what is in it
        return value

    return existing


def _if_not_exists(name: Callable[[Any], Any], other: Value) -> Value:
    def found(item: Item, values: Any, names: Any) -> Any:
        value = item.get(name(names))
        if value is None:
            return other(item, values, names)
        if "M" in value or "L" in value:
            raise Unusual
        return value

    return found


def _list_append(first: Value, second: Value) -> Value:
    def joined(item: Item, values: Any, names: Any) -> Item:
        parts = [first(item, values, names), second(item, values, names)]
        lists = [part.get("L", []) if isinstance(part, dict) else [] for part in parts]
        return {"L": lists[0] + lists[1]}

    return joined


def _arithmetic(left: Value, right: Value, sign: int) -> Value:
    def result(item: Item, values: Any, names: Any) -> Item:
        return {"N": str(_whole(left(item, values, names)) + sign * _whole(right(item, values, names)))}

    return result
