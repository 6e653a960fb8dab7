"""Adding many products by one call: what is there afterwards, whatever others do meanwhile, and what is told of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import pytest

from chalicelib.background_tasks import model as background_tasks
from chalicelib.background_tasks import service
from chalicelib.batches import bulk
from chalicelib.core import counters, objects
from chalicelib.products import service as products
from chalicelib.wiring.runners import RUNNERS, UNDOERS
from tests.crash_injection import Died, after_write, die
from tests.http_events import lambda_context
from tests.integration.bulk.api_calls import add, check, names_of_events, place, products_of, start_adding, work
from tests.production import UNKNOWN, ask, batch, batch_with, closed_batch, events_of, ok, refused
from tests.tasks import TASKS, reason_of, result_of, task, waiting

pytestmark = pytest.mark.usefixtures("small")
CODES = [f"P-{number:02d}" for number in range(20)]
TWICE, TAKEN = "Код повторяется в запросе", "Продукт с таким кодом уже есть в партии"
CLOSED = "Партия закрыта: продукты не добавляются"


def test_all_codes_are_added_in_the_order_of_the_call() -> None:
    made = batch()
    assert add(made, CODES) == {"success": True, "total": 20, "added": 20, "failed": 0, "errors": []}
    check(made, CODES)
    assert names_of_events(made) == ["batch.product_added"] * 20
    events = [data for _, data in events_of(f"batch#{made['uuid']}")[1:]]
    assert [data["unique_code"] for data in events] == CODES
    assert {data["aggregate_id"] for data in events} == {made["uuid"]}
    assert {data["batch_number"] for data in events} == {made["batch_number"]}


def test_the_answer_is_a_task_that_says_what_it_is() -> None:
    made = batch()
    answer = ask("POST", f"{place(made)}/products/bulk", {"unique_codes": CODES})
    assert answer.status == 202
    assert answer.json == {
        "task_id": answer.json["task_id"], "status": "PENDING", "message": "Задача добавления продуктов запущена",
    }  # fmt: skip
    assert task(answer.json["task_id"])["type"] == "products"
    work()
    assert task(answer.json["task_id"])["status"] == "SUCCESS"


def test_proceed_reports_existing_codes_and_adds_the_others() -> None:
    made = batch_with("B", "E")
    result = add(made, ["A", "B", "C", "A", "D", "E", "F", "C"])
    errors = [("B", TAKEN), ("A", TWICE), ("E", TAKEN), ("C", TWICE)]
    assert result == {
        "success": False, "total": 8, "added": 4, "failed": 4,
        "errors": [{"code": code, "reason": reason} for code, reason in errors],
    }  # fmt: skip
    check(made, ["B", "E", "A", "C", "D", "F"])


def test_rollback_adds_nothing_when_anything_is_wrong() -> None:
    made = batch_with("E")
    for wrong, reason in ([*CODES, "E"], TAKEN), ([*CODES, "P-00"], TWICE):
        assert add(made, wrong, "rollback") == {
            "success": False, "total": 21, "added": 0, "failed": 1,
            "errors": [{"code": wrong[-1], "reason": reason}],
        }  # fmt: skip
        check(made, ["E"])
    assert names_of_events(made) == ["batch.product_added"]
    assert add(made, CODES, "rollback")["success"]
    check(made, ["E", *CODES])


def test_rollback_removes_its_products_when_another_writer_adds_a_code() -> None:
    made = batch()
    task_id = start_adding(made, CODES, "rollback")
    with after_write(6, lambda: ok("POST", f"{place(made)}/products", {"unique_code": "P-15"})):
        work()
    assert result_of(task_id)["errors"] == [{"code": "P-15", "reason": TAKEN}]
    assert result_of(task_id)["added"] == 0
    check(made, ["P-15"])
    names = names_of_events(made)
    assert names.count("batch.product_added") - names.count("batch.product_removed") == 1


@pytest.mark.parametrize("mode", ["proceed", "rollback"])
@pytest.mark.parametrize("number", range(1, 12, 2))
def test_a_batch_closed_meanwhile_takes_no_more(mode: str, number: int) -> None:
    made = batch()
    task_id = start_adding(made, CODES, mode)
    with after_write(number, lambda: ok("PATCH", f"{place(made)}/close")):
        work()
    result = result_of(task_id)
    added = [] if mode == "rollback" else CODES[: result["added"]]
    assert result["added"] == len(added) < 20
    assert result["errors"] == [{"code": code, "reason": CLOSED} for code in CODES[len(added) :]]
    check(made, added)


def test_a_batch_deleted_meanwhile_leaves_nothing_behind() -> None:
    made = batch()
    task_id = start_adding(made, CODES)

    def delete() -> None:
        ok("PATCH", f"{place(made)}/close")
        ok("DELETE", place(made))

    with after_write(7, delete):
        work()
    assert reason_of(task_id) == "Партия не найдена"
    assert ok("GET", "/api/products")["total"] == 0


def test_a_batch_moved_to_another_day_meanwhile_counts_there() -> None:
    made = batch()
    task_id = start_adding(made, CODES)
    with after_write(5, lambda: ok("PATCH", place(made), {"batch_date": "2025-02-01", "shift": "2"})):
        work()
    assert result_of(task_id)["added"] == 20
    check(made, CODES)


def test_single_products_are_added_and_removed_meanwhile() -> None:
    made = batch_with("A", "B")
    gone = [product["uuid"] for product in made["products"]]
    task_id = start_adding(made, CODES)

    def meanwhile() -> None:
        ok("POST", f"{place(made)}/products", {"unique_code": "P-12"})
        ok("DELETE", f"{place(made)}/products/{gone.pop()}")

    with after_write(4, meanwhile), after_write(9, meanwhile_removing(made, gone)):
        work()
    assert result_of(task_id)["errors"] == [{"code": "P-12", "reason": TAKEN}]
    assert {product["unique_code"] for product in products_of(made)} == set(CODES)
    assert ok("GET", place(made))["products_total"] == 20


def meanwhile_removing(made: dict[str, Any], gone: list[str]) -> Callable[[], None]:
    """Remove what is left of the products that were there."""
    return lambda: ok("DELETE", f"{place(made)}/products/{gone.pop()}")


@pytest.mark.parametrize(("mode", "left"), [("proceed", 6), ("rollback", 0)])
def test_a_cancelled_task_stops_and_rollback_removes_its_products(mode: str, left: int) -> None:
    made = batch()
    task_id = start_adding(made, CODES, mode)
    with after_write(6, lambda: ok("DELETE", f"{TASKS}/{task_id}")):
        work()
    assert reason_of(task_id) == "Задача отменена"
    total = ok("GET", place(made))["products_total"]
    assert (total <= left + 3) if mode == "proceed" else (total == 0)
    check(made, CODES[:total])


def test_cancelling_a_rollback_after_its_worker_died_removes_its_products() -> None:
    made = batch()
    task_id = start_adding(made, CODES, "rollback")
    with after_write(6, die), suppress(Died):
        work()
    assert ok("GET", place(made))["products_total"] > 0
    ok("DELETE", f"{TASKS}/{task_id}")
    records = waiting()
    for number in (2, 99):  # the rollback may die too; then its message comes again
        with after_write(number, die), suppress(Died):
            service.work({"Records": records}, RUNNERS, UNDOERS, lambda_context(900_000))
    assert reason_of(task_id) == "Задача отменена"
    check(made, [])


def test_removing_products_of_a_batch_deleted_meanwhile_succeeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = batch()
    task_id = start_adding(made, CODES, "rollback")
    with after_write(6, die), suppress(Died):
        work()
    ok("DELETE", f"{TASKS}/{task_id}")
    ok("PATCH", f"{place(made)}/close")
    with monkeypatch.context() as patch:
        patch.setattr(products, "purge", lambda batch_id: 0)
        ok("DELETE", place(made))
    service.work({"Records": waiting()}, RUNNERS, UNDOERS, lambda_context(900_000))
    assert reason_of(task_id) == "Задача отменена"
    assert products_of(made) == []
    assert counters.read_counters([f"products#batch_id={made['uuid']}", "products"]) == {
        f"products#batch_id={made['uuid']}": 0,
        "products": 0,
    }
    assert products.purge(made["uuid"]) > 0


def test_an_unknown_or_closed_batch_is_refused_at_once() -> None:
    body = {"unique_codes": ["A"]}
    assert refused(404, "POST", f"/api/batches/{UNKNOWN}/products/bulk", body) == "Партия не найдена"
    assert refused(409, "POST", f"{place(closed_batch())}/products/bulk", body) == CLOSED


def test_errors_that_are_too_many_are_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_tasks, "MAX_RESULT_ERRORS", 2)
    made = batch_with("=A", "B", "C")
    result = add(made, ["=A", "B", "C", "D"])
    assert (result["failed"], len(result["errors"]), result["added"]) == (3, 2, 1)
    answer = ask("GET", result["errors_url"])
    assert answer.status == 302
    assert bulk.ERRORS_FILE.split()[0] in _decoded(answer.headers["Location"])
    assert _stored(result["errors_url"]) == (
        f'\ufeff"code","reason"\r\n"\'=A","{TAKEN}"\r\n"B","{TAKEN}"\r\n"C","{TAKEN}"\r\n'
    )


def _decoded(address: str) -> str:
    return unquote(unquote(address))


def _stored(url: str) -> str:
    return objects.read(f"files/1d/{url.rpartition('/')[2]}.csv").decode()


def test_a_task_speaks_the_language_of_its_request() -> None:
    made = batch_with("P-00")
    body, english = {"unique_codes": ["P-00", "P-01", "P-01"]}, {"Accept-Language": "en"}
    started = ask("POST", f"{place(made)}/products/bulk", body, english).json
    assert started["message"] == "The task that adds the products was started"
    work()
    reasons = [one["reason"] for one in result_of(started["task_id"])["errors"]]
    assert reasons == ["The batch has a product with this code already", "The request has the code twice"]


def test_the_cancellation_of_a_task_is_told_in_the_language_of_its_reader() -> None:
    task_id = start_adding(batch(), CODES)
    ok("DELETE", f"/api/background_tasks/{task_id}")
    assert task(task_id)["result"] == {"error": "Задача отменена"}
    english = ask("GET", f"/api/background_tasks/{task_id}", headers={"Accept-Language": "en"})
    assert english.json["result"] == {"error": "The task was cancelled"}
