"""Batches in the console: helpers of their tests."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.browser import Page
from tests.e2e.console import Console
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack

NOTICE = ".mantine-Notification-root"
DIALOG = "[role=dialog]"
MAIN = "main"


def filled(stack: Stack, count: int, **fields: Any) -> dict[str, Any]:
    """A new batch with that many products; how it is afterwards."""
    batch = new_batch(stack, **fields)
    for number in range(count):
        ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": f"CODE-{number:03d}"})
    return now(stack, batch)


def now(stack: Stack, batch: dict[str, Any]) -> dict[str, Any]:
    """The batch as the API has it."""
    found: dict[str, Any] = ok(stack, "GET", f"/api/batches/{batch['uuid']}")
    return found


def opened(console: Console, batch: dict[str, Any], size: tuple[int, int] = (1280, 900)) -> Page:
    """The page of a batch."""
    page = console.opens(f"/batches/{batch['uuid']}", "dl", size)
    page.sees("h1", str(batch["batch_number"]))
    return page


def search_of(page: Page) -> dict[str, str]:
    """What the address keeps."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.js("location.hash.slice(1)")).query).items()}


def is_well_but_for(console: Console, page: Page, status: int) -> None:
    """The answers with that status, which the story is about, are the only complaints."""
    assert [complaint for complaint in page.complaints() if f" {status} " not in complaint] == []
    assert [asked for asked in page.requests() if not asked.startswith("http://127.0.0.1:")] == []
    page.fits()
