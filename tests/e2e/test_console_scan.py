"""The screen of the shop floor: a keyboard scanner fills a batch."""

from time import monotonic, sleep
from typing import Any

from tests.browser import Page
from tests.e2e.console import PHONE, TABLET, Console
from tests.e2e.production import new_batch, ok
from tests.e2e.scanner import scans, scans_at_once
from tests.e2e.stack import Stack
from tests.waiting import wait_for

PANEL = "[role=status][data-state]"
PACE = 0.2  # seconds from scan to scan


def codes_of(stack: Stack, batch: str) -> list[str]:
    """The codes in a batch."""
    listed = ok(stack, "GET", f"/api/products?batch_id={batch}&limit=100")["items"]
    more = ok(stack, "GET", f"/api/products?batch_id={batch}&limit=100&offset=100")["items"]
    codes: list[str] = [product["unique_code"] for product in listed + more]
    return codes


def scanned(page: Page, code: str, state: str) -> None:
    """A scan, and what the panel says of it."""
    scans(page, *code)
    page.sees(f"{PANEL}[data-state={state}]", code)


def at_the_line(stack: Stack, console: Console, **fields: Any) -> tuple[Page, str]:
    """A tablet at a new batch, and the id of the batch."""
    batch = new_batch(stack, **fields)["uuid"]
    return console.opens(f"/scan?batch={batch}", PANEL, TABLET), batch


def test_a_batch_is_chosen_by_its_number_and_filled_by_scans(stack: Stack, console: Console) -> None:
    batch = new_batch(stack, planned_quantity=3)
    page = console.opens("/scan", "main input", TABLET)
    page.types("main input", str(batch["batch_number"]))
    page.sees("main a", str(batch["batch_number"]))
    page.clicks(f"main a[href*='{batch['uuid']}']")
    page.sees(PANEL)
    scanned(page, "SCAN-1", "accepted")
    scanned(page, "SCAN-2", "accepted")
    scanned(page, "SCAN-1", "present")
    page.sees("[data-testid=count]", "2")
    assert sorted(codes_of(stack, batch["uuid"])) == ["SCAN-1", "SCAN-2"]
    console.is_well(page, "console-scan")


def test_code_already_in_the_batch_differs_from_a_refused_one(stack: Stack, console: Console) -> None:
    page, batch = at_the_line(stack, console)
    ok(stack, "POST", f"/api/batches/{batch}/products", {"unique_code": "BEFORE"})
    scanned(page, "BEFORE", "present")
    ok(stack, "PATCH", f"/api/batches/{batch}/close", {})
    scanned(page, "AFTER", "refused")
    page.sees(PANEL, "Партия закрыта")
    assert codes_of(stack, batch) == ["BEFORE"]


def test_closed_batch_accepts_no_code(stack: Stack, console: Console) -> None:
    batch = new_batch(stack)["uuid"]
    ok(stack, "PATCH", f"/api/batches/{batch}/close", {})
    page = console.opens(f"/scan?batch={batch}", f"{PANEL}[data-state=closed]", TABLET)
    page.sees("main button[disabled]", "Отменить последний")
    assert page.js("document.querySelector('.tabler-icon-keyboard').closest('button').disabled")
    page.chooses("Страница партии")
    page.sees("main dl")


def test_a_datamatrix_keeps_its_separators_and_signs(stack: Stack, console: Console) -> None:
    page, batch = at_the_line(stack, console)
    scans(page, *"0104607001234567215<&>\"'=+%", "GS", *"91EE06", "GS", *"92abc/d=")
    page.sees(f"{PANEL}[data-state=accepted]")
    assert codes_of(stack, batch) == ["0104607001234567215<&>\"'=+%\x1d91EE06\x1d92abc/d="]


def test_the_last_scan_is_taken_back(stack: Stack, console: Console) -> None:
    page, batch = at_the_line(stack, console)
    for code in ("KEEP", "UNDO"):
        scanned(page, code, "accepted")
    page.clicks("main .tabler-icon-arrow-back-up")
    wait_for(lambda: codes_of(stack, batch) == ["KEEP"])
    page.sees(f"{PANEL}[data-state=undone]", "UNDO")
    page.sees("[data-testid=count]", "1")
    scanned(page, "UNDO", "accepted")  # it may come again
    assert "Убран" in page.sees("main table")


def test_two_hundred_scans_and_a_network_that_is_cut_in_the_middle_add_each_code_once(
    stack: Stack, console: Console
) -> None:
    page, batch = at_the_line(stack, console, planned_quantity=200)
    began = monotonic()
    for number in range(200):
        if number in (80, 140):
            page.goes(offline=number == 80)
        scans_at_once(page, f"N{number:03}")
        if number % 50 == 0:
            scans_at_once(page, f"N{number:03}")  # held before the scanner twice
        sleep(max(0.0, began + (number + 1) * PACE - monotonic()))  # the pace of the people, not a wait for a state
    wait_for(lambda: len(codes_of(stack, batch)) == 200, 180)
    assert sorted(codes_of(stack, batch)) == [f"N{number:03}" for number in range(200)]
    page.sees("[data-testid=count]", "200")
    page.sees(f"{PANEL}[data-state=accepted]", "N199")


def test_scans_without_a_network_outlive_a_reload(stack: Stack, console: Console) -> None:
    page, batch = at_the_line(stack, console)
    page.goes(offline=True)
    for code in ("R1", "R2"):
        scans_at_once(page, code)
    page.presses("x")  # a browser lets only a page that was used ask before it is left
    page.sees("[role=status]", "ждут отправки")
    kept = "Object.keys(localStorage).filter(key => key.startsWith('shopfloor.scan.')).length"
    assert page.js(kept) == 2
    page.send("Page.navigate", url="about:blank")
    assert page.asks_before_it_leaves()
    page.goes(offline=False)
    page.opens(f"{console.url}/console#/scan?batch={batch}", PANEL)
    wait_for(lambda: sorted(codes_of(stack, batch)) == ["R1", "R2"])
    wait_for(lambda: page.js(kept) == 0)


def test_it_fits_a_phone(stack: Stack, console: Console) -> None:
    batch = new_batch(stack)["uuid"]
    page = console.opens(f"/scan?batch={batch}", PANEL, PHONE)
    scanned(page, "0104607001234567215abcdefghijklmnopqrstuvwxyz-0123456789", "accepted")
    console.is_well(page, "console-scan-phone")
