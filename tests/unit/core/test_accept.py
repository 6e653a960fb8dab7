"""Content negotiation by the Accept header."""

import pytest

from chalicelib.core.accept import prefers


@pytest.mark.parametrize(
    ("accept", "plain"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/plain", True),
        ("TEXT/PLAIN", True),
        ("text/*", True),
        ("text/plain, application/json", False),
        ("text/plain;q=0.9, application/json;q=0.8", True),
        ("text/plain; Q=0.3 , application/json ; q=0.8", False),
        ("application/json;q=0.1, */*;q=0.5", True),
        ("text/plain;q=0", False),
        ("text/plain;q=0, */*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/plain;q=x", True),
        ("text/plain;q=5, application/json", False),
        (";;,,=;q", False),
    ],
)
def test_text_is_preferred_by_quality(accept: str | None, plain: bool) -> None:
    assert prefers(accept, "text/plain", "application/json") is plain
