"""The demo that `make run` loads: what it promises is there, and a second start finds it as it is."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from localstack.client import Api
from localstack.demo import production
from localstack.demo.plant import CENTERS
from tests.e2e import examples
from tests.e2e.stack import Stack, start
from tests.waiting import wait_for

SETTINGS = {"DEMO": "1", "AUTH_REQUIRED": "true"}
TASKS, REPORTS = "/api/v1/tasks", "/api/v1/reports/"
LISTS = {  # path -> where its things are
    "/api/work_centers": "items",
    "/api/batches": "items",
    "/api/products": "items",
    "/api/background_tasks": "items",
    "/api/webhooks": "items",
    REPORTS: "reports",
    TASKS: "tasks",
    "/api/v1/schedules": "schedules",
    "/api/v1/sites": "items",
    "/api/v1/defects": "items",
    "/orders": "data",
    "/users": "data",
    "/v1/api-keys": "data",
}


@dataclass(frozen=True)
class Loaded:
    """A stack with the demo, and when it was loaded: between two instants."""

    stack: Stack
    after: datetime
    before: datetime


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """A stack with the demo where every call needs a token; the calls are the administrator's."""
    after = datetime.now(UTC)
    running = start(tmp_path_factory.mktemp("demo"), SETTINGS)
    yield Loaded(as_administrator(running), after, datetime.now(UTC))
    running.stop()


@pytest.fixture(scope="module")
def demo(loaded: Loaded) -> Stack:
    """The stack with the demo."""
    return loaded.stack


def test_three_work_centres_have_two_weeks_of_shifts_behind_them(demo: Stack) -> None:
    rates = {one["identifier"]: one["aggregation_rate"] for one in answer(demo, "/api/analytics/work_centers")["items"]}
    assert set(rates) == {center.identifier for center in CENTERS}
    assert rates["WC-ANCHOR"] < 75 < 85 < min(rates["WC-DEMO"], rates["WC-NUTS"])
    last = day_of(demo)
    period = f"date_from={last - timedelta(days=13)}&date_to={last}"
    by_day = answer(demo, f"/api/analytics/timeseries?interval=day&{period}")["items"]
    assert len(by_day) == 14
    past = [(day["total_batches"], day["closed_batches"], day["total_products"]) for day in by_day[:-1]]
    assert all(batches == 8 and closed >= 7 and products > 150 for batches, closed, products in past), past


def test_the_shift_that_runs_has_a_batch_that_is_partly_filled_at_each_work_centre(loaded: Loaded) -> None:
    of_day = f"/api/batches?batch_date={day_of(loaded.stack)}&is_closed=false&sort_direction=ASC"
    running = [batch for batch in things(loaded.stack, of_day) if was_running(batch, loaded)]
    filled = [batch for batch in running if batch["products_total"]]
    assert len({batch["work_center_id"] for batch in filled}) == len(CENTERS)


def test_work_of_all_kinds_has_ended_in_all_ways(demo: Stack) -> None:
    tasks = wait_for(lambda: ended_tasks(demo))
    assert Counter(task["status"] for task in tasks) == {"pending": 3, "failed": 1, "completed": 1}
    reports = Counter(report["status"] for report in unscheduled(demo, REPORTS))
    assert reports == {"completed": 3, "failed": 1}
    assert sum(not schedule["paused"] for schedule in things(demo, "/api/v1/schedules")) == 2
    kinds = Counter((task["type"], task["status"]) for task in things(demo, "/api/background_tasks"))
    assert kinds == {("import", "SUCCESS"): 3, ("import", "FAILURE"): 1, ("export", "SUCCESS"): 2}
    refused = [task["result"] for task in things(demo, "/api/background_tasks") if (task["result"] or {}).get("failed")]
    assert [(result["created"], result["failed"]) for result in refused] == [(2, 3)]


def test_one_webhook_is_taken_one_is_dead_and_one_is_switched_off(demo: Stack) -> None:
    hooks = things(demo, "/api/webhooks")
    assert sum(hook["is_active"] for hook in hooks) == 2
    paths = [f"/api/webhooks/{hook['uuid']}/deliveries" for hook in hooks]
    wait_for(lambda: {frozenset(statuses(demo, path)) & {"success", "failed"} for path in paths} == OUTCOMES)


OUTCOMES = {frozenset({"success"}), frozenset({"failed"}), frozenset()}


def test_two_sites_have_defects_in_every_status_with_pictures_and_comments(demo: Stack) -> None:
    defects = things(demo, "/api/v1/defects")
    assert len({defect["site_id"] for defect in defects}) == 2
    assert len({defect["status"] for defect in defects}) == 8
    assert len({defect["severity"] for defect in defects}) == 4
    assert sum(defect["is_overdue"] for defect in defects) >= 3
    assert sum(defect["comments"] for defect in defects) >= len(defects)
    cracked = next(defect for defect in defects if defect["title"] == "Трещина в несущей стене")
    pictures = answer(demo, f"/api/v1/defects/{cracked['id']}/attachments")["items"]
    assert [picture["uploaded"] for picture in pictures] == [True, True]
    place = demo.call("GET", f"/api/v1/defects/{cracked['id']}/attachments/{pictures[0]['id']}").headers["Location"]
    assert fetched(place).startswith(b"\xff\xd8\xff")


def test_people_of_each_role_can_log_in_and_order(demo: Stack) -> None:
    password = json.loads((demo.state / "people.json").read_text())["password"]
    assert f"password {password}" in demo.output
    assert Api(demo.url).log_in("engineer@shopfloor.local", password).call("GET", "/api/batches?limit=1")[0] == 200
    roles = {role for user in things(demo, "/users") for role in user["roles"]}
    assert roles == {"admin", "manager", "engineer", "executive", "customer", "user"}
    statuses = {order["status"] for order in things(demo, "/orders")}
    assert statuses == {"created", "in_progress", "completed", "cancelled"}


def test_a_second_start_changes_nothing_but_on_a_later_day_adds_it(demo: Stack) -> None:
    before, day = totals(demo), day_of(demo)
    demo.stop()
    again = as_administrator(start(demo.state, SETTINGS, again=demo))
    try:
        today = day_of(again)  # another one after midnight
        new = things(again, f"/api/batches?batch_date={today}") if today > day else []
        before["/api/batches"] += len(new)
        before["/api/products"] += sum(batch["products_total"] for batch in new)
        before["/api/background_tasks"] += 2 if new else 0  # the imports of a day
        assert totals(again) == before and len(new) in (0, 9)
        later = datetime.combine(today + timedelta(days=1), datetime.now(UTC).time(), UTC)
        for _ in range(2):
            production.make(Api(again.url, token_of(again)), later)
            assert totals(again)["/api/batches"] == before["/api/batches"] + 9
        assert examples.failures(again) == {}  # of the document; here, because it changes and deletes
    finally:
        again.stop()


def as_administrator(stack: Stack) -> Stack:
    """The stack with his token on every call."""
    known = json.loads((stack.state / "administrator.json").read_text())
    token = Api(stack.url).log_in(known["email"], known["password"]).token
    return stack.as_seen_by({"Authorization": f"Bearer {token}"})


def token_of(stack: Stack) -> str:
    """The token that stands on its calls."""
    return stack.headers["Authorization"].removeprefix("Bearer ")


def answer(stack: Stack, path: str) -> Any:
    """What a GET is answered with 200."""
    response = stack.call("GET", path)
    assert response.status_code == 200, response.text
    return response.json()


def things(stack: Stack, path: str) -> list[Any]:
    """The first hundred of a list."""
    name = LISTS.get(path.partition("?")[0], "items")
    found: list[Any] = answer(stack, f"{path}{'&' if '?' in path else '?'}limit=100")[name]
    return found


def totals(stack: Stack) -> dict[str, int]:
    """How many things each list has."""
    answers = {path: answer(stack, f"{path}?limit=1") for path in LISTS}
    counted = {path: (told.get("meta") or told)["total"] for path, told in answers.items()}
    return counted | {path: len(unscheduled(stack, path)) for path in (TASKS, REPORTS)}


def unscheduled(stack: Stack, path: str) -> list[Any]:
    """The tasks or reports of the demo without those that its schedules make when their time comes."""
    payloads = [schedule["payload"] for schedule in things(stack, "/api/v1/schedules")]
    named = {payload["name"] for payload in payloads if "name" in payload}
    return [one for one in things(stack, path) if not one.get("schedule_id") and one.get("name") not in named]


def ended_tasks(stack: Stack) -> list[Any] | None:
    """All deferred tasks, once two of them have ended."""
    tasks = unscheduled(stack, TASKS)
    return tasks if sum(task["status"] in ("completed", "failed") for task in tasks) == 2 else None


def statuses(stack: Stack, path: str) -> set[str]:
    """Those that the deliveries of a subscription have."""
    return {delivery["status"] for delivery in things(stack, path)}


def was_running(batch: dict[str, Any], loaded: Loaded) -> bool:
    """Whether the shift of a batch worked when the demo was loaded."""
    begin, end = [datetime.fromisoformat(batch["shift_time_range"][name]) for name in ("start", "end")]
    return begin <= loaded.before and loaded.after < end


def day_of(stack: Stack) -> date:
    """The day on which its demo was loaded, which may be yesterday by now."""
    latest = answer(stack, "/api/batches?sort_field=batch_date&sort_direction=desc&limit=1")["items"]
    return date.fromisoformat(latest[0]["batch_date"])


def fetched(url: str) -> bytes:
    """What lies at an address of the bucket."""
    response = requests.get(url, timeout=30)
    assert response.status_code == 200
    return response.content
