"""The stored fingerprint of a request with an Idempotency-Key: slow and salted for a body with a password."""

import hashlib

import pytest

from chalicelib.core.deadline import deadline
from chalicelib.core.idempotency import _fingerprint

SALT = b"0" * 32


@pytest.mark.parametrize("name", ["password", "old_password", "secret_key"])
def test_fingerprint_of_a_body_with_a_password_is_slow_and_salted(name: str) -> None:
    body = b'{"%s": "letmein"}' % name.encode()
    kept = _fingerprint(body, SALT)
    assert kept not in (hashlib.sha256(body).hexdigest(), _fingerprint(body, b"1" * 32))
    assert kept == _fingerprint(body, SALT) != _fingerprint(body + b" ", SALT)


def test_fingerprint_of_another_body_is_fast() -> None:
    body = b'{"name": "password"}'
    assert _fingerprint(body, SALT) == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("part", [b"password", b"secret_", b'"password', b"_", b'"'])
def test_fingerprint_of_the_largest_body_takes_linear_time(part: bytes) -> None:
    with deadline(2.0):
        _fingerprint(b'{"note": "' + part * (1_000_000 // len(part)) + b'"}', SALT)
