"""What `make recount` prints, and how it ends."""

from typing import Any

from infra import recount

ROW = {"where": "list products", "what": "products", "kept": {"n": 9}, "actual": {"n": 2}, "outcome": "corrected"}
CELL = {
    "where": "batch_totals",
    "what": "2025-01#3|2025-01-20#wc#1",
    "kept": {"batches": 1, "closed": 1, "products": 0},
    "actual": {"batches": 1, "closed": 0, "products": 4},
    "outcome": "left",
}


def told(*differences: dict[str, Any], moving: int = 0) -> dict[str, Any]:
    """An answer of the function."""
    return {
        "checked": {"list products": 5, "batch_totals": 12_345},
        "differences": list(differences),
        "total": len(differences),
        "moving": {"list products": moving} if moving else {},
    }


def printed(answer: dict[str, Any]) -> list[list[str]]:
    """The words of each line."""
    return [line.split() for line in recount.lines(answer)]


def test_nothing_different_is_exact() -> None:
    assert printed(told()) == [["list", "products", "5", "checked"], ["batch_totals", "12,345", "checked"], ["exact"]]
    assert not recount.still_open(told())


def test_what_was_corrected_is_a_row() -> None:
    lines = printed(told(ROW))
    assert lines[:2] == [
        ["where", "what", "kept", "actual", "outcome"],
        ["list", "products", "products", "9", "2", "corrected"],
    ]
    assert lines[-1] == ["repaired"]
    assert not recount.still_open(told(ROW))


def test_of_several_amounts_those_that_differ_are_shown() -> None:
    assert printed(told(CELL))[1][2:] == ["closed=1", "products=0", "closed=0", "products=4", "left"]


def test_what_is_left_or_in_motion_is_not_settled() -> None:
    for answer in (told(CELL), told(ROW, moving=2)):
        assert recount.still_open(answer)
        assert printed(answer)[-1] == ["not", "settled"]
    assert "2 in motion: ask again when it is quieter" in "\n".join(recount.lines(told(moving=2)))


def test_more_than_is_shown_is_said() -> None:
    assert "... 700 differences in all, see the log of the function" in recount.lines({**told(ROW), "total": 700})
