"""Lists of reports, sagas, deferred, recurring and long tasks, and operations."""

from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.transactions import Transaction, transaction
from chalicelib.deferred_tasks import model as deferred
from chalicelib.deferred_tasks import recurrence, schedules_store
from chalicelib.deferred_tasks import store as deferred_store
from chalicelib.events import service as events
from chalicelib.long_tasks import model as long_tasks
from chalicelib.long_tasks import store as long_tasks_store
from chalicelib.reports import model as reports
from chalicelib.reports import store as reports_store
from chalicelib.reports.layouts import BUILT_IN
from tests.integration.large_lists.lists import NAME, PAYLOAD, TEXT, WIDE, Filled, at, fills, new_id, write
from tests.production import ok

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
