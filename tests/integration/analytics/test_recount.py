"""The recount: it finds and repairs damage, and changes nothing that moves or is exact."""

from collections import Counter
from typing import Any

import pytest
from pynamodb.expressions.operand import Path

import app
from chalicelib.batches.recount import RECOUNTS
from chalicelib.batches.store import BatchItem
from chalicelib.batches.totals import TotalsItem
from chalicelib.core import recount as core_recount
from chalicelib.core.counters import CounterItem
from chalicelib.core.listing import LISTINGS
from chalicelib.core.recount import ListCounters, Mismatch, Recountable, compare
from tests.http_events import lambda_context
from tests.integration.analytics.history import History
from tests.production import batch, batch_with, dump, nothing_written, ok, work_center

OF_BATCHES, BUCKETS = RECOUNTS
PERIOD = "date_from=2025-01-01&date_to=2025-02-28"


def run() -> dict[str, Any]:
    """Call the function."""
    result: dict[str, Any] = app.recount({}, lambda_context(900_000))
    return result


def exact() -> None:
    """Check that nothing differs, and that the recount writes nothing then."""
    with nothing_written():
        result = run()
    assert (result["differences"], result["total"], result["moving"]) == ([], 0, {})


def damage(counter: str, amount: int) -> None:
    """Change a counter without what it counts."""
    CounterItem(counter).update(actions=[Path("n").add(amount)])


def test_after_any_history_everything_is_exact() -> None:
    history = History(seed=0)
    for _ in range(45):
        history.step()
    assert not [name for name in history.done if name.endswith(" 500")]
    assert sum(history.done[f"{name} 200"] for name in ("patch", "add", "product", "close")) > 5
    assert all(history.done[f"{name} 202"] for name in ("sheet", "bulk", "later"))
    exact()
    batches = ok("GET", "/api/batches?limit=100")["items"]
    products = [product for one in batches for product in one["products"]]
    total = ok("GET", f"/api/analytics/timeseries?{PERIOD}")["total"]
    app.refresh_analytics({}, lambda_context())
    dashboard = ok("GET", "/api/analytics/dashboard")
    for shown in (total, dashboard):
        assert shown["total_batches"] == len(batches)
        assert shown["active_batches"] == sum(not one["is_closed"] for one in batches)
        assert shown["total_products"] == len(products)
        assert shown["aggregated_products"] == sum(one["is_aggregated"] for one in products)
    by_center = ok("GET", f"/api/analytics/work_centers?{PERIOD}")["items"]
    there = Counter(one["work_center_id"] for one in batches)
    assert {one["work_center_id"]: one["total_batches"] for one in by_center} == there


def test_damage_is_found_reported_and_repaired() -> None:
    made = batch_with("A-1", "A-2")
    sound = counts()
    damage("products#1", 7)
    damage("batches#shift=gone#0", -3)
    BatchItem(made["uuid"]).update(actions=[Path("products_total").add(-1), Path("aggregated_total").add(2)])
    cell = next(iter(BUCKETS.stored()))
    place = TotalsItem(*cell.split("|", 1))
    place.update(actions=[Path("batches").add(1), Path("closed").add(1), Path("products").add(-9)])
    result = run()
    assert [(row["where"], row["what"], row["outcome"]) for row in result["differences"]] == [
        ("list batches", "batches#shift=gone", "corrected"),
        ("list products", "products", "corrected"),
        ("batches", made["uuid"], "corrected"),
        ("batch_totals", cell, "corrected"),
    ]
    assert result["differences"][1]["kept"] == {"n": 9}
    assert result["differences"][1]["actual"] == {"n": 2}
    assert counts() == {**sound, "batches#shift=gone": 0}
    exact()


def test_a_counter_that_was_lost_is_made_again() -> None:
    batch_with("A-1")
    for shard in range(4):
        CounterItem(f"products#{shard}").delete()
    assert [row["what"] for row in run()["differences"]] == ["products"]
    assert ok("GET", "/api/products")["total"] == 1
    exact()


def test_sequences_are_left_alone() -> None:
    CounterItem("seq#reports", n=41).save()
    exact()
    assert CounterItem.get("seq#reports").n == 41


def test_a_sealed_counter_is_corrected_and_stays_sealed() -> None:
    gone = work_center()["uuid"]
    ok("DELETE", f"/api/work_centers/{gone}")
    damage(f"batches#work_center_id={gone}#0", 1)
    assert run()["total"] == 1
    exact()
    sealed = CounterItem.get(f"batches#work_center_id={gone}#0")
    assert (sealed.n, sealed.sealed) == (0, "yes")


def test_products_that_wait_for_their_removal_count_nowhere() -> None:
    from chalicelib.batches import deletion
    from chalicelib.products import service as products

    made = batch_with("A-1", "A-2", "A-3")
    ok("PATCH", f"/api/batches/{made['uuid']}/close")
    deletion._delete(BatchItem.get(made["uuid"]), 0)
    assert ok("GET", "/api/products")["total"] == 0
    exact()
    assert products.purge(made["uuid"]) == 3
    exact()


class Written:
    """Counts that change while the items are read."""

    def __init__(self, counts: Recountable, write: Any) -> None:
        self.counts, self.write = counts, write
        self.title, self.amounts = counts.title, counts.amounts
        self.stored, self.add = counts.stored, counts.add

    def actual(self) -> Any:
        found = self.counts.actual()
        self.write()
        return found


COUNTS: dict[str, Recountable] = {
    "the list of batches": ListCounters(LISTINGS["batches"]),
    "the list of products": ListCounters(LISTINGS["products"]),
    "batches": OF_BATCHES,
    "totals": BUCKETS,
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_that_change_while_they_are_compared_are_no_mismatch(name: str) -> None:
    made = batch_with("A-1")

    def write() -> None:
        ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "A-2"})
        batch(work_center_id=made["work_center_id"])

    wrong, moved, _ = compare(Written(COUNTS[name], write))
    assert (wrong, bool(moved)) == ({}, True)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_that_changed_and_changed_back_have_moved(name: str) -> None:
    made = batch_with("A-1")

    def write() -> None:
        added = ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "A-2"})["products"][-1]
        ok("DELETE", f"/api/batches/{made['uuid']}/products/{added['uuid']}")
        for state in (True, False):
            ok("PATCH", f"/api/batches/{made['uuid']}", {"is_closed": state})

    _, moved, _ = compare(Written(COUNTS[name], write))
    assert moved


@pytest.mark.parametrize("name", COUNTS)
def test_a_difference_is_added_once_and_only_while_nothing_was_counted_since(name: str) -> None:
    made = batch_with("A-1")
    damage("products#0", 5)
    damage("batches#0", 5)
    BatchItem(made["uuid"]).update(actions=[Path("products_total").add(5)])
    TotalsItem(*next(iter(BUCKETS.stored())).split("|", 1)).update(actions=[Path("products").add(5)])
    counts = COUNTS[name]
    ((what, mismatch),) = compare(counts)[0].items()
    assert [counts.add(what, mismatch) for _ in range(2)] == [True, False]
    assert compare(counts)[0] == {}


def test_a_difference_seen_once_is_not_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    batch_with("A-1")
    damage("products#0", 5)
    before = dump()
    monkeypatch.setattr(core_recount, "MAX_ROUNDS", 1)
    result = run()
    assert [(row["what"], row["outcome"]) for row in result["differences"]] == [("products", "left")]
    assert dump() == before


def test_a_counter_that_changes_in_every_round_is_reported_as_moving(monkeypatch: pytest.MonkeyPatch) -> None:
    made, codes = batch_with("A-1"), iter(range(100))
    real = ListCounters.actual

    def busy(self: ListCounters) -> Any:
        found = real(self)
        ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"B-{next(codes)}"})
        return found

    monkeypatch.setattr(ListCounters, "actual", busy)
    damage("products#0", 5)
    result = run()
    assert result["moving"]["list products"] >= 1
    assert [row for row in result["differences"] if row["what"] == "products"] == []
    monkeypatch.undo()
    monkeypatch.setattr(core_recount, "PAUSE_SECONDS", 0)
    assert run()["total"] == 1
    exact()


def test_recount_ends_before_the_timeout_of_the_function() -> None:
    batch_with("A-1")
    damage("products#0", 5)
    result = app.recount({}, lambda_context(1_000))
    assert [row["outcome"] for row in result["differences"]] == ["left"]


def test_a_mismatch_adds_differences_and_a_version() -> None:
    made = batch_with("A-1")
    mismatch = Mismatch(OF_BATCHES.stored()[made["uuid"]], (3, 0))
    assert len(mismatch.actions(OF_BATCHES.amounts)) == 2


def counts() -> dict[str, int]:
    """Read every counter of a list."""
    lists = map(ListCounters, LISTINGS.values())
    return {name: stored.amounts[0] for counters in lists for name, stored in counters.stored().items()}
