"""A list of batches fits into an answer, however long the texts in it are."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.batches import view
from chalicelib.batches.schemas import Batch, ShiftTimeRange
from chalicelib.batches.store import BatchItem
from chalicelib.core import answers, clock
from chalicelib.core.answers import JsonPage
from chalicelib.core.fields import Page
from chalicelib.core.paging import PageOf
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


def full_product(batch_id: str, number: int, code: str) -> str:
    item = new(batch_id, number, code, clock.now())
    item.is_aggregated, item.aggregated_at, item.updated_at = True, item.created_at, item.created_at
    return Product.model_validate(item).model_dump_json()


@pytest.mark.slow
@pytest.mark.parametrize("char", ["x", "Ё", '"', "\\", "\U0001f600", "<"])
@pytest.mark.parametrize("length", [1, 10_000])
def test_of_a_hundred_batches_with_the_longest_texts_as_many_are_shown_as_fit(
    monkeypatch: pytest.MonkeyPatch, char: str, length: int
) -> None:
    batches = [full_batch(number, char * length, char * 200) for number in range(100)]
    products = [full_product(batches[0].uuid, number, char * 200) for number in range(100)]
    first = {item.uuid: products for item in batches}  # of the same length in each
    monkeypatch.setattr(view.products, "first_texts", lambda numbers, count, known: first)
    texts = view.in_list([item.attribute_values for item in batches], {})
    found = PageOf(batches, 100, 100, 0, "x" * 4000, cursor_after=lambda count: f"after {count}")
    body = answers.answer_of(JsonPage.of(found, texts, view._page_text), 200).body
    assert len(body) <= answers.MAX_BODY_BYTES < LAMBDA_CARRIES * 3 / 4
    page = json.loads(body)
    shown = page["items"]
    assert len(shown) == 100 or page["next_cursor"] == f"after {len(shown)}"
    assert [(batch["products_total"], len(batch["products"])) for batch in shown] == [(100_000, 100)] * len(shown)


def test_short_texts_show_all_their_products(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [full_batch(number, "Собрать узел", "Бригада А") for number in range(100)]
    first = {item.uuid: [full_product(item.uuid, n, f"PROD-{n:06d}") for n in range(100)] for item in batches}
    monkeypatch.setattr(view.products, "first_texts", lambda numbers, count, known: first)
    texts = view.in_list([item.attribute_values for item in batches], {})
    assert {len(json.loads(text)["products"]) for text in texts} == {100}


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1))
stored = st.one_of(moments, moments.map(lambda at: at.replace(microsecond=0))).map(clock.to_text)
batches = st.builds(
    BatchItem,
    st.uuids().map(str),
    created_at=stored,
    updated_at=st.none() | stored,
    is_closed=st.booleans(),
    closed_at=st.none() | stored,
    task_description=texts,
    shift=texts,
    team=texts,
    batch_number=st.integers(1, 10**15),
    batch_date=st.dates(datetime(1900, 1, 1).date()).map(str),
    nomenclature=texts,
    ekn_code=texts,
    shift_start=stored,
    shift_end=stored,
    work_center_id=st.uuids().map(str),
    products_total=st.integers(0, 10**6),
    aggregated_total=st.integers(0, 10**6),
    planned_quantity=st.none() | st.integers(1, 10**6),
)
codes = st.lists(st.tuples(texts, st.booleans()), max_size=3)


def as_model(item: BatchItem, shown: list[Product]) -> Batch:
    """What the text of a batch has to say, by the schema of the document."""
    fields = {name: item.attribute_values.get(name) for name in Batch.model_fields}
    shift = ShiftTimeRange.model_validate({"start": item.shift_start, "end": item.shift_end})
    return Batch.model_validate(fields | {"shift_time_range": shift, "products": shown})


@given(batches, codes, st.none() | st.just("YWJj"))
def test_a_batch_and_a_page_are_byte_for_byte_what_their_models_are(item: BatchItem, codes: Any, cursor: Any) -> None:
    added = [new(item.uuid, number, code, clock.now()) for number, (code, _) in enumerate(codes)]
    for product, (_, aggregated) in zip(added, codes, strict=True):
        product.is_aggregated = aggregated
        product.aggregated_at = product.created_at if aggregated else None
    models = [Product.model_validate(product) for product in added]
    expected = as_model(item, models)
    for values in (item.attribute_values, view._values(item.serialize())):
        text = view._text(values, [product.model_dump_json() for product in models])
        assert text.encode() == answers.json_bytes(expected)
        page = view._page_text(PageOf([item], 7, 25, 50, cursor), [text])
        model = Page[Batch](items=[expected], total=7, limit=25, offset=50, next_cursor=cursor)
        assert page.encode() == answers.json_bytes(model)
