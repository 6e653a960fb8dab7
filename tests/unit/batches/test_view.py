"""A list of batches fits into an answer, however long the texts in it are."""

import json

import pytest

from chalicelib.batches import view
from chalicelib.batches.store import BatchItem
from chalicelib.core import answers, clock
from chalicelib.products.schemas import Product
from chalicelib.products.store import new

LAMBDA_CARRIES = 6 * 1024 * 1024


def full_batch(number: int, long: str, short: str) -> BatchItem:
    at = clock.to_text(clock.now())
    return BatchItem(
        f"00000000-0000-4000-8000-{number:012d}", created_at=at, updated_at=at, is_closed=True, closed_at=at,
        task_description=long, shift=short, team=short, batch_number=10**15, batch_date="2025-01-20",
        nomenclature=short, ekn_code=short, shift_start=at, shift_end=at, products_total=100_000,
        work_center_id="00000000-0000-4000-8000-000000000000",
    )  # fmt: skip


def full_product(batch_id: str, number: int, code: str) -> Product:
    item = new(batch_id, number, code, clock.now())
    item.is_aggregated, item.aggregated_at, item.updated_at = True, item.created_at, item.created_at
    return Product.model_validate(item)


@pytest.mark.slow
@pytest.mark.parametrize("char", ["x", "Ё", '"', "\\", "\U0001f600", "<"])
@pytest.mark.parametrize("length", [1, 10_000])
def test_a_hundred_batches_with_the_longest_texts_fit(monkeypatch: pytest.MonkeyPatch, char: str, length: int) -> None:
    batches = [full_batch(number, char * length, char * 200) for number in range(100)]
    products = [full_product(batches[0].uuid, number, char * 200) for number in range(100)]
    first = {item.uuid: products for item in batches}  # of the same length in each
    monkeypatch.setattr(view.products, "first", lambda numbers, count: first)
    shown = view.in_list(batches)
    body = answers.json_bytes({"items": shown, "total": 100, "limit": 100, "offset": 0, "next_cursor": "x" * 4000})
    assert len(body) <= answers.LARGEST_ANSWER
    assert len(json.dumps(body.decode(), ensure_ascii=False).encode()) < LAMBDA_CARRIES
    assert [batch.products_total for batch in shown] == [100_000] * 100
    assert len(shown[0].products) == 100


def test_short_texts_show_all_their_products(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [full_batch(number, "Собрать узел", "Бригада А") for number in range(100)]
    products = [full_product(batches[0].uuid, number, f"PROD-{number:06d}") for number in range(100)]
    first = {item.uuid: products for item in batches}
    monkeypatch.setattr(view.products, "first", lambda numbers, count: first)
    assert {len(batch.products) for batch in view.in_list(batches)} == {100}
