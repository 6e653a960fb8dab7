"""The listing engine against a plain Python list: any writes, any filter, sort and page give the same answer."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core import list_pages
from chalicelib.core.paging import PageRequest
from chalicelib.core.transactions import transaction
from tests.aws_calls import mock_aws
from tests.conftest import make_tables
from tests.integration.core.test_listing import LIST, START, Thing, expected, write
from tests.stages import stage_with

days = st.integers(0, 4).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
moments = st.integers(0, 5).map(lambda n: START + timedelta(minutes=n))
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
        "created_from": moments,
        "created_to": moments,
    },
)


def remove(thing: Thing) -> None:
    with transaction() as tx:
        tx.delete(thing)
        LIST.count(tx, thing, -1)


SHARDS = [(1, 1), (3, 4), (6, 16)]  # of the lists, of the counters
EXAMPLES: dict[str, Any] = {
    "shards": st.sampled_from(SHARDS),
    "writes": st.lists(things, max_size=25),
    "removed": st.sets(st.integers(0, 24), max_size=5),
    "queries": st.lists(
        st.tuples(filters, st.sampled_from(LIST.sorts), st.booleans(), st.integers(1, 6), st.integers(0, 12)),
        min_size=3,
        max_size=6,
    ),
}


def check_against_model(writes: list[Any], removed: set[int], queries: list[Any]) -> None:
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
            assert page.total == LIST.total(wanted) == len(order)
            assert (page.next_cursor is not None) == (offset + limit < len(order))
            assert walk_by_cursor(replace(request, limit=limit + 4)) == order
            assert [thing.uuid for thing in LIST.every(wanted, sort, descending)] == order


@settings(max_examples=20, deadline=None)
@given(**EXAMPLES)
def test_any_writes_filter_sort_and_page_equal_the_model(shards: Any, writes: Any, removed: Any, queries: Any) -> None:
    with stage_with(shards):
        check_against_model(writes, removed, queries)


@settings(max_examples=20, deadline=None)
@given(page=st.sampled_from([1, 3, 50]), **EXAMPLES)  # keys a page: too few, so that it ends in memory; some; enough
def test_filtering_while_an_index_is_read_in_its_order_equals_the_model(
    page: int, shards: Any, writes: Any, removed: Any, queries: Any
) -> None:
    with stage_with(shards) as patch:
        patch.setattr(list_pages, "keys_per_shard_if_cheaper", lambda *_: page)
        check_against_model(writes, removed, queries)


def walk_by_cursor(request: PageRequest) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = LIST.page(replace(request, offset=0, cursor=cursor))
        seen += [thing.uuid for thing in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen
