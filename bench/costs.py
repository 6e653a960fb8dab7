"""What a thousand of each usual operation cost on AWS: `make bench-costs`.

Each operation runs whole, with all that follows from it (relay, bus, queues, state machines), by the functions of
app.py on moto; bench/bill.py counts. Not in it: logs (0.50 USD a GB, about 300 bytes a line), storage, traffic, the
free tier, and what runs whether or not anything is done: schedules, and functions that ask idle queues, some 3 million
times a month.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from bench import calls
from bench.bill import Meter, usd

TIMES = 5
WRITES = ("item", "counter", "index")
LONG = ("import of 100 rows",)  # once is enough
SHOWN = ("lambda", "gb_s", "wru", "rru", "sqs", "bus", "states", "s3_put", "s3_get")


@contextmanager
def metered_system() -> Iterator[Meter]:
    """The whole system on moto, with a meter at every call to AWS."""
    from tests import conftest  # noqa: F401 - the environment of a function

    import app  # isort: skip
    from chalicelib.core import clock, outgoing
    from chalicelib.core.aws import client
    from chalicelib.core.settings import settings
    from infra.machines import LONG_TASK, REPORT_SAGA
    from tests.aws_calls import patch_calls
    from tests.machine import create
    from tests.people import signing
    from tests.production import production

    with pytest.MonkeyPatch.context() as patch, production():
        for name in ("work", "deliveries", "deferred", "outside"):
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
        patch_calls(patch, meter.around)
        patch.setattr(outgoing, "request", lambda *_, **__: outgoing.OutsideResponse(200, "OK", 5))
        real = clock.now
        patch.setattr(clock, "now", lambda: real() + meter.ahead)
        yield meter
    settings.cache_clear()


def _metered(meter: Meter, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda event, context: meter.run(name, lambda: real(event, context))


def operations() -> dict[str, Callable[[Meter], Callable[[], Any]]]:
    """Return by name a function that prepares an operation and returns the operation."""
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
        "import of 100 rows": _import,
    }


def writes() -> dict[str, Callable[[Meter], Callable[[], Any]]]:
    """The frequent writes, by name, as `operations`."""
    both = operations()
    names = ("create a batch", "add a product", "aggregate a product", "create an order", "deferred task", "long task")
    more = {"change a batch": _change_batch, "close or open a batch": _close_batch, "move a defect on": _move_defect}
    return {name: both[name] for name in names} | more | {"report on a batch, pdf": _report}


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


def _change_batch(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch

    path, teams = f"/api/batches/{batch()['uuid']}", iter(range(1_000))
    return lambda: ask(meter, "PATCH", path, {"team": f"Бригада {next(teams)}"})


def _close_batch(meter: Meter) -> Callable[[], Any]:
    from tests.production import batch

    path, states = f"/api/batches/{batch()['uuid']}", iter([True, False] * 50)
    return lambda: ask(meter, "PATCH", path, {"is_closed": next(states)})


def _move_defect(_: Meter) -> Callable[[], Any]:
    from tests.construction import UserClient

    manager, engineer = UserClient("manager"), UserClient("engineer")
    site = manager.site()["id"]
    defects = [manager.defect(site)["id"] for _ in range(TIMES + 1)]
    for defect in defects:
        manager.assign(defect, engineer.id)
    waiting = iter(defects)
    return lambda: engineer.move(next(waiting), "in_progress")


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
        file = csv_file([row() for _ in range(100)])
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="batches.csv"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        ask(meter, "POST", "/api/batches/import", head + file + b"\r\n--b--\r\n", headers)

    return once


def measure(meter: Meter, name: str, times: int = TIMES) -> dict[str, float]:
    """Return the bill of one operation with all that follows from it."""
    _repeat(meter, operations()[name], times)
    return {unit: count / times for unit, count in meter.bill.items()}


def _repeat(meter: Meter, make: Callable[[Meter], Callable[[], Any]], times: int) -> None:
    """Count some runs of an operation, after one that is not counted: a process does some work once."""
    once = make(meter)
    meter.settle()
    once()
    meter.settle()
    meter.bill.clear()
    meter.writes.clear()
    for _ in range(times):
        once()
        meter.settle()


def row(name: str, bill: Mapping[str, float]) -> str:
    """A line of the table: a thousand of them."""
    cells = [f"{bill.get(unit, 0) * 1_000:>10,.0f}" for unit in SHOWN]
    return f"{name:34}{''.join(cells)}{usd(bill) * 1_000:>10.3f}"


def write_row(name: str) -> str:
    """Return a line of the table of writes: how many items, counters and index entries one has, and their units."""
    with redirect_stderr(StringIO()), metered_system() as meter:
        _repeat(meter, writes()[name], TIMES)
    counts = {kind: number / TIMES for kind, number in meter.writes.items()}
    cells = "".join(f"{counts.get(kind, 0):>10.1f}{counts.get(f'{kind} units', 0):>7.1f}" for kind in WRITES)
    return f"{name:34}{cells}{sum(counts.get(f'{kind} units', 0) for kind in WRITES):>8.1f}"


def main() -> None:
    """Print the tables."""
    heads = ("Lambda", "GB-s", "WRU", "RRU", "SQS", "events", "states", "S3 PUT", "S3 GET", "USD")
    print(f"{'1,000 times':34}" + "".join(f"{head:>10}" for head in heads))
    for name in operations():
        with redirect_stderr(StringIO()), metered_system() as meter:  # the log of the functions
            print(row(name, measure(meter, name, 1 if name in LONG else TIMES)), flush=True)
    print()
    kinds = "".join(f"{kind:>10}{'units':>7}" for kind in ("items", "counters", "indexes"))
    print(f"{'one time':34}{kinds}{'WRU':>8}")
    for name in writes():
        print(write_row(name), flush=True)
    print()
    calls.print_table()


if __name__ == "__main__":
    main()
