"""Counts every call to AWS and bills it by the published prices.

- DynamoDB on demand: a write unit for each started KB of the larger of the item before and after, twice in a
  transaction, and once more for every index whose entry changes (twice when its key does); a read unit for each started
  4 KB, half when it is eventually consistent, twice in a transaction.
- Lambda: a request for each call; GB-seconds by the memory of the function and its time: that of the processor, as
  measured here and stretched by the share of one that the memory gives, and 5 ms for each call to AWS.
- Step Functions: a transition for each state entered. SQS: sending, receiving and deleting. EventBridge: a custom event
  for each entry. S3, API Gateway, SES: requests.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bench.listing import item_bytes
from chalicelib.core.dynamo_transport import OPERATIONS
from tests import tables
from tests.aws_calls import Call

PRICES = {  # USD, us-east-1, on demand, as published in November 2025
    "api": 3.50e-6,
    "lambda": 0.20e-6,
    "gb_s": 16.6667e-6,
    "wru": 0.625e-6,
    "rru": 0.125e-6,
    "sqs": 0.40e-6,
    "bus": 1.00e-6,
    "states": 25.0e-6,
    "s3_put": 5.0e-6,
    "s3_get": 0.40e-6,
    "mail": 100e-6,
}
WHOLE_CPU = 1_769  # MB of memory that come with one processor
CALL_SECONDS = 0.005  # that a function waits for an answer of AWS
READS = ("GetItem", "Query", "BatchGetItem", "TransactGetItems", "Scan")
S3_PUTS = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListObjectsV2")

COUNTERS = ("counters", "_totals")  # how the names of tables of counters and totals end

Item = dict[str, Any]


class Meter:
    """Counts all billed calls to AWS, and runs the functions that follow from them."""

    def __init__(self) -> None:
        from infra.tables import creations

        self.bill: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()  # how many items, counters and index entries, and the units of each
        self._tables = {table["TableName"]: table for table in creations()}
        self._stream_records: list[Item] = []
        self._messages: list[tuple[str, str]] = []  # function, body
        self._waiting = self._calls = 0.0  # processor seconds inside of calls, and their number
        self._memory = _memory()
        self.ahead = timedelta()  # how far the test clock is ahead

    def around(self, real: Call) -> Call:
        """What is done in place of a client's own way to make a call."""
        return lambda client, operation, arguments: self._call(real, client, operation, arguments)

    def _call(self, real: Call, this: Any, operation: str, arguments: dict[str, Any]) -> Any:
        started, before = time.thread_time(), self._images(operation, arguments)
        try:
            if operation == "PutEvents":
                answer: Any = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in arguments["Entries"]]}
            else:
                answer = real(this, operation, arguments)
            self._count(this, operation, arguments, answer, before)
            return answer
        finally:
            self._waiting += time.thread_time() - started
            self._calls += 1

    def run(self, function: str, work: Callable[[], Any]) -> Any:
        """One call of a Lambda function."""
        started, waiting, calls = time.process_time(), self._waiting, self._calls
        try:
            return work()
        finally:
            own = time.process_time() - started - (self._waiting - waiting)
            memory = self._memory[function]
            seconds = own * max(1, WHOLE_CPU / memory) + (self._calls - calls) * CALL_SECONDS
            self.bill.update({"lambda": 1, "gb_s": memory / 1024 * seconds})  # type: ignore[dict-item]

    def settle(self) -> None:
        """Run all functions that follow, until none is left."""
        import app
        from infra.machines import LONG_TASK, REPORT_SAGA
        from tests.machine import run_executions

        while True:
            for machine in (REPORT_SAGA, LONG_TASK):
                self.bill["states"] += len(run_executions(machine))
            if not self._stream_records and not self._messages:
                return
            records, self._stream_records = self._stream_records, []
            if records:
                app.relay({"Records": records}, None)
            messages, self._messages = self._messages, []
            for function, body in messages:
                self.bill["sqs"] += 3
                record = {"messageId": "1", "body": body, "eventSource": "aws:sqs"}
                getattr(app, function)({"Records": [record]}, _context())

    # -- what is billed ----------------------------------------------------------------------------------------------

    def _count(self, this: Any, operation: str, arguments: dict[str, Any], answer: Any, before: list[Any]) -> None:
        service = "dynamodb" if operation in OPERATIONS.values() else this.meta.service_model.service_name
        if service == "dynamodb":
            if operation in READS:
                self.bill["rru"] += read_units(operation, arguments, answer)  # type: ignore[assignment]
            for (table, old), (_, new) in zip(before, self._images(operation, arguments), strict=True):
                self._write(table, old, new, 2 if operation == "TransactWriteItems" else 1)
        elif service == "sqs" and operation.startswith("SendMessage"):
            for entry in arguments.get("Entries", [arguments]):
                self._messages.append((_function_of(arguments["QueueUrl"]), entry["MessageBody"]))
        elif service == "events":
            self._on_bus(arguments["Entries"])
        elif service == "s3":
            self.bill["s3_put" if operation in S3_PUTS else "s3_get"] += operation != "DeleteObject"
        elif service in ("ses", "sesv2"):
            self.bill["mail"] += 1

    def _write(self, table: str, old: Item | None, new: Item | None, times: int) -> None:
        sizes = [item_bytes(item) for item in (old, new) if item]
        units = {"counter" if table.endswith(COUNTERS) else "item": times * _units(max(sizes, default=0), 1_024)}
        indexes = self._tables[table].get("GlobalSecondaryIndexes", ())
        entries = [index_units(index, self._tables[table], old, new) for index in indexes]
        units["index"] = sum(entries)
        self.bill["wru"] += sum(units.values())
        self.writes.update({f"{kind} units": count for kind, count in units.items()})
        self.writes.update({kind: 1 for kind in units if kind != "index"} | {"index": sum(map(bool, entries))})
        if table.endswith("-events") and new and not old and "lshard" in new:  # what wakes the relay
            self._stream_records.append({"eventName": "INSERT", "dynamodb": {"NewImage": new, "SequenceNumber": "1"}})

    def _on_bus(self, entries: list[dict[str, Any]]) -> None:
        from chalicelib.events.types import webhook_names
        from chalicelib.wiring.listeners import LISTENERS

        for entry in entries:
            self.bill["bus"] += 1
            body = json.dumps({"detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])})
            if entry["DetailType"] in webhook_names():
                self._messages.append(("fan_out", body))
            if entry["DetailType"] in LISTENERS:
                self._messages.append(("react", body))

    def _images(self, operation: str, arguments: dict[str, Any]) -> list[Any]:
        """Table and present state of every item that a call writes."""
        return [(table, self._present(table, key)) for table, key in self._written(operation, arguments)]

    def _present(self, table: str, key: Item) -> Item | None:
        """Past the client, so that it is not counted."""
        found = tables.call("GetItem", {"TableName": table, "Key": self._key(table, key), "ConsistentRead": True})
        item: Item | None = found.get("Item")
        return item

    def _written(self, operation: str, arguments: dict[str, Any]) -> Iterator[tuple[str, Item]]:
        if operation == "PutItem":
            yield arguments["TableName"], self._key(arguments["TableName"], arguments["Item"])
        elif operation in ("UpdateItem", "DeleteItem"):
            yield arguments["TableName"], arguments["Key"]
        elif operation == "TransactWriteItems":
            for one in arguments["TransactItems"]:
                ((_, write),) = one.items()
                yield write["TableName"], write.get("Key") or self._key(write["TableName"], write["Item"])
        elif operation == "BatchWriteItem":
            for table, writes in arguments["RequestItems"].items():
                for one in writes:
                    put = one.get("PutRequest")
                    yield table, self._key(table, put["Item"]) if put else one["DeleteRequest"]["Key"]

    def _key(self, table: str, item: Item) -> Item:
        return {key["AttributeName"]: item[key["AttributeName"]] for key in self._tables[table]["KeySchema"]}


def _units(size: int, each: int) -> int:
    return max(1, math.ceil(size / each))


def read_units(operation: str, arguments: dict[str, Any], answer: Any) -> float:
    if operation in ("Query", "Scan"):
        size = sum(item_bytes(item) for item in answer.get("Items", ()))
        return _units(size, 4_096) * _rate(arguments)
    if operation == "GetItem":
        return _units(item_bytes(answer.get("Item", {})), 4_096) * _rate(arguments)
    if operation == "TransactGetItems":
        return sum(2 * _units(item_bytes(one.get("Item", {})), 4_096) for one in answer["Responses"])
    units = 0.0
    for table, request in arguments["RequestItems"].items():
        found = answer["Responses"].get(table, [])
        units += sum(_units(item_bytes(item), 4_096) for item in found) * _rate(request)
        units += (len(request["Keys"]) - len(found)) * _rate(request)
    return units


def _rate(request: Mapping[str, Any]) -> float:
    return 1 if request.get("ConsistentRead") else 0.5


def index_units(index: Mapping[str, Any], table: Mapping[str, Any], old: Item | None, new: Item | None) -> int:
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    carried = {*keys, *(key["AttributeName"] for key in table["KeySchema"])}
    carried |= set(index["Projection"].get("NonKeyAttributes", ()))
    entries = [
        {name: item[name] for name in carried if name in item} if item and all(key in item for key in keys) else None
        for item in (old, new)
    ]
    if entries[0] == entries[1]:
        return 0
    units = [_units(item_bytes(entry), 1_024) for entry in entries if entry]
    moved = len(units) == 2 and any(entries[0][key] != entries[1][key] for key in keys)  # type: ignore[index]
    return sum(units) if moved else max(units)


def _function_of(queue_url: str) -> str:
    functions = {"work": "work", "deliveries": "deliver", "deferred": "run_deferred", "outside": "run_outside"}
    return functions[queue_url.rpartition("-")[2]]


def _memory() -> dict[str, int]:
    import app
    from infra.functions import functions
    from infra.names import API_FUNCTION

    names = {API_FUNCTION, *(function.name for function in app.app.pure_lambda_functions)}
    return {name: function.memory for name, function in functions(names).items()}


def _context() -> Any:
    from tests.http_events import lambda_context

    return lambda_context(900_000)


def usd(bill: Mapping[str, float]) -> float:
    """The price of a bill."""
    return sum(PRICES[unit] * count for unit, count in bill.items())
