"""Lists of work centres, batches, products, background tasks and figures."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote

from chalicelib.background_tasks import model as background
from chalicelib.background_tasks import store as background_store
from chalicelib.batches.totals import TotalsItem
from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.dynamo import put_all
from chalicelib.core.transactions import Transaction, transaction
from chalicelib.events import service as events
from chalicelib.work_centers.store import WorkCenterItem
from tests.bulk import load_products
from tests.integration.large_lists.lists import NAME, TEXT, WIDE, Filled, at, fills, new_id, write
from tests.production import batch, ok

DAY = date(2025, 1, 20)


@fills("GET /api/work_centers")
def work_centers() -> Filled:
    made = [ok("POST", "/api/work_centers", {"identifier": WIDE * 195 + f"{n:05d}", "name": NAME}) for n in range(101)]
    return Filled("/api/work_centers?limit=100", "uuid", [one["uuid"] for one in made][::-1])


def full_batch(number: int, products: int, center: str) -> str:
    texts = {"shift": NAME, "team": NAME, "nomenclature": NAME, "ekn_code": NAME, "task_description": TEXT}
    made = batch(work_center_id=center, batch_number=number, **texts)
    load_products(made["uuid"], products, WIDE * 190)
    return str(made["uuid"])


@fills("GET /api/batches")
def batches() -> Filled:
    center = ok("POST", "/api/work_centers", {"identifier": "1", "name": "1"})["uuid"]
    made = [full_batch(number, 100, center) for number in range(1, 41)]
    return Filled("/api/batches?limit=100", "uuid", made[::-1], cut=True)


@fills("GET /api/batches/{batch_id}")
def products_of_a_batch() -> Filled:
    center = ok("POST", "/api/work_centers", {"identifier": "1", "name": "1"})["uuid"]
    made = full_batch(1, 1_000, center)
    found = ok("GET", f"/api/products?batch_id={made}&limit=100&sort_direction=ASC")["items"]
    shown = ok("GET", f"/api/batches/{made}")["products"]
    assert [one["uuid"] for one in shown][:100] == [one["uuid"] for one in found] and len(shown) == 1_000
    return Filled(f"/api/batches/{made}", "uuid", [one["uuid"] for one in shown])


@fills("GET /api/products")
def products() -> Filled:
    made = full_batch(1, 150, ok("POST", "/api/work_centers", {"identifier": "1", "name": "1"})["uuid"])
    shown = ok("GET", f"/api/batches/{made}")["products"]
    return Filled("/api/products?limit=100", "uuid", [one["uuid"] for one in shown][::-1])


@fills("GET /api/trace")
def places_of_a_code() -> Filled:
    center = ok("POST", "/api/work_centers", {"identifier": NAME, "name": NAME})["uuid"]
    texts = {"shift": NAME, "team": NAME, "nomenclature": NAME, "ekn_code": NAME}
    made = [batch(work_center_id=center, batch_number=number, **texts)["uuid"] for number in range(1, 31)]
    shown = [ok("POST", f"/api/batches/{one}/products", {"unique_code": NAME})["products"][0] for one in made]
    return Filled(f"/api/trace?limit=25&code={quote(NAME)}", "product_id", [one["uuid"] for one in shown][::-1])


@fills("GET /api/batches/{batch_id}/events")
def batch_events() -> Filled:
    made = batch()["uuid"]
    about = {"batch_id": made, "batch_number": 1, "unique_code": NAME}
    many = [(made, {**about, "product_id": new_id(number)}) for number in range(100)]
    for name in ("batch.product_added", "batch.product_removed"):
        with transaction() as tx:
            events.record_many(tx, name, f"batch#{made}", clock.now(), many)
    ids = [event.id for event in events.history(ADMINISTRATOR, f"batch#{made}")]
    return Filled(f"/api/batches/{made}/events?limit=100", "id", ids[::-1])


@fills("GET /api/background_tasks")
def background_tasks() -> Filled:
    error = {"row": 1, "column": "x", "code": "x", "error": '"' * 150}
    result = {"success": False, "total": 1, "errors": background.first_errors([error] * 1_000)}

    def one(tx: Transaction, number: int) -> None:
        task = background.Task(new_id(number), "import", 1, at(number), at(number), "SUCCESS", result=result)
        task.finished_at = clock.now()
        background_store.add(tx, task)

    write(40, one)
    return Filled("/api/background_tasks?limit=100", "task_id", [new_id(n) for n in range(40, 0, -1)], cut=True)


def figures(shift: Callable[[int], str], centers: int, count: int) -> None:
    keys = [(new_id(number % centers), shift(number)) for number in range(count)]
    put_all([TotalsItem(f"{DAY:%Y-%m}#0", f"{DAY}#{center}#{name}", batches=1) for center, name in keys])


PERIOD = f"date_from={DAY}&date_to={DAY}"


@fills("GET /api/analytics/work_centers")
def figures_of_work_centers() -> Filled:
    figures(lambda number: "1", 3_000, 3_000)
    names = [WIDE * 195 + f"{number:05d}" for number in range(3_000)]
    created = clock.to_text(at(0))
    put_all([WorkCenterItem(new_id(n), created_at=created, identifier=names[n], name=NAME) for n in range(3_000)])
    return Filled(f"/api/analytics/work_centers?{PERIOD}", "identifier", names, cut=True)


@fills("GET /api/analytics/shifts")
def figures_of_shifts() -> Filled:
    names = [*map(str, range(1, 101)), *(WIDE * 195 + f"{number:05d}" for number in range(4_900))]
    figures(lambda number: names[number], 1, len(names))
    return Filled(f"/api/analytics/shifts?{PERIOD}", "shift", names, cut=True)


@fills("GET /api/analytics/timeseries")
def figures_of_days() -> Filled:
    days = [str(DAY + timedelta(days=number)) for number in range(366)]
    return Filled(f"/api/analytics/timeseries?date_from={days[0]}&date_to={days[-1]}", "date_from", days)
