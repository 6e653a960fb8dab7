"""Every list there is, filled with the largest items that are allowed, and read page by page.

A list is a GET endpoint that answers with models in an array. One that is new needs an entry in `FILLED`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_origin
from urllib.parse import quote

import pytest
from pydantic import BaseModel

import app
from chalicelib.background_tasks import model as background
from chalicelib.background_tasks import store as background_store
from chalicelib.batches.totals import TotalsItem
from chalicelib.core import circuits, clock, dead_letters
from chalicelib.core.actor import ADMINISTRATOR, ROLES
from chalicelib.core.answers import MAX_BODY_BYTES
from chalicelib.core.aws import client
from chalicelib.core.dynamo import put_all
from chalicelib.core.http import ENDPOINTS, Endpoint
from chalicelib.core.transactions import Transaction, transaction
from chalicelib.defects import store as store_of_defects
from chalicelib.defects.totals import monday
from chalicelib.deferred_tasks import model as deferred
from chalicelib.deferred_tasks import recurrence, schedules_store
from chalicelib.deferred_tasks import store as deferred_store
from chalicelib.events import service as events
from chalicelib.events.types import EVENT_TYPES, webhook_names
from chalicelib.long_tasks import model as long_tasks
from chalicelib.long_tasks import store as long_tasks_store
from chalicelib.quotas import model as quotas_model
from chalicelib.quotas import store as quotas_store
from chalicelib.reports import model as reports
from chalicelib.reports import store as reports_store
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.webhooks import deliveries_store
from chalicelib.wiring import routes
from chalicelib.work_centers.store import WorkCenterItem
from tests.bulk import load_products
from tests.construction import construction, forget_files
from tests.http_events import Response
from tests.production import ask, batch, empty_tables, ok

routes.import_all()
WIDE = "😀"  # four bytes, and twelve characters of the JSON that Lambda's runtime makes of an answer
NAME, TEXT, COMMENT = WIDE * 200, WIDE * 10_000, WIDE * 4_000
PAYLOAD = {"text": '"' * ((deferred.LARGEST_PAYLOAD - 20) // 2)}  # each is escaped, and once more on its way
DAY = date(2025, 1, 20)
LAMBDA_CARRIES = 6 * 1024 * 1024


@dataclass
class Filled:
    """A list: its first page, what its items are called, and which there are, in their order. `cut`: not all that a
    page is asked for has room in an answer.
    """

    path: str
    key: str
    expected: list[Any]
    cut: bool = False


FILLED: dict[str, Callable[[], Filled]] = {}


def fills(name: str) -> Callable[[Callable[[], Filled]], Callable[[], Filled]]:
    def keep(fill: Callable[[], Filled]) -> Callable[[], Filled]:
        FILLED[name] = fill
        return fill

    return keep


def at(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def new_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def write(count: int, one: Callable[[Transaction, int], None], together: int = 1) -> None:
    for start in range(1, count + 1, together):
        with transaction() as tx:
            for number in range(start, min(start + together, count + 1)):
                one(tx, number)


# -- production -----------------------------------------------------------------------------------------------------


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
    result = {"success": False, "total": 1, "errors": background.first_of([error] * 1_000)}

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


@fills("GET /api/events")
def event_types() -> Filled:
    return Filled("/api/events", "name", list(EVENT_TYPES))


def subscription(number: int, host: str = "example.com") -> str:
    url = f"https://{host}/{number:03d}".ljust(2_000, "x")
    body = {
        "url": url,
        "events": webhook_names(),
        "secret_key": "secret-key",
        "notify_email": f"{'x' * 64}@{EMAIL_HOST}",
    }
    return str(ok("POST", "/api/webhooks", body)["uuid"])


@fills("GET /api/webhooks")
def subscriptions() -> Filled:
    made = [subscription(number) for number in range(100)]
    return Filled("/api/webhooks?limit=40", "uuid", made[::-1])


@fills("GET /api/webhooks/{subscription_id}/deliveries")
def deliveries() -> Filled:
    made, payload = subscription(1), '{"text":"%s"}' % ('\\"' * 20_000)

    def one(tx: Transaction, number: int) -> None:
        item = deliveries_store.new(new_id(number), made, "batch.created", "", payload, at(number))
        item.response_body = item.error_message = WIDE * 1_000
        tx.put_new(item, index=deliveries_store.DELIVERIES.index(item))
        deliveries_store.DELIVERIES.count(tx, item, +1)

    write(120, one, together=10)
    ids = [new_id(number) for number in range(120, 0, -1)]
    return Filled(f"/api/webhooks/{made}/deliveries?limit=100", "uuid", ids, cut=True)


@fills("GET /api/webhooks/failing")
def failing_deliveries() -> Filled:
    made, payload = subscription(1), '{"text":"%s"}' % ('\\"' * 20_000)

    items = [deliveries_store.new(new_id(n), made, "batch.created", "", payload, at(n)) for n in range(1, 121)]

    def one(tx: Transaction, number: int) -> None:
        item = items[number - 1]
        item.response_body = item.error_message = WIDE * 1_000
        deliveries_store.settle(tx, item, item.due_at, "failed")

    for chunk in deliveries_store.chunks(items):
        deliveries_store.add(chunk)
    write(120, one, together=10)
    ids = [new_id(number) for number in range(120, 0, -1)]
    return Filled("/api/webhooks/failing?limit=100", "uuid", ids, cut=True)


@fills("GET /api/webhooks/{subscription_id}/deliveries/{delivery_id}")
def attempts_of_a_delivery() -> Filled:
    made = subscription(1)
    item = deliveries_store.new(new_id(1), made, "batch.created", "", "{}", at(1))
    times = [clock.to_json(at(number)) for number in range(500)]
    item.log = json.dumps([{"at": time, "status": 500, "ms": 1, "error": "x" * 300} for time in times])
    deliveries_store.add([item])
    return Filled(f"/api/webhooks/{made}/deliveries/{new_id(1)}", "at", times)


# -- the system -----------------------------------------------------------------------------------------------------


def queues_of_the_stack() -> None:
    """All queues, and in each dead letter queue ten messages as large as SQS takes."""
    sqs = client("sqs")
    for name in dead_letters.QUEUES:
        for full_name in (name, f"{name}-dlq"):
            url = sqs.create_queue(QueueName=f"shopfloor-test-{full_name}")["QueueUrl"]
        for number in range(10):
            sqs.send_message(QueueUrl=url, MessageBody=f"{number}{WIDE * 65_000}")


@fills("GET /api/v1/system")
def circuits_of_the_system() -> Filled:
    queues_of_the_stack()
    hosts = [subscription(number, host=f"{'x' * 60}.{number:03d}.example") for number in range(100)]
    names = [f"webhook:{'x' * 60}.{number:03d}.example:443" for number in range(len(hosts))]
    return Filled("/api/v1/system", "name", [*circuits.DEPENDENCIES, *names])


@fills("GET /api/v1/system/dead-letters/{queue}")
def dead_letters_of_a_queue() -> Filled:
    queues_of_the_stack()
    return Filled("/api/v1/system/dead-letters/work", "body_cut", [True] * 10)


# -- reports --------------------------------------------------------------------------------------------------------

PARAMETERS = '{"x": "%s"}' % (WIDE * 19_900)


@fills("GET /api/v1/reports")
def list_of_reports() -> Filled:
    def one(tx: Transaction, number: int) -> None:
        created = clock.to_text(at(number))
        item = reports_store.ReportItem(reports_store.key_of(number), created_at=created, updated_at=created)
        item.name, item.description, item.parameters, item.error = NAME, TEXT, PARAMETERS, WIDE * 300
        item.template_id, item.user_id, item.status, item.format = 1, 1, "failed", "pdf"
        item.saga_id = new_id(number)
        reports_store.add_report(tx, item)

    write(60, one)
    return Filled("/api/v1/reports?limit=100", "id", list(range(60, 0, -1)), cut=True)


@fills("GET /api/v1/templates")
def templates() -> Filled:
    body = {"name": NAME, "description": TEXT, "parameters": PARAMETERS}
    made = [ok("POST", "/api/v1/templates", body)["id"] for _ in range(60)]
    return Filled("/api/v1/templates?limit=100", "id", [*BUILT_IN, *made], cut=True)


def saga(number: int) -> reports.Saga:
    made = reports.Saga(new_id(number), number, 1, at(number), status="failed", error=WIDE * 2_000)
    for step in made.steps:
        step.started_at, step.completed_at, step.error = at(number), at(number), WIDE * 2_000
    return made


@fills("GET /api/v1/sagas")
def sagas() -> Filled:
    write(101, lambda tx, number: reports_store.add_saga(tx, saga(number)))
    return Filled("/api/v1/sagas?limit=100", "saga_id", [new_id(number) for number in range(101, 0, -1)], cut=True)


@fills("GET /api/v1/sagas/{saga_id}")
def steps_of_a_saga() -> Filled:
    write(1, lambda tx, number: reports_store.add_saga(tx, saga(number)))
    return Filled(f"/api/v1/sagas/{new_id(1)}", "id", [1, 2, 3, 4, 5, 6])


@fills("GET /api/v1/sagas/{saga_id}/events")
def saga_events() -> Filled:
    write(1, lambda tx, number: reports_store.add_saga(tx, saga(number)))
    one = {"saga_id": new_id(1), "report_id": 1, "step": 1, "step_name": "x", "attempt": 1, "reason": WIDE * 300}
    for number in range(35):
        many = [(new_id(1), {**one, "attempt": 100 * number + place}) for place in range(100)]
        with transaction() as tx:
            events.record_many(tx, "saga.step_failed", f"saga#{new_id(1)}", clock.now(), many)
    ids = [event.id for event in events.history(ADMINISTRATOR, f"saga#{new_id(1)}")]
    assert len(ids) == 3_500
    return Filled(f"/api/v1/sagas/{new_id(1)}/events", "id", ids, cut=True)


# -- tasks ----------------------------------------------------------------------------------------------------------


def deferred_task(number: int) -> deferred.Task:
    times = {"execute_at": at(number), "created_at": at(number), "updated_at": at(number), "due_at": None}
    return deferred.Task(number, 1, WIDE * 50, PAYLOAD, status="failed", error_message=WIDE * 300, **times)


@fills("GET /api/v1/tasks")
def deferred_tasks() -> Filled:
    write(60, lambda tx, number: deferred_store.add(tx, deferred_task(number)))
    return Filled("/api/v1/tasks?limit=100", "id", list(range(60, 0, -1)), cut=True)


@fills("GET /api/v1/tasks/{task_id}/attempts")
def attempts() -> Filled:
    task = deferred_task(1)
    task.log = [deferred.Attempt(number, at(number), at(number), WIDE * 300) for number in range(1, 101)]
    task.payload = None
    with transaction() as tx:
        deferred_store.add(tx, task)
    return Filled("/api/v1/tasks/1/attempts", "number", list(range(1, 101)))


@fills("GET /api/v1/operations")
def operations() -> Filled:
    def one(tx: Transaction, number: int) -> None:
        deferred_store.add(tx, deferred_task(2 * number - 1))
        reports_store.add_saga(tx, saga(2 * number))

    write(60, one)
    ids = [str(number) if number % 2 else new_id(number) for number in range(120, 0, -1)]
    return Filled("/api/v1/operations?limit=100", "id", ids)


@fills("GET /api/v1/schedules")
def schedules() -> Filled:
    def one(tx: Transaction, number: int) -> None:
        schedule = recurrence.Schedule(
            new_id(number),
            1,
            NAME,
            WIDE * 50,
            PAYLOAD,
            1,
            None,
            "1 day",
            "UTC",
            "skip",
            at(number),
            at(number),
            at(number),
        )
        schedules_store.add(tx, schedule)

    write(60, one)
    return Filled("/api/v1/schedules?limit=100", "id", [new_id(number) for number in range(60, 0, -1)], cut=True)


@fills("GET /tasks/{user_id}")
def tasks_of_a_user() -> Filled:
    ok("POST", "/user", {"name": NAME})
    write(150, lambda tx, number: long_tasks_store.add(tx, long_tasks.Task(number, 1, TEXT, at(number), due_at=None)))
    return Filled("/tasks/1", "id", list(range(1, 151)), cut=True)


# -- people ---------------------------------------------------------------------------------------------------------

EMAIL_HOST = ".".join(["x" * 60] * 3) + ".ru"


def user(number: int) -> str:
    body = {"email": f"{number:064d}@{EMAIL_HOST}", "name": NAME}
    return str(ok("POST", "/users", body)["data"]["id"])


@fills("GET /users")
def users() -> Filled:
    made = [user(number) for number in range(1_001)]
    return Filled("/users?limit=1000", "id", made[::-1])


@fills("GET /v1/api-keys")
def api_keys() -> Filled:
    body = {"name": NAME, "roles": list(ROLES), "expires_at": "2999-01-01T00:00:00Z"}
    made = [ok("POST", "/v1/api-keys", body)["data"]["id"] for _ in range(1_001)]
    return Filled("/v1/api-keys?limit=1000", "id", made[::-1])


@fills("GET /v1/quotas")
def quotas() -> Filled:
    day, most = quotas_model.day_of(clock.now()), dict.fromkeys(quotas_model.DEFAULTS, 10**9)
    write(1_001, lambda tx, number: quotas_store.add(tx, number, day, most, most, AssertionError()))
    return Filled("/v1/quotas?limit=1000", "user_id", list(range(1, 1_002)))


LINES = [{"product": NAME, "quantity": 10_000, "price": 9.99}] * 100


@fills("GET /orders")
def orders() -> Filled:
    buyer = user(1)
    made = [ok("POST", "/orders", {"user_id": buyer, "items": LINES})["data"]["id"] for _ in range(220)]
    return Filled("/orders?limit=1000", "id", made[::-1], cut=True)


# -- construction ---------------------------------------------------------------------------------------------------


def site(number: int) -> str:
    body = {"code": WIDE * 195 + f"{number:05d}", "name": NAME, "address": NAME}
    return str(ok("POST", "/api/v1/sites", body)["id"])


def defect(site_id: str) -> str:
    body = {"site_id": site_id, "title": NAME, "description": TEXT, "location": NAME}
    return str(ok("POST", "/api/v1/defects", body)["id"])


@fills("GET /api/v1/sites")
def sites() -> Filled:
    made = [site(number) for number in range(101)]
    return Filled("/api/v1/sites?limit=100", "id", made[::-1])


@fills("GET /api/v1/defects")
def defects() -> Filled:
    place = site(1)
    made = [defect(place) for _ in range(120)]
    return Filled("/api/v1/defects?limit=100", "id", made[::-1])


@fills("GET /api/v1/sites/{site_id}/progress")
def weeks() -> Filled:
    this_week = monday(store_of_defects.today())
    mondays = [str(this_week - timedelta(weeks=number)) for number in range(103, -1, -1)]
    return Filled(f"/api/v1/sites/{site(1)}/progress?weeks=104", "week_start", mondays)


@fills("GET /api/v1/defects/{defect_id}/history")
def history() -> Filled:
    made = defect(site(1))
    for number in range(74):
        ok("PATCH", f"/api/v1/defects/{made}", {"description": f"{number:05d}" + WIDE * 9_995})
    return Filled(f"/api/v1/defects/{made}/history?limit=100", "number", list(range(75, 0, -1)), cut=True)


@fills("GET /api/v1/defects/{defect_id}/comments")
def comments() -> Filled:
    made = defect(site(1))
    for _ in range(101):
        ok("POST", f"/api/v1/defects/{made}/comments", {"text": COMMENT})
    return Filled(f"/api/v1/defects/{made}/comments?limit=100", "number", list(range(101, 0, -1)))


@fills("GET /api/v1/defects/{defect_id}/attachments")
def attachments() -> Filled:
    made = defect(site(1))
    body = {"name": WIDE * 196 + ".pdf", "content_type": "application/pdf", "size": 1}
    ids = [ok("POST", f"/api/v1/defects/{made}/attachments", body)["id"] for _ in range(20)]
    return Filled(f"/api/v1/defects/{made}/attachments", "id", ids)


# -- the tests ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> Iterator[None]:
    with construction():
        yield


@pytest.fixture(autouse=True)
def empty(everything: None) -> Iterator[None]:
    yield
    empty_tables()
    forget_files()


def has_models(kind: Any) -> bool:
    """Whether a type is a list of models."""
    return get_origin(kind) is list and isinstance(get_args(kind)[0], type) and issubclass(get_args(kind)[0], BaseModel)


def is_list(endpoint: Endpoint) -> bool:
    """Whether an endpoint answers with models in an array, at the first level."""
    model = endpoint.model
    fields = model.model_fields.values() if hasattr(model, "model_fields") else ()
    return endpoint.method == "GET" and (has_models(model) or any(has_models(field.annotation) for field in fields))


def items_of(endpoint: Endpoint, answer: Response) -> list[dict[str, Any]]:
    body = answer.json
    if isinstance(body, list):
        return body
    name = next(name for name, field in endpoint.model.model_fields.items() if has_models(field.annotation))
    found: list[dict[str, Any]] = body[name]
    return found


def pages_of(path: str, accept: str) -> Iterator[Response]:
    """The pages of a list, each where the link of the one before leads."""
    query: str | None = path
    while query:
        page = ask("GET", query, headers={"Accept-Encoding": accept} if accept else {})
        assert page.status == 200, page.text[:500]
        yield page
        links = dict(link.split("; ")[::-1] for link in page.headers.get("Link", "").split(", ") if link)
        following = links.get('rel="next"')
        query = path.partition("?")[0] + following[1:-1] if following else None


def test_every_list_is_filled() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS if is_list(endpoint)} == set(FILLED)


@pytest.mark.parametrize("name", FILLED)
def test_the_largest_items_are_read_page_by_page(name: str, carried: list[int]) -> None:
    endpoint, filled = next(one for one in ENDPOINTS if one.name == name), FILLED[name]()
    carried.clear()
    pages = list(pages_of(filled.path, ""))
    found = [[item[filled.key] for item in items_of(endpoint, page)] for page in pages]
    assert [one for page in found for one in page] == filled.expected
    assert max(len(page.body) for page in pages) <= MAX_BODY_BYTES
    assert max(carried) <= LAMBDA_CARRIES - 50_000
    if filled.cut:
        asked = 100 if "limit=100" in filled.path else 1_000_000
        assert len(found[0]) < min(asked, len(filled.expected)), "the first page was not cut"
        assert len(pages[0].body) > MAX_BODY_BYTES * 0.9
        next_cursor(pages[0])


def next_cursor(page: Response) -> None:
    """A page that was cut says so in its body, unless that is the bare array."""
    body = page.json
    assert "cursor=" in page.headers["Link"]
    if isinstance(body, dict):
        assert body.get("next_cursor") or body["meta"]["next_cursor"]


def test_the_details_of_a_user_show_as_many_orders_as_fit() -> None:
    buyer = user(1)
    made = [ok("POST", "/orders", {"user_id": buyer, "items": LINES})["data"]["id"] for _ in range(100)]
    answer = ask("GET", f"/users/{buyer}/details")
    shown = [order["id"] for order in answer.json["data"]["orders"]]
    assert (answer.status, answer.json["data"]["orders_total"]) == (200, 100)
    assert shown == made[::-1][: len(shown)] and MAX_BODY_BYTES * 0.9 < len(answer.body) <= MAX_BODY_BYTES


@pytest.mark.parametrize("accept", ["", "gzip"])
def test_a_long_answer_travels_as_it_is(accept: str, carried: list[int]) -> None:
    for _ in range(101):
        ok("POST", "/api/v1/templates", {"name": "\U0001f600" * 200, "description": "ё" * 10_000})
    carried.clear()
    (page, *_) = pages_of("/api/v1/templates?limit=100", accept)
    assert max(carried) <= LAMBDA_CARRIES and page.headers.get("Content-Encoding", "") == accept


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of answers as Lambda's runtime for Python 3.11 writes them: JSON in ASCII."""
    sizes: list[int] = []
    answer = type(app.app).__call__

    def measured(self: Any, event: Any, context: Any) -> dict[str, Any]:
        reply = answer(self, event, context)
        sizes.append(len(json.dumps(reply)))
        return reply

    monkeypatch.setattr(type(app.app), "__call__", measured)
    return sizes
