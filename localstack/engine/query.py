"""Reads a page of Query from a sorted run of the partition.

MiniStack sorts all items of the partition and evaluates the key condition for each of them, whatever the limit: 134 ms
for 25 items of 10,000. A key condition is one interval of the sort key, so here the order of an index is found once,
kept right by every write, and a page starts at a bisected place in it.

The order is that of MiniStack: by sort key, then by the keys of the table, all of them texts. Requests with
other types of keys, filters, legacy parameters or faults are left to MiniStack, so every error is its own.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from localstack.engine.key_conditions import KeyCondition, bounds, key_condition
from localstack.engine.orders import Item, Keeper, Table
from localstack.engine.runs import Entry
from localstack.engine.sizes import item_size
from localstack.engine.texts import Texts, answer_of, texts_of

PAGE_BYTES = 1_048_576
SHORT_PAGE = 500
"""Items of a page that is hardly ever ended by its size."""
COVERED = {
    "TableName", "IndexName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues",
    "ScanIndexForward", "Limit", "ExclusiveStartKey", "ConsistentRead", "Select", "ReturnConsumedCapacity",
    "ProjectionExpression",
}  # fmt: skip
_NOT_NAMES = {"AND", "OR", "NOT", "BETWEEN", "IN"}

Data = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


class NotCovered(Exception):
    """A request that is left to MiniStack."""


def install() -> None:
    """Answer Query from sorted runs."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    plain = dynamodb._query
    keeper = Keeper(dynamodb)
    texts = texts_of(dynamodb)

    def _query(data: Data) -> Answer:
        try:
            request = _Request(dynamodb, data)
            with keeper.lock:
                return request.answer(keeper, texts)
        except NotCovered:
            answer: Answer = plain(data)
            return answer

    dynamodb._query = _query


class _Request:
    """One Query, checked to be one that is read here. Raises NotCovered."""

    def __init__(self, dynamodb: Any, data: Data) -> None:
        self._dynamodb, self._data = dynamodb, data
        if not COVERED.issuperset(data):
            raise NotCovered
        self._name = data.get("TableName")
        table: Table | None = dynamodb._tables.get(self._name) if type(self._name) is str else None
        if not table or dynamodb._validate_data_plane_table_name(self._name):
            raise NotCovered
        self._table: Table = table
        if any(kind["AttributeType"] != "S" for kind in table["AttributeDefinitions"]):
            raise NotCovered
        self._index, is_global, self._hash, self._range = self._keys(data.get("IndexName"))
        self._forward = _flag(data, "ScanIndexForward", True)
        if _flag(data, "ConsistentRead", False) and is_global:
            raise NotCovered
        self._limit = data.get("Limit")
        if self._limit is not None and (type(self._limit) is not int or self._limit < 1):
            raise NotCovered
        if data.get("ReturnConsumedCapacity", "NONE") not in dynamodb._RETURN_CONSUMED_CAPACITY_VALUES:
            raise NotCovered
        self._names = data.get("ExpressionAttributeNames", {})
        self._condition = self._read_condition()
        self._projection = self._read_projection()
        self._partition, self._low, self._high = self._interval()
        self._items, self._keep = table["items"], self._kept_names()

    def _keys(self, index_name: Any) -> tuple[Any, bool, str, str]:
        """The index, whether it is a global one, and its keys."""
        table = self._table
        if index_name is None:
            if not table.get("sk_name"):
                raise NotCovered
            return None, False, table["pk_name"], table["sk_name"]
        index = self._dynamodb._index_def(table, index_name)
        if index is None:
            raise NotCovered
        hashes, ranges = self._dynamodb._index_key_lists(index)
        if len(hashes) != 1 or len(ranges) != 1 or hashes == ranges:
            raise NotCovered
        return index, index in table.get("GlobalSecondaryIndexes", ()), hashes[0], ranges[0]

    def _read_condition(self) -> KeyCondition:
        text = self._data.get("KeyConditionExpression")
        condition = key_condition(text) if type(text) is str and len(text) < 1000 else None
        if condition is None or type(self._names) is not dict:
            raise NotCovered
        if self._real(condition.hash_name) != self._hash:
            raise NotCovered
        if condition.range_name is not None and self._real(condition.range_name) != self._range:
            raise NotCovered
        return condition

    def _real(self, name: str) -> Any:
        """The attribute that a name of the condition means."""
        if name[0] == "#":
            return self._names.get(name)
        upper, functions = name.upper(), self._dynamodb._DDB_EXPR_FUNCTIONS
        if upper in self._dynamodb.AWS_KEYWORDS or upper in _NOT_NAMES or name.lower() in functions:
            raise NotCovered
        return name

    def _read_projection(self) -> str | None:
        """The projection expression, none of whose faults MiniStack would report."""
        data, dynamodb, condition = self._data, self._dynamodb, self._condition
        text, select = data.get("ProjectionExpression"), data.get("Select")
        if text is None:
            used = {name for name in (condition.hash_name, condition.range_name) if name and name[0] == "#"}
            if used != set(self._names) or ("ExpressionAttributeNames" in data and not self._names):
                raise NotCovered
            if select not in (None, "ALL_ATTRIBUTES", "COUNT") and not (
                select == "ALL_PROJECTED_ATTRIBUTES" and self._index is not None
            ):
                raise NotCovered
            if "Select" in data and select is None:
                raise NotCovered
            return None
        fields = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")
        specific = data.get("Select", "SPECIFIC_ATTRIBUTES") == "SPECIFIC_ATTRIBUTES"
        if type(text) is not str or not text.strip() or not specific:
            raise NotCovered
        try:
            if dynamodb._validate_expression_attrs(data, fields) or dynamodb._projection_overlap_response(data):
                raise NotCovered
            dynamodb._project_item({}, text, self._names)
        except (ValueError, TypeError, AttributeError) as error:
            raise NotCovered from error
        return text

    def _interval(self) -> tuple[str, tuple[str, ...], tuple[str, ...] | None]:
        """The partition, and where in it the page may begin and must end."""
        condition, given = self._condition, self._data.get("ExpressionAttributeValues")
        if type(given) is not dict or set(given) != {condition.hash_value, *condition.values}:
            raise NotCovered
        partition = _text(given[condition.hash_value])
        values = [_text(given[name]) for name in condition.values]
        if len(values) == 2 and values[0] > values[1]:
            raise NotCovered
        start, end = bounds(condition.operator, values)
        low: tuple[str, ...] = (start,)
        high = None if end is None else (end,)
        after = self._data.get("ExclusiveStartKey")
        if after is None:
            return partition, low, high
        cursor = self._cursor(after, partition)
        if cursor < low or (high is not None and cursor >= high):
            raise NotCovered
        return (partition, (*cursor[:2], cursor[2] + "\0"), high) if self._forward else (partition, low, cursor)

    def _cursor(self, after: Any, partition: str) -> Entry:
        """The place of the item that the page before ended with."""
        pk, sk = self._table["pk_name"], self._table["sk_name"]
        wanted = {name for name in (pk, sk, self._hash, self._range) if name}
        if type(after) is not dict or set(after) != wanted or _text(after[self._hash]) != partition:
            raise NotCovered
        last = _text(after[sk]) if sk else "__no_sort__"
        return _text(after[self._range]), _text(after[pk]), last

    def answer(self, keeper: Keeper, texts: Texts) -> Answer:
        """The page, in MiniStack's form."""
        limit, counted = self._limit, self._data.get("Select") == "COUNT"
        if limit is not None and limit <= SHORT_PAGE and not self._projection and not counted:
            page = [self._items[pk][sk] for _, pk, sk in islice(self._entries(keeper), limit)]
            answer = self._encoded(texts, page, page[-1] if len(page) == limit else None)
            if len(answer[2]) <= PAGE_BYTES:  # the text of items is longer than their size, so that is no more either
                return answer
        page, last = self._measured(self._entries(keeper))
        return self._encoded(texts, page, last)

    def _encoded(self, texts: Texts, page: list[Item], last: Item | None) -> Answer:
        """An answer of these items; `last` is the last one of a page that ended before the items did."""
        result: Data = {"Count": len(page), "ScannedCount": len(page)}
        if last is not None:
            result["LastEvaluatedKey"] = self._key_of(last)
        self._dynamodb._add_consumed_capacity(result, self._data, self._name, index_name=self._data.get("IndexName"))
        rest = json.dumps(result, ensure_ascii=False)
        if self._data.get("Select") == "COUNT":
            return answer_of(self._dynamodb, rest)
        if self._projection:
            project = self._dynamodb._project_item
            shown = [project(self._shown(item), self._projection, self._names) for item in page]
            items = json.dumps(shown, ensure_ascii=False)
        else:
            items = f"[{', '.join([texts.of(item, self._index, self._keep) for item in page])}]"
        return answer_of(self._dynamodb, f'{{"Items": {items}, {rest[1:]}')

    def _measured(self, entries: Iterator[Entry]) -> tuple[list[Item], Item | None]:
        """The items of a page, and the last one if the limit or the size ended it."""
        page: list[Item] = []
        size = 0
        for _, pk, sk in entries:
            item = self._items[pk][sk]
            added = item_size(self._shown(item))
            if page and size + added > PAGE_BYTES:
                return page, page[-1]
            page.append(item)
            size += added
            if len(page) == self._limit or size >= PAGE_BYTES:
                return page, item
        return page, None

    def _shown(self, item: Item) -> Item:
        """What the index shows of an item."""
        keep = self._keep
        return item if keep is None else {name: item[name] for name in item if name in keep}

    def _entries(self, keeper: Keeper) -> Iterator[Entry]:
        orders = keeper.orders(self._table)
        order = orders.of(self._table, self._data.get("IndexName"), self._hash, self._range)
        if order is None:
            raise NotCovered
        run = order.runs.get(self._partition)
        return iter(()) if run is None else run.between(self._low, self._high, self._forward)

    def _kept_names(self) -> set[str] | None:
        """The attributes that the index shows; None for all."""
        projection = (self._index.get("Projection") or {}) if self._index is not None else {}
        kind = projection.get("ProjectionType", "ALL")
        if kind == "ALL":
            return None
        keep = {self._table["pk_name"], self._table["sk_name"], self._hash, self._range}
        if kind == "INCLUDE":
            keep.update(projection.get("NonKeyAttributes") or ())
        return keep

    def _key_of(self, item: Item) -> Item:
        names = [self._table["pk_name"], self._table["sk_name"], self._hash, self._range]
        return {name: item[name] for name in names if name}


def _flag(data: Data, name: str, default: bool) -> bool:
    value = data.get(name, default)
    if type(value) is not bool:
        raise NotCovered
    return value


def _text(value: Any) -> str:
    """A value that is a text and not empty."""
    if type(value) is dict and len(value) == 1:
        text = value.get("S")
        if type(text) is str and text:
            return text
    raise NotCovered
