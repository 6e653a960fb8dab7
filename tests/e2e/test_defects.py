"""The life of a defect on the deployed stack: by people of every role, with a file, a deadline, a report on it all."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.e2e.people import person, signed_in
from tests.e2e.production import events_of
from tests.e2e.stack import Stack
from tests.waiting import wait_for

SITES, DEFECTS = "/api/v1/sites", "/api/v1/defects"
PHOTO = b"\xff\xd8\xff" + bytes(2_000)


class UserClient:
    """A person of a stack who calls its API."""

    def __init__(self, stack: Stack, role: str) -> None:
        self._stack, self.who = stack, person(stack, role, name=role)
        self.id = str(self.who["id"])
        self._headers = signed_in(stack, self.who)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One call."""
        sent = {} if body is None else {"json": body}
        return self._stack.call(method, path, headers=self._headers, **sent)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """One call that has to succeed; its JSON."""
        answer = self.call(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def move(self, defect: dict[str, Any], *statuses: str) -> Any:
        """Take a defect along its way."""
        for status in statuses:
            moved = self.ok("PUT", f"{DEFECTS}/{defect['id']}/status", {"status": status})
        return moved


@pytest.fixture(scope="module")
def people(stack: Stack) -> dict[str, UserClient]:
    """One of each role."""
    roles = ("manager", "engineer", "executive", "customer")
    return {role: UserClient(stack, role) for role in roles} | {"inspector": UserClient(stack, "engineer")}


def new_site(manager: UserClient, **fields: Any) -> Any:
    """A site with a code of its own."""
    return manager.ok("POST", SITES, {"code": str(uuid.uuid4()), "name": "ЖК «Северный»"} | fields)


def yesterday() -> str:
    """A due date that has passed."""
    return (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


def monday_of(at: str) -> str:
    """The first day of the week of an instant."""
    day = datetime.fromisoformat(at).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def test_the_life_of_a_defect(stack: Stack, people: dict[str, UserClient]) -> None:
    manager, engineer, inspector, customer = (people[name] for name in ("manager", "engineer", "inspector", "customer"))
    site = new_site(manager, customer_id=customer.id)
    body = {"site_id": site["id"], "title": "Трещина в стене", "severity": "critical", "location": "Этаж 3"}
    defect = inspector.ok("POST", DEFECTS, body)
    path = f"{DEFECTS}/{defect['id']}"
    given = manager.ok("PUT", f"{path}/assignee", {"assignee_id": engineer.id, "due_date": yesterday()})
    assert (given["status"], given["is_overdue"]) == ("assigned", True)
    assert people["executive"].call("PUT", f"{path}/status", {"status": "in_progress"}).status_code == 403
    assert inspector.call("PUT", f"{path}/status", {"status": "in_progress"}).status_code == 403
    assert manager.call("PUT", f"{path}/status", {"status": "closed"}).status_code == 409
    attach_a_photo(engineer, path)
    customer.ok("POST", f"{path}/comments", {"text": "Когда будет готово?"})
    late = customer.ok("GET", f"{DEFECTS}?overdue=true&site_id={site['id']}")
    assert (late["total"], late["items"][0]["id"]) == (1, defect["id"])
    announce_by_two_sweeps(stack, given)
    engineer.move(defect, "in_progress", "fixed")
    inspector.move(defect, "verified")
    closed = manager.move(defect, "closed")
    assert (closed["status"], closed["is_overdue"], closed["comments"]) == ("closed", False, 1)
    log = people["executive"].ok("GET", f"{path}/history?sort_direction=ASC")["items"]
    assert [entry["action"] for entry in log] == ["created", "assigned", "attachment_added", *["status_changed"] * 4]
    found = customer.ok("GET", f"{SITES}/{site['id']}/progress")
    assert (found["total"], found["open"], found["overdue"], found["percent_closed"]) == (1, 0, 0, 100.0)
    for flow, at in (("created", defect["created_at"]), ("closed", closed["closed_at"])):
        assert {week["week_start"]: week[flow] for week in found["weeks"] if week[flow]} == {monday_of(at): 1}
    report_on(manager)
    clear_away(stack, manager, defect, site)


def attach_a_photo(engineer: UserClient, path: str) -> None:
    """By the form, which takes no more than was announced; and back by the link."""
    announced = {"name": "Стена.jpg", "content_type": "image/jpeg", "size": len(PHOTO)}
    place = engineer.ok("POST", f"{path}/attachments", announced)
    assert engineer.call("GET", f"{path}/attachments/{place['id']}").status_code == 409
    form = place["upload"]
    too_large = requests.post(form["url"], data=form["fields"], files={"file": PHOTO + b"!"}, timeout=30)
    assert too_large.status_code == 400
    assert requests.post(form["url"], data=form["fields"], files={"file": PHOTO}, timeout=30).status_code < 300
    (shown,) = engineer.ok("GET", f"{path}/attachments")["items"]
    assert (shown["uploaded"], shown["size"]) == (True, len(PHOTO))
    answer = engineer.call("GET", f"{path}/attachments/{place['id']}")
    assert answer.status_code == 302
    file = requests.get(answer.headers["Location"], timeout=30)
    assert (file.content, file.headers["Content-Type"]) == (PHOTO, "image/jpeg")


def announce_by_two_sweeps(stack: Stack, defect: dict[str, Any]) -> None:
    """Side by side, and the one of the schedule perhaps beside them: one event."""

    def sweep(_: int) -> bool:
        return "FunctionError" not in stack.client("lambda").invoke(FunctionName=f"{stack.name}-sweep", Payload=b"{}")

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(sweep, range(2))) == [True, True]
    told = [event for event in events_of(stack, f"defect#{defect['id']}") if event["name"] == "defect.overdue"]
    assert [event["data"]["due_date"] for event in told] == [defect["due_date"]]


def report_on(manager: UserClient) -> None:
    """Template 4 without parameters."""
    asked = manager.ok("POST", "/api/v1/reports", {"name": "Работа", "template_id": 4, "format": "csv"})
    path = f"/api/v1/reports/{asked['id']}"
    report = wait_for(lambda: ended(manager.ok("GET", path)), timeout=60, every=0.3)
    assert report["status"] == "completed", report
    file = requests.get(manager.call("GET", f"{path}/download").headers["Location"], timeout=30)
    assert "Трещина в стене" in file.content.decode("utf-8-sig")


def ended(report: dict[str, Any]) -> dict[str, Any] | None:
    """A report that is not being made any more."""
    return report if report["status"] in ("completed", "failed") else None


def clear_away(stack: Stack, manager: UserClient, defect: dict[str, Any], site: dict[str, Any]) -> None:
    """Nothing of a deleted defect is left, and then its site may go too."""
    assert manager.call("DELETE", f"{SITES}/{site['id']}").status_code == 409
    manager.ok("DELETE", f"{DEFECTS}/{defect['id']}")
    asked = {"Bucket": stack.outputs()["FilesBucketName"], "Prefix": f"defects/{defect['id']}/"}
    wait_for(lambda: "Contents" not in stack.client("s3").list_objects_v2(**asked))
    manager.ok("DELETE", f"{SITES}/{site['id']}")


def test_a_site_changes_hands(stack: Stack, people: dict[str, UserClient]) -> None:
    manager, customer = people["manager"], UserClient(stack, "customer")
    site, other = new_site(manager), new_site(manager)
    for place in (site, other):
        manager.ok("POST", DEFECTS, {"site_id": place["id"], "title": "Скол"})
    assert customer.call("GET", f"{SITES}/{site['id']}").status_code == 404
    manager.ok("PATCH", f"{SITES}/{site['id']}", {"customer_id": customer.id})
    seen = wait_for(lambda: customer.ok("GET", DEFECTS)["items"])
    assert [defect["site_id"] for defect in seen] == [site["id"]]
    assert customer.call("GET", f"{SITES}/{other['id']}/progress").status_code == 404


def test_many_writers_at_one_site_and_one_defect(people: dict[str, UserClient]) -> None:
    manager, engineer = people["manager"], people["engineer"]
    site = new_site(manager)
    body = {"site_id": site["id"], "title": "Скол"}
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: manager.ok("POST", DEFECTS, body), range(5)))
        ids = [defect["id"] for defect in made]
        assert len({defect["number"] for defect in made}) == 5
        orders = [{"ids": ids, "assignee_id": engineer.id}] * 2
        answers = list(pool.map(lambda order: manager.ok("POST", f"{DEFECTS}/assign", order), orders))
        path = f"{DEFECTS}/{ids[0]}"
        list(pool.map(lambda text: manager.ok("POST", f"{path}/comments", {"text": text}), "abcdef"))
    assert sorted(answer["failed"] for answer in answers) == [0, 0]
    assert sum(answer["assigned"] for answer in answers) == 5
    assert manager.ok("GET", f"{path}/history")["total"] == 2
    numbers = [comment["number"] for comment in manager.ok("GET", f"{path}/comments")["items"]]
    assert numbers == [6, 5, 4, 3, 2, 1]
    found = manager.ok("GET", f"{SITES}/{site['id']}/progress")
    assert (found["total"], found["by_status"]["assigned"]) == (5, 5)
