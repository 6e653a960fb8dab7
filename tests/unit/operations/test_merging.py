"""Lists of several kinds become one, and one place in it is a place in each of them."""

import random

import pytest

from chalicelib.core.errors import Invalid
from chalicelib.core.index_reads import END
from chalicelib.core.newest import NewestKeys
from chalicelib.core.paging import SEPARATOR
from chalicelib.operations import merging
from chalicelib.operations.model import KINDS, STATUSES, Kind, raw_statuses

TIMES = [f"2026-01-01T00:00:{second:02d}.000000Z" for second in range(12)]


def position(second: int, number: int = 1) -> str:
    return f"{TIMES[second]}{SEPARATOR}{number:018d}"


def found(*positions: str, end: str | None = None) -> NewestKeys:
    return NewestKeys(tuple((one, {}) for one in positions), end)


def test_the_newest_of_all_kinds_come_first() -> None:
    entries, end = merging.merge({"saga": found(position(5), position(1)), "long": found(position(3))}, 10)
    assert [(entry.kind, entry.place[:27]) for entry in entries] == [
        ("saga", TIMES[5]),
        ("long", TIMES[3]),
        ("saga", TIMES[1]),
    ]
    assert end is None


def test_entries_below_the_end_of_a_list_stay_for_the_next_page() -> None:
    looks: dict[Kind, NewestKeys] = {
        "saga": found(position(9), position(2)),
        "long": found(position(7), end=position(5)),
    }
    entries, end = merging.merge(looks, 10)
    assert [entry.place[:27] for entry in entries] == [TIMES[9], TIMES[7]]
    assert end == merging.merged_place("long", position(5))


def test_a_page_is_cut_after_its_last_entry() -> None:
    entries, end = merging.merge({"saga": found(*(position(second) for second in (4, 3, 2)), end=position(2))}, 2)
    assert len(entries) == 2 and end == entries[-1].place


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_have_everything_once_and_in_order_however_many_are_of_one_moment(size: int) -> None:
    choice = random.Random(size)
    lists: dict[Kind, list[str]] = {
        kind: sorted({position(choice.randrange(12), choice.randrange(50)) for _ in range(20)}, reverse=True)
        for kind in KINDS
    }
    seen, place = list[str](), None
    while True:
        looks: dict[Kind, NewestKeys] = {}
        for kind, positions in lists.items():
            before = merging.position_in_list(kind, place) if place else END
            left = [one for one in positions if one < before]
            looked = left[: size + choice.randrange(1, 4)]
            looks[kind] = found(*looked, end=looked[-1] if len(looked) < len(left) else None)
        entries, place = merging.merge(looks, size)
        seen += [entry.place for entry in entries]
        if place is None:
            break
        assert merging.check(place) == place
    expected = [merging.merged_place(kind, one) for kind, positions in lists.items() for one in positions]
    assert seen == sorted(expected, reverse=True)


@pytest.mark.parametrize(
    "place",
    [
        "x",
        SEPARATOR * 2,
        f"{TIMES[0]}{SEPARATOR}saga{SEPARATOR}",
        f"{TIMES[0]}{SEPARATOR}other{SEPARATOR}1",
        f"{TIMES[0]}{SEPARATOR}saga{SEPARATOR}{END}",
        f"2026{SEPARATOR}saga{SEPARATOR}1",
    ],
)
def test_a_place_that_no_list_has_is_refused(place: str) -> None:
    with pytest.raises(Invalid):
        merging.check(place)


def test_every_status_of_a_kind_means_something() -> None:
    assert raw_statuses("background", {"cancelled"}) == {"FAILURE"}
    assert raw_statuses("saga", {"failed", "waiting"}) == {"failed", "compensated", "pending"}
    assert raw_statuses("schedule", {"running"}) == set()
    assert all(meanings for kind in KINDS for meanings in STATUSES[kind].values())
