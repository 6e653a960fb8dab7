"""The life of a defect: transitions, history and events."""

from typing import Any

import pytest

from chalicelib.analytics import recount
from chalicelib.core.recount import compare
from tests.construction import DEFECTS, SITES, UserClient, react
from tests.production import UNKNOWN, dump, events_of


def history(who: UserClient, defect_id: str) -> list[dict[str, Any]]:
    """What was done to a defect, oldest first."""
    path = f"{DEFECTS}/{defect_id}/history?sort_direction=ASC&limit=100"
    found: list[dict[str, Any]] = who.ok("GET", path)["items"]
    return found


def exact() -> None:
    """Everything that is counted is what there is."""
    for counts in recount._everything_counted():
        wrong, moved, _ = compare(counts)
        assert (counts.title, wrong, moved) == (counts.title, {}, set())


def test_response_has_the_allowed_actions_of_the_actor() -> None:
    manager, engineer, customer = UserClient("manager"), UserClient("engineer"), UserClient("customer")
    made = UserClient("engineer").defect(manager.site(customer_id=customer.id)["id"])
    path = f"{DEFECTS}/{made['id']}"

    def allowed(who: UserClient) -> list[Any]:
        one, (listed,) = who.ok("GET", path), who.ok("GET", DEFECTS)["items"]
        assert one == listed
        return [one[name] for name in ("allowed_moves", "can_edit", "can_assign")]

    assert (made["allowed_moves"], made["can_edit"], made["can_assign"]) == (["rejected"], True, False)
    assert allowed(manager) == [["rejected"], True, True]
    assert allowed(engineer) == [[], False, False]
    assert manager.assign(made["id"], engineer.id)["allowed_moves"] == ["in_progress", "rejected"]
    assert allowed(engineer) == [["in_progress"], True, False]
    assert allowed(customer) == [[], False, False]
    manager.move(made["id"], "rejected")
    assert allowed(manager) == [["reopened"], False, False]


def test_from_found_to_closed() -> None:
    manager, engineer, inspector = UserClient("manager"), UserClient("engineer", name="Вера"), UserClient("engineer")
    site = manager.site()
    made = inspector.defect(site["id"], severity="high", location="Этаж 3", description="Длина 2 м")
    assert (made["number"], made["status"], made["assignee"], made["version"]) == (1, "new", None, 1)
    assert made["reporter"] == {"id": inspector.id, "name": "Анна"}
    given = manager.assign(made["id"], engineer.id, due_date="2030-01-31")
    assert (given["status"], given["assignee"]["name"], given["due_date"]) == ("assigned", "Вера", "2030-01-31")
    engineer.move(made["id"], "in_progress", "fixed")
    inspector.ok("PUT", f"{DEFECTS}/{made['id']}/status", {"status": "verified", "comment": "Принято"})
    closed = manager.move(made["id"], "closed")
    assert closed["status"] == "closed"
    assert closed["fixed_at"] < closed["closed_at"] == closed["updated_at"]
    log = history(manager, made["id"])
    assert [entry["number"] for entry in log] == [1, 2, 3, 4, 5, 6]
    assert [entry["action"] for entry in log] == ["created", "assigned", *["status_changed"] * 4]
    assert [entry["by"]["id"] for entry in log] == [
        inspector.id, manager.id, engineer.id, engineer.id, inspector.id, manager.id,
    ]  # fmt: skip
    assert {change["field"]: change["to"] for change in log[0]["changes"]} == {
        "title": "Трещина в стене", "description": "Длина 2 м", "location": "Этаж 3", "severity": "high",
        "status": "new",
    }  # fmt: skip
    assert log[1]["changes"] == [
        {"field": "status", "from": "new", "to": "assigned"},
        {"field": "assignee", "from": None, "to": {"id": engineer.id, "name": "Вера"}},
        {"field": "due_date", "from": None, "to": "2030-01-31"},
    ]
    assert log[4]["changes"] == [{"field": "status", "from": "fixed", "to": "verified"}]
    assert log[4]["comment"] == "Принято"
    events = events_of(f"defect#{made['id']}")
    assert [name for name, _ in events] == [
        "defect.created", "defect.assigned", "defect.status_changed", "defect.status_changed", "defect.status_changed",
        "defect.commented", "defect.status_changed", "defect.status_changed",
    ]  # fmt: skip
    assert events[1][1]["assignee_id"] == engineer.id
    assert (events[-1][1]["old_status"], events[-1][1]["new_status"]) == ("verified", "closed")
    exact()


def test_refused_transition_writes_nothing() -> None:
    manager, engineer, other = UserClient("manager"), UserClient("engineer"), UserClient("engineer")
    defect = engineer.defect(manager.site()["id"])
    path = f"{DEFECTS}/{defect['id']}/status"
    manager.assign(defect["id"], engineer.id)
    before = dump()
    assert "возможны" in manager.refused(409, "PUT", path, {"status": "closed"})
    assert "in_progress" in other.refused(403, "PUT", path, {"status": "in_progress"})
    UserClient("executive").refused(403, "PUT", path, {"status": "in_progress"})
    UserClient("customer").refused(403, "PUT", path, {"status": "in_progress"})
    assert "status" in manager.refused(400, "PUT", path, {"status": "done"})
    after = dump()
    assert {name for name in after if after[name] != before[name]} == {
        name for name in after if name.endswith(("users", "claims", "counters", "events"))
    }  # of those who came along
    engineer.move(defect["id"], "in_progress", "fixed")
    assert "не тот" in engineer.refused(403, "PUT", path, {"status": "verified"})


def test_managers_assign_and_engineers_are_assignable() -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    site = manager.site()
    defect = engineer.defect(site["id"])
    path = f"{DEFECTS}/{defect['id']}/assignee"
    assert "assignee_id" in manager.refused(400, "PUT", path, {"assignee_id": UserClient("customer").id})
    assert manager.refused(404, "PUT", path, {"assignee_id": UNKNOWN}) == "Пользователь не найден"
    engineer.refused(403, "PUT", path, {"assignee_id": engineer.id})
    body = {"site_id": site["id"], "title": "Скол", "assignee_id": engineer.id}
    assert "assignee_id" in engineer.refused(403, "POST", DEFECTS, body)
    made = manager.ok("POST", DEFECTS, body)
    assert (made["status"], made["assignee"]["id"]) == ("assigned", engineer.id)
    names = [name for name, _ in events_of(f"defect#{made['id']}")]
    assert names == ["defect.created", "defect.assigned", "defect.status_changed"]
    # another one begins anew
    engineer.move(made["id"], "in_progress")
    assert manager.assign(made["id"], manager.id)["status"] == "assigned"
    exact()


def test_many_are_assigned_at_once_each_by_itself() -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    site = manager.site()
    fresh, given, done = (manager.defect(site["id"])["id"] for _ in range(3))
    manager.assign(given, engineer.id)
    manager.move(done, "rejected")
    body = {"ids": [fresh, given, done, UNKNOWN, fresh], "assignee_id": engineer.id}
    answer = manager.ok("POST", f"{DEFECTS}/assign", body)
    assert [(one["id"], one["outcome"]) for one in answer["results"]] == [
        (fresh, "assigned"), (given, "unchanged"), (done, "failed"), (UNKNOWN, "failed"),
    ]  # fmt: skip
    assert (answer["assigned"], answer["unchanged"], answer["failed"]) == (1, 1, 2)
    assert answer["results"][3]["error"] == "Дефект не найден"
    again = manager.ok("POST", f"{DEFECTS}/assign", body | {"due_date": "2030-01-01"})
    assert (again["assigned"], again["unchanged"]) == (2, 0)
    assert len(history(manager, fresh)) == 3
    for ids in ([], [UNKNOWN] * 101, ["x"]):
        assert "ids" in manager.refused(400, "POST", f"{DEFECTS}/assign", body | {"ids": ids})
    UserClient("engineer").refused(403, "POST", f"{DEFECTS}/assign", body)
    exact()


def test_reporter_edits_and_other_engineers_do_not() -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    defect = engineer.defect(manager.site()["id"], location="Этаж 1")
    path = f"{DEFECTS}/{defect['id']}"
    changed = engineer.ok("PATCH", path, {"title": "Протечка", "location": None, "severity": "critical"})
    assert (changed["title"], changed["location"], changed["severity"], changed["version"]) == (
        "Протечка", None, "critical", 2,
    )  # fmt: skip
    assert engineer.ok("PATCH", path, {"title": None, "severity": "critical"})["version"] == 2
    UserClient("engineer").refused(403, "PATCH", path, {"title": "Нет"})
    assert "due_date" in engineer.refused(403, "PATCH", path, {"due_date": "2030-01-01"})
    assert manager.ok("PATCH", path, {"due_date": "2030-01-01"})["due_date"] == "2030-01-01"
    assert manager.ok("PATCH", path, {"due_date": None})["due_date"] is None
    assert "версия 4" in manager.refused(409, "PATCH", path, {"title": "Поздно", "version": 3})
    assert "версия 4" in manager.refused(409, "PUT", f"{path}/status", {"status": "rejected", "version": 1})
    manager.move(defect["id"], "rejected")
    manager.refused(409, "PATCH", path, {"title": "Поздно"})
    for body, named in (({"title": ""}, "title"), ({"due_date": "завтра"}, "due_date"), ({"severity": 1}, "severity")):
        assert named in manager.refused(400, "PATCH", path, body)
    exact()


def test_comments_count_and_page_both_ways() -> None:
    manager = UserClient("manager")
    defect = manager.defect(manager.site()["id"])
    path = f"{DEFECTS}/{defect['id']}/comments"
    for number in range(1, 6):
        assert manager.ok("POST", path, {"text": f"{number}"})["number"] == number
    page = manager.ok("GET", f"{path}?limit=2")
    assert ([item["text"] for item in page["items"]], page["total"]) == (["5", "4"], 5)
    rest = manager.ok("GET", f"{path}?limit=3&cursor={page['next_cursor']}")
    assert ([item["text"] for item in rest["items"]], rest["next_cursor"]) == (["3", "2", "1"], None)
    upwards = manager.ok("GET", f"{path}?limit=2&offset=3&sort_direction=ASC")
    assert ([item["text"] for item in upwards["items"]], upwards["next_cursor"]) == (["4", "5"], None)
    assert manager.ok("GET", f"{path}?offset=99")["items"] == []
    assert "cursor" in manager.refused(400, "GET", f"{path}?cursor=abc")
    assert "text" in manager.refused(400, "POST", path, {"text": "x" * 4_001})
    shown = manager.ok("GET", f"{DEFECTS}/{defect['id']}")
    assert (shown["comments"], shown["version"]) == (5, 1)  # a comment does not outdate the version of others


def test_customer_sees_and_comments_defects_of_own_sites() -> None:
    manager, customer, other = UserClient("manager"), UserClient("customer"), UserClient("customer")
    site = manager.site(customer_id=customer.id)
    mine, theirs = manager.defect(site["id"]), manager.defect(manager.site()["id"])
    assert customer.ids() == [mine["id"]]
    path = f"{DEFECTS}/{mine['id']}"
    for part in ("", "/history", "/comments", "/attachments"):
        customer.ok("GET", path + part)
        assert customer.refused(404, "GET", f"{DEFECTS}/{theirs['id']}{part}") == "Дефект не найден"
    customer.ok("POST", f"{path}/comments", {"text": "Когда будет готово?"})
    customer.refused(404, "POST", f"{DEFECTS}/{theirs['id']}/comments", {"text": "?"})
    customer.refused(403, "PATCH", path, {"title": "Мое"})
    customer.refused(403, "POST", DEFECTS, {"site_id": site["id"], "title": "Мое"})
    # the site changes hands: the old customer sees nothing from then on, the new one what follows
    manager.ok("PATCH", f"{SITES}/{site['id']}", {"customer_id": other.id})
    assert customer.ok("GET", DEFECTS)["items"] == []
    customer.refused(404, "GET", path)
    assert other.ok("GET", path)["id"] == mine["id"]
    react(times=2)
    assert (customer.ids(), other.ids()) == ([], [mine["id"]])
    exact()


def test_a_finished_site_takes_no_new_defects_and_an_unknown_one_neither() -> None:
    manager = UserClient("manager")
    site = manager.site(status="finished")
    body = {"site_id": site["id"], "title": "Скол"}
    assert "завершен" in manager.refused(409, "POST", DEFECTS, body)
    assert manager.refused(404, "POST", DEFECTS, body | {"site_id": UNKNOWN}) == "Объект не найден"
    UserClient("executive").refused(403, "POST", DEFECTS, body)
    UserClient("user").refused(403, "GET", DEFECTS)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_defect_is_404_and_no_uuid_400(method: str) -> None:
    manager = UserClient("manager")
    assert manager.refused(404, method, f"{DEFECTS}/{UNKNOWN}") == "Дефект не найден"
    assert "defect_id" in manager.refused(400, method, f"{DEFECTS}/17")
