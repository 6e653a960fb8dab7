"""Attachments of defects: announced, uploaded past us, fetched, removed; and what deleting a defect leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.defects import attachments, follow_up, records, store
from tests.construction import DEFECTS, Somebody, files, react
from tests.production import UNKNOWN, dump, events_of
from tests.trap import Died, after_write, die

PHOTO = {"name": "Стена 1.jpg", "content_type": "image/jpeg", "size": 5}


def upload(place: dict[str, Any], content: bytes = b"photo") -> None:
    """What the form would do: moto takes no forms without a server."""
    client("s3").put_object(Bucket=settings().files_bucket, Key=place["upload"]["fields"]["key"], Body=content)


def defect_of(who: Somebody) -> tuple[dict[str, Any], str]:
    """A defect, and where its attachments are."""
    defect = who.defect(who.site()["id"])
    return defect, f"{DEFECTS}/{defect['id']}/attachments"


def test_a_file_is_there_when_it_was_uploaded_and_not_before() -> None:
    manager = Somebody("manager")
    defect, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    assert (place["uploaded"], place["size"], place["author"]["id"]) == (False, 5, manager.id)
    assert manager.ok("GET", path)["items"][0]["uploaded"] is False
    assert manager.refused(409, "GET", f"{path}/{place['id']}") == "Файл еще не загружен"
    upload(place, b"xyz")
    (shown,) = manager.ok("GET", path)["items"]
    assert (shown["uploaded"], shown["size"], shown["name"]) == (True, 3, "Стена 1.jpg")
    answer = manager.ask("GET", f"{path}/{place['id']}")
    assert answer.status == 302
    link = answer.headers["Location"]
    assert f"defects/{defect['id']}/{place['id']}" in link
    assert "response-content-type=image%2Fjpeg" in link and "attachment%3B" in link
    assert [name for name, _ in events_of(f"defect#{defect['id']}")] == ["defect.created", "defect.attachment_added"]


def test_the_form_takes_what_was_announced_and_no_more() -> None:
    import base64
    import json

    manager = Somebody("manager")
    _, path = defect_of(manager)
    fields = manager.ok("POST", path, PHOTO)["upload"]["fields"]
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert ["content-length-range", 1, 5] in conditions


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"size": 10 * 1024 * 1024 + 1}, "size"),
        ({"size": 0}, "size"),
        ({"content_type": "text/html"}, "content_type"),
        ({"name": "стена.exe"}, "name"),
        ({"name": "стена"}, "name"),
        ({"name": None}, "name"),
    ],
)
def test_what_may_not_be_attached(changes: dict[str, Any], named: str) -> None:
    manager = Somebody("manager")
    _, path = defect_of(manager)
    assert named in manager.refused(400, "POST", path, PHOTO | changes)


def test_there_may_be_so_many_and_places_nobody_used_are_forgotten(
    later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attachments.MOST == 20
    monkeypatch.setattr(attachments, "MOST", 3)
    manager = Somebody("manager")
    _, path = defect_of(manager)
    places = [manager.ok("POST", path, PHOTO) for _ in range(attachments.MOST)]
    upload(places[0])
    assert "не более 3" in manager.refused(409, "POST", path, PHOTO)
    later(minutes=30)
    assert [item["id"] for item in manager.ok("GET", path)["items"]] == [places[0]["id"]]
    new = manager.ok("POST", path, PHOTO)
    assert {item["id"] for item in manager.ok("GET", path)["items"]} == {places[0]["id"], new["id"]}
    assert len(records.attachments(path.split("/")[4])) == 2


def test_ones_own_is_removed_and_others_by_a_manager() -> None:
    manager, engineer = Somebody("manager"), Somebody("engineer")
    defect, path = defect_of(manager)
    mine, theirs = engineer.ok("POST", path, PHOTO), manager.ok("POST", path, PHOTO)
    for place in (mine, theirs):
        upload(place)
    engineer.refused(403, "DELETE", f"{path}/{theirs['id']}")
    engineer.ok("DELETE", f"{path}/{mine['id']}")
    manager.ok("DELETE", f"{path}/{theirs['id']}")
    assert manager.refused(404, "DELETE", f"{path}/{theirs['id']}") == "Вложение не найдено"
    manager.refused(404, "GET", f"{path}/{UNKNOWN}")
    react(times=2)
    assert files() == []
    log = manager.ok("GET", f"{DEFECTS}/{defect['id']}/history")["items"]
    assert [entry["action"] for entry in log] == [*["attachment_removed"] * 2, *["attachment_added"] * 2, "created"]
    assert log[0]["changes"] == [{"field": "attachment", "from": "Стена 1.jpg", "to": None}]


def test_a_deleted_defect_leaves_nothing_however_often_its_purge_dies() -> None:
    manager = Somebody("manager")
    defect, path = defect_of(manager)
    manager.ok("POST", f"{DEFECTS}/{defect['id']}/comments", {"text": "Посмотрите"})
    for _ in range(2):
        upload(manager.ok("POST", path, PHOTO))
    Somebody("engineer").refused(403, "DELETE", f"{DEFECTS}/{defect['id']}")
    manager.ok("DELETE", f"{DEFECTS}/{defect['id']}")
    assert len(files()) == 2
    write = 1
    while True:
        try:
            with after_write(write, die):
                follow_up.purge({"defect_id": defect["id"]})
            break
        except Died:
            write += 1 if write < 3 else 0
    react(times=2)
    assert files() == []
    assert [name for name, items in dump().items() if items and "defect_" in name and "totals" not in name] == []
    assert manager.ids() == []


def test_handing_over_may_die_after_any_write_and_waits_for_a_lagging_index(monkeypatch: pytest.MonkeyPatch) -> None:
    manager, customer = Somebody("manager"), Somebody("customer")
    site = manager.site()
    for _ in range(3):
        manager.defect(site["id"])
    manager.ok("PATCH", f"/api/v1/sites/{site['id']}", {"customer_id": customer.id})
    data = {"site_id": site["id"], "changed": ["customer_id"]}
    for _ in range(2):
        with pytest.raises(Died), after_write(1, die):
            follow_up.follow_customer(data)
    assert len(customer.ids()) == 2
    follow_up.follow_customer(data)
    before = dump()
    follow_up.follow_customer(data)
    follow_up.follow_customer(data | {"changed": ["name"]})
    assert dump() == before
    assert len(customer.ids()) == 3
    monkeypatch.setattr(store, "every", lambda *_args, **_filters: iter(()))
    with pytest.raises(Unavailable):
        follow_up.follow_customer(data)
