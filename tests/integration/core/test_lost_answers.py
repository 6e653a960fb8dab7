"""Answers of DynamoDB that are lost after the work was done: nothing is done twice, and nothing is refused for itself.

Every writing route is called with the answer to each of its writes lost in turn, over both clients.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from chalicelib.core import circuits
from chalicelib.core.aws import client
from chalicelib.core.counters import CounterItem, next_id
from chalicelib.core.idempotency import once
from chalicelib.core.recount import scan
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from tests.failure_injection import ATTEMPTS_OF_CLIENT, Fault, fault, in_progress, reset, server_error, timeout
from tests.integration.core.writing_routes import ROUTES, body_of, request
from tests.production import batch, empty_tables, ok
from tests.tables import tables
from tests.tasks import run_tasks, task

pytestmark = pytest.mark.usefixtures("empty_after_test")

LOST = [reset, timeout, server_error, in_progress]
Facts = tuple[Counter[str], dict[str, int]]


@pytest.fixture
def with_boto3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service calls DynamoDB by boto3's client."""
    monkeypatch.setenv("DYNAMODB_WITH_BOTO3", "true")
    settings.cache_clear()
    client.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


def facts() -> Facts:
    """How many items each table has, and the sums of all counters and sequences, without the ids in their names."""
    kept = {name: len(items) for name, items in tables().items().items() if not name.endswith("-breakers")}
    sums: Counter[str] = Counter()
    for item in scan(CounterItem, ("key", "n")):
        name, _, value = item["key"]["S"].partition("=")  # what is counted by a value has an id or the like after it
        sums[name if value else name.rpartition("#")[0]] += int(item["n"]["N"]) if "n" in item else 0
    kept["shopfloor-test-counters"] = 0  # spread over shards by chance
    return sums, kept


def answered(name: str) -> int:
    """The status of a call of a route, with a new thing."""
    things, body = ROUTES[name].make(), body_of(name)
    return request(name.split()[0], things.asked, body).status


def undisturbed(work: Callable[[], int]) -> tuple[int, int, Facts]:
    """What it comes to when nothing is lost, and how many writes it takes."""
    with fault(reset, times=0) as writes:
        outcome = work()
    assert outcome < 300
    found = facts()
    empty_tables()
    circuits.forget()
    return outcome, len(writes), found


def survive(work: Callable[[], int], lost: Fault, times: int = 1) -> None:
    """Do it once for each write, whose answer is lost so many times."""
    outcome, writes, expected = undisturbed(work)
    for number in range(1, writes + 1):
        with fault(lost, first=number, times=times):
            assert work() == outcome, f"write {number}"
        assert facts() == expected, f"write {number}"
        empty_tables()
        circuits.forget()


@pytest.mark.slow
@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.__name__)
@pytest.mark.parametrize("name", ROUTES)
def test_a_call_whose_answers_are_lost_does_everything_once(name: str, lost: Fault) -> None:
    survive(lambda: answered(name), lost)


SOME = [
    "POST /api/batches/{batch_id}/products",
    "PATCH /api/batches/{batch_id}/aggregate",
    "POST /api/webhooks/{subscription_id}/rotate_secret",
    "PUT /orders/{order_id}",
    "PUT /users/{user_id}",
]


@pytest.mark.parametrize("name", SOME)
def test_answers_that_the_client_gives_up_on_are_asked_for_again(name: str) -> None:
    survive(lambda: answered(name), reset, times=ATTEMPTS_OF_CLIENT)


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.__name__)
@pytest.mark.parametrize("name", SOME)
def test_the_same_holds_over_boto3(name: str, lost: Fault, with_boto3: None) -> None:
    survive(lambda: answered(name), lost)


@pytest.mark.parametrize("mode", ["proceed", "rollback"])
@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.__name__)
def test_a_background_task_whose_answers_are_lost_adds_everything_once(lost: Fault, mode: str) -> None:
    def work() -> int:
        made = batch()
        path = f"/api/batches/{made['uuid']}/products/bulk"
        started = ok("POST", path, {"unique_codes": [f"P-{number}" for number in range(50)], "mode": mode})
        run_tasks()
        found = task(started["task_id"])
        assert (found["status"], found["result"]["added"], found["result"]["failed"]) == ("SUCCESS", 50, 0)
        return 200

    survive(work, lost)


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.__name__)
def test_counters_and_sequences_count_once(lost: Fault) -> None:
    for times in (1, ATTEMPTS_OF_CLIENT):
        with fault(lost, times=times):
            first = next_id("things")
        with fault(lost, times=times), transaction() as tx:
            tx.increment("things", +1)
        assert next_id("things") == first + 1
    assert facts()[0] == {"seq": 4, "things": 2}


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.__name__)
def test_an_outcome_that_nobody_gets_to_know_is_a_503(lost: Fault) -> None:
    made = batch()
    place = f"/api/batches/{made['uuid']}"
    with fault(lost, of={"TransactWriteItems"}.__contains__):
        answer = request("POST", f"{place}/products", {"unique_code": "A"})
    assert (answer.status, "Retry-After" in answer.headers) == (503, True), answer.text
    assert request("POST", f"{place}/products", {"unique_code": "A"}).status == 409
    assert ok("GET", place)["products_total"] == ok("GET", "/api/products")["total"] == 1


def test_what_is_done_once_knows_its_own_claim() -> None:
    done: list[int] = []
    with fault(reset, times=1):
        once("key", lambda: done.append(1))
    once("key", lambda: done.append(2))
    assert done == [1]
