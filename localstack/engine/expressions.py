"""Parses each expression once.

MiniStack splits a condition into tokens, checks its grammar and reserved words, and walks its tokens, for every item it
is evaluated for; an update expression is split and checked three times in each transaction. None of that depends on the
item. Here a text is parsed once into functions of item, values and names, which bounded caches keep.

Expressions with a fault, and errors while one is evaluated, are left to MiniStack, which parses the expression again
and reports the error in its own words.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from localstack.engine.conditions import Unusual, condition_of
from localstack.engine.updates import update_of

TEXTS = 4096
"""How many texts are kept in each cache."""
Texts = tuple[str, ...]
MAX_TEXT = 4096
"""Longer expressions are refused anyway."""


def install() -> None:
    """Read each expression once."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    for name in ("_tokenize", "_ddb_canonicalize_number", "_number_error"):
        setattr(dynamodb, name, _once_for_text(getattr(dynamodb, name)))
    _conditions(dynamodb)
    _updates(dynamodb)
    _references(dynamodb)


def _once_for_text(plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function whose answers for texts are kept; they must not be changed."""
    kept = lru_cache(TEXTS)(plain)
    return lambda text: kept(text) if type(text) is str and len(text) <= MAX_TEXT else plain(text)


def _conditions(dynamodb: Any) -> None:
    plain = dynamodb._evaluate_condition
    read = lru_cache(TEXTS)(lambda text: condition_of(dynamodb, text))

    def _evaluate_condition(
        expr: Any, item: Any, attr_values: Any, attr_names: Any, slot: str = "ConditionExpression"
    ) -> Any:
        condition = read(expr) if type(expr) is str and len(expr) <= MAX_TEXT else None
        if condition is not None:
            try:
                return condition(item, attr_values, attr_names)
            except (Unusual, AttributeError, TypeError):
                pass  # MiniStack evaluates it again, and raises what it raises
        return plain(expr, item, attr_values, attr_names, slot)

    dynamodb._evaluate_condition = _evaluate_condition


def _updates(dynamodb: Any) -> None:
    plain = dynamodb._apply_update_expression
    read = lru_cache(TEXTS)(lambda text: update_of(dynamodb, text))

    def _apply_update_expression(
        item: Any, expr: Any, attr_values: Any, attr_names: Any, updated_attrs: set[Any] | None = None
    ) -> tuple[Any, set[Any]]:
        update = read(expr) if type(expr) is str and len(expr) <= MAX_TEXT else None
        if update is not None:
            try:
                new, paths = update(dict(item), attr_values, attr_names)
            except (Unusual, AttributeError, TypeError):
                pass  # MiniStack applies it again to the item, which is unchanged
            else:
                updated = set() if updated_attrs is None else updated_attrs
                for path in paths:
                    updated.add(path)
                return new, updated
        answer: tuple[Any, set[Any]] = plain(item, expr, attr_values, attr_names, updated_attrs)
        return answer

    dynamodb._apply_update_expression = _apply_update_expression


def _references(dynamodb: Any) -> None:
    """Whether names and values that are given and used are the same ones depends on their names alone."""
    plain = dynamodb._validate_expression_attrs

    @lru_cache(TEXTS)
    def faultless(fields: Texts, texts: Texts, values: Texts, names: Texts) -> bool:
        given: dict[str, Any] = dict(zip(fields, texts, strict=True))
        given |= {"ExpressionAttributeValues": dict.fromkeys(values), "ExpressionAttributeNames": dict.fromkeys(names)}
        return plain(given, fields) is None

    def _validate_expression_attrs(data: Any, expression_fields: tuple[str, ...], size_wording: Any = "figure") -> Any:
        texts = tuple([data.get(name) or "" for name in expression_fields])
        values = data.get("ExpressionAttributeValues") or {}
        names = data.get("ExpressionAttributeNames") or {}
        readable = all(type(text) is str for text in texts) and type(values) is dict and type(names) is dict
        if readable and faultless(expression_fields, texts, tuple(values), tuple(names)):
            return None
        return plain(data, expression_fields, size_wording)

    dynamodb._validate_expression_attrs = _validate_expression_attrs
