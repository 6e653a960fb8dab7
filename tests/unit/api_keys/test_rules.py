"""What a key looks like, and what is kept of it."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chalicelib.api_keys import model
from chalicelib.core.errors import Invalid

KEY_ID = UUID("550e8400-e29b-41d4-a716-446655440000")
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_key_contains_its_id_and_its_record_no_secret() -> None:
    key = model.key_text(KEY_ID, b"s" * model.SECRET_BYTES)
    assert key.startswith("sf_") and len(key) == 67 and key.isascii()
    assert model.id_of(key) == str(KEY_ID)
    assert model.shown_prefix(key) == key[:11]
    assert model.shown_prefix(model.key_text(KEY_ID, b"t" * model.SECRET_BYTES)) == model.shown_prefix(key)
    assert model.hashed(key) != model.hashed(key[:-1] + "A")
    assert key not in model.hashed(key)


@pytest.mark.parametrize(
    "key",
    [
        "sf_",
        "sf_abc",
        "sf_" + "!" * 64,
        "sf_" + "я" * 64,
        "sf_" + "A" * 63,
        "sf_" + "A" * 65,
        "sf_" + "A" * 8000,
        "sf_" + urlsafe_b64encode(KEY_ID.bytes).decode(),
        "sf_\ud800",
    ],
)
def test_invalid_key_has_no_id(key: str) -> None:
    assert model.id_of(key) is None


def test_a_key_ends_in_the_future_or_never() -> None:
    model.check_expiry(None, NOW)
    model.check_expiry(NOW + timedelta(seconds=1), NOW)
    for late in (NOW, NOW - timedelta(days=1)):
        with pytest.raises(Invalid):
            model.check_expiry(late, NOW)
