"""What a work centre holds, and the counter that says whether it is in use."""

from chalicelib.batches.store import BATCHES
from chalicelib.work_centers import model


def test_an_identifier_makes_the_claim_as_it_is_written() -> None:
    claims = {model.identifier_claim(text) for text in ("WC-1", "wc-1", "WC-1#", "ВЦ-1")}
    assert len(claims) == 4


def test_its_counter_of_batches_is_the_one_the_list_keeps() -> None:
    assert model.batches_counter("w1") == BATCHES.counter("work_center_id", "w1")
