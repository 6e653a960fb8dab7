"""What all endpoints have in common: ETags and conditions, links on lists, gzip, CORS."""

import gzip
import json
from collections.abc import Iterator
from contextvars import Context
from typing import Any

import pytest

from chalicelib.core import conditional
from chalicelib.core.settings import settings
from tests.production import ask, batch, empty_tables, nothing_written, ok, work_center

PAGE = "https://shop.example"


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()
    settings.cache_clear()


def path_of(center: dict[str, Any]) -> str:
    return f"/api/work_centers/{center['uuid']}"


def test_a_thing_has_a_tag_and_is_not_sent_again_while_it_is_the_same() -> None:
    place = path_of(work_center())
    tag = ask("GET", place).headers["ETag"]
    again = ask("GET", place, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    ok("PATCH", place, {"name": "Цех №2"})
    fresh = ask("GET", place, headers={"If-None-Match": tag})
    assert (fresh.status, fresh.json["name"]) == (200, "Цех №2")
    assert fresh.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/api/work_centers?limit=1", "/v1/users/profile", "/orders/my-stats", "/api/events"])
def test_what_is_asked_for_again_and_again_is_not_sent_again_while_it_is_the_same(path: str) -> None:
    work_center()
    tag = ask("GET", path).headers["ETag"]
    again = ask("GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)


def test_what_was_not_sent_again_says_what_it_depends_on() -> None:
    english = {"Accept-Language": "en"}
    first = ask("GET", "/api/events", headers=english)
    again = ask("GET", "/api/events", headers=english | {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.headers["Content-Language"]) == (304, "en")
    assert "Accept-Language" in again.headers["Vary"]


def test_a_list_with_another_item_is_sent_again() -> None:
    tag = ask("GET", "/api/work_centers").headers["ETag"]
    work_center()
    assert ask("GET", "/api/work_centers", headers={"If-None-Match": tag}).status == 200


def test_who_has_seen_what_is_there_may_change_it_and_learns_the_new_tag() -> None:
    place = path_of(work_center())
    changed = ask("PATCH", place, {"name": "Цех №2"}, {"If-Match": ask("GET", place).headers["ETag"]})
    assert (changed.status, changed.json["name"]) == (200, "Цех №2")
    assert changed.headers["ETag"] == ask("GET", place).headers["ETag"]


@pytest.mark.parametrize("condition", ['"something-else"', 'W/"x"', '""', '"a", "b"'])
def test_who_has_not_is_told_to_look_again(condition: str) -> None:
    place = path_of(work_center())
    with nothing_written():
        refused = ask("PATCH", place, {"name": "Цех №2"}, {"If-Match": condition})
    assert (refused.status, list(refused.json)) == (412, ["detail"])


def test_any_tag_will_do_for_a_star() -> None:
    assert ask("PATCH", path_of(work_center()), {"name": "Цех №2"}, {"If-Match": "*"}).status == 200


def test_a_user_quicker_between_the_look_and_the_write_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    place = path_of(work_center())
    tag = ask("GET", place).headers["ETag"]
    names = conditional.etag_matches

    def slow(header: str, found: str, *, weak: bool = False) -> bool:
        monkeypatch.setattr(conditional, "etag_matches", names)
        Context().run(ok, "PATCH", place, {"name": "Быстрый"})  # another request
        return names(header, found, weak=weak)

    monkeypatch.setattr(conditional, "etag_matches", slow)
    assert ask("PATCH", place, {"name": "Медленный"}, {"If-Match": tag}).status == 412
    assert ok("GET", place)["name"] == "Быстрый"


def test_the_tag_of_a_thing_guards_what_is_done_to_it() -> None:
    made = batch()
    place = f"/api/batches/{made['uuid']}"
    tag = ask("GET", place).headers["ETag"]
    assert ask("POST", f"{place}/products", {"unique_code": "A"}, {"If-Match": tag}).status == 200
    assert ask("PATCH", f"{place}/close", None, {"If-Match": tag}).status == 412
    assert not ok("GET", place)["is_closed"]


def test_lists_link_to_the_pages_beside() -> None:
    for _ in range(5):
        work_center()
    middle = ask("GET", "/api/work_centers?limit=2&offset=2&sort_field=name")
    assert middle.headers["Link"] == (
        '<?limit=2&sort_field=name&offset=0>; rel="prev", <?limit=2&sort_field=name&offset=4>; rel="next"'
    )
    first, last = ask("GET", "/api/work_centers?limit=2"), ask("GET", "/api/work_centers?limit=2&offset=4")
    assert first.headers["Link"] == '<?limit=2&offset=2>; rel="next"'
    assert last.headers["Link"] == '<?limit=2&offset=2>; rel="prev"'
    by_cursor = ask("GET", f"/api/work_centers?limit=2&cursor={first.json['next_cursor']}")
    assert by_cursor.headers["Link"] == f'<?limit=2&cursor={by_cursor.json["next_cursor"]}>; rel="next"'
    assert "Link" not in ask("GET", "/api/work_centers?limit=25").headers


def test_what_is_long_comes_compressed_to_who_can_read_it() -> None:
    for _ in range(12):
        work_center()
    path = "/api/work_centers"
    plain, packed = ask("GET", path), ask("GET", path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert json.loads(gzip.decompress(packed.body)) == plain.json
    assert len(packed.body) < len(plain.body) / 3
    for header in ("gzip;q=0", "br", "identity"):
        assert "Content-Encoding" not in ask("GET", path, headers={"Accept-Encoding": header}).headers
    assert "Content-Encoding" not in ask("GET", f"{path}?limit=1", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize(("setting", "allowed"), [("*", "*"), (f"https://a.example, {PAGE}", PAGE), ("", None)])
def test_pages_of_other_origins_may_call_where_the_setting_says_so(
    setting: str, allowed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", setting)
    settings.cache_clear()
    answer = ask("GET", "/api/work_centers", headers={"Origin": PAGE})
    asked = ask("OPTIONS", "/api/work_centers", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert (asked.status, asked.headers.get("Access-Control-Allow-Origin")) == (204, allowed)
    assert ("Access-Control-Allow-Methods" in asked.headers) == (allowed is not None)
