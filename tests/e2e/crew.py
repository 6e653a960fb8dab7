"""Users of a construction site in the console: a manager, two engineers, a customer."""

import base64
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import Page
from tests.e2e.console import DESKTOP, Console
from tests.e2e.people import person, signed_in
from tests.e2e.stack import Stack
from tests.waiting import wait_for

SITES, DEFECTS = "/api/v1/sites", "/api/v1/defects"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
YESTERYEAR = "2020-02-03"


@dataclass(frozen=True)
class Member:
    """A user of the stack, who calls the API and uses the console."""

    stack: Stack
    console: Console
    id: str
    name: str
    token: str

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of a call that must succeed."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.stack.call(method, path, headers=headers, **({} if body is None else {"json": body}))
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def opens(self, route: str, shows: str, size: tuple[int, int] = DESKTOP) -> Page:
        """Open a screen of the console in a new tab."""
        return self.console.opens(route, shows, size, self.token)

    def defect(self, site: str, **fields: Any) -> dict[str, Any]:
        """Create a defect with a unique title."""
        title = f"Трещина {uuid.uuid4().hex[:8]}"
        made: dict[str, Any] = self.ok("POST", DEFECTS, {"site_id": site, "title": title} | fields)
        return made

    def current(self, defect: dict[str, Any]) -> Any:
        """Return the defect as it is now."""
        return self.ok("GET", f"{DEFECTS}/{defect['id']}")


@dataclass(frozen=True)
class Crew:
    """The users of a construction site of their own."""

    manager: Member
    inspector: Member
    engineer: Member
    customer: Member
    site: dict[str, Any]

    def assigned_defect(self, **fields: Any) -> dict[str, Any]:
        """Return a defect of the inspector that is assigned to the engineer."""
        made = self.inspector.defect(self.site["id"], **fields)
        body = {"assignee_id": self.engineer.id}
        defect: dict[str, Any] = self.manager.ok("PUT", f"{DEFECTS}/{made['id']}/assignee", body)
        return defect


def crew_of(stack: Stack, console: Console) -> Crew:
    """Create four users and a site."""

    def member(role: str) -> Member:
        name = f"{role} {uuid.uuid4().hex[:6]}"
        user = person(stack, role, name=name)
        token = signed_in(stack, user)["Authorization"].removeprefix("Bearer ")
        return Member(stack, console, str(user["id"]), name, token)

    manager, customer = member("manager"), member("customer")
    body = {"code": uuid.uuid4().hex[:12], "name": f"Дом {uuid.uuid4().hex[:6]}", "customer_id": customer.id}
    site = manager.ok("POST", SITES, body)
    return Crew(manager, member("engineer"), member("engineer"), customer, site)


def chooses(page: Page, label: str, words: str) -> None:
    """Type into a select and choose the option that is found."""
    page.fills(label, words)
    page.clicks("[role=option]", words)


def attaches(page: Page, path: Path, selector: str = "input[type=file][multiple]") -> None:
    """Choose a file in the first such input, once it is there."""
    found = f"document.querySelector({json.dumps(selector)})"
    field = wait_for(lambda: page.send("Runtime.evaluate", expression=found)["result"].get("objectId"))
    page.send("DOM.setFileInputFiles", files=[str(path)], objectId=field)
