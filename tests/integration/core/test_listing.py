"""The listing engine against a plain Python list: any writes, any filter, sort and page give the same answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import CounterItem, batch_get, table
from chalicelib.core.errors import AppError
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageRequest, encode
from chalicelib.core.transactions import transaction
from tests.aws_calls import mock_aws
from tests.conftest import make_tables


@table("things")
class Thing(Model):
    class Meta:
        pass

    uuid = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    number = NumberAttribute()
    day = UnicodeAttribute()
    team = UnicodeAttribute()
    is_closed = BooleanAttribute()


LIST = Listing(
    "things",
    Thing,
    id_field="uuid",
    sorts=("created_at", "updated_at", "number", "day", "team", "is_closed"),
    equals=("number", "day", "team", "is_closed"),
    ranges={"day_from": Range("day", lower=True), "day_to": Range("day", lower=False)},
    counted=("day", "team", "is_closed"),
)

START = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = {"created": 0, "updated": None, "number": 1, "day": START.date(), "team": "А", "is_closed": False}
days = st.integers(0, 4).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
teams = st.sampled_from(["А", "Б", "a", "Ё 10", "!"])
things = st.builds(
    dict,
    created=st.integers(0, 5),
    updated=st.none() | st.integers(0, 5),
    number=st.integers(1, 6),
    day=days,
    team=teams,
    is_closed=st.booleans(),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "number": st.integers(1, 6),
        "day": days,
        "team": teams,
        "is_closed": st.booleans(),
        "day_from": days,
        "day_to": days,
    },
)


def write(number: int, value: dict[str, Any]) -> Thing:
    updated = None if value["updated"] is None else clock.to_text(START + timedelta(hours=value["updated"]))
    thing = Thing(
        f"{number:032x}",
        created_at=clock.to_text(START + timedelta(minutes=value["created"])),
        updated_at=updated,
        number=value["number"],
        day=value["day"].isoformat(),
        team=value["team"],
        is_closed=value["is_closed"],
    )
    with transaction() as tx:
        tx.put_new(thing, index=LIST.index(thing))
        LIST.count(tx, thing, +1)
    return thing


def remove(thing: Thing) -> None:
    with transaction() as tx:
        tx.delete(thing)
        LIST.count(tx, thing, -1)


def expected(model: list[Thing], wanted: dict[str, Any], sort: str, descending: bool) -> list[str]:
    def passes(thing: Thing) -> bool:
        for name, value in wanted.items():
            if name == "day_from" and thing.day < value.isoformat():
                return False
            if name == "day_to" and thing.day > value.isoformat():
                return False
            if name in LIST.equals and encode(getattr(thing, name)) != encode(value):
                return False
        return True

    def key(thing: Thing) -> tuple[Any, ...]:
        value = getattr(thing, sort)
        return (value is not None, value if value is not None else "", thing.created_at, thing.uuid)

    return [thing.uuid for thing in sorted(filter(passes, model), key=key, reverse=descending)]


@settings(max_examples=20, deadline=None)
@given(
    writes=st.lists(things, max_size=25),
    removed=st.sets(st.integers(0, 24), max_size=5),
    queries=st.lists(
        st.tuples(filters, st.sampled_from(LIST.sorts), st.booleans(), st.integers(1, 6), st.integers(0, 12)),
        min_size=3,
        max_size=6,
    ),
)
def test_any_writes_filter_sort_and_page_equal_the_model(
    writes: list[Any], removed: set[int], queries: list[Any]
) -> None:
    with mock_aws():
        make_tables("things", "counters")
        model = [write(number, value) for number, value in enumerate(writes)]
        for number in sorted(removed & set(range(len(model))), reverse=True):
            remove(model.pop(number))
        for wanted, sort, descending, limit, offset in queries:
            order = expected(model, wanted, sort, descending)
            request = PageRequest(limit, offset, sort, descending, wanted)
            page = LIST.page(request)
            assert [thing.uuid for thing in page.items] == order[offset : offset + limit]
            assert page.total == len(order)
            assert walk_by_cursor(replace(request, limit=limit + 4)) == order
            assert [thing.uuid for thing in LIST.every(wanted, sort, descending)] == order


def walk_by_cursor(request: PageRequest) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = LIST.page(replace(request, offset=0, cursor=cursor))
        seen += [thing.uuid for thing in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


def test_a_cursor_of_another_order_is_refused(tables: Callable[..., None]) -> None:
    tables("things", "counters")
    for number in range(3):
        write(number, PLAIN | {"created": number})
    cursor = LIST.page(PageRequest(limit=1)).next_cursor
    for request in (
        PageRequest(cursor=cursor, sort_field="number"),
        PageRequest(cursor=cursor, descending=False),
        PageRequest(cursor=cursor, filters={"team": "А"}),
        PageRequest(cursor="мусор"),
        PageRequest(cursor=""),
    ):
        with pytest.raises(AppError) as error:
            LIST.page(request)
        assert error.value.fields[0]["loc"] == ["query", "cursor"]


def test_counters_are_spread_over_shards(tables: Callable[..., None]) -> None:
    tables("things", "counters")
    for number in range(40):
        write(number, PLAIN)
    shards = batch_get(CounterItem, [(f"things#{shard}",) for shard in range(4)])
    assert len(shards) == 4
    assert sum(int(shard.n) for shard in shards) == 40
