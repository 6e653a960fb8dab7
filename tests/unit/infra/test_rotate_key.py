"""What `make rotate-key` asks of its function, and prints: names of keys, and what becomes of the tokens there are."""

import sys
from typing import Any

import pytest

from infra import rotate_key
from infra.rotate_key import RotationFailed


@pytest.mark.parametrize(
    ("more", "kept", "told"),
    [([], ["aaaa1111"], "valid until their tokens have run out: aaaa1111"), (["--revoke"], [], "log in again")],
)
def test_the_command_rotates_or_revokes(
    more: list[str],
    kept: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[str, bool]] = []

    def call(stage: str, place: Any, *, revoke: bool) -> dict[str, Any]:
        asked.append((stage, revoke))
        return {"kid": "bbbb2222", "signs_from": "2026-11-29T07:00:00Z", "kept": kept}

    monkeypatch.setattr(rotate_key, "call", call)
    monkeypatch.setattr(sys, "argv", ["rotate_key", "--stage", "dev", *more])
    assert rotate_key.main() == 0
    assert asked == [("dev", bool(more))]
    shown = capsys.readouterr().out
    assert "key bbbb2222 signs from 2026-11-29T07:00:00Z" in shown and told in shown


def test_a_function_that_fails_is_an_exit_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: Any, **__: Any) -> dict[str, Any]:
        raise RotationFailed("ClientError: see the log of the function")

    monkeypatch.setattr(rotate_key, "call", call)
    monkeypatch.setattr(sys, "argv", ["rotate_key", "--stage", "dev"])
    with pytest.raises(SystemExit, match="see the log"):
        rotate_key.main()
