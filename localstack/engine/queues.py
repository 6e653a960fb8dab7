"""SQS: receives, deletes and waits without reading the whole queue.

MiniStack keeps a queue as a list and reads all of it four times for every receive, and once for every delete;
with 4,000 delayed messages each send wakes a poller that spends milliseconds on finding nothing. A long poll looks
ten times a second. It also assigns a filtered copy of the list, so that a message that another thread appends at that
moment is lost. Here a standard queue is a `Messages`, which finds visible, due and old messages by heaps and keeps a
lock, and a long poll sleeps until a message is sent or due. The rules are MiniStack's: order of sending, visibility
timeout, receive counts, redrive, retention. FIFO queues stay lists and go the plain way.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import sqs

from localstack.engine.queue_messages import Message, Messages

Queue = dict[str, Any]
Json = dict[str, Any]
LONGEST_SLEEP_SECONDS = 0.1  # of a long poll on a FIFO queue, which does not announce its messages
_waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()


def install() -> None:
    """Keep standard queues as `Messages`, and serve SQS from them."""
    queues = _Queues()
    queues.update(sqs._queues)
    sqs._queues = queues
    for name in ("_expire_retained", "_dlq_sweep", "_collect_msgs", "_delete_messages_for_esm"):
        setattr(sqs, name, _for_messages(globals()[name], getattr(sqs, name)))
    sqs._act_delete_message = sqs._HANDLERS["DeleteMessage"] = _act(_delete, sqs._act_delete_message)
    sqs._act_delete_message_batch = sqs._HANDLERS["DeleteMessageBatch"] = _act(
        _delete_batch, sqs._act_delete_message_batch
    )
    sqs._act_change_visibility = sqs._HANDLERS["ChangeMessageVisibility"] = _act(
        _change_visibility, sqs._act_change_visibility
    )
    sqs._act_change_visibility_batch = sqs._HANDLERS["ChangeMessageVisibilityBatch"] = _act(
        _change_visibility_batch, sqs._act_change_visibility_batch
    )
    plain_receive = sqs._act_receive_message

    async def receive(data: Json, url: str) -> Json:
        return await _receive(plain_receive, data, url)

    sqs._act_receive_message = sqs._HANDLERS["ReceiveMessage"] = receive


class _Queues(AccountRegionScopedDict):  # type: ignore[misc]
    """The queues by account, region and URL: however one is made or restored, its messages are `Messages`."""

    def __setitem__(self, key: str, queue: Queue) -> None:
        super().__setitem__(key, _prepared(queue))

    def set_scoped(self, account: str, region: str, key: str, queue: Queue) -> None:
        super().set_scoped(account, region, key, _prepared(queue))

    def update(self, other: Any) -> None:
        super().update(other)
        for queue in self._data.values():
            _prepared(queue)

    def __deepcopy__(self, memo: Any) -> AccountRegionScopedDict:
        plain = AccountRegionScopedDict()
        plain._data = {key: _plain(queue) for key, queue in list(self._data.items())}
        return plain


class _Sent(Messages):
    """Messages that wake the long polls when one is sent."""

    def append(self, message: Message) -> None:
        super().append(message)
        _wake_waiters()


def _prepared(queue: Queue) -> Queue:
    if not queue.get("is_fifo") and isinstance(queue.get("messages"), list):
        queue["messages"] = _Sent(sqs._ensure_msg_fields, queue["messages"])
    return queue


def _plain(queue: Queue) -> Queue:
    """A copy of a queue as MiniStack keeps it."""
    copied = {key: dict(value) if isinstance(value, dict) else value for key, value in queue.items()}
    copied["messages"] = [dict(message) for message in list(queue["messages"])]
    return copied


def _for_messages(short: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """The short way for a queue with `Messages`, the plain way for another; the queue or its URL comes first."""

    def choose(queue: Queue | str, *rest: Any) -> Any:
        found = sqs._get_q(queue) if isinstance(queue, str) else queue
        return (short if isinstance(found["messages"], Messages) else plain)(queue, *rest)

    return choose


def _act(short: Callable[[Messages, Json], Json], plain: Callable[[Json, str], Json]) -> Callable[[Json, str], Json]:
    """An action: refused as MiniStack refuses it, then the short way where the queue has `Messages`."""
    right = "sqs:DeleteMessage" if "delete" in plain.__name__ else "sqs:ChangeMessageVisibility"

    def act(data: Json, url: str) -> Json:
        queue = sqs._get_q(data.get("QueueUrl", url), right)
        messages = queue["messages"]
        return short(messages, data) if isinstance(messages, Messages) else plain(data, url)

    return act


def _expire_retained(queue: Queue) -> None:
    try:
        retention = int(queue["attributes"].get("MessageRetentionPeriod", "345600"))
    except (TypeError, ValueError):
        return
    queue["messages"].take_older(time.time() - retention)


def _dlq_sweep(queue: Queue) -> None:
    try:
        policy = json.loads(queue["attributes"].get("RedrivePolicy") or "null")
        max_receives = int(policy.get("maxReceiveCount", 0)) if isinstance(policy, dict) else 0
    except (TypeError, ValueError):
        return
    arn = policy.get("deadLetterTargetArn", "") if max_receives else ""
    dead = sqs._queue_by_arn(arn) if arn else None
    if dead is None:
        return
    for message in queue["messages"].take_worn(max_receives):
        now = time.time()
        system = {**message.get("sys", {})}
        system.setdefault("DeadLetterQueueSourceArn", queue["attributes"].get("QueueArn", ""))
        dead["messages"].append({**message, "receipt_handle": None, "visible_at": now, "sys": system})
        esm_wake.set()


def _collect_msgs(queue: Queue, count: int, timeout: int) -> list[Message]:
    taken: list[Message] = queue["messages"].take(count, timeout, sqs.new_uuid)
    return taken


def _delete_messages_for_esm(url: str, receipt_handles: set[str]) -> None:
    messages = sqs._get_q(url)["messages"]
    for handle in receipt_handles:
        messages.delete(handle)


def _delete(messages: Messages, data: Json) -> Json:
    handle = data.get("ReceiptHandle", "")
    if not handle:
        raise sqs._Err("MissingParameter", "The request must contain the parameter ReceiptHandle.")
    if not messages.delete(handle):
        raise sqs._Err("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    return {}


def _delete_batch(messages: Messages, data: Json) -> Json:
    entries = data.get("Entries", [])
    sqs._validate_batch_entries(entries, "DeleteMessageBatchRequestEntry")
    return _by_entry(entries, lambda entry: messages.delete(entry.get("ReceiptHandle", "")))


def _change_visibility(messages: Messages, data: Json) -> Json:
    handle, timeout = data.get("ReceiptHandle", ""), int(data.get("VisibilityTimeout", 30))
    if not _show_after(messages, handle, timeout):
        raise sqs._Err("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
    return {}


def _change_visibility_batch(messages: Messages, data: Json) -> Json:
    entries = data.get("Entries", [])
    sqs._validate_batch_entries(entries, "ChangeMessageVisibilityBatchRequestEntry")

    def change(entry: Json) -> bool:
        timeout = int(entry.get("VisibilityTimeout", 30))
        return _show_after(messages, entry.get("ReceiptHandle", ""), timeout)

    return _by_entry(entries, change)


def _show_after(messages: Messages, handle: str, timeout: int) -> bool:
    found = messages.change_visibility(handle, time.time() + timeout)
    if found:
        esm_wake.set()  # the poller learns when the message is due
        _wake_waiters()
    return found


def _by_entry(entries: list[Json], change: Callable[[Json], bool]) -> Json:
    done, failed = [], []
    for entry in entries:
        name = entry.get("Id", "")
        if change(entry):
            done.append({"Id": name})
        else:
            text = "The input receipt handle is invalid."
            failed.append({"Id": name, "Code": "ReceiptHandleIsInvalid", "Message": text, "SenderFault": True})
    return {"Successful": done, "Failed": failed}


async def _receive(plain: Callable[[Json, str], Any], data: Json, url: str) -> Json:
    """Receive; a long poll asks again, without waiting, when something was sent or is due."""
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:ReceiveMessage")
    wait = data.get("WaitTimeSeconds")
    deadline = time.time() + int(
        wait if wait is not None else queue["attributes"].get("ReceiveMessageWaitTimeSeconds", "0")
    )
    waiter = (asyncio.get_running_loop(), asyncio.Event())
    _waiters.add(waiter)
    try:
        while True:
            waiter[1].clear()
            answer: Json = await plain({**data, "WaitTimeSeconds": 0}, url)
            left = deadline - time.time()
            if answer or left <= 0:
                return answer
            await _sleep(waiter[1], min(left, _until_due(queue)))
    finally:
        _waiters.discard(waiter)


async def _sleep(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), max(0.001, seconds))
    except TimeoutError:
        return


def _until_due(queue: Queue) -> float:
    """Seconds until a message of the queue is visible, or until it is worth looking again."""
    messages = queue["messages"]
    if not isinstance(messages, Messages):
        return LONGEST_SLEEP_SECONDS
    due = messages.next_visible()
    return float("inf") if due is None else max(0.0, due - time.time())


def _wake_waiters() -> None:
    for loop, event in list(_waiters):
        if not loop.is_closed():
            loop.call_soon_threadsafe(event.set)
