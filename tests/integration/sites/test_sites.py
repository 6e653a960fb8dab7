"""Sites through the API: unique codes, whose they are, what holds them."""

import pytest

from chalicelib.core.recount import ListCounters, compare
from chalicelib.sites.store import SITES as LIST
from tests.construction import SITES, UserClient
from tests.production import UNKNOWN, events_of


def test_a_site_is_made_read_changed_and_deleted() -> None:
    manager = UserClient("manager")
    site = manager.site(code="ЖК-1", name="Дом", address="Москва, ул. Строителей, 1")
    assert (site["status"], site["customer_id"], site["version"]) == ("active", None, 1)
    path = f"{SITES}/{site['id']}"
    assert manager.ok("GET", path) == site
    changed = manager.ok("PATCH", path, {"name": "Дом 2", "status": "finished"})
    assert (changed["name"], changed["status"], changed["version"]) == ("Дом 2", "finished", 2)
    assert manager.ok("PATCH", path, {"address": None})["address"] is None
    assert manager.ok("PATCH", path, {"name": "Дом 2", "code": None})["version"] == 3  # nothing new
    assert manager.ok("DELETE", path) is None
    assert manager.refused(404, "GET", path) == "Объект не найден"
    names = [name for name, _ in events_of(f"site#{site['id']}")]
    assert names == ["site.created", "site.updated", "site.updated", "site.deleted"]


def test_a_code_is_unique_and_free_again_after_a_change_or_the_end() -> None:
    manager = UserClient("manager")
    first = manager.site(code="A")
    assert "«A»" in manager.refused(409, "POST", SITES, {"code": "A", "name": "Еще"})
    manager.ok("PATCH", f"{SITES}/{first['id']}", {"code": "B"})
    second = manager.site(code="A")
    assert "«A»" in manager.refused(409, "PATCH", f"{SITES}/{first['id']}", {"code": "A"})
    manager.ok("DELETE", f"{SITES}/{second['id']}")
    manager.ok("PATCH", f"{SITES}/{first['id']}", {"code": "A"})


def test_a_change_of_what_one_has_not_seen_is_refused() -> None:
    manager = UserClient("manager")
    path = f"{SITES}/{manager.site()['id']}"
    manager.ok("PATCH", path, {"name": "Один", "version": 1})
    assert "версия 2" in manager.refused(409, "PATCH", path, {"name": "Два", "version": 1})
    assert manager.ok("PATCH", path, {"name": "Два", "version": 2})["version"] == 3


def test_a_customer_sees_his_own_sites_and_no_others() -> None:
    manager, customer, other = UserClient("manager"), UserClient("customer"), UserClient("customer")
    mine, theirs = manager.site(customer_id=customer.id), manager.site(customer_id=other.id)
    manager.site()
    assert customer.ids(path=SITES) == [mine["id"]]
    assert customer.ids(f"customer_id={other.id}", SITES) == [mine["id"]]
    assert customer.ok("GET", f"{SITES}/{mine['id']}") == mine
    for path in (f"{SITES}/{theirs['id']}", f"{SITES}/{theirs['id']}/progress"):
        assert customer.refused(404, "GET", path) == "Объект не найден"
    assert len(UserClient("customer", "engineer").ids(path=SITES)) == 3
    manager.ok("PATCH", f"{SITES}/{mine['id']}", {"customer_id": other.id})
    assert customer.ids(path=SITES) == []
    assert set(other.ids(path=SITES)) == {mine["id"], theirs["id"]}


def test_the_customer_of_a_site_has_to_be_one() -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
    body = {"code": "A", "name": "Дом"}
    assert "customer_id" in manager.refused(400, "POST", SITES, body | {"customer_id": engineer.id})
    assert manager.refused(404, "POST", SITES, body | {"customer_id": UNKNOWN}) == "Пользователь не найден"
    assert "customer_id" in manager.refused(400, "POST", SITES, body | {"customer_id": "x"})


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"name": "Дом"}, "code"),
        ({"code": " ", "name": "Дом"}, "code"),
        ({"code": "A", "name": "x" * 201}, "name"),
        ({"code": "A", "name": "Дом", "status": "gone"}, "status"),
    ],
)
def test_errors_name_the_field(body: dict[str, str], named: str) -> None:
    assert named in UserClient("manager").refused(400, "POST", SITES, body)


def test_a_site_with_defects_stays() -> None:
    manager = UserClient("manager")
    site = manager.site()
    defect = manager.defect(site["id"])
    assert "status: finished" in manager.refused(409, "DELETE", f"{SITES}/{site['id']}")
    manager.ok("DELETE", f"/api/v1/defects/{defect['id']}")
    manager.ok("DELETE", f"{SITES}/{site['id']}")


def test_lists_sort_filter_and_count() -> None:
    manager = UserClient("manager")
    made = {code: manager.site(code=code, name=f"Дом {code}")["id"] for code in "CAB"}
    manager.ok("PATCH", f"{SITES}/{made['A']}", {"status": "finished"})
    assert manager.ids("sort_field=code&sort_direction=ASC", SITES) == [made[code] for code in "ABC"]
    assert manager.ids("status=finished", SITES) == [made["A"]]
    assert manager.ids("code=B", SITES) == [made["B"]]
    page = manager.ok("GET", f"{SITES}?limit=2&sort_field=name&sort_direction=ASC")
    rest = manager.ok("GET", f"{SITES}?limit=2&sort_field=name&sort_direction=ASC&cursor={page['next_cursor']}")
    assert [item["code"] for item in page["items"] + rest["items"]] == ["A", "B", "C"]
    assert (page["total"], rest["next_cursor"]) == (3, None)
    assert "sort_field" in manager.refused(400, "GET", f"{SITES}?sort_field=address")
    wrong, moved, _ = compare(ListCounters(LIST))
    assert (wrong, moved) == ({}, set())
