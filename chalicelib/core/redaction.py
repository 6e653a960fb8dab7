"""Redaction of secrets in data of users: found by the name of their field or header, and in texts; shown as `***`.

Names of secrets are recognised in any spelling: `Authorization`, `X-API-Key`, `dbPassword`, `access_token`. Secrets in
texts: the user of a URL (`https://user:password@host/`), a parameter of a query or a form, a field of JSON that is sent
as text, a bearer token, a JWT, an API key of this service.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from chalicelib.core.actor import KEY_PREFIX
from chalicelib.core.request import IDEMPOTENCY_KEY

MASK = "***"
MAX_LOG_TEXT = 20_000  # characters; enough for a stack trace
MIN_SECRET_LENGTH = 4  # of secrets that are replaced in other texts
_PARTS = (
    *("authorization", "password", "passwd", "secret", "token", "cookie", "credential", "signature", "passphrase"),
    *("apikey", "accesskey", "privatekey"),
)
_WORDS = frozenset({"auth", "pass", "pwd", "jwt", "bearer"})
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")
_VALUES = ("value", "values")  # beside `name` or `key`: a header as an object
TOKENS = re.compile(
    r"(?i)(?P<bearer>\bbearer\s+)[^\s\"',;]+"
    r"|(?P<scheme>://)[^\s/?#@\"']*@"
    r"|(?<![\w-])(?=[\w-]*?\beyJ[\w-]{8})[\w-]++\.[\w-]+\.[\w-]*"  # a whole word: `-eyJ-eyJ...` has one beginning
    rf"|\$argon2\w*\$\S+|\b{KEY_PREFIX}[\w-]{{64}}"
)
"""Texts that are secrets by their form; the named group before a secret remains."""
_NAMES = re.compile(
    r"""(?<![\w.\[\]%-])(?P<form>[\w.\[\]%-]{1,60})=|"(?P<json>[^"\\]{1,60})(?P<escape>\\{0,3})"\s*+:\s*+\\{0,3}\""""
)
_FORM, _QUOTED, _ESCAPED = re.compile(r"[^&;\s\"]*"), re.compile(r"(?s:[^\"\\]|\\.)*+"), re.compile(r"[^\"\\]*")
"""The value after such a name: in a form, in JSON, in JSON inside a string of JSON."""


@lru_cache(maxsize=1_000)
def is_secret(name: str) -> bool:
    """Return whether the name of a field is that of a secret."""
    words = _NO_WORD.split(_CAMEL.sub(" ", name[:200]).lower())
    joined = "".join(words)
    return not _WORDS.isdisjoint(words) or any(part in joined for part in _PARTS)


def mask_json(value: Any) -> Any:
    """Return the same JSON with `***` in place of each secret."""
    return _walk(value, set())


def mask_log(value: Any) -> Any:
    """Return the fields of a log line with `***` in place of each secret; other objects become texts."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if not isinstance(value, str):
        if isinstance(value, Mapping):
            return {key: MASK if _is_secret_in_log(str(key)) else mask_log(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [mask_log(inner) for inner in value]
    return TOKENS.sub(mask_token, str(value)[:MAX_LOG_TEXT])


def _is_secret_in_log(name: str) -> bool:
    return is_secret(name) or name.lower() == IDEMPOTENCY_KEY


def secrets_in(value: Any) -> set[str]:
    """Return the secrets in JSON that are texts."""
    found: set[str] = set()
    _walk(value, found)
    return found


def scrub(text: str, value: Any) -> str:
    """Return a text without the secrets of `value` and without secrets by their form."""
    for secret in sorted(secrets_in(value), key=len, reverse=True):
        if len(secret) >= MIN_SECRET_LENGTH:
            text = text.replace(secret, MASK)
    return mask_text(text)


def mask_text(text: str, found: set[str] | None = None) -> str:
    """Return a text without its secrets; add them to `found`."""
    secrets = set[str]() if found is None else found

    def mask(match: re.Match[str]) -> str:
        secrets.add(match[0].removeprefix(match["bearer"] or match["scheme"] or "").removesuffix("@"))
        return mask_token(match)

    return _mask_by_name(TOKENS.sub(mask, text), secrets)


def _mask_by_name(text: str, secrets: set[str]) -> str:
    """Replace values after names of secrets. Values after other names are searched too: a URL has parameters."""
    parts, done, place = list[str](), 0, 0
    while match := _NAMES.search(text, place):
        place = match.end()
        if is_secret(match["form"] or match["json"]):
            kind = _FORM if match["form"] else _ESCAPED if match["escape"] else _QUOTED
            if (value := kind.match(text, place)) and value[0]:
                secrets.add(value[0])
                parts += [text[done:place], MASK]
                done = place = value.end()
    return "".join([*parts, text[done:]])


def mask_token(match: re.Match[str]) -> str:
    """Return the replacement of a match of TOKENS."""
    return f"{match['scheme']}{MASK}@" if match["scheme"] else (match["bearer"] or "") + MASK


def _walk(value: Any, found: set[str]) -> Any:
    if isinstance(value, str):
        return mask_text(value, found)
    if isinstance(value, Mapping):
        named = next((one for key in ("name", "key", "header") if isinstance(one := value.get(key), str)), "")
        return {
            key: _mask_value(inner, found)
            if is_secret(str(key)) or (named and str(key) in _VALUES and is_secret(named))
            else _walk(inner, found)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str) and is_secret(value[0]) and isinstance(value[1], str):
            return [value[0], _mask_value(value[1], found)]  # a header as a pair
        return [_walk(inner, found) for inner in value]
    return value


def _mask_value(value: Any, found: set[str]) -> Any:
    """Return `***` for the value of a secret field, unless it is empty."""
    if value is None or value in ("", [], {}):
        return value
    found.update(_texts(value))
    return MASK


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value, *value.split()[1:]]  # `Bearer abc`: also without the word before it
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)]
