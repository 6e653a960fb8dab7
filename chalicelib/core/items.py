"""Items as DynamoDB takes them, made of pynamodb models by a plan per model.

pynamodb asks each attribute of each instance anew what it is called and how it is written: `serialize` and the
constructor together take four fifths of what a large transaction costs before it is sent. The plan is made once. What
it does not cover (lists, maps, own attribute classes) is left to pynamodb.
"""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pynamodb.attributes import Attribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

M = TypeVar("M", bound=Model)
Write = Callable[[Any], Any]
Rendered = dict[str, Any]  # a condition as arguments of a write


class _Field:
    """An attribute of a model as its instances have it.

    pynamodb's own looks up at each access whether the instance is a map inside of another; models of tables are none.
    """

    __slots__ = ("attribute", "name")

    def __init__(self, attribute: Attribute[Any], name: str) -> None:
        self.attribute, self.name = attribute, name

    def __get__(self, item: Model | None, model: type[Model]) -> Any:
        return self.attribute if item is None else item.attribute_values.get(self.name)

    def __set__(self, item: Model, value: Any) -> None:
        item.attribute_values[self.name] = value


def quicken(model: type[Model]) -> None:
    """Let the instances of a model find their values at once: a row of an import asks a hundred times."""
    for name, attribute in model.get_attributes().items():
        setattr(model, name, _Field(attribute, name))


def new_item(model: type[M], **values: Any) -> M:
    """A new instance of a model, as its constructor makes it."""
    item = model.__new__(model)
    defaults, names = _defaults(model)
    if not values.keys() <= names:
        raise ValueError(f"{model.__name__} has no {', '.join(sorted(values.keys() - names))}")
    item.attribute_values = {name: default() if callable(default) else default for name, default in defaults}
    item.attribute_values.update(values)
    return item


def as_item(item: Model) -> dict[str, Any]:
    """The attributes of an instance, as `Model.serialize` writes them; it raises when one that must be there is not."""
    plan = _plan(type(item))
    if plan is None:
        return item.serialize()
    values, attributes = item.attribute_values, {}
    for name, stored, kind, write, required in plan:
        value = values.get(name)
        if value is not None:
            attributes[stored] = {kind: write(value)}
        elif required:
            return item.serialize()
    return attributes


def key_of(item: Model) -> dict[str, dict[str, str]]:
    """The key of an instance; keys are texts."""
    values = item.attribute_values
    return {stored: {"S": values[name]} for name, stored in _key_names(type(item))}


def condition_arguments(condition: Condition) -> Rendered:
    """A condition as arguments of a write; made once where many writes have the same one."""
    names, values = dict[str, str](), dict[str, Any]()
    arguments: Rendered = {"ConditionExpression": condition.serialize(names, values)}
    if names:
        arguments["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    if values:
        arguments["ExpressionAttributeValues"] = values
    return arguments


@cache
def absent(model: type[Model]) -> Rendered:
    """The condition that the key of a write is free."""
    hash_key = next(key for key in model.get_attributes().values() if key.is_hash_key)
    return {
        "ConditionExpression": "attribute_not_exists (#0)",
        "ExpressionAttributeNames": {"#0": hash_key.attr_name},
    }


@cache
def key_names(model: type[Model]) -> tuple[str, str | None]:
    """The attributes that are the hash key and the range key of a model."""
    keys = model.get_attributes().values()
    hash_key = next(key.attr_name for key in keys if key.is_hash_key)
    return hash_key, next((key.attr_name for key in keys if key.is_range_key), None)


def raw_key(model: type[Model], *parts: str | None) -> dict[str, dict[str, str]]:
    """A table key as DynamoDB wants it."""
    return {name: {"S": part} for name, part in zip(key_names(model), parts, strict=False) if name and part}


@cache
def _key_names(model: type[Model]) -> list[tuple[str, str]]:
    attributes = model.get_attributes().items()
    return [(name, one.attr_name) for name, one in attributes if one.is_hash_key or one.is_range_key]


@cache
def _defaults(model: type[Model]) -> tuple[list[tuple[str, Any]], frozenset[str]]:
    """What an instance has before anything is set, and the names of what can be."""
    attributes = model.get_attributes()
    return [(name, one.default) for name, one in attributes.items() if one.default is not None], frozenset(attributes)


@cache
def _plan(model: type[Model]) -> list[tuple[str, str, str, Write, bool]] | None:
    """Of each attribute: its name here and in the table, its type, how it is written, whether it must be there."""
    attributes = model.get_attributes()
    if not all(type(one) in _WRITES for one in attributes.values()):
        return None
    return [(name, one.attr_name, one.attr_type, _WRITES[type(one)], not one.null) for name, one in attributes.items()]


def _number(value: Any) -> str:
    return str(value) if type(value) is int else json.dumps(value)


def _same(value: Any) -> Any:
    return value


_WRITES: dict[type[Attribute[Any]], Write] = {
    UnicodeAttribute: _same,
    NumberAttribute: _number,
    BooleanAttribute: bool,
}
