"""Lists of users, API keys, quotas, orders, sites and defects."""

from datetime import timedelta

from chalicelib.core import clock
from chalicelib.core.actor import ROLES
from chalicelib.defects.totals import monday_of
from chalicelib.quotas import model as quotas_model
from chalicelib.quotas import store as quotas_store
from tests.integration.large_lists.lists import COMMENT, EMAIL_HOST, NAME, TEXT, WIDE, Filled, fills, write
from tests.production import ok


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
    this_week = monday_of(clock.now())
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
