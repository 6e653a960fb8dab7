"""Secrets in JSON of users are found by name and by look, however deep, and nothing else is redacted."""

from secrets import token_bytes
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.api_keys.model import key_text
from chalicelib.core import redaction
from chalicelib.core.redaction import MASK, is_secret, mask_json, mask_log, mask_text, scrub, secrets_in

SECRET = "s3cr3t-of-a-third-party"
NAMES = [
    "Authorization", "authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-API-Key", "x_api_key", "apiKey",
    "X-Auth-Token", "access_token", "refreshToken", "token", "password", "dbPassword", "user_passwd", "pwd", "secret",
    "client_secret", "clientSecret", "privateKey", "AWS_SECRET_ACCESS_KEY", "credentials", "X-Hub-Signature", "auth",
    "pass", "jwt", "passphrase",
]  # fmt: skip
PLAIN = ["url", "Content-Type", "author", "passenger", "key", "keyboard", "data", "compass", "Idempotency-Key", "n"]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_secret_says_so_in_any_spelling(name: str) -> None:
    assert is_secret(name)
    for value in (SECRET, {"a": [SECRET]}, [SECRET], f"Bearer {SECRET}"):
        shown = mask_json({"a": [{"b": {name: value}}]})
        assert shown == {"a": [{"b": {name: MASK}}]}
        assert SECRET in secrets_in({name: value})
    assert mask_json({name: None, "a": 1}) == {name: None, "a": 1}


@pytest.mark.parametrize("name", PLAIN)
def test_other_names_hide_nothing(name: str) -> None:
    assert not is_secret(name)
    value = {name: SECRET, "more": [{name: 5}, True, None, 1.5, "текст"]}
    assert mask_json(value) == value
    assert secrets_in(value) == set()


TEXTS = {
    f"https://user:{SECRET}@host.example/path?a=1": "https://***@host.example/path?a=1",
    f"https://{SECRET}@host.example/": "https://***@host.example/",
    f"https://host.example/?a=1&token={SECRET}&b=2": "https://host.example/?a=1&token=***&b=2",
    f"https://host.example/?X-Amz-Signature={SECRET}": "https://host.example/?X-Amz-Signature=***",
    f"grant=1&client_secret={SECRET}": "grant=1&client_secret=***",
    f'{{"a": 1, "password": "{SECRET}"}}': '{"a": 1, "password": "***"}',
    f"fetch https://u:{SECRET}@host.example/?api_key={SECRET}": "fetch https://***@host.example/?api_key=***",
    f"Authorization: Bearer {SECRET}": "Authorization: Bearer ***",
    f'{{"url": "https://host.example/?token={SECRET}"}}': '{"url": "https://host.example/?token=***"}',
    f"https://host.example/?next=/a?token={SECRET}&b=2": "https://host.example/?next=/a?token=***&b=2",
    f"https://host.example/#access_token={SECRET}": "https://host.example/#access_token=***",
    f'{{"note": "password={SECRET}"}}': '{"note": "password=***"}',
    f'{{"password": "two words, {SECRET}", "a": "b"}}': '{"password": "***", "a": "b"}',
    rf'{{"password": "a \"quote\" {SECRET}", "a": "b"}}': '{"password": "***", "a": "b"}',
    rf'"{{\"password\": \"{SECRET}\", \"a\": \"b\"}}"': r'"{\"password\": \"***\", \"a\": \"b\"}"',
    f"session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{SECRET}": "session=***",
    f"as sso-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{SECRET}.": "as ***.",
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_shown_without_the_secrets_in_them(text: str) -> None:
    assert mask_text(text) == TEXTS[text]
    assert mask_json({"a": [text]}) == {"a": [TEXTS[text]]}
    assert any(SECRET in secret for secret in secrets_in([text]))


def test_a_key_of_our_own_is_hidden_wherever_it_stands() -> None:
    key = key_text(uuid4(), token_bytes(32))
    assert mask_text(f"curl -H 'X-API-Key: {key}' x") == "curl -H 'X-API-Key: ***' x"
    assert mask_log({"reason": key}) == {"reason": MASK}


@pytest.mark.parametrize(
    "text",
    ["https://host.example/a@b?x=1", "Смена в 8:00, mail@example.com", "a=1&b=2", '{"a": "b"}', "bearers come"],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([{"name": "Authorization", "value": SECRET}], [{"name": "Authorization", "value": MASK}]),
        ({"headers": [["X-API-Key", SECRET], ["A", "b"]]}, {"headers": [["X-API-Key", MASK], ["A", "b"]]}),
    ],
)
def test_headers_as_objects_and_as_pairs_are_headers_too(value: Any, shown: Any) -> None:
    assert mask_json(value) == shown


def test_a_text_is_scrubbed_of_the_secrets_of_a_payload() -> None:
    payload = {"headers": {"Authorization": f"Bearer {SECRET}"}, "url": "https://u:hunter22@a.example/", "pin": "1234"}
    text = f"refused: {SECRET}, u:hunter22, 1234"
    assert scrub(text, payload) == "refused: ***, ***, 1234"
    assert scrub("a b", {"token": "a"}) == "a b"  # too short to be looked for


@pytest.mark.parametrize(
    "part",
    [
        "a=",
        '"',
        "://",
        "&token=",
        "x" * 60 + "=",
        "bearer ",
        '"a":"',
        "-eyJ",
        "-eyJaaaaaaaa.",
        '"token":"',
        "\\",
        '"\\',
    ],
)
def test_the_largest_text_is_searched_in_linear_time(part: str) -> None:
    text = part * (200_000 // len(part))
    with redaction_deadline():
        mask_text(text)


def redaction_deadline() -> Any:
    """A text of 200 KB takes less than two seconds, however often a pattern begins in it."""
    from chalicelib.core.deadline import deadline

    return deadline(2.0)


def test_what_is_hidden_is_seen_again() -> None:
    assert MASK in secrets_in(redaction.mask_json({"headers": {"Cookie": SECRET}}))
    assert MASK in secrets_in(redaction.mask_json({"url": f"https://u:{SECRET}@host.example/"}))
