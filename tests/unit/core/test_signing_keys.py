"""Signing keys: a rotation refuses no token on any instance; a revocation makes all other keys invalid."""

import json
import string
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.core import clock, signing_keys
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.core.signing_keys import (
    REFRESH_SECONDS,
    RETRY_SECONDS,
    SIGNS_AFTER_SECONDS,
    TOKEN_SECONDS,
    KeyRing,
    Keys,
)

START = 1_764_000_000
PLAIN = "p" * 64


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = float(START)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


class Secret:
    """The secret, and the number of reads."""

    def __init__(self, text: str = PLAIN) -> None:
        self.text, self.reads = text, 0
        self.failure: Exception | None = None

    def read(self) -> str:
        self.reads += 1
        if self.failure:
            raise self.failure
        return self.text

    def rotate(self, at: float, *, revoke: bool = False) -> None:
        self.text = KeyRing.parse(self.text).rotated(at, revoke=revoke).text()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replace the clock of the service."""
    made = Clock()
    monkeypatch.setattr(clock, "now", made.now)
    return made


def accepts(keys: Keys, token: tuple[str, str]) -> bool:
    """Return whether an instance has the key of a token under the name in the token."""
    kid, key = token
    return key in {one.key for one in keys.verifying(kid)}


def signed(keys: Keys) -> tuple[str, str]:
    """Return a token: the name of its key, and the key."""
    key = keys.signing()
    return key.kid, key.key


def seconds() -> Iterator[int]:
    """Yield every second of a rotation, then larger steps until the last token of the old key has expired."""
    yield from range(SIGNS_AFTER_SECONDS + 10)
    yield from range(SIGNS_AFTER_SECONDS + 10, TOKEN_SECONDS + 600, 97)


def test_rotation_refuses_no_token_on_any_instance(watch: Clock) -> None:
    """Instances read the secret at different times and sign at times; each must accept all tokens."""
    secret = Secret()
    instances = []
    for _ in range(6):
        instances.append(Keys(secret.read))
        instances[-1].signing()
        watch.at += REFRESH_SECONDS / 6
    begun = watch.at
    secret.rotate(begun)
    lately: dict[tuple[str, str], float] = {}  # token -> the time of its last signature
    for passed in seconds():
        watch.at = begun + passed
        instances[passed % 7 % 6].signing()  # so that some instances are idle
        lately |= {signed(one): watch.at for one in instances[passed % 3 :: 3]}
        for token, at in lately.items():
            if watch.at < at + TOKEN_SECONDS:
                assert all(accepts(one, token) for one in instances), (passed, token)
    assert len(lately) == 2


@given(st.text(string.ascii_letters + string.digits + string.punctuation, min_size=32, max_size=64))
@example('{OWRWF~mDM*JUoluik.fC:G#$NyY`{>%Onbk-fp1\\9/!Jd"|FqIAp8j^72/~{@Th')
@example("{}" * 32)
def test_any_plain_text_is_one_key_and_stays_valid_after_a_rotation(plain: str) -> None:
    (key,) = KeyRing.parse(plain).keys
    assert key.key == plain
    ring = KeyRing.parse(KeyRing.parse(plain).rotated(START).text())
    assert ring.valid(START) == (ring.keys[0], key)


def test_a_secret_that_was_edited_by_hand_is_not_taken_for_a_plain_key() -> None:
    keys = json.loads(KeyRing.parse(PLAIN).rotated(START).text())["keys"]
    edited = json.dumps({"note": "rotated in May", "keys": keys}, indent=2)
    assert [one.kid for one in KeyRing.parse(edited).keys] == [one["kid"] for one in keys]
    with pytest.raises(ValueError):
        KeyRing.parse(edited[:-2])


def test_new_key_signs_only_after_every_instance_can_have_it(watch: Clock) -> None:
    assert SIGNS_AFTER_SECONDS >= REFRESH_SECONDS + 30
    secret = Secret()
    old = signed(Keys(secret.read))
    secret.rotate(watch.at)
    instance = Keys(secret.read)
    watch.at += SIGNS_AFTER_SECONDS - 1
    assert signed(instance) == old
    watch.at += 1
    assert signed(instance) != old


def test_replaced_key_is_invalid_after_its_tokens_have_expired(watch: Clock) -> None:
    secret = Secret()
    instance = Keys(secret.read)
    old = signed(instance)
    secret.rotate(watch.at)
    watch.at += SIGNS_AFTER_SECONDS + TOKEN_SECONDS + REFRESH_SECONDS - 1
    assert accepts(instance, old)
    watch.at += 1
    assert not accepts(instance, old)
    secret.rotate(watch.at)
    assert old[1] not in secret.text


def test_keys_of_quick_rotations_stay_until_their_tokens_have_expired(watch: Clock) -> None:
    secret, tokens = Secret(), []
    for _ in range(3):
        tokens.append(signed(Keys(secret.read)))
        secret.rotate(watch.at)
        watch.at += SIGNS_AFTER_SECONDS
    assert len(set(tokens)) == 3
    assert all(accepts(Keys(secret.read), token) for token in tokens)


def test_revocation_makes_the_new_key_sign_at_once_and_the_others_invalid(watch: Clock) -> None:
    secret = Secret()
    stale = Keys(secret.read)
    old = signed(stale)
    watch.at += 1
    secret.rotate(watch.at)
    secret.rotate(watch.at, revoke=True)
    fresh = Keys(secret.read)
    new = signed(fresh)
    assert new != old
    assert not accepts(fresh, old)
    assert accepts(stale, new)  # reads the secret for an unknown key
    assert not accepts(stale, old)


def test_instance_reads_a_revocation_within_a_minute(watch: Clock) -> None:
    secret = Secret()
    stale = Keys(secret.read)
    old = signed(stale)
    secret.rotate(watch.at, revoke=True)
    watch.at += REFRESH_SECONDS
    assert not accepts(stale, old)


def test_a_token_without_kid_is_tried_with_every_key(watch: Clock) -> None:
    secret = Secret()
    secret.rotate(watch.at)
    assert [key.key for key in Keys(secret.read).verifying(None)][1:] == [PLAIN]


def test_plain_secret_is_one_key_with_a_stable_name(watch: Clock) -> None:
    first, second = Keys(Secret().read).signing(), Keys(Secret().read).signing()
    assert (first, first.key) == (second, PLAIN)
    assert first.kid not in PLAIN and PLAIN not in repr(first)
    assert KeyRing.parse(KeyRing.parse(PLAIN).text()).keys == (first,)


def test_unknown_kids_do_not_make_an_instance_read_the_secret_often(watch: Clock) -> None:
    secret = Secret()
    instance = Keys(secret.read)
    for step in range(RETRY_SECONDS * 40):
        watch.at = START + step / 4
        assert instance.verifying(f"made-up-{step}") == ()
    assert secret.reads <= 1 + 10
    watch.at += REFRESH_SECONDS
    instance.signing()
    assert secret.reads <= 1 + 10 + 1


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="https://secretsmanager"),
        ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue"),
    ],
)
def test_known_keys_stay_valid_while_the_secret_cannot_be_read(failure: Exception, watch: Clock) -> None:
    secret = Secret()
    instance = Keys(secret.read)
    token = signed(instance)
    secret.failure = failure
    for _ in range(10):
        watch.at += REFRESH_SECONDS / 3
        assert accepts(instance, token)
    with pytest.raises(type(failure)):
        instance.verifying("unknown")  # raises, since the key cannot be looked up
    with pytest.raises(type(failure)):
        Keys(secret.read).signing()


def test_missing_right_is_raised(watch: Clock) -> None:
    secret = Secret()
    instance = Keys(secret.read)
    instance.signing()
    secret.failure = ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")
    watch.at += REFRESH_SECONDS
    with pytest.raises(ClientError):
        instance.signing()


def test_rotate_writes_the_new_key_into_the_secret(
    aws: None, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = client("secretsmanager")
    arn = manager.create_secret(Name="jwt", SecretString=PLAIN)["ARN"]
    monkeypatch.setenv("JWT_SECRET_ARN", arn)
    settings.cache_clear()
    signing_keys.keys_of.cache_clear()

    def rotate(**event: Any) -> dict[str, Any]:
        told = signing_keys.rotate(event)
        assert not any(key.key in str(told) for key in ring().keys)
        return told

    def ring() -> KeyRing:
        return KeyRing.parse(manager.get_secret_value(SecretId=arn)["SecretString"])

    before = signing_keys.signing()
    told = rotate()
    assert (told["kept"], len(ring().keys[0].key)) == ([before.kid], 64)
    later(seconds=SIGNS_AFTER_SECONDS + 1)
    assert signing_keys.signing().kid == told["kid"]
    assert signing_keys.verifying(before.kid) == (before,)
    last = rotate(revoke=True)
    assert (last["kept"], [key.kid for key in ring().keys]) == ([], [last["kid"]])
    monkeypatch.undo()
    settings.cache_clear()
    signing_keys.keys_of.cache_clear()
