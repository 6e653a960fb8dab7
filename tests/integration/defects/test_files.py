"""Attachments of defects: announced, uploaded past us, fetched, removed; and what deleting a defect leaves behind."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.http import ENDPOINTS
from chalicelib.core.settings import settings
from chalicelib.defects import attachments, follow_up, records, store
from chalicelib.defects import files as attachment_files
from tests.aws_calls import Call, patch_calls
from tests.construction import DEFECTS, UserClient, files, react
from tests.crash_injection import Died, after_write, die
from tests.production import UNKNOWN, dump, events_of

PHOTO = {"name": "Стена 1.jpg", "content_type": "image/jpeg", "size": 5}


def upload(place: dict[str, Any], content: bytes = b"photo") -> None:
    """What the form would do: moto takes no forms without a server."""
    client("s3").put_object(Bucket=settings().files_bucket, Key=place["upload"]["fields"]["key"], Body=content)


def defect_of(who: UserClient) -> tuple[dict[str, Any], str]:
    """A defect, and where its attachments are."""
    defect = who.defect(who.site()["id"])
    return defect, f"{DEFECTS}/{defect['id']}/attachments"


def test_a_file_is_there_when_it_was_uploaded_and_not_before() -> None:
    manager = UserClient("manager")
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


def content(who: UserClient, path: str, place: dict[str, Any]) -> bytes:
    """What the link of an attachment leads to."""
    link = who.ask("GET", f"{path}/{place['id']}").headers["Location"]
    key = urlsplit(link).path.partition("defects/")[2]
    body: bytes = client("s3").get_object(Bucket=settings().files_bucket, Key=f"defects/{key}")["Body"].read()
    return body


@pytest.fixture
def exact_copies(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Copies are made of the object that was named, as S3 does, moto does not; the functions here happen before one."""
    happens: list[Callable[[], None]] = []

    def around(real: Call) -> Call:
        def call(s3: Any, operation: str, arguments: Any) -> Any:
            if operation == "CopyObject":
                if happens:
                    happens.pop()()
                there = real(s3, "HeadObject", {**arguments["CopySource"]})
                if there["ETag"] != arguments["CopySourceIfMatch"]:
                    raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": ""}}, operation)
            return real(s3, operation, arguments)

        return call

    patch_calls(monkeypatch, around)
    return happens


@pytest.mark.parametrize("see", ["list", "link"])
def test_what_was_seen_once_is_not_replaced_by_the_form(see: str, exact_copies: list[Callable[[], None]]) -> None:
    manager = UserClient("manager")
    _, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place, b"one")
    upload(place, b"two2")  # before the first read
    if see == "list":
        assert manager.ok("GET", path)["items"][0]["size"] == 4
    else:
        assert content(manager, path, place) == b"two2"
    upload(place, b"three")
    assert manager.ok("GET", path)["items"][0]["size"] == 4
    assert content(manager, path, place) == b"two2"


def test_upload_replaced_during_the_first_read_is_read_completely(exact_copies: list[Callable[[], None]]) -> None:
    manager = UserClient("manager")
    _, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place, b"one")
    exact_copies.append(lambda: upload(place, b"later"))
    assert manager.ok("GET", path)["items"][0]["size"] == 5
    assert content(manager, path, place) == b"later"


def test_two_concurrent_first_reads_get_the_same_file(exact_copies: list[Callable[[], None]]) -> None:
    manager = UserClient("manager")
    defect, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place, b"one")
    mine, others = (records.attachment(defect["id"], place["id"]) for _ in range(2))
    assert mine and others
    exact_copies.append(lambda: (upload(place, b"later"), attachment_files.size_of(others))[0])
    assert (attachment_files.size_of(mine), attachment_files.size_of(others)) == (5, 5)
    assert content(manager, path, place) == b"later"


def test_stale_record_does_not_replace_the_stored_file() -> None:
    manager = UserClient("manager")
    defect, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place, b"one")
    late = records.attachment(defect["id"], place["id"])
    assert late and manager.ok("GET", path)["items"][0]["size"] == 3
    upload(place, b"later")
    assert attachment_files.size_of(late) == 3
    assert content(manager, path, place) == b"one"


def test_the_form_leaves_nothing_of_an_attachment_that_was_removed(exact_copies: list[Callable[[], None]]) -> None:
    manager = UserClient("manager")
    _, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place)
    exact_copies.append(lambda: (manager.ok("DELETE", f"{path}/{place['id']}"), react())[1])
    with suppress(ClientError):
        manager.ask("GET", path)
    assert files() == []
    upload(place)  # under `work/`, which the bucket empties after a day
    assert manager.ok("GET", path)["items"] == []
    assert files() == [f"work/attachments/{place['id']}"]


def test_the_sweep_removes_files_without_a_record_and_no_others(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    manager = UserClient("manager")
    defect, path = defect_of(manager)
    place = manager.ok("POST", path, PHOTO)
    upload(place)
    manager.ok("GET", path)
    kept = [f"defects/{defect['id']}/{place['id']}", f"work/attachments/{place['id']}"]
    for number in range(7):
        key = attachment_files.stored_key(str(uuid4()), str(uuid4())) if number else f"defects/{defect['id']}/{uuid4()}"
        client("s3").put_object(Bucket=settings().files_bucket, Key=key, Body=b"orphan")
    monkeypatch.setattr(attachment_files, "FILES_PER_SWEEP", 3)
    assert attachment_files.sweep() == 0  # they are young: one that is just being kept looks the same
    later(hours=2)
    rounds = 0
    while len(files()) > 2:
        before = len(files())
        assert before - 3 <= before - attachment_files.sweep() == len(files())
        rounds += 1
        assert rounds < 200
    assert sorted(files()) == kept
    assert content(manager, path, place) == b"photo"


def test_a_form_is_replayed_while_it_is_good_and_not_after(later: Callable[..., None]) -> None:
    manager = UserClient("manager")
    _, path = defect_of(manager)
    key = {"Idempotency-Key": "photo-1"}
    first = manager.ask("POST", path, PHOTO, **key)
    later(minutes=13)
    assert manager.ask("POST", path, PHOTO, **key).body == first.body
    later(minutes=2)
    answer = manager.ask("POST", path, PHOTO, **key)
    assert (answer.status, "устарел" in answer.json["error"]) == (409, True)
    later(hours=20)
    assert manager.ask("POST", path, PHOTO, **key).status == 409


def test_every_endpoint_that_answers_with_a_form_says_for_how_long_it_is_replayed() -> None:
    def has_form(model: Any) -> bool:
        fields = getattr(model, "model_fields", {})
        return {"url", "fields", "expires_at"} <= fields.keys() or any(has_form(f.annotation) for f in fields.values())

    answering = [endpoint for endpoint in ENDPOINTS if endpoint.method == "POST" and has_form(endpoint.model)]
    assert len(answering) >= 2
    assert [endpoint.name for endpoint in answering if not endpoint.replay_seconds] == []


def test_the_form_takes_what_was_announced_and_no_more() -> None:
    import base64
    import json

    manager = UserClient("manager")
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
    manager = UserClient("manager")
    _, path = defect_of(manager)
    assert named in manager.refused(400, "POST", path, PHOTO | changes)


def test_attachments_are_limited_and_unused_ones_expire(
    later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attachments.MAX_ATTACHMENTS == 20
    monkeypatch.setattr(attachments, "MAX_ATTACHMENTS", 3)
    manager = UserClient("manager")
    _, path = defect_of(manager)
    places = [manager.ok("POST", path, PHOTO) for _ in range(attachments.MAX_ATTACHMENTS)]
    upload(places[0])
    assert "не более 3" in manager.refused(409, "POST", path, PHOTO)
    later(minutes=30)
    assert [item["id"] for item in manager.ok("GET", path)["items"]] == [places[0]["id"]]
    new = manager.ok("POST", path, PHOTO)
    assert {item["id"] for item in manager.ok("GET", path)["items"]} == {places[0]["id"], new["id"]}
    assert len(records.attachments(path.split("/")[4])) == 2


def test_ones_own_is_removed_and_others_by_a_manager() -> None:
    manager, engineer = UserClient("manager"), UserClient("engineer")
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


def test_interrupted_purge_of_a_deleted_defect_is_completed() -> None:
    manager = UserClient("manager")
    defect, path = defect_of(manager)
    manager.ok("POST", f"{DEFECTS}/{defect['id']}/comments", {"text": "Посмотрите"})
    for _ in range(2):
        upload(manager.ok("POST", path, PHOTO))
    UserClient("engineer").refused(403, "DELETE", f"{DEFECTS}/{defect['id']}")
    assert [item["uploaded"] for item in manager.ok("GET", path)["items"]] == [True, True]
    manager.ok("DELETE", f"{DEFECTS}/{defect['id']}")
    assert len(files()) == 4
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
    manager, customer = UserClient("manager"), UserClient("customer")
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
