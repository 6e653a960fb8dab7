"""The running shifts: which batches, in what order, with which sums, and what a look costs."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.batches import running as running_shifts
from chalicelib.batches import store
from chalicelib.batches.service import BatchItem
from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import put_all, table_name
from tests.aws_calls import record_calls
from tests.production import batch, ok, work_center, wrong_fields

TODAY = "/api/analytics/today"
FACTS = ("batches", "open_batches", "planned", "made_of_planned", "products", "aggregated", "aggregation_rate")


def around(now: datetime, before: float, after: float) -> dict[str, str]:
    """A shift that began and ends so many hours before and after a moment."""
    return {
        "shift_start": clock.to_json(now - timedelta(hours=before)),
        "shift_end": clock.to_json(now + timedelta(hours=after)),
    }


def running(before: float = 2, after: float = 2, **fields: Any) -> dict[str, Any]:
    """A batch of a shift that is running."""
    return batch(**around(clock.now(), before, after), **fields)


def add(made: dict[str, Any], *codes: str) -> dict[str, Any]:
    for code in codes:
        made = ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code})
    return made


def facts(total: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(total[name] for name in FACTS)


def test_without_batches_nothing_runs() -> None:
    shown = ok("GET", TODAY)
    assert set(shown) == {"as_of", "time_zone", "running", "products_by_hour", "attention"}
    assert shown["running"]["work_centers"] == []
    assert facts(shown["running"]["total"]) == (0, 0, None, 0, 0, 0, 0.0)
    assert (shown["running"]["truncated"], shown["time_zone"]) == (False, "UTC")
    at = datetime.fromisoformat(shown["as_of"])
    assert (at.second, at.microsecond) == (0, 0) and timedelta() <= clock.now() - at < timedelta(minutes=2)


def test_the_batches_of_running_shifts_are_shown_with_plan_and_fact_by_work_centre_and_shift() -> None:
    second, first = work_center(identifier="WC-B", name="Второй"), work_center(identifier="WC-A", name="Первый")
    night = add(running(work_center_id=second["uuid"], shift="10", planned_quantity=4), "A", "B")
    day = add(running(work_center_id=second["uuid"], shift="2", planned_quantity=6), "A")
    other = add(running(work_center_id=second["uuid"], shift="2"), "A")
    done = running(work_center_id=first["uuid"])
    ok("PATCH", f"/api/products/{night['products'][0]['uuid']}/aggregate")
    ok("PATCH", f"/api/batches/{done['uuid']}/close")
    shown = ok("GET", TODAY)["running"]
    assert [place["work_center"] for place in shown["work_centers"]] == [
        {"uuid": center["uuid"], "identifier": center["identifier"], "name": center["name"]}
        for center in (first, second)
    ]
    one, two = shown["work_centers"]
    assert facts(one["total"]) == (1, 0, None, 0, 0, 0, 0.0)
    assert facts(two["total"]) == (3, 3, 10, 3, 4, 1, 25.0)
    assert [(shift["shift"], facts(shift["total"])) for shift in two["shifts"]] == [
        ("2", (2, 2, 6, 1, 2, 0, 0.0)),
        ("10", (1, 1, 4, 2, 2, 1, 50.0)),
    ]
    assert [found["uuid"] for found in two["shifts"][0]["batches"]] == [day["uuid"], other["uuid"]]
    assert two["shifts"][1]["batches"] == [
        {
            "uuid": night["uuid"], "batch_number": night["batch_number"], "batch_date": night["batch_date"],
            "nomenclature": night["nomenclature"], "team": night["team"], "is_closed": False, "planned_quantity": 4,
            "products_total": 2, "aggregated_total": 1, "shift_time_range": night["shift_time_range"],
        }
    ]  # fmt: skip
    assert facts(shown["total"]) == (4, 3, 10, 3, 4, 1, 25.0)


@pytest.mark.parametrize(
    ("before", "after", "runs"), [(2, 2, True), (4, -1, False), (-1, 4, False), (2_000, 0.1, True)]
)
def test_a_shift_runs_from_its_start_to_before_its_end_whatever_its_date(
    before: float, after: float, runs: bool
) -> None:
    made = running(before, after, batch_date="2001-01-01")
    found = [one["uuid"] for one in seen()]
    assert found == ([made["uuid"]] if runs else [])


def seen() -> list[dict[str, Any]]:
    """The batches that are shown."""
    places = ok("GET", TODAY)["running"]["work_centers"]
    return [one for place in places for shift in place["shifts"] for one in shift["batches"]]


def test_it_is_live() -> None:
    made = running()
    add(made, "A")
    assert seen()[0]["products_total"] == 1
    add(made, "B")
    assert seen()[0]["products_total"] == 2
    ok("PATCH", f"/api/batches/{made['uuid']}", around(clock.now(), 9, -1))
    assert seen() == []
    ok("PATCH", f"/api/batches/{made['uuid']}", around(clock.now(), 9, 1))
    assert seen()[0]["uuid"] == made["uuid"]


def stored(number: int, start: datetime, end: datetime, **fields: Any) -> BatchItem:
    """A batch as the table has it."""
    at = clock.to_text(clock.now())
    return BatchItem(
        f"00000000-0000-4000-8000-{number:012d}", created_at=at, is_closed=False, task_description="x", shift="1",
        team="x", batch_number=number, batch_date="2025-01-20", nomenclature="x", ekn_code="x",
        shift_start=clock.to_text(start), shift_end=clock.to_text(end),
        work_center_id="00000000-0000-4000-8000-000000000000", products_total=2, **fields,
    )  # fmt: skip


def store_all(items: list[BatchItem]) -> None:
    put_all(items)
    for item in items:
        client("dynamodb").update_item(
            TableName=table_name("batches"),
            Key={"uuid": {"S": item.uuid}},
            UpdateExpression="SET lshard = :shard",
            ExpressionAttributeValues={":shard": store.BATCHES.index(item)["lshard"]},
        )


def test_reads_do_not_grow_with_ended_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    now, hour = clock.now(), timedelta(hours=1)
    running()

    def cost() -> list[str]:
        with monkeypatch.context() as patch:
            asked = record_calls(patch)
            ok("GET", TODAY)
        return sorted(f"{operation} {arguments.get('TableName', '')}" for operation, arguments in asked)

    before = cost()
    store_all([stored(number, now - 9 * hour, now - hour) for number in range(300)])
    assert cost() == before
    assert len(before) < 40


def test_many_running_batches_are_truncated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_shifts, "MAX_BATCHES", 5)
    now, hour = clock.now(), timedelta(hours=1)
    store_all([stored(number, now - hour, now + (10 - number) * hour) for number in range(5)])
    assert ok("GET", TODAY)["running"]["truncated"] is False
    store_all([stored(number, now - hour, now + (10 - number) * hour) for number in range(5, 8)])
    shown = ok("GET", TODAY)["running"]
    assert (shown["truncated"], shown["total"]["batches"]) == (True, 5)
    assert {one["batch_number"] for one in seen()} == {3, 4, 5, 6, 7}
    assert shown["work_centers"][0]["work_center"]["identifier"] is None


def test_later_batches_are_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_shifts, "MAX_READ", 12)
    now, hour = clock.now(), timedelta(hours=1)
    store_all([stored(number, now + number * hour, now + (number + 1) * hour) for number in range(1, 60)])
    assert ok("GET", TODAY)["running"]["truncated"] is True


def test_the_list_shows_the_batches_of_running_shifts_with_its_filters_and_in_its_order() -> None:
    place = work_center(identifier="WC-R", name="Третий")
    first = add(running(work_center_id=place["uuid"], shift="1"), "A", "B")
    second = running(work_center_id=place["uuid"], shift="2")
    closed = running()
    ok("PATCH", f"/api/batches/{closed['uuid']}/close")
    batch(**around(clock.now(), 3, -1), work_center_id=place["uuid"])
    batch(**around(clock.now(), -1, 3), work_center_id=place["uuid"])

    def listed(**query: Any) -> list[str]:
        page = ok("GET", f"/api/batches?{urlencode({'running': 'true'} | query)}")
        assert page["total"] >= len(page["items"])
        return [one["uuid"] for one in page["items"]]

    assert listed() == [closed["uuid"], second["uuid"], first["uuid"]]
    assert listed(sort_direction="ASC", limit="2") == [first["uuid"], second["uuid"]]
    assert listed(offset="2") == [first["uuid"]]
    assert listed(work_center_id=place["uuid"], sort_field="shift", sort_direction="ASC") == [
        first["uuid"], second["uuid"],
    ]  # fmt: skip
    assert listed(shift="2") == [second["uuid"]]
    assert listed(is_closed="true") == [closed["uuid"]]
    assert listed(batch_number=str(first["batch_number"])) == [first["uuid"]]
    day = first["batch_date"]
    assert len(listed(batch_date_from=day, batch_date_to=day)) == 3
    assert listed(batch_date_from="2999-01-01") == listed(batch_date_to="2001-01-01") == []
    shown = ok("GET", "/api/batches?running=true&shift=1&is_closed=false")["items"][0]
    assert [one["unique_code"] for one in shown["products"]] == ["A", "B"]
    assert len(ok("GET", "/api/batches?running=false")["items"]) == 5


def test_the_list_of_running_batches_goes_on_by_its_cursor_and_takes_no_other() -> None:
    made = [running()["uuid"] for _ in range(3)]
    page = ok("GET", "/api/batches?running=true&limit=2")
    rest = ok("GET", f"/api/batches?running=true&limit=2&cursor={page['next_cursor']}")
    assert [one["uuid"] for one in [*page["items"], *rest["items"]]] == made[::-1]
    assert (page["total"], rest["total"], rest["next_cursor"]) == (3, 3, None)
    assert "query.cursor" in wrong_fields("GET", f"/api/batches?limit=2&cursor={page['next_cursor']}")
