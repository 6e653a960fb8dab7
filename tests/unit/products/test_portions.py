"""Products in parts that fit into a transaction, with the pages they are shown on."""

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.products import pages


def products(numbers: Any) -> list[Any]:
    return [SimpleNamespace(number=number, batch_id="b") for number in numbers]


@pytest.mark.parametrize("numbers", [range(3_000), range(0, 3_000, 7), range(0, 1_200, 40), range(990, 1_010), ()])
def test_no_part_writes_more_than_it_may_and_nothing_is_lost(numbers: Any) -> None:
    parts = list(pages.portions(products(numbers), 94))
    assert [one.number for part in parts for one in part] == list(numbers)
    for part in parts:
        shown = {one.number // 25 for one in part if one.number < 1_000}
        assert 0 < len(part) + len(shown) <= 94


def test_parts_are_as_large_as_they_can_be() -> None:
    sizes = [len(part) for part in pages.portions(products(range(1_000, 1_200)), 94)]
    assert sizes == [94, 94, 12]
    assert len(next(pages.portions(products(range(1_000)), 94))) == 90
