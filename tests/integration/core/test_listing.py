"""Lists: how few index keys a page and a total read, refused cursors, sharded counters, items of an earlier release."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock, list_pages, listing, threads
from chalicelib.core.aws import client
from chalicelib.core.counters import CounterItem
from chalicelib.core.dynamo import batch_get, table
from chalicelib.core.errors import AppError
from chalicelib.core.listed import Unfilled, code_of
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageRequest, encode
from chalicelib.core.settings import settings as environment
from chalicelib.core.transactions import transaction
from tests.stages import stage_with


@table("things")
class Thing(Model):
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
    ranges={
        "day_from": Range("day", lower=True),
        "day_to": Range("day", lower=False),
        "created_from": Range("created_at", lower=True),
        "created_to": Range("created_at", lower=False),
    },
    counted=("day", "team", "is_closed"),
)

START = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = {"created": 0, "updated": None, "number": 1, "day": START.date(), "team": "А", "is_closed": False}


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


def expected(model: list[Thing], wanted: dict[str, Any], sort: str, descending: bool) -> list[str]:
    def passes(thing: Thing) -> bool:
        for name, value in wanted.items():
            if name == "day_from" and thing.day < value.isoformat():
                return False
            if name == "day_to" and thing.day > value.isoformat():
                return False
            if name == "created_from" and thing.created_at < clock.to_text(value):
                return False
            if name == "created_to" and thing.created_at > clock.to_text(value):
                return False
            if name in LIST.equals and encode(getattr(thing, name)) != encode(value):
                return False
        return True

    def key(thing: Thing) -> tuple[Any, ...]:
        value = getattr(thing, sort)
        return (value is not None, value if value is not None else "", thing.created_at, thing.uuid)

    return [thing.uuid for thing in sorted(filter(passes, model), key=key, reverse=descending)]


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


@pytest.fixture
def keys_read(tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tables of the list; how many index keys each query has read."""
    tables("things", "counters")
    pages: list[int] = []
    real = client("dynamodb").query

    def query(**arguments: Any) -> Any:
        answer = real(**arguments)
        pages.append(len(answer["Items"]))
        return answer

    monkeypatch.setattr(client("dynamodb"), "query", query)
    return pages


def teams_by_number(number: int) -> str:
    return "А" if number % 4 == 0 else "Б"


def test_a_filter_in_another_order_reads_less_than_it_matches(keys_read: list[int]) -> None:
    made = [write(number, PLAIN | {"number": number, "team": teams_by_number(number)}) for number in range(240)]
    request = PageRequest(limit=3, sort_field="number", filters={"team": "А"})
    page = LIST.page(request)
    assert [thing.uuid for thing in page.items] == expected(made, {"team": "А"}, "number", True)[:3]
    assert page.total == 60
    assert sum(keys_read) < 60


def test_matches_at_the_far_end_of_the_order_cost_at_most_twice_what_matches(keys_read: list[int]) -> None:
    made = [write(number, PLAIN | {"number": number, "team": "А" if number < 60 else "Б"}) for number in range(200)]
    page = LIST.page(PageRequest(limit=3, sort_field="number", filters={"team": "А"}))
    assert [thing.uuid for thing in page.items] == expected(made, {"team": "А"}, "number", True)[:3]
    assert page.total == 60
    assert 60 < sum(keys_read) <= 2 * 60


@pytest.mark.parametrize(
    ("wanted", "everything", "matching", "shards", "page"),
    [
        (26, 10_000, 2_500, 1, 140),
        (26, 10_000, 2_500, 6, 31),
        (26, 10_000, 100, 6, None),
        (10_026, 100_000, 12_000, 6, None),
        (26, 26, 26, 6, None),
        (1, 1, 1, 1, None),
    ],
)
def test_the_way_to_read_is_chosen_by_the_counters(
    wanted: int, everything: int, matching: int, shards: int, page: int | None
) -> None:
    assert list_pages.keys_per_shard_if_cheaper(wanted, everything, matching, shards) == page


def test_the_total_of_a_few_days_is_the_sum_of_their_counters(keys_read: list[int]) -> None:
    for number in range(40):
        write(number, PLAIN | {"number": number, "day": START.date() + timedelta(days=number % 10)})
    wanted = {"day_from": START.date() + timedelta(days=2), "day_to": START.date() + timedelta(days=5)}
    assert LIST.total(wanted) == 16
    assert keys_read == []
    page = LIST.page(PageRequest(limit=1, sort_field="day", filters=wanted))
    assert (page.total, sum(keys_read)) == (16, 2 * environment().listing_shards)


def test_of_several_filters_the_one_that_matches_least_is_read(keys_read: list[int]) -> None:
    for number in range(40):
        write(number, PLAIN | {"team": teams_by_number(number), "day": START.date() + timedelta(days=number % 20)})
    for days, most in ((0, 2), (19, 10)):
        wanted = {"team": "А", "day_from": START.date(), "day_to": START.date() + timedelta(days=days)}
        keys_read.clear()
        assert LIST.page(PageRequest(filters=wanted)).total == most
        assert sum(keys_read) <= 10


def test_what_an_item_of_an_earlier_release_lacks_is_neither_a_match_nor_null(keys_read: list[int]) -> None:
    made = [write(number, PLAIN | {"number": number, "team": teams_by_number(number)}) for number in range(8)]
    old, key = made[3], {"uuid": {"S": made[3].uuid}}
    for attribute in ("listed.#code", "listed"):  # the list did not have the field then, or no index had it
        names = {"ExpressionAttributeNames": {"#code": code_of("team")}} if "#" in attribute else {}
        table_of = {"TableName": Thing.Meta.table_name, "Key": key, "UpdateExpression": f"REMOVE {attribute}"}
        client("dynamodb").update_item(**table_of, **names)
        assert [thing.number for thing in LIST.page(PageRequest(sort_field="number")).items] == list(range(7, -1, -1))
        for team in ("А", "Б", ""):
            with pytest.raises(Unfilled) as error:
                LIST.page(PageRequest(filters={"number": 3, "team": team}))
            assert (error.value.status, error.value.headers["Retry-After"]) == (503, "2")
    with transaction() as tx:
        tx.put(old, index=LIST.index(old))
    assert LIST.page(PageRequest(filters={"number": 3, "team": "Б"})).total == 1


def test_one_shard_is_read_without_a_thread(tables: Callable[..., None]) -> None:
    tables("things", "counters")
    with stage_with((1, 1)) as patch:
        patch.setattr(threads, "_pool", lambda: pytest.fail("a thread was asked for"))
        write(1, PLAIN)
        assert len(LIST.page(PageRequest()).items) == LIST.page(PageRequest(filters={"number": 1})).total == 1


EVERY_DAY = {"day_from": START.date(), "day_to": START.date() + timedelta(days=9)}
FIRST_HOUR = {"created_from": START, "created_to": START + timedelta(hours=1)}


@pytest.mark.parametrize(
    ("filters", "sort_field", "keys_per_match"),
    [
        ({}, "created_at", 1),
        (EVERY_DAY, "day", 1),
        (EVERY_DAY | {"team": "А"}, "day", 4),
        (FIRST_HOUR | {"team": "А"}, "created_at", 1),
        (EVERY_DAY | {"team": "А"}, "created_at", 1),
    ],
    ids=["all", "range", "range and filter", "filter and time", "filter and another range"],
)
def test_reading_all_holds_one_page_of_each_shard(
    keys_read: list[int], monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any], sort_field: str, keys_per_match: int
) -> None:
    monkeypatch.setattr(listing, "KEYS_PER_PAGE", page := 3)
    monkeypatch.setattr(listing, "MAX_KEYS", chunk := 5)
    for number in range(160):
        about = {"created": number // 4, "team": teams_by_number(number), "day": START.date() + timedelta(number % 10)}
        write(number, PLAIN | about)
    ahead = page * environment().listing_shards + keys_per_match * chunk
    found = 0
    for found, _ in enumerate(LIST.every(filters, sort_field), start=1):
        assert sum(keys_read) <= keys_per_match * found + ahead
    assert found == LIST.total(filters)


def test_counting_what_several_filters_match_reads_one_index_once(keys_read: list[int]) -> None:
    for number in range(40):
        write(number, PLAIN | {"number": number % 2, "team": teams_by_number(number)})
    assert LIST.total({"team": "А", "number": 0}) == 10
    assert len(keys_read) == environment().listing_shards
