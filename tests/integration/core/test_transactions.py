"""Transactions and single updates: conflicts are retried, conditions name their errors, sealed counters stay sealed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.expressions.operand import Path

from chalicelib.core import repeats
from chalicelib.core.aws import client
from chalicelib.core.counters import CounterItem, next_id, read_counters
from chalicelib.core.dynamo import ClaimItem, batch_get, fetch, owner_of, update_if
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.retries import USE_CASE
from chalicelib.core.transactions import Changed, optimistic, transaction

TAKEN = Conflict("taken")


@pytest.fixture(autouse=True)
def tables_of_core(tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters and claims; waiting takes no time."""
    tables("counters", "claims")
    monkeypatch.setattr(repeats, "sleep", lambda seconds: None)


class Refusing:
    """Stands before a call of DynamoDB: the first `times` of them fail with an error."""

    def __init__(self, call: Callable[..., Any], error: ClientError, times: int) -> None:
        self.call, self.error, self.left = call, error, times
        self.asked: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        self.left -= 1
        if self.left >= 0:
            raise self.error
        return self.call(**arguments)


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Refusing]]:
    """`refuse("update_item", "TransactionConflictException", times=1)`"""

    def put_in_front(operation: str, code: str, *, times: int = 10**6, reasons: tuple[str, ...] = ()) -> Refusing:
        response: Any = {"Error": {"Code": code, "Message": ""}}
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
        refusing = Refusing(getattr(client("dynamodb"), operation), ClientError(response, operation), times)
        monkeypatch.setattr(client("dynamodb"), operation, refusing)
        return refusing

    yield put_in_front


def claim(value: str = "a", owner: str = "1") -> None:
    with transaction() as tx:
        tx.claim(value, owner, TAKEN)
        tx.increment("things", +1)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_with_a_conflict_is_repeated(refuse: Callable[..., Refusing], reason: str) -> None:
    calls = refuse("transact_write_items", "TransactionCanceledException", times=3, reasons=("None", reason))
    claim()
    assert owner_of("a") == "1"
    assert read_counters(["things"]) == {"things": 1}
    assert len(calls.asked) == 4


def test_a_transaction_with_lasting_conflicts_is_unavailable_and_writes_nothing(
    refuse: Callable[..., Refusing],
) -> None:
    calls = refuse("transact_write_items", "TransactionCanceledException", reasons=("TransactionConflict", "None"))
    with pytest.raises(Unavailable):
        claim()
    assert owner_of("a") is None
    assert len(calls.asked) == USE_CASE.max_attempts


def test_a_retry_moves_its_counters_to_other_shards(refuse: Callable[..., Refusing]) -> None:
    calls = refuse("transact_write_items", "TransactionCanceledException", reasons=("None", "TransactionConflict"))
    for _ in range(3):
        with pytest.raises(Unavailable):
            claim()
    shards = {asked["TransactItems"][1]["Update"]["Key"]["key"]["S"] for asked in calls.asked}
    assert shards == {f"things#{shard}" for shard in range(4)}


def test_a_conflict_beside_a_condition_that_fails_is_not_retried(refuse: Callable[..., Refusing]) -> None:
    reasons = ("ConditionalCheckFailed", "TransactionConflict")
    calls = refuse("transact_write_items", "TransactionCanceledException", reasons=reasons)
    with pytest.raises(Conflict, match="taken"):
        claim()
    assert len(calls.asked) == 1


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_another_error_is_passed_on_at_once(refuse: Callable[..., Refusing], code: str) -> None:
    calls = refuse("transact_write_items", code)
    with pytest.raises(ClientError, match=code):
        claim()
    assert len(calls.asked) == 1


def test_a_condition_that_fails_raises_its_own_error_and_nothing_is_written() -> None:
    claim("a", "1")
    with pytest.raises(Conflict, match="taken"), transaction() as tx:
        tx.claim("b", "2", Conflict("other"))
        tx.claim("a", "2", TAKEN)
        tx.increment("things", +1)
    assert (owner_of("a"), owner_of("b")) == ("1", None)
    assert read_counters(["things"]) == {"things": 1}


def test_a_condition_without_an_error_of_its_own_is_a_bug() -> None:
    with pytest.raises(ClientError), transaction() as tx:
        tx.update(ClaimItem("x"), [Path("owner").set("1")], condition=Path("owner") == "2")


def test_a_released_value_can_be_claimed() -> None:
    claim("a", "1")
    with transaction() as tx:
        tx.release("a")
    claim("a", "2")
    assert owner_of("a") == "2"


def test_an_empty_transaction_sends_no_request(refuse: Callable[..., Refusing]) -> None:
    calls = refuse("transact_write_items", "ValidationException")
    with transaction() as tx:
        tx.increment("things", +1)
        tx.increment("things", -1)
    assert calls.asked == []


def test_more_writes_than_a_transaction_takes_are_a_bug() -> None:
    with pytest.raises(ValueError, match="101 writes"), transaction() as tx:
        for number in range(101):
            tx.claim(str(number), "1", TAKEN)


def test_a_single_update_with_a_conflict_is_repeated(refuse: Callable[..., Refusing]) -> None:
    claim()
    calls = refuse("update_item", "TransactionConflictException", times=2)
    assert update_if(ClaimItem("a"), [Path("owner").set("2")], Path("owner") == "1")
    assert owner_of("a") == "2"
    assert len(calls.asked) == 3
    assert not update_if(ClaimItem("a"), [Path("owner").set("3")], Path("owner") == "1")


def test_a_single_update_with_lasting_conflicts_is_unavailable(refuse: Callable[..., Refusing]) -> None:
    refuse("update_item", "TransactionConflictException")
    with pytest.raises(Unavailable):
        update_if(ClaimItem("a"), [Path("owner").set("2")])


def test_counters_are_spread_and_summed() -> None:
    for number in range(40):
        claim(str(number))
    shards = batch_get(CounterItem, [(f"things#{shard}",) for shard in range(4)])
    assert len(shards) == 4
    assert read_counters(["things", "nothing"]) == {"things": 40, "nothing": 0}


def test_a_counter_at_zero_is_sealed_for_ever() -> None:
    gone = Conflict("gone")
    for amount in (+1, +1, -1, -1):
        with transaction() as tx:
            tx.increment("batches#1", amount, error=gone)
    with transaction() as tx:
        tx.seal("batches#1", TAKEN)
    for _ in range(8):
        with pytest.raises(Conflict, match="gone"), transaction() as tx:
            tx.increment("batches#1", +1, error=gone)
    assert read_counters(["batches#1"]) == {"batches#1": 0}


def test_a_counter_that_counts_something_is_not_sealed() -> None:
    with transaction() as tx:
        tx.increment("batches#1", +1, error=TAKEN)
    with pytest.raises(Conflict, match="in use"), transaction() as tx:
        tx.seal("batches#1", Conflict("in use"))
    with transaction() as tx:
        tx.increment("batches#1", +1, error=TAKEN)
    assert read_counters(["batches#1"]) == {"batches#1": 2}


def test_a_counter_that_moves_while_it_is_sealed_is_read_again() -> None:
    with pytest.raises(Changed), transaction() as sealing:
        sealing.seal("batches#1", TAKEN)
        with transaction() as tx:
            tx.increment("batches#1", +1, error=TAKEN)
    assert all(fetch(CounterItem, f"batches#1#{shard}") is None or not _sealed(shard) for shard in range(4))


def _sealed(shard: int) -> bool:
    found = fetch(CounterItem, f"batches#1#{shard}")
    return bool(found and found.sealed)


def test_a_use_case_is_run_again_when_what_it_read_has_changed() -> None:
    runs: list[int] = []

    @optimistic
    def use_case(fails: int) -> str:
        runs.append(fails)
        if len(runs) <= fails:
            raise Changed
        return "done"

    assert use_case(3) == "done"
    assert len(runs) == 4
    with pytest.raises(Changed):
        use_case(10**6)
    assert len(runs) == 4 + USE_CASE.max_attempts


def test_numbers_of_a_sequence_are_unique_and_grow() -> None:
    assert [next_id("reports") for _ in range(3)] == [1, 2, 3]
    assert next_id("tasks") == 1
