"""What is written beside the work is what was there, whole transactions only, and nothing is written for nothing."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ministack import app as ministack_app
from ministack.core import persistence
from ministack.services import dynamodb, eventbridge, lambda_svc, scheduler, ses, sqs, stepfunctions

from localstack.engine import changes, queues, snapshots
from localstack.engine.item_file import ITEMS_FILE, ItemFile, give_to_tables
from tests.unit.localstack.engine.modules import restored
from tests.waiting import wait_for

MODULES = (ministack_app, persistence, dynamodb, eventbridge, lambda_svc, scheduler, ses, sqs, stepfunctions)
MAX_WAIT_SECONDS = 60.0


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the state, with snapshots installed and nothing in the services."""
    folder = tmp_path / "emulator"
    with restored(*MODULES, snapshots, changes):
        persistence.STATE_DIR = str(folder)
        persistence.PERSIST_STATE = True
        lambda_svc.CODE_BLOB_DIR = str(folder / "lambda-blobs")
        _clear()
        queues.install()
        snapshots.install()
        yield folder
        _clear()


def _clear() -> None:
    dynamodb._tables.clear()
    sqs.reset()
    changes.take_items()
    changes.others_taken()
    changes.wake.clear()


def call(action: str, **data: Any) -> tuple[int, Any]:
    headers = {"x-amz-target": f"DynamoDB_20120810.{action}"}
    answer = asyncio.run(dynamodb.handle_request("POST", "/", headers, json.dumps(data).encode(), {}))
    return answer[0], json.loads(answer[2])


def make_table(name: str) -> None:
    key = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
    types = [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}]
    status, _ = call(
        "CreateTable", TableName=name, KeySchema=key, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
    )
    assert status == 200


def item(p: str, s: int, value: int) -> dict[str, Any]:
    return {"p": {"S": p}, "s": {"N": str(s)}, "value": {"N": str(value)}}


def restart(folder: Path) -> dict[str, Any]:
    """Restore DynamoDB from the folder, as a start does; returns the items of each table."""
    current = snapshots._snapshots
    assert current is not None
    current.items.close()
    current.items = ItemFile(folder / ITEMS_FILE)
    dynamodb._tables.clear()
    dynamodb.load_persisted_state(persistence.load_state("dynamodb"))
    return tables()


def tables() -> dict[str, Any]:
    """The items of each table, and how many it says there are."""
    return {
        table["TableName"]: ({p: dict(rows) for p, rows in table["items"].items() if rows}, table["ItemCount"])
        for table in dynamodb._tables.all_values()
    }


partition, sort, value = st.sampled_from("ab"), st.integers(1, 3), st.integers(0, 9)
write = st.tuples(st.sampled_from(["put", "update", "delete"]), st.sampled_from(["one", "two"]), partition, sort, value)
step = st.one_of(
    write.map(lambda one: ("single", [one])),
    st.lists(write, min_size=1, max_size=4).map(lambda many: ("transaction", many)),
    st.lists(write, min_size=1, max_size=4).map(lambda many: ("batch", many)),
    st.lists(write, min_size=1, max_size=3).map(lambda many: ("statements", many)),
    st.just(("save", [])),
    st.just(("recreate", [])),
)


def run(name: str, writes: list[Any]) -> None:
    if name == "save":
        assert snapshots.save()
    elif name == "recreate":
        call("DeleteTable", TableName="two")
        make_table("two")
    elif name == "single":
        _single(*writes[0])
    elif name == "transaction":
        call("TransactWriteItems", TransactItems=[_in_transaction(*one) for one in writes])
    elif name == "batch":
        requests: dict[str, list[Any]] = {}
        for kind, table, p, s, v in writes:
            entry = (
                {"DeleteRequest": {"Key": _key(p, s)}} if kind == "delete" else {"PutRequest": {"Item": item(p, s, v)}}
            )
            requests.setdefault(table, []).append(entry)
        call("BatchWriteItem", RequestItems=requests)
    else:
        text = "INSERT INTO \"{}\" VALUE {{'p': '{}', 's': {}, 'value': {}}}"
        call("ExecuteTransaction", TransactStatements=[{"Statement": text.format(*one[1:])} for one in writes])


def _key(p: str, s: int) -> dict[str, Any]:
    return {"p": {"S": p}, "s": {"N": str(s)}}


def _update(v: int) -> dict[str, Any]:
    values = {":v": {"N": str(v)}}
    condition = {"ConditionExpression": "attribute_exists(p)"} if v == 0 else {}
    names = {"ExpressionAttributeNames": {"#v": "value"}}
    return {"UpdateExpression": "ADD #v :v", "ExpressionAttributeValues": values, **names, **condition}


def _single(kind: str, table: str, p: str, s: int, v: int) -> None:
    if kind == "put":
        call("PutItem", TableName=table, Item=item(p, s, v))
    elif kind == "update":
        call("UpdateItem", TableName=table, Key=_key(p, s), **_update(v))
    else:
        call("DeleteItem", TableName=table, Key=_key(p, s))


def _in_transaction(kind: str, table: str, p: str, s: int, v: int) -> dict[str, Any]:
    if kind == "put":
        return {"Put": {"TableName": table, "Item": item(p, s, v)}}
    if kind == "update":
        return {"Update": {"TableName": table, "Key": _key(p, s), **_update(v)}}
    return {"Delete": {"TableName": table, "Key": _key(p, s)}}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, max_size=12))
def test_a_restart_finds_every_kind_of_write(state: Path, steps: list[Any]) -> None:
    _clear()
    make_table("one")
    make_table("two")
    for name, writes in steps:
        run(name, writes)
    before = tables()
    assert snapshots.save()
    assert restart(state) == before


def test_items_are_taken_between_two_requests(state: Path) -> None:
    """A transaction that is being applied on the loop is in the file after that, all of it."""
    make_table("one")
    snapshots.save()
    started, saved = threading.Event(), threading.Event()

    async def scene() -> None:
        changes.serve_on(asyncio.get_running_loop())
        current = snapshots._snapshots
        assert current is not None
        other = threading.Thread(
            target=lambda: (started.wait(MAX_WAIT_SECONDS), current.write(others=False), saved.set())
        )
        other.start()
        dynamodb._set_item(dynamodb._tables["one"], "a", "1", item("a", 1, 1))
        started.set()
        time.sleep(0.05)  # the other thread asks now, in the middle of this request
        dynamodb._set_item(dynamodb._tables["one"], "a", "2", item("a", 2, 1))
        while not saved.is_set():
            await asyncio.sleep(0)

    asyncio.run(scene())
    assert restart(state)["one"][0]["a"].keys() == {"1", "2"}


def test_the_thread_writes_what_changed_and_rests_when_nothing_changes(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "ITEMS_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(snapshots, "OTHERS_EVERY_SECONDS", 0.0)
    make_table("one")
    current = snapshots._snapshots
    assert current is not None
    writes: list[bool] = []
    plain = current.write

    def counted(others: bool) -> bool:
        done = plain(others)
        writes.append(others)
        return done

    monkeypatch.setattr(current, "write", counted)
    current.save = counted
    current.start()
    call("PutItem", TableName="one", Item=item("a", 1, 1))
    wait_for(lambda: writes == [False])
    asyncio.run(sqs.handle_request("POST", "/", {"x-amz-target": "AmazonSQS.CreateQueue"}, b'{"QueueName": "q"}', {}))
    wait_for(lambda: writes == [False, True])
    wait_for(lambda: not changes.wake.is_set())  # then the thread has nothing more to do
    with monkeypatch.context() as patch:
        woken: list[bool] = []
        patch.setattr(changes.wake, "set", lambda: woken.append(True))
        headers = {"x-amz-target": "AmazonSQS.GetQueueUrl"}
        asyncio.run(sqs.handle_request("POST", "/", headers, b'{"QueueName": "q"}', {}))
        call("GetItem", TableName="one", Key=_key("a", 1))
    assert current._due() is None
    assert woken == []
    current.stop()


def test_what_has_changed_is_due_within_five_seconds_of_the_last_write(state: Path) -> None:
    make_table("one")
    current = snapshots._snapshots
    assert current is not None
    for touch in (lambda: call("PutItem", TableName="one", Item=item("a", 1, 1)), changes.others_touched):
        assert current.write(others=True)
        written, nothing = time.monotonic(), current._due()
        touch()
        due = current._due()
        assert nothing is None
        assert due is not None and due <= written + 5


def test_the_forked_copy_writes_the_other_services_in_ministacks_format(state: Path) -> None:
    headers = {"x-amz-target": "AmazonSQS.CreateQueue"}
    asyncio.run(sqs.handle_request("POST", "/", headers, b'{"QueueName": "q"}', {}))
    sqs._act_send_message({"QueueUrl": "q", "MessageBody": "text"}, "")
    assert snapshots.save()
    sqs.reset()
    sqs.load_persisted_state(persistence.load_state("sqs"))
    (queue,) = sqs._queues.values()
    assert [message["body"] for message in queue["messages"]] == ["text"]


def test_a_copy_that_fails_leaves_the_former_files_and_is_made_again(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert snapshots.save()
    before = (state / "sqs.json").stat().st_mtime_ns
    monkeypatch.setattr(sqs, "get_state", lambda: os.kill(os.getpid(), 9))
    assert not snapshots.save()
    assert (state / "sqs.json").stat().st_mtime_ns == before
    assert changes.others_changed()


def test_changes_that_could_not_be_written_are_written_later(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_table("one")
    call("PutItem", TableName="one", Item=item("a", 1, 1))
    current = snapshots._snapshots
    assert current is not None
    with monkeypatch.context() as patch:
        patch.setattr("localstack.engine.item_file._text", lambda item: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            current.write(others=False)
    call("PutItem", TableName="one", Item=item("a", 2, 1))
    assert snapshots.save()
    assert restart(state)["one"][0]["a"].keys() == {"1", "2"}


def test_the_state_without_items_has_all_else_that_ministack_saves() -> None:
    make_table("one")
    with restored(dynamodb):
        kept = snapshots.tables_without_items()
    assert kept.keys() == set(snapshots.KEPT_WITH_TABLES) | {"tables"}
    (table,) = kept["tables"]._data.values()
    assert set(dynamodb._tables["one"]) - set(table) <= {dynamodb._INDEX_MEMBERS}


def test_a_plain_start_finds_the_items_in_the_tables_own_file(state: Path) -> None:
    make_table("one")
    call("PutItem", TableName="one", Item=item("a", 1, 1))
    assert snapshots.save()
    before = tables()
    give_to_tables(state)
    assert not (state / ITEMS_FILE).exists()
    dynamodb._tables.clear()
    saved = persistence.load_state("dynamodb")
    dynamodb._restore_state(saved)
    assert tables() == before
    # and the next start with snapshots takes them back
    assert restart(state) == before
    assert snapshots.save()
    assert restart(state) == before
