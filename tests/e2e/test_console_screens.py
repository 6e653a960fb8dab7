"""What holds for every screen on a phone in the dark: no complaint, nothing from elsewhere, nothing that axe finds."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from localstack.config import ROOT
from tests.browser import Page
from tests.e2e.console import PHONE, TABLET, Console
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

SCREENS = (
    "/today", "/batches", "/batches/{batch}", "/scan", "/scan?batch={batch}", "/exchange", "/trace", "/reports",
    "/reports/{report}", "/operations", "/webhooks", "/webhooks/{webhook}", "/construction", "/orders", "/users",
    "/keys", "/system", "/profile", "/link/reset?token=none", "/nowhere",
)  # fmt: skip
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
FOUND = (
    "axe.run().then(found => JSON.stringify(found.violations.map(one => [one.id, one.nodes[0].html.slice(0, 200)])))"
)
BUSY = "#root [role=status][aria-label]"


@pytest.fixture(scope="module")
def things(stack: Stack) -> Mapping[str, str]:
    """The ids of what is looked at by itself."""
    batch = new_batch(stack, planned_quantity=5)["uuid"]
    ok(stack, "POST", f"/api/batches/{batch}/products", {"unique_code": "0104607001234567"})
    asked = {"name": "Отчёт о партии", "template_id": 3, "parameters": {"batch_id": batch}}
    report = ok(stack, "POST", "/api/v1/reports/", asked)["id"]
    hook: dict[str, Any] = {"url": f"{stack.url}/api/webhooks/test", "events": ["batch.created"]}
    webhook = ok(stack, "POST", "/api/webhooks", {**hook, "secret_key": "a secret of some length", "retry_count": 1})
    return {"batch": batch, "report": str(report), "webhook": webhook["uuid"]}


def looks_through(page: Page) -> list[Any]:
    """What axe finds on a page that has loaded what it shows."""
    page.js(AXE.read_text("utf-8") + ";0")
    found: list[Any] = json.loads(page.js(FOUND))
    return found


@pytest.mark.parametrize("route", SCREENS)
def test_a_screen_is_readable_on_a_phone_in_the_dark_and_on_a_tablet(
    route: str, console: Console, things: Mapping[str, str]
) -> None:
    page = console.opens("/nowhere", "main h1", PHONE)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}, {"name": "prefers-reduced-motion", "value": "reduce"}]
    page.send("Emulation.setEmulatedMedia", features=dark)
    page.opens("about:blank", "body")
    page.opens(f"{console.url}/console#{route.format(**things)}", "main h1")
    wait_for(lambda: page.js(f"document.querySelector({BUSY!r}) === null"), 60)
    assert looks_through(page) == []
    console.is_well(page, f"screen-phone-{route.strip('/').replace('/', '-').partition('?')[0].partition('{')[0]}")
    page.becomes(*TABLET)
    console.is_well(page)
