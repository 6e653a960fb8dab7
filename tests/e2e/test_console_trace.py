"""The trace of a code: typed, scanned, sent as an address, and printed."""

from urllib.parse import quote

from tests.e2e.console import PHONE, Console
from tests.e2e.production import ok
from tests.e2e.scanner import scans
from tests.e2e.stack import Stack
from tests.e2e.test_today import running_batch

FIELD = "main form input"


def traced(stack: Stack, code: str) -> dict[str, str]:
    """A batch that has the code, aggregated."""
    made = running_batch(stack)
    ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": code})
    ok(stack, "PATCH", f"/api/batches/{made['uuid']}/aggregate")
    return made


def test_typed_code_shows_batches_users_and_times(stack: Stack, console: Console) -> None:
    first, second = traced(stack, "TRACE-1"), traced(stack, "TRACE-1")
    page = console.opens("/trace", FIELD)
    page.types(FIELD, "TRACE-1")
    page.clicks("main form button")
    for made in (first, second):
        card = page.sees("main article", str(made["batch_number"]))
        assert "Администратор" in card
        assert "Агрегирован 1 продукт" in card
    assert page.js("document.querySelectorAll('main article').length") == 2
    console.is_well(page, "console-trace")
    console.is_accessible(page)
    page.clicks(f"main article a[href$='{second['uuid']}']")
    page.sees("h1", str(second["batch_number"]))


def test_a_scanned_code_keeps_its_separators(stack: Stack, console: Console) -> None:
    made = traced(stack, "0104600\x1d93<&>=+%")
    page = console.opens("/trace", FIELD)
    scans(page, *"0104600", "GS", *"93<&>=+%")
    page.sees("main article", str(made["batch_number"]))
    assert page.js(f"document.querySelector({FIELD!r}).value") == "0104600<GS>93<&>=+%"
    page.types(FIELD, "0104600<GS>93<&>=+%")  # as it is copied from the page
    page.clicks("main form button")
    page.sees("main article", str(made["batch_number"]))


def test_a_scanner_may_type_into_the_field(stack: Stack, console: Console) -> None:
    made = traced(stack, "0104601\x1d93F")
    page = console.opens("/trace", FIELD)
    page.js(f"document.querySelector({FIELD!r}).focus()")
    page.presses(*"0104601", "GS", *"93F", "Enter")
    page.sees("main article", str(made["batch_number"]))


def test_address_with_a_code_shows_its_trace(stack: Stack, console: Console) -> None:
    made = traced(stack, "TRACE-2")
    page = console.opens(f"/trace?code={quote('TRACE-2')}", "main article", PHONE)
    page.sees("main article", str(made["batch_number"]))
    console.is_well(page, "console-trace-phone")
    page.types(FIELD, "TRACE-NOBODY")
    page.clicks("main form button")
    page.sees("main", "Такого кода нет ни в одной партии")
    console.is_well(page)


def test_on_paper_there_is_no_menu(stack: Stack, console: Console) -> None:
    traced(stack, "TRACE-3")
    page = console.opens("/trace?code=TRACE-3", "main article")
    parts = "[...document.querySelectorAll('header, nav, form, main button')]"
    shown = f"{parts}.filter(one => one.checkVisibility()).length"
    assert page.js(shown) > 3
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.js(shown) == 0
    assert "TRACE-3" in page.sees("main", "Напечатано")
    assert page.js("getComputedStyle(document.querySelector('main article')).color") == "rgb(0, 0, 0)"
