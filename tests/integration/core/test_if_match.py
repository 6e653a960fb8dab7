"""`If-Match` on every route that writes to a thing: a write with an old tag changes nothing.

The second client is quicker just between the comparison of the tag and the write, and everything that a request writes
on the side is due at every call.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from chalicelib.core import conditional
from chalicelib.core.aws import client
from chalicelib.core.http import ENDPOINTS
from tests.integration.core.writing_routes import ROUTES, body_of, request, things_in_tables
from tests.production import ask

pytestmark = pytest.mark.usefixtures("empty_after_test")

WRITERS = 50


def before_the_write(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """`happens` is called once, when the tag of the next request has been found to be right."""
    compare = conditional.etag_matches

    def slow(header: str, found: str, *, weak: bool = False) -> bool:
        matches = compare(header, found, weak=weak)
        monkeypatch.setattr(conditional, "etag_matches", compare)
        assert matches
        happens()
        return matches

    monkeypatch.setattr(conditional, "etag_matches", slow)


def test_every_route_that_writes_to_a_thing_is_here() -> None:
    writing = {one.name for one in ENDPOINTS if one.changes_resource}
    assert set(ROUTES) == writing


@pytest.mark.parametrize("name", ROUTES)
def test_change_between_comparison_and_write_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    tag = ask("GET", things.thing).headers["ETag"]
    left: list[object] = []

    def quicker() -> None:
        things.other()
        left.append(things_in_tables())

    before_the_write(monkeypatch, quicker)
    late = request(name.split()[0], things.asked, body, tag)
    assert late.status == 412, late.text
    assert [things_in_tables()] == left


@pytest.mark.parametrize("name", ROUTES)
def test_one_of_two_with_one_tag_wins(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    route, method = ROUTES[name], name.split()[0]
    things, body = route.make(), body_of(name)
    tag = ask("GET", things.thing).headers["ETag"]
    quick = []
    before_the_write(monkeypatch, lambda: quick.append(request(method, things.asked, body, tag)))
    late = request(method, things.asked, body, tag)
    assert quick[0].status < 300, quick[0].text
    if route.leaves:
        assert conditional.etag_matches(tag, ask("GET", things.thing).headers["ETag"])
        assert late.status < 300 or late.status == 409, late.text
    else:
        assert late.status == 412, late.text


@pytest.mark.parametrize("name", ROUTES)
def test_who_has_seen_what_is_there_may_write(name: str) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    things.other()
    seen = ask("GET", things.thing)
    if seen.status == 200:
        done = request(name.split()[0], things.asked, body, seen.headers["ETag"])
        assert done.status < 300 or done.status == 409, done.text


CONTENDED = [
    "PATCH /api/work_centers/{work_center_id}",
    "PATCH /api/batches/{batch_id}",
    "POST /api/batches/{batch_id}/products",
    "DELETE /api/batches/{batch_id}/products/{product_id}",
    "PATCH /api/batches/{batch_id}/aggregate",
    "PATCH /api/webhooks/{subscription_id}",
    "PUT /api/v1/templates/{template_id}",
    "PATCH /api/v1/tasks/{task_id}",
    "POST /api/v1/defects/{defect_id}/comments",
    "PUT /users/{user_id}",
    "PUT /orders/{order_id}",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTENDED)
def test_one_of_fifty_with_one_tag_wins(name: str) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    tag = ask("GET", things.thing).headers["ETag"]
    client("dynamodb")
    together = Barrier(WRITERS)

    def write(_: int) -> int:
        together.wait()
        return request(name.split()[0], things.asked, body, tag).status

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = list(pool.map(write, range(WRITERS)))
    assert sum(status < 300 for status in statuses) == 1
    busy = {409} if name.endswith("/aggregate") else set()  # while the one that wins is at it
    assert {status for status in statuses if status >= 300} <= {412} | busy
