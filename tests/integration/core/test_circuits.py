"""The circuits of the service itself: what counts as a failure, how little a closed one costs, and the fault switch."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from chalicelib.core import circuits, faults
from chalicelib.core.aws import client
from chalicelib.core.breaker import BreakerView, CircuitOpen, Permit
from chalicelib.core.circuits import through_circuit
from chalicelib.core.conditional import Outdated
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.errors import AppError, Busy, Conflict, NotFound, Unavailable
from chalicelib.core.settings import settings
from tests.aws_calls import record_calls
from tests.stages import deploy_to_prod

OUTAGE = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


@pytest.fixture(autouse=True)
def table(tables: Callable[..., None]) -> Iterator[None]:
    """The table of breakers, and a process that knows nothing yet."""
    tables("breakers")
    circuits.forget()
    yield
    circuits.forget()


@pytest.fixture
def clock_of_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Stops the clock by which a process remembers, and puts it forward."""
    at = 1_000.0

    def forward(seconds: float) -> None:
        nonlocal at
        at += seconds

    monkeypatch.setattr(circuits, "time", SimpleNamespace(monotonic=lambda: at))
    return forward


def call(error: BaseException | None = None, name: circuits.Dependency = "orders") -> None:
    """One call; what it raises goes no further, unless it is refused."""
    try:
        with through_circuit(name):
            if error is not None:
                error.__dict__.pop("counted", None)
                raise error
    except CircuitOpen:
        raise
    except BaseException as raised:
        assert raised is error


def state(name: circuits.Dependency = "orders") -> BreakerView:
    """The circuit without `retry_at`, which is there while it is open."""
    found = circuits.read_circuits_or_none()
    assert found is not None
    assert (found[name].retry_at is None) == (found[name].status != "open")
    return replace(found[name], retry_at=None)


def aws_error(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutItem")


@pytest.mark.parametrize(
    "error",
    [OUTAGE, DeadlineExceeded(), Unavailable(), aws_error(500, "InternalServerError"), KeyError("a bug: 500")],
    ids=lambda error: type(error).__name__,
)
def test_five_failures_open_it_and_the_others_stay_closed(error: BaseException) -> None:
    for _ in range(5):
        call(error)
    with pytest.raises(CircuitOpen) as refusal:
        call()
    assert refusal.value.headers["Retry-After"] == "10"
    call(name="users")
    assert state() == BreakerView("open", 5, 0)
    assert state("users").status == "closed"


@pytest.mark.parametrize(
    "error",
    [
        *(NotFound(), Conflict(), AppError(), aws_error(400, "MessageRejected")),
        *(Busy(), Outdated(), aws_error(400, "ThrottlingException"), aws_error(400, "Throttling")),
        aws_error(400, "ProvisionedThroughputExceededException"),
    ],
    ids=lambda error: str(error)[:40],
)
def test_a_refusal_is_an_answer_and_contention_no_outage(error: BaseException) -> None:
    for _ in range(9):
        call(error)
    assert (state().status, state().failures) == ("closed", 0)


def test_a_closed_circuit_adds_no_requests_to_most_calls(
    monkeypatch: pytest.MonkeyPatch, clock_of_process: Callable[[float], None]
) -> None:
    call()
    seen = record_calls(monkeypatch)
    for _ in range(50):
        call()
    assert seen == []
    clock_of_process(1.1)
    call()
    assert [operation for operation, _ in seen] == ["BatchGetItem"]
    clock_of_process(4)
    call()
    assert [operation for operation, _ in seen] == ["BatchGetItem"] * 2 + ["UpdateItem"]
    assert state() == BreakerView("closed", 0, 53)


def test_unreported_successes_count_when_a_call_fails() -> None:
    for _ in range(20):
        call()
    for _ in range(6):
        call(OUTAGE)
    assert state() == BreakerView("closed", 6, 20)


def test_a_failure_is_counted_once_and_by_the_innermost() -> None:
    for _ in range(5):
        with pytest.raises(Unavailable), through_circuit("orders"), through_circuit("users"):
            raise Unavailable
    assert (state("users").status, state("orders").failures) == ("open", 0)
    with pytest.raises(CircuitOpen), through_circuit("orders"), through_circuit("users"):
        pass
    assert state("orders") == BreakerView()


def test_it_closes_again_by_a_probe_that_works(
    later: Callable[..., None], clock_of_process: Callable[[float], None]
) -> None:
    for _ in range(5):
        call(OUTAGE)
    later(seconds=10)
    assert state().status == "half-open"
    with pytest.raises(CircuitOpen), through_circuit("orders"):
        raise CircuitOpen(1)  # the probe did not get there: another user may try
    call()
    assert state().status == "closed"


def test_a_circuit_opened_by_another_process_is_seen_within_a_second(clock_of_process: Callable[[float], None]) -> None:
    call()
    for _ in range(4):
        Permit("orders").report(failed=True)
    call()
    clock_of_process(1.1)
    with pytest.raises(CircuitOpen):
        call()


def test_without_the_table_calls_are_made_and_the_state_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise OUTAGE

    for name in ("get_item", "update_item", "batch_get_item"):
        monkeypatch.setattr(client("dynamodb"), name, unreachable)
    done = []
    with through_circuit("orders"):
        done.append(1)
    assert done == [1]
    assert circuits.read_circuits_or_none() is None


def test_a_deadline_inside_another_ends_a_part_only() -> None:
    with pytest.raises(DeadlineExceeded), deadline(5):
        with pytest.raises(DeadlineExceeded), deadline(0.01):
            while True:
                pass
        with deadline(5):
            pass
        with deadline(0.05):
            while True:
                pass


# -- the fault switch -----------------------------------------------------------------------------------------------


def test_while_a_fault_is_set_a_real_client_times_out_or_is_refused(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    monkeypatch.setattr(faults, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(circuits, "READ_INTERVAL_SECONDS", 0)
    faults.set_fault("orders", "timeout", 30)
    with pytest.raises(ReadTimeoutError), through_circuit("orders"):
        raise AssertionError("the call must not get here")
    call(name="users")
    faults.set_fault("orders", "error", 30)
    with pytest.raises(EndpointConnectionError), through_circuit("orders"):
        raise AssertionError("the call must not get here")
    assert state().failures == 2
    later(seconds=31)
    call()
    assert faults.set_fault("orders", "none") is None
    call()


def test_on_another_stage_there_is_no_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    faults.set_fault("orders", "error")
    deploy_to_prod(monkeypatch)
    try:
        call()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
