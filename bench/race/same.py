"""Comparison of the answers of both sides. The race starts only when they are equal.

Answers about the data that both sides were filled with must be identical, except `next_cursor`, which the peer does not
have. Answers about new records differ in ids and times; both are replaced by the name of their kind.
"""

import re
from collections.abc import Iterator
from typing import Any

from bench.race import data
from bench.race.side import Side

SHOWN = 100  # products of a batch in our lists; the peer shows all
SORTS = ("created_at", "updated_at", "batch_number", "batch_date", "shift", "team", "is_closed")
UNKNOWN = "00000000-0000-4000-8000-00000000dead"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z")
Answer = tuple[int, Any]
BODY = {
    "task_description": "Собрать узел", "shift": "1", "team": "Бригада А", "batch_number": 1,
    "batch_date": "2028-01-20", "nomenclature": "Болт М8", "ekn_code": "EKN-001",
    "shift_start": "2028-01-20T11:00:00+03:00", "shift_end": "2028-01-20T20:00:00Z",
}  # fmt: skip


class Different(SystemExit):
    """The answers differ."""


def check(ours: Side, peer: Side, size: int) -> int:
    """How many answers were compared; Different for the first that is not the same."""
    compared = 0
    for path in _reads(size):
        _compare(path, _listed(ours.call("GET", path)), _listed(peer.call("GET", path)))
        compared += 1
    for (step, mine), (_, other) in zip(_writes(ours), _writes(peer), strict=True):
        _compare(step, _kinds(mine), _kinds(other))
        compared += 1
    return compared


def _compare(what: str, mine: Any, other: Any) -> None:
    if mine != other:
        raise Different(f"the answers to {what} differ, so there is no race:\nours: {mine}\npeer: {other}")


def _reads(size: int) -> Iterator[str]:
    batch = next(iter(data.batches(size, 0)))
    for number in (0, 1, size // 2, size - 1, -1):
        yield f"/api/batches/{data.batch_id(number)}"
    filters = (
        "is_closed=true", "is_closed=false", f"batch_number={batch.batch_number}", f"batch_date={batch.batch_date}",
        f"work_center_id={batch.work_center_id}", "shift=1", "batch_date_from=2026-02-01&batch_date_to=2026-02-03",
    )  # fmt: skip
    for chosen in ("", *filters, "shift=2&is_closed=true"):
        yield f"/api/batches?limit=25&{chosen}"
        yield f"/api/batches?offset=10&sort_field=batch_date&sort_direction=ASC&{chosen}"
    for sort in SORTS:
        yield f"/api/batches?sort_field={sort}"
        yield f"/api/batches?limit=30&offset=7&sort_field={sort}&sort_direction=ASC"
    yield f"/api/batches?offset={size * 2}"
    yield f"/api/work_centers/{data.work_centers()[0].uuid}"


def _writes(side: Side) -> Iterator[tuple[str, Answer]]:
    """The same course of writes, its refusals included."""
    center = side.call("POST", "/api/work_centers", {"identifier": "WC-NEW", "name": "Цех"})
    yield "a new work centre", center
    yield "its identifier again", side.call("POST", "/api/work_centers", {"identifier": "WC-NEW", "name": "Цех 2"})
    body = BODY | {"work_center_id": center[1]["uuid"]}
    made = side.call("POST", "/api/batches", body)
    yield "a new batch", made
    yield "its number again", side.call("POST", "/api/batches", body)
    at_unknown = body | {"work_center_id": UNKNOWN, "batch_number": 2}
    yield "a batch at an unknown work centre", side.call("POST", "/api/batches", at_unknown)
    ends_first = body | {"shift_end": "2027-01-20T20:00:00Z"}
    yield "a batch with shift_end before shift_start", side.call("POST", "/api/batches", ends_first)
    yield "a batch without a number", side.call("POST", "/api/batches", {"shift": "1"})
    place = f"/api/batches/{made[1]['uuid']}"
    for code in ("A", "B", "B"):
        yield f"product {code}", side.call("POST", f"{place}/products", {"unique_code": code})
    yield "a product of a closed batch", side.call("POST", f"{_closed()}/products", {"unique_code": "A"})
    yield "aggregating", side.call("PATCH", f"{place}/aggregate", {"aggregated_at": "2028-01-20T18:00:00Z"})
    yield "the batch", side.call("GET", place)
    yield "the list", side.call("GET", "/api/batches?limit=1")
    unknown = f"/api/batches/{UNKNOWN}", f"/api/work_centers/{UNKNOWN}"
    for what in (*unknown, "/api/batches?limit=101", "/api/batches?sort_field=x", "/api/batches/x"):
        yield what, side.call("GET", what)


def _closed() -> str:
    return f"/api/batches/{next(batch.uuid for batch in data.batches(100, 0) if batch.is_closed)}"


def _listed(answer: Answer) -> Answer:
    """A list without its cursor, and with no more products than both show."""
    status, content = answer
    if "items" in content:
        content.pop("next_cursor", None)
        for item in content["items"]:
            item["products"] = item["products"][:SHOWN]
    return status, content


def _kinds(answer: Answer) -> Answer:
    """Ids and times of now by their kind; of a refusal, that it says why."""
    status, content = _listed(answer)
    if status >= 400:
        return status, sorted(content)
    return status, _kind(content)


def _kind(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _kind(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_kind(one) for one in value]
    if isinstance(value, str) and (_ID.fullmatch(value) or _TIME.fullmatch(value)):
        return "an id" if _ID.fullmatch(value) else "now"
    return value
