"""The building sites of the demo and their defects; each transition is made by a user with the right to it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack.client import Api, ApiFailed, form_of, send
from localstack.demo.defects import DEFECTS, SITES, TRANSITIONS, Defect

LOGINS = ("manager", "inspector", "engineer")  # few, because ten logins a minute are allowed
COMMENTS = {
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
    titles = {
        item["title"] for site in sites for item in api.every(f"/api/v1/defects?site_id={site}&limit=100", "items")
    }
    missing = [(number, defect) for number, defect in enumerate(DEFECTS) if defect.title not in titles]
    if not missing:
        return
    clients = {login: api.log_in(people[login]["email"], password) for login in LOGINS}
    for number, defect in missing:
        _defect(clients, people, sites, number, defect)


def _site(api: Api, site: tuple[str, str, str, str], customer_id: str) -> str:
    code, name, address, status = site
    found = [item for item in api.every("/api/v1/sites?limit=100", "items") if item["code"] == code]
    body = {"code": code, "name": name, "address": address, "customer_id": customer_id, "status": status}
    return str((found[0] if found else api.ask("POST", "/api/v1/sites", 201, body))["id"])


def _defect(
    clients: Mapping[str, Api], people: Mapping[str, Any], sites: list[str], number: int, defect: Defect
) -> None:
    body = {"site_id": sites[defect.site], "title": defect.title, "location": defect.location}
    body |= {"severity": defect.severity} | ({"description": defect.description} if defect.description else {})
    from localstack.demo import pictures  # imports Pillow, which is slow and not needed by later starts

    made = clients["inspector"].ask("POST", "/api/v1/defects", 201, body)
    path = f"/api/v1/defects/{made['id']}"
    for index, picture in enumerate(defect.pictures):
        _attach(clients["inspector"], path, f"Фото {index + 1}.jpg", pictures.draw(picture, number * 10 + index))
    for status in TRANSITIONS[defect.status]:
        _change_status(clients, people, path, status, defect)
    for login, text in defect.comments:
        clients[login].ask("POST", f"{path}/comments", 201, {"text": text})


def _change_status(
    clients: Mapping[str, Api], people: Mapping[str, Any], path: str, status: str, defect: Defect
) -> None:
    """Change the status of a defect as a user who may."""
    if status == "assigned":
        body = {"assignee_id": people[defect.assignee]["id"]}
        if defect.due is not None:
            body["due_date"] = (datetime.now(UTC).date() + timedelta(days=defect.due)).isoformat()
        clients["manager"].ask("PUT", f"{path}/assignee", 200, body)
        return
    worker = defect.assignee if defect.assignee in clients else "manager"
    logins = {"in_progress": worker, "fixed": worker, "closed": "manager", "rejected": "manager"}
    clients[logins.get(status, "inspector")].ask(
        "PUT", f"{path}/status", 200, {"status": status, "comment": COMMENTS[status]}
    )


def _attach(api: Api, path: str, name: str, content: bytes) -> None:
    """Create an attachment and upload its picture."""
    body = {"name": name, "content_type": "image/jpeg", "size": len(content)}
    upload = api.ask("POST", f"{path}/attachments", 201, body)["upload"]
    form = form_of(upload["fields"], name, content)
    status, answer = send(upload["url"], "POST", form.content, {"Content-Type": form.content_type})
    if status != 204:
        raise ApiFailed(f"a picture of the demo was not taken: {status} {answer!r}")
