"""A copy of an item is what copy.deepcopy makes, shared containers included."""

import copy
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from localstack.engine.copies import copied

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.binary(max_size=3) | st.floats(allow_nan=False)
)
NAMES = st.sampled_from(["S", "M", "L", "x"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@settings(max_examples=60, deadline=None, database=None)
@given(VALUES)
def test_copy_is_equal_and_of_its_own(value: object) -> None:
    new = copied(value)
    assert new == copy.deepcopy(value)
    if isinstance(value, dict | list) and value:
        assert new is not value


def test_containers_shared_inside_of_an_item_are_shared_in_its_copy() -> None:
    shared = {"M": {"x": {"S": "1"}}}
    new = copied({"a": shared, "b": shared, "l": {"L": [shared]}})
    assert new["a"] is new["b"] is new["l"]["L"][0]
    assert new["a"] is not shared


def test_items_of_a_table_stay_a_defaultdict() -> None:
    items = defaultdict(dict, {"p": {"s": {"pk": {"S": "p"}}}})
    new = copied({"items": items})["items"]
    assert type(new) is defaultdict
    assert new == items
    assert new["other"] == {}
    assert new["p"]["s"] is not items["p"]["s"]


def test_a_container_that_holds_itself_is_copied() -> None:
    loop: dict[str, object] = {"a": 1, "b": 2}
    loop["self"] = loop
    new = copied(loop)
    assert new["self"] is new
