"""Copying a table back: it ends equal to its source, wherever it was killed, and writes only what differs."""

from typing import Any

import pytest

from chalicelib.core.aws import client
from infra.copy_back import Copy, make_equal, segments
from tests.aws_calls import Call, patch_calls, record_calls
from tests.tables import tables

KEYS = {"one": ("pk",), "two": ("pk", "sk")}
WRITES = "BatchWriteItem"


class Killed(BaseException):
    """The process is gone; nothing catches it."""


@pytest.fixture(autouse=True)
def both_tables(aws: None) -> None:
    """Each table and its restored one."""
    for name, keys in KEYS.items():
        kinds = ("HASH", "RANGE")
        for table in (name, f"{name}-restored"):
            tables().create(
                {
                    "TableName": table,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
                    "KeySchema": [{"AttributeName": key, "KeyType": kinds[at]} for at, key in enumerate(keys)],
                }
            )


def put(table: str, *items: dict[str, Any]) -> None:
    """Write items, key attributes as text and the rest as it is given."""
    for item in items:
        keys = {name: {"S": value} for name, value in item.items() if isinstance(value, str)}
        client("dynamodb").put_item(TableName=table, Item={**item, **keys})


def items(table: str) -> list[dict[str, Any]]:
    """What is in a table, in the order of its keys."""
    return sorted(tables().items()[table], key=repr)


def fill() -> None:
    """Three hundred items that stay, some that were changed, deleted, added since."""
    for number in range(300):
        for table in ("two", "two-restored"):
            put(table, {"pk": f"same-{number % 7}", "sk": str(number), "n": {"N": str(number)}})
    for number in range(60):
        put("two-restored", {"pk": "changed", "sk": str(number), "tags": {"SS": ["a", "b"]}, "n": {"N": "1"}})
        put("two", {"pk": "changed", "sk": str(number), "tags": {"SS": ["a", "b"]}, "n": {"N": "2"}})
        put("two-restored", {"pk": "deleted", "sk": str(number)})
        put("two", {"pk": "added", "sk": str(number)})
        put("one", {"pk": f"added-{number}"})


COPIES = [Copy("one", "one-restored", KEYS["one"]), Copy("two", "two-restored", KEYS["two"], segments=3)]


def test_the_tables_end_equal_and_a_second_pass_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    assert make_equal(client("dynamodb"), COPIES) == 60 * 4
    assert items("two") == items("two-restored")
    assert items("one") == []
    calls = record_calls(monkeypatch)
    assert make_equal(client("dynamodb"), COPIES) == 0
    assert WRITES not in [operation for operation, _ in calls]


def test_what_is_equal_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    calls = record_calls(monkeypatch)
    make_equal(client("dynamodb"), COPIES)
    written = [one for name, call in calls if name == WRITES for each in call["RequestItems"].values() for one in each]
    assert "same-" not in repr(written)


def test_the_order_of_a_set_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    put("one", {"pk": "a", "tags": {"SS": ["x", "y"]}, "map": {"M": {"SS": {"NS": ["1", "2"]}}}})
    put("one-restored", {"pk": "a", "tags": {"SS": ["y", "x"]}, "map": {"M": {"SS": {"NS": ["2", "1"]}}}})
    assert make_equal(client("dynamodb"), COPIES[:1]) == 0
    put("one-restored", {"pk": "a", "tags": {"SS": ["y", "z"]}})
    assert make_equal(client("dynamodb"), COPIES[:1]) == 1


def test_a_table_without_a_source_ends_empty() -> None:
    put("one", *({"pk": str(number)} for number in range(120)))
    assert make_equal(client("dynamodb"), [Copy("one", None, KEYS["one"])]) == 120
    assert items("one") == []


@pytest.mark.parametrize("number", [1, 3, 6])
def test_killed_in_the_middle_and_run_again_it_ends_equal(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    with monkeypatch.context() as patch:
        patch_calls(patch, lambda real: _dies_after(real, number))
        with pytest.raises(Killed):
            make_equal(client("dynamodb"), COPIES)
    assert items("two") != items("two-restored")
    make_equal(client("dynamodb"), COPIES)
    assert items("two") == items("two-restored")
    assert items("one") == []


def _dies_after(real: Call, number: int) -> Call:
    """From that write on no call gets through: the process is gone."""
    writes: list[str] = []

    def call(this: Any, operation: str, arguments: Any) -> Any:
        if len(writes) >= number:
            raise Killed
        answer = real(this, operation, arguments)
        if operation == WRITES:
            writes.append(operation)
        return answer

    return call


def test_what_a_throttled_table_leaves_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    patch_calls(monkeypatch, _halves)
    make_equal(client("dynamodb"), COPIES)
    assert items("two") == items("two-restored")


def _halves(real: Call) -> Call:
    """Of each request of more than one item only half is done, as on a throttled table."""

    def call(this: Any, operation: str, arguments: Any) -> Any:
        if operation == WRITES:
            ((table, requests),) = arguments["RequestItems"].items()
            done, left = requests[: len(requests) // 2 or 1], requests[len(requests) // 2 or 1 :]
            answer = real(this, operation, {"RequestItems": {table: done}})
            return {**answer, "UnprocessedItems": {table: left} if left else {}}
        if operation == "BatchGetItem":
            ((table, request),) = arguments["RequestItems"].items()
            keys = request["Keys"]
            done, left = keys[: len(keys) // 2 or 1], keys[len(keys) // 2 or 1 :]
            answer = real(this, operation, {"RequestItems": {table: {**request, "Keys": done}}})
            return {**answer, "UnprocessedKeys": {table: {**request, "Keys": left}} if left else {}}
        return real(this, operation, arguments)

    return call


def test_large_tables_are_read_in_parts() -> None:
    assert [segments(size) for size in (0, 63 << 20, 65 << 20, 100 << 30)] == [1, 1, 2, 16]
