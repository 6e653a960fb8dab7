"""What a thousand of each usual operation cost on AWS: `make bench-costs`.

Each operation runs whole, with all that follows from it (relay, bus, queues, state machines), by the functions of
app.py on moto. Every call to AWS is seen on its way and billed by the published rules:

- DynamoDB on demand: a write unit for each started KB of the larger of the item before and after, twice in a
  transaction, and once more for every index whose entry changes (twice when its key does); a read unit for each started
  4 KB, half when it is eventually consistent, twice in a transaction.
- Lambda: a request for each call; GB-seconds by the memory of the function and its time: that of the processor, as
  measured here and stretched by the share of one that the memory gives, and 5 ms for each call to AWS.
- Step Functions: a transition for each state entered. SQS: sending, receiving and deleting. EventBridge: a custom event
  for each entry. S3, API Gateway, SES: requests.

Not in it: logs (0.50 USD a GB, about 300 bytes a line), storage, traffic, the free tier, and what runs whether or not
anything is done: schedules, and functions that ask idle queues, some 3 million times a month.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from bench.listing import item_bytes
from localstack.config import REGION

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
TIMES = 5
LONG = ("import of 1,000 rows",)  # once is enough
SHOWN = ("lambda", "gb_s", "wru", "rru", "sqs", "bus", "states", "s3_put", "s3_get")
READS = ("GetItem", "Query", "BatchGetItem", "TransactGetItems", "Scan")
S3_PUTS = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "ListObjectsV2")

Item = dict[str, Any]


class Meter:
    """Sees every call to AWS, does what follows from it, and counts what is billed."""

    def __init__(self) -> None:
        from infra.tables import creations

        self.bill: Counter[str] = Counter()
        self._tables = {table["TableName"]: table for table in creations()}
        self._knocks: list[Item] = []
        self._messages: list[tuple[str, str]] = []  # function, body
        self._waiting = self._calls = 0.0  # processor seconds inside of calls, and their number
        self._real = BaseClient._make_api_call
        self._memory = _memory()
        self.ahead = timedelta()  # of the clock of this house

    def call(self, this: Any, operation: str, arguments: dict[str, Any]) -> Any:
        """In place of botocore's own way to make a call."""
        started, before = time.thread_time(), self._images(operation, arguments)
        try:
            if operation == "PutEvents":
                answer: Any = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in arguments["Entries"]]}
            else:
                answer = self._real(this, operation, arguments)
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
        """Everything that follows, until nothing does."""
        import app
        from infra.machines import LONG_TASK, REPORT_SAGA
        from tests.machine import run_executions

        while True:
            for machine in (REPORT_SAGA, LONG_TASK):
                self.bill["states"] += len(run_executions(machine))
            if not self._knocks and not self._messages:
                return
            knocks, self._knocks = self._knocks, []
            if knocks:
                app.relay({"Records": knocks}, None)
            messages, self._messages = self._messages, []
            for function, body in messages:
                self.bill["sqs"] += 3
                record = {"messageId": "1", "body": body, "eventSource": "aws:sqs"}
                getattr(app, function)({"Records": [record]}, _context())

    # -- what is billed ----------------------------------------------------------------------------------------------

    def _count(self, this: Any, operation: str, arguments: dict[str, Any], answer: Any, before: list[Any]) -> None:
        service = this.meta.service_model.service_name
        if service == "dynamodb":
            if operation in READS:
                self.bill["rru"] += _read_units(operation, arguments, answer)  # type: ignore[assignment]
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
        self.bill["wru"] += times * _units(max(sizes, default=0), 1_024)
        for index in self._tables[table].get("GlobalSecondaryIndexes", ()):
            self.bill["wru"] += _index_units(index, self._tables[table], old, new)
        if table.endswith("-events") and new and not old:
            self._knocks.append({"eventName": "INSERT", "dynamodb": {"NewImage": new, "SequenceNumber": "1"}})

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
        """Out of moto's memory: its API would take longer than everything else."""
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.dynamodb.models import DynamoType, dynamodb_backends

        kept = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table]
        found = kept.get_item(*(DynamoType(key[one["AttributeName"]]) for one in self._tables[table]["KeySchema"]))
        item: Item | None = found.to_json()["Attributes"] if found else None
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


def _read_units(operation: str, arguments: dict[str, Any], answer: Any) -> float:
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


def _index_units(index: Mapping[str, Any], table: Mapping[str, Any], old: Item | None, new: Item | None) -> int:
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
    return {"work": "work", "deliveries": "deliver", "deferred": "run_deferred"}[queue_url.rpartition("-")[2]]


def _memory() -> dict[str, int]:
    import app
    from infra.functions import functions
    from infra.names import API_FUNCTION

    names = {API_FUNCTION, *(function.name for function in app.app.pure_lambda_functions)}
    return {name: function.memory for name, function in functions(names).items()}


def _context() -> Any:
    from tests.http_events import lambda_context

    return lambda_context(900_000)


# -- the operations ------------------------------------------------------------------------------------------------


@contextmanager
def house() -> Iterator[Meter]:
    """The whole system on moto, with a meter at every call to AWS."""
    import app
    from chalicelib.core import clock, outgoing
    from chalicelib.core.aws import client
    from chalicelib.core.settings import settings
    from infra.machines import LONG_TASK, REPORT_SAGA
    from tests.machine import create
    from tests.people import signing
    from tests.production import production

    with pytest.MonkeyPatch.context() as patch, production():
        for name in ("work", "deliveries", "deferred"):
            url = client("sqs").create_queue(QueueName=f"{settings().stack_name}-{name}")["QueueUrl"]
            patch.setenv(f"{name.upper()}_QUEUE_URL", url)
        patch.setenv("REPORT_SAGA_ARN", create(REPORT_SAGA))
        patch.setenv("LONG_TASK_ARN", create(LONG_TASK))
        patch.setenv("JWT_SECRET_ARN", signing())
        settings.cache_clear()
        client("s3").create_bucket(Bucket=settings().files_bucket)
        meter = Meter()
        for function in app.app.pure_lambda_functions:
            patch.setattr(app, function.name, _metered(meter, function.name, getattr(app, function.name)))
        patch.setattr(BaseClient, "_make_api_call", lambda *given: meter.call(*given))
        patch.setattr(outgoing, "request", lambda *_, **__: outgoing.Answer(200, "OK", 5))
        real = clock.now
        patch.setattr(clock, "now", lambda: real() + meter.ahead)
        yield meter
    settings.cache_clear()


def _metered(meter: Meter, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda event, context: meter.run(name, lambda: real(event, context))


def operations() -> dict[str, Callable[[Meter], Callable[[], Any]]]:
    """By name: makes ready what an operation needs, and returns what does it once."""
    return {
        "create a batch": _create_batch,
        "read a batch": _read_batch,
        "list 25 batches": _list_batches,
        "add a product": _add_product,
        "aggregate a product": _aggregate_product,
        "create an order": _create_order,
        "webhook delivery, with its event": _deliver,
        "report on a batch, pdf": _report,
        "deferred task": _deferred_task,
        "long task": _long_task,
        "import of 1,000 rows": _import,
    }


def ask(meter: Meter, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """One call of the API that has to succeed."""
    from infra.names import API_FUNCTION
    from tests.production import ask as call

    meter.bill["api"] += 1
    answer = meter.run(API_FUNCTION, lambda: call(method, path, body, headers))
    assert answer.status < 400, answer.text
    return answer.json if answer.body else None


def _create_batch(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch_body, work_center

    place = work_center()["uuid"]
    return lambda: ask(meter, "POST", "/api/batches", batch_body(place))


def _read_batch(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch_with

    made = batch_with("A", "B", "C")
    return lambda: ask(meter, "GET", f"/api/batches/{made['uuid']}")


def _list_batches(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch_with, work_center

    place = work_center()["uuid"]
    for _ in range(30):
        batch_with("A", "B", "C", work_center_id=place)
    return lambda: ask(meter, "GET", f"/api/batches?work_center_id={place}&limit=25")


def _add_product(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch

    made, codes = batch(), iter(range(1_000))
    return lambda: ask(meter, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"P-{next(codes)}"})


def _aggregate_product(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch_with

    products = iter(batch_with(*(f"P-{number}" for number in range(20)))["products"])
    return lambda: ask(meter, "PATCH", f"/api/products/{next(products)['uuid']}/aggregate", {})


def _create_order(meter: Meter) -> Callable[[], Any]:
    from tests.production import ok

    user = ok("POST", "/users", {"email": "user@example.com", "name": "Анна"})["data"]["id"]
    items = [{"product": "Чокопай", "quantity": 10, "price": 52.0}, {"product": "Чай", "quantity": 1, "price": 99.9}]
    return lambda: ask(meter, "POST", "/orders", {"user_id": user, "items": items})


def _deliver(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch, ok

    made = batch()
    body = {"url": "http://127.0.0.1:9001/", "events": ["batch.closed", "batch.opened"], "secret_key": "my_secret_key"}
    ok("POST", "/api/webhooks", body)
    closed = iter([True, False] * 50)
    return lambda: ask(meter, "PATCH", f"/api/batches/{made['uuid']}", {"is_closed": next(closed)})


def _report(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch_with

    made = batch_with("A", "B", "C")
    body = {"name": "Отчет", "template_id": 3, "parameters": {"batch_id": made["uuid"]}}
    return lambda: ask(meter, "POST", "/api/v1/reports", body)


def _deferred_task(meter: Meter) -> Callable[[], Any]:
    from chalicelib.core import clock

    def once() -> None:
        due: datetime = clock.now() + timedelta(seconds=1)
        body = {"task_type": "publish_event", "payload": {"name": "shift.begins", "detail": {}}}
        ask(meter, "POST", "/api/v1/tasks", {**body, "execute_at": due.isoformat()})
        meter.ahead += timedelta(seconds=2)

    return once


def _long_task(meter: Meter) -> Callable[[], Any]:
    return lambda: ask(meter, "POST", "/task/1", {"task": "Обработка данных"})


def _import(meter: Meter) -> Callable[[], Any]:
    from tests.exchange import csv_file, row

    def once() -> None:
        file = csv_file([row() for _ in range(1_000)])
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="batches.csv"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        ask(meter, "POST", "/api/batches/import", head + file + b"\r\n--b--\r\n", headers)

    return once


def measure(meter: Meter, name: str, times: int = TIMES) -> dict[str, float]:
    """What one operation is billed, with all that follows from it."""
    once = operations()[name](meter)
    meter.settle()
    once()
    meter.settle()  # what a process does once is done
    meter.bill.clear()
    for _ in range(times):
        once()
        meter.settle()
    return {unit: count / times for unit, count in meter.bill.items()}


def usd(bill: Mapping[str, float]) -> float:
    """The price of a bill."""
    return sum(PRICES[unit] * count for unit, count in bill.items())


def row(name: str, bill: Mapping[str, float]) -> str:
    """A line of the table: a thousand of them."""
    cells = [f"{bill.get(unit, 0) * 1_000:>10,.0f}" for unit in SHOWN]
    return f"{name:34}{''.join(cells)}{usd(bill) * 1_000:>10.3f}"


def main() -> None:
    """Print the table."""
    heads = ("Lambda", "GB-s", "WRU", "RRU", "SQS", "events", "states", "S3 PUT", "S3 GET", "USD")
    print(f"{'1,000 times':34}" + "".join(f"{head:>10}" for head in heads))
    for name in operations():
        with house() as meter:
            print(row(name, measure(meter, name, 1 if name in LONG else TIMES)), flush=True)


if __name__ == "__main__":
    main()
