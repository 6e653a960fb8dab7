"""The checks after a chaos run: first all work has to end, then all results are checked."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from bench.chaos.client import Client, Refused
from bench.chaos.ledger import Ledger
from bench.chaos.work import SCHEDULES, TASKS
from chalicelib.core.dead_letters import DeadLetters, size
from chalicelib.events.types import EVENT_TYPES
from infra.alarms import QUEUES
from tests.e2e.receiver import Got, Receiver
from tests.e2e.stack import Stack

QUIET_SECONDS = 900
READERS = 6
DELIVERED = sorted(name for name, kind in EVENT_TYPES.items() if kind.webhook_enabled)
LISTS: dict[str, tuple[str, Callable[[Any], str], str]] = {
    "work centres": ("/api/work_centers?limit=100", lambda one: one["identifier"], "uuid"),
    "batches": ("/api/batches?limit=100", lambda one: str(one["batch_number"]), "uuid"),
    "products": ("/api/products?limit=100", lambda one: one["unique_code"], "uuid"),
    "reports": ("/api/v1/reports?limit=100", lambda one: one["name"], "id"),
    "templates": ("/api/v1/templates?limit=100", lambda one: "" if one["is_builtin"] else one["name"], "id"),
    "deferred tasks": (f"{TASKS}?limit=100", lambda one: _task_name(one), "id"),
    "schedules": (f"{SCHEDULES}?limit=100", lambda one: one["name"], "id"),
    "users": ("/users?limit=1000", lambda one: one["email"] or "", "id"),
    "orders": ("/orders?limit=1000", lambda one: one["items"][0]["product"], "id"),
    "sites": ("/api/v1/sites?limit=100", lambda one: one["code"], "id"),
    "defects": ("/api/v1/defects?limit=100", lambda one: one["title"], "id"),
    "webhooks": ("/api/webhooks?limit=100", lambda one: one["url"], "uuid"),
}
"""List -> where it is, the name that was given, the field of the id. An empty name is not ours."""
Table = list[tuple[str, int, list[str]]]


class Aftermath:
    """Checks one stack, by its API where that has the data."""

    def __init__(self, stack: Stack, client: Client, ledger: Ledger, outside: Receiver) -> None:
        self._stack, self._client, self._ledger, self._outside = stack, client, ledger, outside

    # -- waiting ------------------------------------------------------------------------------------------------------

    def unfinished(self) -> str:
        """Return the work that has not ended."""
        busy = {name: self._waiting(name) for name in QUEUES} | {
            "background tasks": self._count("background_tasks", "#status IN (:a, :b)", status=("PENDING", "PROGRESS")),
            "sagas": self._count("sagas", "#status IN (:a, :b, :c)", status=("pending", "executing", "compensating")),
            "deferred tasks": self._count("deferred_tasks", "#status IN (:a, :b)", status=("pending", "processing")),
            "long tasks": self._count("long_tasks", "attribute_exists(due_at)"),
            "deliveries": self._count("webhook_deliveries", "#status = :a", status=("pending",)),
            "unsent events": self._count("events", "attribute_not_exists(sent_at)"),
        }
        return ", ".join(f"{name} {number}" for name, number in busy.items() if number)

    def _waiting(self, queue: str) -> int:
        sqs = self._stack.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{self._stack.name}-{queue}")["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(found[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible"))

    def _count(self, table: str, condition: str, **values: tuple[str, ...]) -> int:
        asked: dict[str, Any] = {"FilterExpression": condition, "ConsistentRead": True}
        if values:
            ((name, words),) = values.items()
            asked["ExpressionAttributeNames"] = {f"#{name}": name}
            asked["ExpressionAttributeValues"] = {
                f":{letter}": {"S": word} for letter, word in zip("abc", words, strict=False)
            }
        return sum(1 for _ in self._items(table, **asked))

    def _items(self, table: str, **asked: Any) -> Iterator[dict[str, Any]]:
        pages = (
            self._stack.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=f"{self._stack.name}-{table}", **asked)
        )
        return (item for page in pages for item in page["Items"])

    # -- looking ------------------------------------------------------------------------------------------------------

    def table(self) -> Table:
        """Of each thing: how many there are, and what is wrong."""
        rows = [self._once(kind) for kind in LISTS]
        rows += self._facts()
        rows += [self._background_tasks(), self._schedules(), self._events(), self._reservations()]
        rows += [self._dead_letters(), self._counters(), ("clients", self._ledger.done.total(), self._ledger.problems)]
        return rows

    def _once(self, kind: str) -> tuple[str, int, list[str]]:
        """What was acknowledged is in the list, under its id, and no name is there twice."""
        path, name_of, id_field = LISTS[kind]
        found: dict[str, list[str]] = {}
        for item in self._client.every(path):
            if name := name_of(item):
                found.setdefault(name, []).append(str(item[id_field]))
        made = self._ledger.made[kind]
        wrong = [f"{name} is not there" for name in made if name not in found]
        wrong += [f"{name} was refused and is there" for name in self._ledger.refused[kind] if name in found]
        wrong += [f"{name} is there {len(ids)} times" for name, ids in found.items() if len(ids) > 1]
        wrong += [f"{name} has another id" for name, one in made.items() if one and one not in found.get(name, [one])]
        return f"{kind}, once", len(made), wrong

    def _facts(self) -> Table:
        """Check the expectations of the ledger."""

        def check(fact: tuple[str, str, Callable[[Client], bool]]) -> tuple[str, str]:
            kind, what, is_so = fact
            try:
                return kind, "" if is_so(self._client) else f"not so: {what}"
            except (Refused, LookupError, TypeError) as error:
                return kind, f"not so: {what}: {type(error).__name__} {error}"

        with ThreadPoolExecutor(READERS) as pool:
            found = list(pool.map(check, self._ledger.facts))
        counts = Counter(kind for kind, _ in found)
        return [
            (f"{kind}, as wanted", count, [w for k, w in found if k == kind and w]) for kind, count in counts.items()
        ]

    def _background_tasks(self) -> tuple[str, int, list[str]]:
        """All have ended well; an aggregation may have been asked for twice, it has no key."""
        tasks = list(self._client.every("/api/background_tasks?limit=100"))
        wrong = [
            f"{one['type']} {one['task_id']}: {one['status']} {one['result']}"
            for one in tasks
            if one["status"] != "SUCCESS"
        ]
        kinds = Counter(one["type"] for one in tasks)
        for kind in ("import", "export", "products"):
            if kinds[kind] != (asked := self._ledger.done[f"{kind} tasks"]):
                wrong.append(f"{kinds[kind]} tasks of the kind {kind}, {asked} were asked for")
        return "background tasks, ended well", len(tasks), wrong

    def _schedules(self) -> tuple[str, int, list[str]]:
        """Every firing has made one task, which was completed."""
        fired: dict[str, list[Any]] = {}
        for task in self._client.every(f"{TASKS}?limit=100"):
            if task.get("schedule_id"):
                fired.setdefault(task["schedule_id"], []).append(task)
        wrong = []
        for schedule in self._client.every(f"{SCHEDULES}?limit=100"):
            tasks = fired.get(schedule["id"], [])
            times = Counter(task["execute_at"] for task in tasks)
            wrong += [f"{schedule['name']} fired twice at {at}" for at, number in times.items() if number > 1]
            wrong += [
                f"{schedule['name']}: {task['id']} {task['status']}" for task in tasks if task["status"] != "completed"
            ]
            if schedule["runs"] != len(tasks):
                wrong.append(f"{schedule['name']} has {len(tasks)} tasks and counts {schedule['runs']} runs")
        return "firings, once and completed", sum(map(len, fired.values())), wrong

    def _events(self) -> tuple[str, int, list[str]]:
        """Each event of the log has arrived under one id, and nothing else has."""
        expected = Counter(_event_key(name, data) for item in self._items("events") for name, data in _events_of(item))
        by_id: dict[str, Got] = {got.id: got for got in list(self._outside.at("/all"))}
        arrived = Counter(_event_key(got.envelope["event"], got.envelope["data"]) for got in by_id.values())
        wrong = [f"did not arrive: {key}" for key in (expected - arrived).elements()]
        wrong += [f"arrived under two ids: {key}" for key in (arrived - expected).elements()]
        return "events at their webhook", expected.total(), wrong

    def _reservations(self) -> tuple[str, int, list[str]]:
        """No batch is still reserved."""
        now, batches = datetime.now(UTC).isoformat(), list(self._items("batches", ConsistentRead=True))
        kept = [item["uuid"]["S"] for item in batches if item.get("busy_until", {"S": ""})["S"] > now]
        return "batches, not reserved", len(batches), kept

    def _dead_letters(self) -> tuple[str, int, list[str]]:
        """No message failed in all its attempts."""
        sqs, stack = self._stack.client("sqs"), self._stack.name
        waiting = [name for name in QUEUES if size(sqs, f"{stack}-{name}-dlq").waiting]
        wrong = [f"{name}: {one['Body'][:300]}" for name in waiting for one in DeadLetters(sqs, stack, name).peek()]
        return "dead letter queues, empty", len(QUEUES), wrong or waiting

    def _counters(self) -> tuple[str, int, list[str]]:
        """`recount` finds no wrong counter."""
        answer = self._stack.client("lambda").invoke(FunctionName=f"{self._stack.name}-recount", Payload=b"{}")
        told = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            return "counters, exact", 0, [f"recount failed: {told}"]
        wrong = [
            f"{row['where']} {row['what']}: {row['kept']} instead of {row['actual']}" for row in told["differences"]
        ]
        wrong += [f"{where}: {number} in motion" for where, number in told["moving"].items() if number]
        return "counters, exact", sum(told["checked"].values()), wrong


def _task_name(task: Any) -> str:
    payload = task["payload"]
    return str(
        (payload.get("data") or payload.get("detail") or {}).get("name") or payload.get("subject") or payload["name"]
        if not task.get("schedule_id")
        else ""
    )


def _events_of(item: Any) -> Iterator[tuple[str, Any]]:
    """The events of one record of the log, those that a webhook can get."""
    name, data = item["name"]["S"], json.loads(item["data"]["S"])
    if name in DELIVERED:
        for own in data.get("*each", [data]):
            yield name, data.get("*common", {}) | own


def _event_key(name: str, data: Any) -> str:
    shown = {key: value for key, value in data.items() if key not in ("aggregate_id", "occurred_at")}
    return f"{name} {json.dumps(shown, sort_keys=True, ensure_ascii=False)}"
