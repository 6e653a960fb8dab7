"""Tables that are throttled, reads and writes of many that stay unfinished, and writers that always meet another."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches import store as batches_store
from chalicelib.batches.exchange import applying, writing
from chalicelib.core import circuits, repeats
from chalicelib.core.connections import Reply
from chalicelib.core.dynamo import ClaimItem, batch_get, erase, fetch, put_all, query
from chalicelib.core.errors import Busy
from chalicelib.core.reads import read_together
from chalicelib.core.recount import scan
from chalicelib.core.transactions import Changed
from tests.exchange import csv_file, row, send
from tests.failure_injection import ATTEMPTS_OF_CLIENT, contended, everything, fault, throttled
from tests.integration.core.writing_routes import ROUTES, all_side_effects, body_of, request
from tests.production import ask, batch, empty_tables, ok
from tests.tasks import run_tasks, task, waiting

Work = Callable[[], str]


@pytest.fixture(scope="module", autouse=True)
def system(tables_of_the_system: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, all_side_effects():
        patch.setattr(applying, "LANES", 1)
        yield


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    circuits.forget()
    yield
    waiting()
    empty_tables()


# -- requests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROUTES)
def test_throttled_tables_are_a_clear_503_and_open_no_circuit(name: str) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    for method, path, sent in (("GET", things.thing, None), (name.split()[0], things.asked, body)):
        for _ in range(8):
            with fault(throttled, of=everything):
                answer = request(method, path, sent)
            assert (answer.status, "Retry-After" in answer.headers) == (503, True), answer.text
    assert request(name.split()[0], things.asked, body).status < 300
    assert {one.status for one in (circuits.read_circuits_or_none() or {}).values()} == {"closed"}


@pytest.mark.parametrize("name", ROUTES)
def test_contention_is_a_clear_503_and_opens_no_circuit(name: str) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    for _ in range(8):
        with fault(contended) as writes:
            answer = ask(name.split()[0], things.asked, body)
        if writes:  # the redelivery of nothing has none
            assert (answer.status, "Retry-After" in answer.headers) == (503, True), answer.text
    assert request(name.split()[0], things.asked, body).status < 300
    assert {one.status for one in (circuits.read_circuits_or_none() or {}).values()} == {"closed"}


@pytest.mark.parametrize("operations", [{"UpdateItem"}, {"BatchGetItem", "UpdateItem"}])
def test_a_throttled_table_of_circuits_is_no_matter_of_the_request(operations: set[str]) -> None:
    place = ROUTES["PUT /orders/{order_id}"].make().thing
    with fault(throttled, of=operations.__contains__, table="shopfloor-test-breakers"):
        for _ in range(3):
            assert ask("GET", place).status == 200


# -- many items -----------------------------------------------------------------------------------------------------


def half(operation: str, answer: Callable[[], Reply]) -> Reply:
    """Half of the keys, or of the items, are left for another request."""
    reply = answer()
    content = json.loads(reply.content)
    found = content.get("Responses", {})
    for table, items in found.items():
        if len(items) > 1:
            left = items[len(items) // 2 :]
            found[table] = items[: len(items) // 2]
            keys = [{"key": item["key"]} for item in left]
            content.setdefault("UnprocessedKeys", {})[table] = {"Keys": keys, "ConsistentRead": True}
    return Reply(reply.status_code, {"x-amzn-requestid": "1"}, json.dumps(content).encode())


def claims(count: int) -> list[ClaimItem]:
    """Unique values that are taken."""
    return [ClaimItem(f"value#{number}", owner=str(number)) for number in range(count)]


def test_items_that_were_not_read_are_asked_for_again() -> None:
    put_all(claims(150))
    keys = [f"value#{number}" for number in range(150)]
    for times in (1, 5, 40):
        with fault(half, of={"BatchGetItem"}.__contains__, times=times):
            assert sorted(item.owner for item in batch_get(ClaimItem, [(key,) for key in keys])) == sorted(
                str(number) for number in range(150)
            )
            assert len(read_together([(ClaimItem, key, None) for key in keys])) == 150


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_a_table_that_takes_nothing_for_long_is_busy(operation: str) -> None:
    with fault(throttled, of={operation}.__contains__) as calls:
        with pytest.raises(Busy):
            batch_get(ClaimItem, [("a",)]) if operation == "BatchGetItem" else put_all(claims(1))
        assert len(calls) > ATTEMPTS_OF_CLIENT
    with fault(throttled, of={operation}.__contains__, times=2 * ATTEMPTS_OF_CLIENT):
        put_all(claims(60))
        assert len(batch_get(ClaimItem, [(f"value#{number}",) for number in range(60)])) == 60


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetItem", lambda: fetch(ClaimItem, "a")),
        ("Query", lambda: list(query(ClaimItem, "a"))),
        ("Scan", lambda: list(scan(ClaimItem, ["key"]))),
        ("DeleteItem", lambda: erase(ClaimItem("a"))),
    ],
)
def test_a_single_call_of_a_throttled_table_is_repeated_until_it_is_busy(
    operation: str, call: Callable[[], object]
) -> None:
    with fault(throttled, of={operation}.__contains__) as calls:
        with pytest.raises(Busy):
            call()
        assert len(calls) > ATTEMPTS_OF_CLIENT
    with fault(throttled, of={operation}.__contains__, times=2 * ATTEMPTS_OF_CLIENT):
        call()


def test_a_key_that_an_index_names_twice_is_read_once() -> None:
    put_all(claims(2))
    found = batch_get(ClaimItem, [("value#0",), ("value#1",), ("value#0",)])
    assert sorted(item.owner for item in found) == ["0", "1"]


# -- workers --------------------------------------------------------------------------------------------------------


def adding(mode: str) -> Work:
    """Products are added to a batch."""

    def start() -> str:
        made = batch()
        path = f"/api/batches/{made['uuid']}/products/bulk"
        body = {"unique_codes": [f"P-{number}" for number in range(100)], "mode": mode}
        return str(ok("POST", path, body)["task_id"])

    return start


def importing() -> str:
    """Batches are imported, one of which is too large for one transaction."""
    rows = [row(products=[f"P-{number}" for number in range(60)]), row(products=["A"]), row()]
    return str(send(csv_file(rows)).json["task_id"])


def exporting() -> str:
    """Batches are exported."""
    batch()
    return str(ok("POST", "/api/batches/export?format=csv")["task_id"])


WORK: dict[str, Work] = {
    "adding": adding("proceed"),
    "adding all or nothing": adding("rollback"),
    "importing": importing,
    "exporting": exporting,
}


def facts(task_id: str) -> Any:
    """How a task has ended."""
    found = task(task_id)
    plain = {name: value for name, value in (found["result"] or {}).items() if not name.endswith(("_id", "_url"))}
    totals = [ok("GET", f"/api/{name}?limit=1")["total"] for name in ("products", "batches")]
    return found["status"], plain, totals


@pytest.mark.slow
@pytest.mark.parametrize("happens", [throttled, contended], ids=lambda one: one.__name__)
@pytest.mark.parametrize("kind", WORK)
def test_a_worker_stops_and_goes_on_later(kind: str, happens: Any, later: Callable[..., None]) -> None:
    start = WORK[kind]
    with fault(happens, times=0, of=everything) as calls:
        made = start()
        before = len(calls)
        run_tasks()
    expected, count = facts(made), len(calls) - before
    assert expected[0] == "SUCCESS"
    empty_tables()
    for number in range(1, count + 1):
        made = start()
        with fault(happens, first=number, of=everything):
            try:
                run_tasks()
            except Exception as error:  # what the function ends with, when it cannot even begin
                assert background_tasks.is_temporary(error)
        for _ in range(5):
            if task(made)["status"] in ("PENDING", "PROGRESS"):
                later(minutes=2)
                waiting()
                background_tasks.sweep()
                run_tasks()
        assert facts(made) == expected, f"call {number}"
        empty_tables()


def outrun(*_: object, **__: object) -> None:
    """Another user has always been faster."""
    raise Changed


@pytest.mark.parametrize(
    ("kind", "module", "name"),
    [
        ("adding", batches_store, "count_products"),
        ("adding all or nothing", batches_store, "count_products"),
        ("importing", writing, "apply"),
    ],
)
def test_a_worker_that_is_always_outrun_goes_on_later(
    kind: str, module: Any, name: str, monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    made = WORK[kind]()
    with monkeypatch.context() as patch:
        patch.setattr(repeats, "sleep", lambda seconds: None)
        patch.setattr(module, name, outrun)
        run_tasks()
    assert task(made)["status"] == "PROGRESS"
    later(minutes=2)
    background_tasks.sweep()
    run_tasks()
    status, result, *_ = facts(made)
    assert (status, result["failed"], result["errors"]) == ("SUCCESS", 0, [])


def test_a_table_throttled_for_long_does_not_use_up_the_runs_of_a_task(later: Callable[..., None]) -> None:
    made = adding("proceed")()
    for _ in range(8):
        with fault(throttled, of={"TransactWriteItems"}.__contains__, table="shopfloor-test-products"):
            run_tasks()
        assert task(made)["status"] == "PROGRESS"
        later(minutes=2)
        background_tasks.sweep()
    run_tasks()
    assert task(made)["result"]["added"] == 100
