"""A user who adds and aggregates many products, and what is there afterwards."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from chalicelib.batches import totals, view
from chalicelib.core import counters
from infra.machines import AGGREGATION
from tests.machine import run_executions
from tests.production import ask, events_of, ok
from tests.tasks import result_of, run_tasks

AT = "2025-01-20T18:00:00Z"


def place(batch: dict[str, Any]) -> str:
    return f"/api/batches/{batch['uuid']}"


def start_adding(batch: dict[str, Any], codes: Sequence[str], mode: str = "proceed") -> str:
    """The id of the task."""
    started = ok("POST", f"{place(batch)}/products/bulk", {"unique_codes": list(codes), "mode": mode})
    return str(started["task_id"])


def add(batch: dict[str, Any], codes: Sequence[str], mode: str = "proceed") -> dict[str, Any]:
    """Add products; the result of the task."""
    task_id = start_adding(batch, codes, mode)
    work()
    return result_of(task_id)


def start_aggregation(batch: dict[str, Any], codes: Sequence[str] | None = None, at: str | None = AT) -> str:
    """The id of the task."""
    body = {"aggregated_at": at, "unique_codes": codes}
    started = ok("PATCH", f"{place(batch)}/aggregate_async", {key: value for key, value in body.items() if value})
    return str(started["task_id"])


def aggregate(batch: dict[str, Any], codes: Sequence[str] | None = None) -> dict[str, Any]:
    """Aggregate products; the result of the task."""
    task_id = start_aggregation(batch, codes)
    work()
    return result_of(task_id)


def work() -> list[str]:
    """Do what waits: tasks, then the executions they start; returns the states those went through."""
    run_tasks()
    return run_executions(AGGREGATION)


def products_of(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The products of a batch as their list has them, in the order they were added."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        query = f"batch_id={batch['uuid']}&sort_direction=asc&limit=100"
        page = ok("GET", f"/api/products?{query}" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next_cursor"]
    return found


def check(batch: dict[str, Any], codes: Sequence[str], aggregated: int = 0) -> None:
    """The batch has these products, in this order, so many of them aggregated; and everything that counts says so."""
    whole, products = ok("GET", place(batch)), products_of(batch)
    assert [product["unique_code"] for product in products] == list(codes)
    assert [product["is_aggregated"] for product in products].count(True) == aggregated
    assert (whole["products"], whole["products_total"]) == (products[: view.MAX_PRODUCTS], len(codes))
    by_batch, names = f"products#batch_id={batch['uuid']}", ("products", "products#is_aggregated=1")
    assert counters.read_counters([by_batch, *names]) == {
        by_batch: len(codes),
        names[0]: len(codes),
        names[1]: aggregated,
    }
    day = date.fromisoformat(whole["batch_date"])
    cells = [(cell.products, cell.aggregated) for cell in totals.between(day, day) if cell.products or cell.aggregated]
    assert cells == ([(len(codes), aggregated)] if codes else [])
    for code in codes[:3]:
        assert ask("GET", f"/api/products?unique_code={code}").json["total"] == 1


def names_of_events(batch: dict[str, Any]) -> list[str]:
    """The events of a batch, after the one that made it."""
    return [name for name, _ in events_of(f"batch#{batch['uuid']}")][1:]
