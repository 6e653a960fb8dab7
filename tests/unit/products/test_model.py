"""Ids and places of products."""

from uuid import UUID

from chalicelib.products import model


def test_the_id_follows_from_batch_and_code() -> None:
    made = model.product_id("b1", "A")
    assert made == model.product_id("b1", "A")
    assert UUID(made).version == 5
    assert len({made, model.product_id("b2", "A"), model.product_id("b1", "a"), model.product_id("b1", "А")}) == 4


def test_a_code_cannot_pretend_to_be_of_another_batch() -> None:
    one, other = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    assert model.product_id(one, f"/{other}/A") != model.product_id(other, "A")


def test_a_thousand_products_share_a_partition_and_partitions_sort_by_number() -> None:
    places = [model.partition("b1", number) for number in (0, 999, 1_000, 99_999, 100_000, 10_000_000)]
    assert places[0] == places[1]
    assert places == sorted(places)
    assert len(set(places)) == 5
