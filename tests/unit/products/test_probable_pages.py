"""Which pages of a batch are read together with it."""

import pytest

from chalicelib.products import model, pages


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_numbers_used", {})


def names(batch_id: str) -> list[str]:
    return [key[2] for key in pages.probable_keys(batch_id)]


def test_the_first_page_of_an_unknown_batch_and_all_that_were_seen_of_a_known_one() -> None:
    assert names("b") == ["shown#000"]
    pages.remember("b", 2 * model.PAGE + 1)
    assert names("b") == ["shown#000", "shown#001", "shown#002"]
    assert names("other") == ["shown#000"]
    pages.remember("b", 10**6)
    assert len(names("b")) == model.SHOWN // model.PAGE


def test_few_batches_are_remembered() -> None:
    for number in range(pages.MAX_REMEMBERED + 5):
        pages.remember(str(number), 100)
    assert len(pages._numbers_used) <= pages.MAX_REMEMBERED
    assert len(names(str(pages.MAX_REMEMBERED + 4))) == 4
