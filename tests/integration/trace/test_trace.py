"""`GET /api/trace`: where a code is, who put it there, and what concerns it."""

from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.trace import service
from infra.machines import AGGREGATION
from tests.exchange import csv_file, imported, row
from tests.machine import run_executions
from tests.people import person, signed_in
from tests.production import ask, batch, batch_with, closed_batch, ok, wrong_fields
from tests.tasks import run_tasks

MARK = "010460043993125621JgXJ5.T\x1d8005112000\x1d93<&+\"'%/=#?;ы"
TIME = {"aggregated_at": "2025-01-20T12:00:00Z"}


def trace(code: str, **headers: str) -> dict[str, Any]:
    """The trace of a code."""
    answer = ask("GET", f"/api/trace?code={quote(code, safe='')}", headers=headers or None)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def one(code: str, **headers: str) -> dict[str, Any]:
    """The only product with a code."""
    (found,) = trace(code, **headers)["items"]
    return dict(found)


def add(made: dict[str, Any], code: str, headers: dict[str, str]) -> None:
    answer = ask("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code}, headers)
    assert answer.status == 200, answer.text


def names(found: dict[str, Any]) -> list[str]:
    return [event["name"] for event in found["events"]]


def test_a_marking_code_leads_to_its_batch_work_centre_and_people() -> None:
    anna, boss = person("engineer", name="Анна"), person("manager", name="Борис")
    made, at = batch(), "2025-01-20T12:00:00Z"
    add(made, "другой", signed_in(anna))
    add(made, MARK, signed_in(anna))
    product = ok("GET", f"/api/batches/{made['uuid']}")["products"][1]
    assert ask("PATCH", f"/api/products/{product['uuid']}/aggregate", TIME, signed_in(boss)).status == 200
    found = one(MARK)
    center = ok("GET", f"/api/work_centers/{made['work_center_id']}")
    same = ("uuid", "batch_number", "batch_date", "shift", "team", "nomenclature", "ekn_code", "shift_time_range")
    assert found["batch"] == {name: made[name] for name in same} | {
        "is_closed": False, "closed_at": None,
        "work_center": {name: center[name] for name in ("uuid", "identifier", "name")},
    }  # fmt: skip
    assert (found["product_id"], found["unique_code"]) == (product["uuid"], MARK)
    assert (found["added_at"], found["added_by"]) == (product["created_at"], {"id": anna.number, "name": "Анна"})
    assert (found["is_aggregated"], found["aggregated_at"]) == (True, at)
    assert found["aggregated_by"] == {"id": boss.number, "name": "Борис"}
    assert names(found) == ["product.aggregated", "batch.product_added", "batch.created"]
    assert {event["data"].get("product_id") for event in found["events"]} == {product["uuid"], None}
    assert (found["events_complete"], found["reports"]) == (True, [])


def test_every_batch_that_has_it_is_there_the_newest_first_and_page_by_page() -> None:
    made = [batch_with("X")["uuid"] for _ in range(3)]
    batch_with("x", "XX")
    page = ok("GET", "/api/trace?code=X&limit=2")
    rest = ok("GET", f"/api/trace?code=X&limit=2&cursor={page['next_cursor']}")
    assert [found["batch"]["uuid"] for found in (*page["items"], *rest["items"])] == made[::-1]
    assert (page["total"], rest["next_cursor"], page["code"]) == (3, None, "X")


def test_a_code_that_is_nowhere_removed_or_in_a_deleted_batch_is_an_empty_list() -> None:
    assert trace("нет")["items"] == []
    kept, gone = batch_with("A"), closed_batch("A", "B")
    ok("DELETE", f"/api/batches/{gone['uuid']}")
    assert one("A")["batch"]["uuid"] == kept["uuid"]
    assert trace("B") == {"code": "B", "items": [], "total": 0, "limit": 10, "next_cursor": None}
    ok("DELETE", f"/api/batches/{kept['uuid']}/products/{kept['products'][0]['uuid']}")
    assert trace("A")["items"] == []


@pytest.mark.parametrize("query", ["", "?code=", "?code=%20", f"?code={'x' * 201}", "?code=a%00", "?code=a&limit=26"])
def test_a_missing_or_wrong_code_is_refused_with_its_place(query: str) -> None:
    place = "query.limit" if "limit" in query else "query.code"
    assert list(wrong_fields("GET", f"/api/trace{query}")) == [place]


def test_user_of_a_background_task_is_traced() -> None:
    anna, boss = person("engineer", name="Анна"), person("manager", name="Борис")
    made = batch()
    place = f"/api/batches/{made['uuid']}"
    assert ask("POST", f"{place}/products/bulk", {"unique_codes": ["A", "B"]}, signed_in(anna)).status == 202
    run_tasks()
    assert ask("PATCH", f"{place}/aggregate_async", {}, signed_in(boss)).status == 202
    run_tasks()
    run_executions(AGGREGATION)
    found = one("A")
    assert (found["added_by"]["name"], found["aggregated_by"]["name"]) == ("Анна", "Борис")
    add(made, "C", signed_in(anna))
    assert ask("PATCH", f"{place}/aggregate", {}, signed_in(anna)).status == 202
    found = one("C")
    assert found["aggregated_by"]["name"] == "Анна"
    assert one("A")["aggregated_by"]["name"] == "Борис"


@pytest.mark.parametrize("count", [1, 60])
def test_import_adds_products_for_its_user(count: int) -> None:
    codes = [f"I-{number}" for number in range(count)]
    assert imported(csv_file([row(products=codes)]))["created"] == 1
    assert {one(code)["added_by"]["id"] for code in (codes[0], codes[-1])} == {ADMINISTRATOR.user_id}


def test_of_a_long_history_what_concerns_the_product_is_found() -> None:
    made = batch_with("A")
    ok("PATCH", f"/api/products/{made['products'][0]['uuid']}/aggregate", TIME)
    about = {"batch_id": made["uuid"], "batch_number": made["batch_number"], "unique_code": "B"}
    for _ in range(service.MAX_NEWEST_RECORDS):
        with transaction() as tx:
            other = "00000000-0000-4000-8000-00000000000b"
            events.record(tx, "batch.product_added", f"batch#{made['uuid']}", clock.now(), **about, product_id=other)
    ok("PATCH", f"/api/batches/{made['uuid']}/close")
    found = one("A")
    assert names(found) == ["batch.closed", "product.aggregated", "batch.product_added", "batch.created"]
    assert found["events_complete"] is False


def test_reports_on_the_batch_are_shown_by_role() -> None:
    made, other = batch_with("A"), batch_with("B")
    mine, boss = person("user"), person("manager")
    order = {"name": "О партии", "template_id": 3, "parameters": {"batch_id": made["uuid"].upper()}}
    first = ask("POST", "/api/v1/reports", order, signed_in(boss)).json["id"]
    run_executions()
    base = {"name": "Заготовка", "base_template_id": 3, "parameters": {"batch_id": made["uuid"]}}
    template = ok("POST", "/api/v1/templates", base)["id"]
    second = ok("POST", "/api/v1/reports", {"name": "По шаблону", "template_id": template})["id"]
    run_executions()
    ok("POST", "/api/v1/reports", order | {"parameters": {"batch_id": other["uuid"]}})
    found = one("A")["reports"]
    assert [(report["kind"], report["id"], report["status"]) for report in found] == [
        ("report", second, "completed"),
        ("report", first, "completed"),
    ]
    assert found[0]["download_url"] == f"/api/v1/reports/{second}/download"
    assert [report["id"] for report in one("A", **signed_in(boss))["reports"]] == [second, first]
    assert one("A", **signed_in(mine))["reports"] == []
    ok("DELETE", f"/api/v1/reports/{first}")
    assert [report["id"] for report in one("A")["reports"]] == [second]


def test_a_report_that_was_made_at_once_is_named_while_its_file_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = batch_with("A")
    with transaction() as tx:
        for expires_at in ("2999-01-01T00:00:00Z", "2025-01-27T18:00:00Z"):
            events.record(
                tx, "batch.report_generated", f"batch#{made['uuid']}", clock.now(), batch_id=made["uuid"],
                batch_number=made["batch_number"], report_type="pdf", file_url="/api/reports/1", expires_at=expires_at,
            )  # fmt: skip
    (report,) = one("A")["reports"]
    assert (report["kind"], report["format"], report["download_url"]) == ("batch_report", "pdf", "/api/reports/1")
    assert report["expires_at"] == "2999-01-01T00:00:00Z"
    assert one("A", **signed_in(person("user")))["reports"] == []


def test_products_of_before_there_were_notes_have_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    made = batch_with("A")
    from chalicelib.products.store import PointerItem

    PointerItem(made["products"][0]["uuid"], "pointer").update(actions=[PointerItem.added_by_user.remove()])
    assert one("A")["added_by"] is None
