"""What goes on now, and where a code is, on the deployed stack."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from chalicelib.core import clock
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack

TODAY = "/api/analytics/today"
MARK = "010460043993125621JgXJ5.T\x1d8005112000\x1d93<&+\"'%/=#?"


def running_batch(stack: Stack, **fields: Any) -> dict[str, Any]:
    """A batch of a shift that began an hour ago and goes on for an hour."""
    now, hour = clock.now(), timedelta(hours=1)
    shift = {"shift_start": clock.to_json(now - hour), "shift_end": clock.to_json(now + hour)}
    return new_batch(stack, **shift, **fields)


def shown(stack: Stack, batch_id: str) -> dict[str, Any]:
    """A batch among those of the running shifts."""
    places = ok(stack, "GET", TODAY)["running"]["work_centers"]
    batches = [one for place in places for shift in place["shifts"] for one in shift["batches"]]
    (found,) = (one for one in batches if one["uuid"] == batch_id)
    return dict(found)


def facts(batch: dict[str, Any]) -> tuple[Any, ...]:
    return batch["planned_quantity"], batch["products_total"], batch["aggregated_total"]


def test_a_running_batch_is_shown_with_the_products_it_has_at_this_moment(stack: Stack) -> None:
    made = running_batch(stack, planned_quantity=2)
    assert facts(shown(stack, made["uuid"])) == (2, 0, 0)
    for number in (1, 2):
        ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"T-{number}"})
        assert facts(shown(stack, made["uuid"])) == (2, number, 0)
    ok(stack, "PATCH", f"/api/batches/{made['uuid']}/aggregate")
    assert facts(shown(stack, made["uuid"])) == (2, 2, 2)


def test_an_answer_in_which_nothing_has_changed_is_304(stack: Stack) -> None:
    made = running_batch(stack)
    for _ in range(3):  # the minute may change between two calls, not twice in a row
        first = stack.call("GET", TODAY)
        second = stack.call("GET", TODAY, headers={"If-None-Match": first.headers["ETag"]})
        if second.status_code == 304:
            break
    assert (second.status_code, second.content) == (304, b"")
    ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "T-1"})
    assert stack.call("GET", TODAY, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_refresh_counts_the_products_of_the_hours(stack: Stack) -> None:
    made = running_batch(stack)
    ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "T-1"})
    at = clock.now()
    answer = stack.client("lambda").invoke(FunctionName=f"{stack.name}-refresh-analytics", Payload=b"{}")
    assert "FunctionError" not in answer
    by_hour = ok(stack, "GET", TODAY)["products_by_hour"]
    assert by_hour["counted_at"] >= clock.to_json(at)[:19]
    assert len(by_hour["hours"]) == 24
    assert sum(hour["added"] or 0 for hour in by_hour["hours"][-2:]) >= 1


def test_a_marking_code_is_traced_as_it_was_scanned(stack: Stack) -> None:
    made = running_batch(stack)
    ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": MARK})
    ok(stack, "PATCH", f"/api/batches/{made['uuid']}/aggregate")
    report = ok(stack, "POST", f"/api/batches/{made['uuid']}/reports/generate?format=xlsx")
    (found,) = ok(stack, "GET", f"/api/trace?code={quote(MARK, safe='')}")["items"]
    assert (found["unique_code"], found["batch"]["uuid"]) == (MARK, made["uuid"])
    assert found["added_by"] == found["aggregated_by"] == {"id": 1, "name": "Администратор"}
    assert [event["name"] for event in found["events"]][-2:] == ["batch.product_added", "batch.created"]
    assert [one["download_url"] for one in found["reports"]] == [report["download_url"]]
    assert ok(stack, "GET", f"/api/trace?code={quote(MARK[:-1], safe='')}")["items"] == []
