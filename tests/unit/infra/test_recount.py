"""What `make recount` prints, and its exit code."""

from typing import Any

from infra import recount

ROW = {"where": "list products", "what": "products", "kept": {"n": 9}, "actual": {"n": 2}, "outcome": "corrected"}
BUCKET = {
    "where": "batch_totals",
    "what": "2025-01#3|2025-01-20#wc#1",
    "kept": {"batches": 1, "closed": 1, "products": 0},
    "actual": {"batches": 1, "closed": 0, "products": 4},
    "outcome": "left",
}


def result(*differences: dict[str, Any], moving: int = 0) -> dict[str, Any]:
    """A result of the function."""
    return {
        "checked": {"list products": 5, "batch_totals": 12_345},
        "differences": list(differences),
        "total": len(differences),
        "moving": {"list products": moving} if moving else {},
    }


def printed(answer: dict[str, Any]) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in recount.lines(answer)]


def test_nothing_different_is_exact() -> None:
    assert printed(result()) == [["list", "products", "5", "checked"], ["batch_totals", "12,345", "checked"], ["exact"]]
    assert not recount.is_open(result())


def test_what_was_corrected_is_a_row() -> None:
    lines = printed(result(ROW))
    assert lines[:2] == [
        ["where", "what", "kept", "actual", "outcome"],
        ["list", "products", "products", "9", "2", "corrected"],
    ]
    assert lines[-1] == ["repaired"]
    assert not recount.is_open(result(ROW))


def test_only_amounts_that_differ_are_shown() -> None:
    assert printed(result(BUCKET))[1][2:] == ["closed=1", "products=0", "closed=0", "products=4", "left"]


def test_a_mismatch_left_or_a_moving_counter_is_not_settled() -> None:
    for each in (result(BUCKET), result(ROW, moving=2)):
        assert recount.is_open(each)
        assert printed(each)[-1] == ["not", "settled"]
    assert "2 in motion: ask again when it is quieter" in "\n".join(recount.lines(result(moving=2)))


def test_more_differences_than_rows_are_mentioned() -> None:
    assert "... 700 differences in all, see the log of the function" in recount.lines({**result(ROW), "total": 700})
