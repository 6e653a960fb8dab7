"""The building sites of the demo and their defects, each step made by a user with the right to it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.client import Api, ApiFailed, form_of, send
from localstack.demo.defects import DEFECTS, ROADS, SITES, Defect

CLIENTS = 1
VOICES = ("manager", "inspector", "engineer")  # few, because only ten logins a minute are allowed
REMARKS = {
    "in_progress": "Приступили",
    "fixed": "Сделано, прошу принять",
    "verified": "Принято",
    "reopened": "Не устранено",
    "closed": "Акт подписан",
    "rejected": "Дефектом не является",
}


def make(api: Api, people: Mapping[str, Any], password: str) -> None:
    """Create the missing sites and defects."""
    sites = [_site(api, site, people["customer"]["id"]) for site in SITES]
    there = {one["title"] for site in sites for one in api.every(f"/api/v1/defects?site_id={site}&limit=100", "items")}
    missing = [(number, defect) for number, defect in enumerate(DEFECTS) if defect.title not in there]
    if not missing:
        return
    voices = {login: api.log_in(people[login]["email"], password) for login in VOICES}
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda one: _defect(voices, people, sites, *one), missing))


def _site(api: Api, site: tuple[str, str, str, str], customer_id: str) -> str:
    code, name, address, status = site
    found = [one for one in api.every("/api/v1/sites?limit=100", "items") if one["code"] == code]
    body = {"code": code, "name": name, "address": address, "customer_id": customer_id, "status": status}
    return str((found[0] if found else api.ask("POST", "/api/v1/sites", 201, body))["id"])


def _defect(
    voices: Mapping[str, Api], people: Mapping[str, Any], sites: list[str], number: int, defect: Defect
) -> None:
    body = {"site_id": sites[defect.site], "title": defect.title, "location": defect.location}
    body |= {"severity": defect.severity} | ({"description": defect.description} if defect.description else {})
    from localstack.demo import pictures  # loads Pillow, which takes as long as the rest of a later start

    made = voices["inspector"].ask("POST", "/api/v1/defects", 201, body)
    path = f"/api/v1/defects/{made['id']}"
    for place, picture in enumerate(defect.pictures):
        _attach(voices["inspector"], path, f"Фото {place + 1}.jpg", pictures.draw(picture, number * 10 + place))
    for status in ROADS[defect.status]:
        _step(voices, people, path, status, defect)
    for login, text in defect.comments:
        voices[login].ask("POST", f"{path}/comments", 201, {"text": text})


def _step(voices: Mapping[str, Api], people: Mapping[str, Any], path: str, status: str, defect: Defect) -> None:
    """Make one step of the workflow of a defect, as a user with the right to it."""
    if status == "assigned":
        body = {"assignee_id": people[defect.assignee]["id"]}
        if defect.due is not None:
            body["due_date"] = (datetime.now(UTC).date() + timedelta(days=defect.due)).isoformat()
        voices["manager"].ask("PUT", f"{path}/assignee", 200, body)
        return
    worker = defect.assignee if defect.assignee in voices else "manager"
    doers = {"in_progress": worker, "fixed": worker, "closed": "manager", "rejected": "manager"}
    who = doers.get(status, "inspector")
    voices[who].ask("PUT", f"{path}/status", 200, {"status": status, "comment": REMARKS[status]})


def _attach(api: Api, path: str, name: str, content: bytes) -> None:
    """Announce a picture and upload it."""
    body = {"name": name, "content_type": "image/jpeg", "size": len(content)}
    upload = api.ask("POST", f"{path}/attachments", 201, body)["upload"]
    form = form_of(upload["fields"], name, content)
    status, answer = send(upload["url"], "POST", form.content, {"Content-Type": form.content_type})
    if status != 204:
        raise ApiFailed(f"a picture of the demo was not taken: {status} {answer!r}")
