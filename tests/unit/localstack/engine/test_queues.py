"""A queue with heaps answers as MiniStack's list does, and its work does not grow with its length."""

import asyncio
import json
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ministack.services import sqs

from localstack.engine import queues
from localstack.engine.queue_messages import Messages
from tests.unit.localstack.engine.modules import Clock, numbered, plain_copy, restored

PLAIN = plain_copy("ministack.services.sqs")
URL = "http://localhost:4566/000000000000/"


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    with restored(sqs):
        sqs.reset()
        queues.install()
        yield
        sqs.reset()


def call(module: ModuleType, action: str, **data: Any) -> tuple[int, bytes]:
    headers = {"x-amz-target": f"AmazonSQS.{action}", "host": "localhost:4566"}
    answer = asyncio.run(module.handle_request("POST", "/", headers, json.dumps(data).encode(), {}))
    return answer[0], answer[2]


def make(module: ModuleType, numbers: Any) -> None:
    """A queue, one with a dead letter queue, the latter, and a FIFO queue, all empty."""
    module.reset()
    module.new_uuid = lambda: f"id-{next(numbers)}"
    call(module, "CreateQueue", QueueName="dead")
    arn = module._queues[next(iter(module._queues))]["attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
    attributes = {"VisibilityTimeout": "5", "MessageRetentionPeriod": "60"}
    call(module, "CreateQueue", QueueName="work", Attributes={**attributes, "RedrivePolicy": redrive})
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "5"}
    call(module, "CreateQueue", QueueName="row.fifo", Attributes=fifo)


queue = st.sampled_from(["work", "work", "work", "dead", "row.fifo", "nothing"])
seconds = st.integers(0, 9)
handle = st.integers(0, 60)
step = st.one_of(
    st.tuples(st.just("send"), queue, st.integers(0, 3), seconds),
    st.tuples(st.just("receive"), queue, st.integers(0, 11), st.none() | seconds),
    st.tuples(st.just("delete"), queue, handle, st.just(0)),
    st.tuples(st.just("delete_batch"), queue, handle, handle),
    st.tuples(st.just("visibility"), queue, handle, seconds),
    st.tuples(st.just("visibility_batch"), queue, handle, seconds),
    st.tuples(st.just("attributes"), queue, st.just(0), st.just(0)),
    st.tuples(st.just("purge"), queue, st.just(0), st.just(0)),
    st.tuples(st.just("mapping"), queue, st.integers(1, 10), st.just(0)),
    st.tuples(st.just("wait"), queue, st.integers(0, 30), st.just(0)),
)


def run(module: ModuleType, clock: Clock, steps: list[tuple[str, str, int, Any]]) -> list[Any]:
    """What is answered to the steps, and what is in the queues at the end.

    MiniStack's own lists are put into the order in which their messages first became visible: the one difference.
    """
    clock.now = 1_800_000_000.0
    make(module, numbered())
    handles = ["none"]
    answers: list[Any] = []
    first_visible: dict[str, float] = {}
    for name, target, number, extra in steps:
        answers.append(_run_one(module, clock, (name, target, number, extra), handles))
        if module is PLAIN:
            _put_in_order(first_visible)
    kept = [[dict(message) for message in entry["messages"]] for _, entry in module._queues.all_items()]
    answers.append([sorted(messages, key=str) for messages in kept])
    return answers


def _put_in_order(first_visible: dict[str, float]) -> None:
    for name, queue in PLAIN._queues.all_items():
        if not queue.get("is_fifo"):
            for message in queue["messages"]:
                first_visible.setdefault(f"{name} {message['id']}", message["visible_at"])
            queue["messages"].sort(key=lambda message: first_visible[f"{name} {message['id']}"])  # noqa: B023


def _run_one(module: ModuleType, clock: Clock, step: tuple[str, str, int, Any], handles: list[str]) -> Any:
    name, target, number, extra = step
    url = URL + target
    receipt = handles[number % len(handles)]
    if name == "wait":
        clock.now += number
        return None
    if name == "send":
        group = {"MessageGroupId": f"g{number}"} if target.endswith("fifo") else {}
        delay = {"DelaySeconds": extra} if extra < 5 else {}
        return call(module, "SendMessage", QueueUrl=url, MessageBody=f"text {number} {extra}", **group, **delay)
    if name == "receive":
        timeout = {} if extra is None else {"VisibilityTimeout": extra}
        answer = call(
            module, "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=number, AttributeNames=["All"], **timeout
        )
        handles += [message["ReceiptHandle"] for message in json.loads(answer[1]).get("Messages", [])]
        return answer
    if name == "mapping":
        return _run_mapping(module, url, number, handles)
    if name == "delete":
        return call(module, "DeleteMessage", QueueUrl=url, ReceiptHandle=receipt if number else "")
    if name == "visibility":
        return call(module, "ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=extra)
    if name == "attributes":
        return call(module, "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    if name == "purge":
        return call(module, "PurgeQueue", QueueUrl=url) if number % 5 == 4 else None
    entries = [{"Id": f"e{i}", "ReceiptHandle": handles[(number + i) % len(handles)]} for i in range(number % 4)]
    if name == "delete_batch":
        return call(module, "DeleteMessageBatch", QueueUrl=url, Entries=entries)
    changed = [{**entry, "VisibilityTimeout": extra} for entry in entries]
    return call(module, "ChangeMessageVisibilityBatch", QueueUrl=url, Entries=changed)


def _run_mapping(module: ModuleType, url: str, number: int, handles: list[str]) -> Any:
    """What the poller of event source mappings does: receive, and delete some."""
    try:
        batch = [dict(message) for message in module._receive_messages_for_esm(url, number)]
    except module._Err as error:
        return error.code
    handles += [message["receipt_handle"] for message in batch]
    module._delete_messages_for_esm(url, {message["receipt_handle"] for message in batch[::2]})
    return batch


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=1, max_size=40))
def test_both_ways_answer_the_same(steps: list[tuple[str, str, int, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        assert run(sqs, clock, steps) == run(PLAIN, clock, steps)


def test_a_standard_queue_is_kept_with_heaps_and_saved_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch)
    make(sqs, numbered())
    call(sqs, "SendMessage", QueueUrl=URL + "work", MessageBody="text")
    assert isinstance(sqs._queues[URL + "work"]["messages"], Messages)
    state = sqs.get_state()
    kept = next(entry for _, entry in state["queues"].all_items() if entry["name"] == "work")
    assert isinstance(kept["messages"], list)
    sqs.reset()
    sqs.load_persisted_state(state)
    assert json.loads(call(sqs, "ReceiveMessage", QueueUrl=URL + "work")[1])["Messages"][0]["Body"] == "text"


def test_receiving_from_a_long_queue_looks_at_few_messages() -> None:
    looked = 0

    class Counted(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            nonlocal looked
            looked += 1
            return super().__getitem__(name)

    later = time.time() + 600
    fields = {"receipt_handle": None, "sent_at": 0.0, "receive_count": 0, "first_receive_at": None}
    messages = Messages(lambda message: None)
    for number in range(4000):
        messages.append(Counted(fields, id=str(number), visible_at=later if number % 400 else 0.0))
    looked = 0
    ids = iter(map(str, range(100)))
    assert len(messages.take(10, 30, lambda: next(ids))) == 10
    assert messages.next_visible() is not None
    messages.take_worn(3)
    assert looked < 200


def test_a_long_poll_returns_when_a_message_is_sent() -> None:
    make(sqs, numbered())
    asked = 0
    plain = sqs._collect_msgs

    def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return plain(*arguments)

    sqs._collect_msgs = counted

    async def scene() -> Any:
        waiting = asyncio.create_task(sqs._act_receive_message({"QueueUrl": URL + "work", "WaitTimeSeconds": 20}, ""))
        while not asked:
            await asyncio.sleep(0)
        sqs._act_send_message({"QueueUrl": URL + "work", "MessageBody": "text"}, "")
        return await waiting

    received = asyncio.run(scene())
    assert [message["Body"] for message in received["Messages"]] == ["text"]
    assert asked == 2


def test_a_message_that_waits_is_received_before_one_that_was_sent_earlier_and_is_due_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    make(sqs, numbered())
    for text, delay in (("late", 5), ("soon", 2)):
        call(sqs, "SendMessage", QueueUrl=URL + "work", MessageBody=text, DelaySeconds=delay)
    clock.now += 6
    received = json.loads(call(sqs, "ReceiveMessage", QueueUrl=URL + "work", MaxNumberOfMessages=2)[1])["Messages"]
    assert [message["Body"] for message in received] == ["soon", "late"]
