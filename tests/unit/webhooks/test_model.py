"""Rules of webhooks, and the bytes and signatures that receivers get."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chalicelib.webhooks import model, signing


@pytest.mark.parametrize(("tries", "base"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32)])
def test_pauses_double_and_vary_by_half(tries: int, base: int) -> None:
    assert model.pause_seconds(tries, 0.5) in (max(1, base // 2), base // 2 + 1)
    assert model.pause_seconds(tries, 1) == base
    assert model.pause_seconds(tries, 1.5) <= min(60, base * 1.5 + 0.5)


@given(st.integers(1, 11), st.floats(0.5, 1.5))
def test_a_pause_is_between_one_second_and_a_minute(tries: int, jitter: float) -> None:
    assert 1 <= model.pause_seconds(tries, jitter) <= 60


@pytest.mark.parametrize(("asked", "seconds"), [(0, 4), (3, 4), (30, 30), (30.2, 31), (3_600, 60)])
def test_a_receiver_may_ask_for_a_longer_pause_up_to_the_longest(asked: float, seconds: int) -> None:
    assert model.pause_seconds(3, 1, asked) == seconds


@given(st.floats(0, 10), st.integers(1, 200), st.floats(0, 1))
def test_a_refusal_postpones_until_the_breaker_may_let_it_through(after: float, times: int, jitter: float) -> None:
    assert after <= model.postponement_seconds(after, times, jitter) <= 60


@pytest.mark.parametrize(
    ("status", "tries", "expected"),
    [
        (200, 1, "success"), (299, 4, "success"), (199, 1, "again"), (300, 1, "again"), (404, 3, "again"),
        (500, 4, "failed"), (None, 1, "again"), (None, 4, "failed"), (410, 1, "gone"), (410, 4, "gone"),
    ],
)  # fmt: skip
def test_what_an_attempt_means(status: int | None, tries: int, expected: str) -> None:
    assert model.verdict(status, tries, retry_count=3) == expected


def test_a_delivery_has_one_id_however_often_it_is_made() -> None:
    assert model.delivery_id("event", "one") == model.delivery_id("event", "one")
    assert len({model.delivery_id(event, to) for event in "ab" for to in ("one", "two")}) == 4


def test_the_body_is_sorted_utf8_without_blanks() -> None:
    body = signing.body("batch.created", "2025-01-20T18:00:00Z", {"b": "партия", "a": 1})
    text = '{"data":{"a":1,"b":"партия"},"event":"batch.created","timestamp":"2025-01-20T18:00:00Z"}'
    assert body == text.encode()


def test_the_signature_is_the_documented_one() -> None:
    known = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert signing.signature("key", b"The quick brown fox jumps over the lazy dog") == known
    assert signing.verifies("key", b"The quick brown fox jumps over the lazy dog", f" {known} ")
    assert not signing.verifies("key", b"the quick brown fox jumps over the lazy dog", known)


@given(st.binary(min_size=1, max_size=64), st.dictionaries(st.text(), st.text()))
def test_the_official_library_verifies_standard_keys(secret: bytes, data: dict[str, str]) -> None:
    key = signing.PREFIX + base64.b64encode(secret).decode()
    body = json.dumps(data, ensure_ascii=False).encode(errors="replace")
    headers = signing.headers("id-1", "batch.created", body, [key], datetime.now(UTC))
    Webhook(key).verify(body, headers, json_parse=False)


PRINTABLE = st.characters(exclude_categories=("C", "Z")) | st.just(" ")


@given(st.text(PRINTABLE, min_size=6).filter(lambda text: not text.startswith("whsec_")))
def test_any_other_key_is_its_bytes(key: str) -> None:
    body = b'{"a":1}'
    headers = signing.headers("id-1", "batch.created", body, [key, "whsec_AAAA"], datetime.now(UTC))
    assert Webhook(key.encode()).verify(body, headers) == {"a": 1}
    assert Webhook("whsec_AAAA").verify(body, headers) == {"a": 1}


@pytest.mark.parametrize("key", ["whsec_", "whsec_A", "whsec_a b", "whsec_я", "whsec_AAAA====", "whsec_AA-_"])
def test_what_follows_the_prefix_has_to_be_base64(key: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        signing.standard_key(key)


@pytest.mark.parametrize("key", ["whsec_AAAA", "whsec_AAA", "whsec_AAA=", "whsec_AA=="])
def test_padding_may_be_left_away_as_in_the_library(key: str) -> None:
    assert set(signing.standard_key(key)) == {0}
