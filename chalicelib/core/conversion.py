"""Conversion between pynamodb models and DynamoDB: requests made of models, models made of responses.

Models are declared with pynamodb, which also renders conditions and update expressions. The frequent conversions are
done here instead: pynamodb asks each attribute of each instance anew how it is called and written, which is four fifths
of the time that a large transaction takes before it is sent. Here that is found out once for each model.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pynamodb.attributes import Attribute, BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

M = TypeVar("M", bound=Model)
Raw = dict[str, Any]  # an item, or a key, as DynamoDB has it: {"uuid": {"S": "…"}}
Arguments = dict[str, Any]  # the arguments of a call, or of a write of a transaction
RenderedCondition = dict[str, Any]  # a condition as arguments of a write
Sort = tuple[str, *tuple[str, ...]]  # a condition on the sort key: an operator and its one or two values
_Convert = Callable[[Any], Any]


# -- instances ------------------------------------------------------------------------------------------------------


class _Field:
    """Access to an attribute of an instance, without what pynamodb does at each access for nested maps."""

    __slots__ = ("attribute", "name")

    def __init__(self, attribute: Attribute[Any], name: str) -> None:
        self.attribute, self.name = attribute, name

    def __get__(self, item: Model | None, model: type[Model]) -> Any:
        return self.attribute if item is None else item.attribute_values.get(self.name)

    def __set__(self, item: Model, value: Any) -> None:
        item.attribute_values[self.name] = value


def speed_up_access(model: type[Model]) -> None:
    """Replace the attribute access of a model: an import reads a hundred values for each row."""
    for name, attribute in model.get_attributes().items():
        setattr(model, name, _Field(attribute, name))


def new_item(model: type[M], **values: Any) -> M:
    """Make an instance as the constructor of the model does, in a quarter of its time."""
    item = model.__new__(model)
    defaults, names = _defaults(model)
    if not values.keys() <= names:
        raise ValueError(f"{model.__name__} has no {', '.join(sorted(values.keys() - names))}")
    item.attribute_values = {name: default() if callable(default) else default for name, default in defaults}
    item.attribute_values.update(values)
    return item


def item_from(model: type[M], raw: Mapping[str, Any]) -> M:
    """Make an instance of an item as `from_raw_data` does, in a quarter of its time, most of what a list takes.

    Discriminators are not supported. Attributes that the model does not declare (sort keys of lists) are left out.
    """
    item = model.__new__(model)
    item.attribute_values = values = {}
    for name, stored, read, get_value, default in _reading_plan(model):
        value = raw.get(stored)
        if value and "NULL" not in value:
            values[name] = read(get_value(value))
        elif default is not None:
            values[name] = default() if callable(default) else default
    return item


def as_item(item: Model) -> Raw:
    """Return the attributes of an instance as `Model.serialize` does; it raises when a required one is missing.

    A model with lists, maps or attribute classes of its own is left to pynamodb.
    """
    plan = _writing_plan(type(item))
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


# -- keys -----------------------------------------------------------------------------------------------------------


def key_of(item: Model) -> Raw:
    """Return the key of an instance; keys are texts."""
    values = item.attribute_values
    return {stored: {"S": values[name]} for name, stored in _key_attributes(type(item))}


def raw_key(model: type[Model], hash_key: str, range_key: str | None = None) -> Raw:
    """Return the key of a table with these values."""
    hash_name, range_name = key_names(model)
    key = {hash_name: {"S": hash_key}}
    return {**key, range_name: {"S": range_key}} if range_name and range_key else key


@cache
def key_names(model: type[Model]) -> tuple[str, str | None]:
    """Return the names of the hash key and the range key of a model."""
    keys = model.get_attributes().values()
    hash_key = next(key.attr_name for key in keys if key.is_hash_key)
    return hash_key, next((key.attr_name for key in keys if key.is_range_key), None)


# -- requests -------------------------------------------------------------------------------------------------------


def put_request(item: Model, condition: RenderedCondition, others: Raw | None = None) -> Arguments:
    """Return the arguments that write a whole item; `others` are attributes beside those of the model."""
    return {"TableName": item.Meta.table_name, "Item": as_item(item) | (others or {}), **condition}


def update_request(item: Model, actions: Sequence[Action], condition: Condition | None = None) -> Arguments:
    """Return the arguments that change attributes of the item with the key of `item`."""
    request: Arguments = item.get_update_kwargs_from_instance(actions=list(actions), condition=condition)
    return request


def delete_request(item: Model, condition: Condition | None = None) -> Arguments:
    """Return the arguments that delete the item with the key of `item`, or that check a condition in a transaction."""
    request: Arguments = item.get_delete_kwargs_from_instance(condition=condition)
    return request


def add_request(item: Model, amounts: Mapping[str, int], condition: str | None = None) -> Arguments:
    """Return the arguments that add to number attributes of the item with the key of `item`.

    Not by `update_request`: a change has up to ten of them, and pynamodb takes eight times as long for each.
    """
    expression, names = _add_expression(tuple(amounts))
    values = {f":{name}": {"N": str(amount)} for name, amount in amounts.items()}
    request = _change(item, expression, names, values)
    if condition:
        request["ConditionExpression"] = condition
    return request


def set_request(item: Model, texts: Mapping[str, str]) -> Arguments:
    """Return the arguments that set text attributes of the item with the key of `item`.

    The names are numbered, so that equally many texts have the same expression. Not by `update_request`: a page of
    products has up to 24, and pynamodb takes ten times as long for them.
    """
    expression = "SET " + ", ".join(f"#{place} = :{place}" for place in range(len(texts)))
    names = {f"#{place}": name for place, name in enumerate(texts)}
    return _change(item, expression, names, {f":{place}": {"S": text} for place, text in enumerate(texts.values())})


def query_request(
    table: str,
    keys: tuple[str, str | None],
    hash_key: str,
    *,
    index: str | None = None,
    sort: Sort | None = None,
    descending: bool = False,
    limit: int | None = None,
) -> Arguments:
    """Return the arguments that read a partition of a table, consistently, or of an index.

    `keys` are the names of its hash and range key. `sort` is a condition on the range key: ("<", value),
    ("BETWEEN", low, high) or ("begins_with", prefix).
    """
    condition, names, values = "#hash = :hash", {"#hash": keys[0]}, {":hash": {"S": hash_key}}
    if sort and keys[1]:
        names["#range"] = keys[1]
        values |= {f":range{place}": {"S": text} for place, text in enumerate(sort[1:])}
        condition += f" AND {_SORT.get(sort[0], f'#range {sort[0]} :range0')}"
    request: Arguments = {"TableName": table, "KeyConditionExpression": condition, "ExpressionAttributeNames": names}
    request |= {"ExpressionAttributeValues": values, "ScanIndexForward": not descending}
    request |= {"IndexName": index} if index else {"ConsistentRead": True}
    return {**request, "Limit": limit} if limit else request


_SORT = {"BETWEEN": "#range BETWEEN :range0 AND :range1", "begins_with": "begins_with(#range, :range0)"}


def rendered(condition: Condition) -> RenderedCondition:
    """Render a condition for `put_request`: once, where many writes have the same one."""
    names, values = dict[str, str](), dict[str, Any]()
    arguments: RenderedCondition = {"ConditionExpression": condition.serialize(names, values)}
    if names:
        arguments["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in names.items()}
    if values:
        arguments["ExpressionAttributeValues"] = values
    return arguments


@cache
def key_is_free(model: type[Model]) -> RenderedCondition:
    """Render the condition that no item has the key of a write."""
    hash_name, _ = key_names(model)
    return {"ConditionExpression": "attribute_not_exists (#0)", "ExpressionAttributeNames": {"#0": hash_name}}


def _change(item: Model, expression: str, names: dict[str, str], values: Raw) -> Arguments:
    return {
        "TableName": item.Meta.table_name,
        "Key": key_of(item),
        "UpdateExpression": expression,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


@cache
def _add_expression(names: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    return "ADD " + ", ".join(f"#{name} :{name}" for name in names), {f"#{name}": name for name in names}


# -- plans, made once for each model --------------------------------------------------------------------------------


@cache
def _key_attributes(model: type[Model]) -> list[tuple[str, str]]:
    """The keys of a model: their names in the instance and in the table."""
    attributes = model.get_attributes().items()
    return [(name, each.attr_name) for name, each in attributes if each.is_hash_key or each.is_range_key]


@cache
def _defaults(model: type[Model]) -> tuple[list[tuple[str, Any]], frozenset[str]]:
    """What an instance has before anything is set, and the names of all attributes."""
    attributes = model.get_attributes()
    defaults = [(name, each.default) for name, each in attributes.items() if each.default is not None]
    return defaults, frozenset(attributes)


@cache
def _writing_plan(model: type[Model]) -> list[tuple[str, str, str, _Convert, bool]] | None:
    """Each attribute: its names in the instance and in the table, its type, its conversion, whether it is required."""
    attributes = model.get_attributes().items()
    if not all(type(each) in _WRITES for _, each in attributes):
        return None
    return [(name, each.attr_name, each.attr_type, _WRITES[type(each)], not each.null) for name, each in attributes]


@cache
def _reading_plan(model: type[Model]) -> list[tuple[str, str, _Convert, _Convert, Any]]:
    """Each attribute: its names in the instance and in the table, how its value is read and found, its default."""
    return [
        (name, each.attr_name, _read_number if type(each) is NumberAttribute else each.deserialize, each.get_value,
         each.default)
        for name, each in model.get_attributes().items()
    ]  # fmt: skip


def _read_number(text: str) -> Any:
    """Read as NumberAttribute does; whole numbers, which most are, without a JSON decoder."""
    return int(text) if text.isdecimal() else json.loads(text)


def _write_number(value: Any) -> str:
    return str(value) if type(value) is int else json.dumps(value)


_WRITES: dict[type[Attribute[Any]], _Convert] = {
    UnicodeAttribute: lambda text: text,
    NumberAttribute: _write_number,
    BooleanAttribute: bool,
}
