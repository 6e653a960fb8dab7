"""What goes on now: the numbers are those of the API, and lead to the batches behind them."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from chalicelib.core import clock
from tests.browser import Browser, Page
from tests.e2e.console import PHONE, Console
from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.stack import Stack
from tests.e2e.test_analytics import refresh
from tests.e2e.test_today import running_batch
from tests.e2e.visitors import accessible, unexpected, visit
from tests.waiting import wait_for

TODAY = "/api/analytics/today"
ROWS = "main table tbody tr"


def opens(console: Console, size: tuple[int, int] = (1280, 900)) -> Page:
    """The screen with its numbers and charts."""
    page = console.opens("/today", "main article", size)
    page.sees("main .recharts-surface")
    return page


def at_a_new_center(stack: Stack, name: str, **fields: Any) -> dict[str, Any]:
    """A running batch at a work centre of its own, which has that name."""
    center = new_center(stack)
    ok(stack, "PATCH", f"/api/work_centers/{center}", {"name": name})
    return running_batch(stack, work_center_id=center, **fields)


def filters_of(page: Page) -> str:
    """The query of the list that the address shows, as the API takes it."""
    query = dict(parse_qsl(urlsplit(page.js("location.hash").removeprefix("#")).query))
    return urlencode({name: value.strip('"') for name, value in query.items()})


def test_the_numbers_are_those_of_the_api(stack: Stack, console: Console) -> None:
    made = at_a_new_center(stack, "Цех чисел", planned_quantity=40)
    for number in range(3):
        ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f"N-{number}"})
    refresh(stack)
    page = opens(console)
    card = page.sees("main article", "Цех чисел")
    assert str(made["batch_number"]) in card
    assert "3 из 40" in card
    total = ok(stack, "GET", TODAY)["running"]["total"]
    tile = page.sees("main a[href*='running=true']", "План и факт")
    assert f"{total['made_of_planned']} из {total['planned']}" in tile.replace("\xa0", " ")
    whole = ok(stack, "GET", "/api/analytics/dashboard")
    assert f"{whole['total_batches']}" in page.sees("section", "Весь участок").replace("\xa0", "")
    console.is_well(page, "console-today")
    console.is_accessible(page)


def test_a_product_that_is_added_appears_by_itself(stack: Stack, console: Console) -> None:
    made = at_a_new_center(stack, "Цех прибавления", planned_quantity=7)
    page = opens(console)
    assert "0 из 7" in page.sees("main article", "Цех прибавления")
    ok(stack, "POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "NEW"})
    shown = "[...document.querySelectorAll('main article')].some(one => one.innerText.includes('1 из 7'))"
    wait_for(lambda: page.js(shown))


def test_each_number_leads_to_just_the_batches_behind_it(stack: Stack, console: Console) -> None:
    made = at_a_new_center(stack, "Цех партий", shift="7")
    center = made["work_center_id"]
    running_batch(stack, work_center_id=center, shift="7")
    running_batch(stack, work_center_id=center, shift="8")
    over = clock.now() - timedelta(hours=1)
    ended = {"shift_start": clock.to_json(over - timedelta(hours=1)), "shift_end": clock.to_json(over)}
    new_batch(stack, work_center_id=center, shift="7", **ended)
    page = opens(console)
    page.clicks(f"main article a[href*='{center}'][href*='shift']")
    page.sees(ROWS)
    wait_for(lambda: page.js(f"document.querySelectorAll({ROWS!r}).length") == 2)
    assert ok(stack, "GET", f"/api/batches?{filters_of(page)}")["total"] == 2
    page.js("history.back()")
    page.sees("main article", "Цех партий")
    total = ok(stack, "GET", TODAY)["running"]["total"]["open_batches"]
    page.clicks("main a[href*='running=true'][href*='is_closed=false']:not([href*='work_center'])")
    page.sees(ROWS)
    assert ok(stack, "GET", f"/api/batches?{filters_of(page)}")["total"] == total


def test_a_day_of_the_chart_leads_to_its_batches_from_the_table_beside_it(stack: Stack, console: Console) -> None:
    day = clock.now().date().isoformat()
    running_batch(stack, batch_date=day)
    page = opens(console)
    page.clicks("main label", "Таблица")
    page.clicks(f"{ROWS} a[href*='{day}']")
    page.sees("main search")
    points = ok(stack, "GET", f"/api/analytics/timeseries?date_from={day}&date_to={day}")["items"]
    assert ok(stack, "GET", f"/api/batches?{filters_of(page)}")["total"] == points[0]["total_batches"]


def test_what_needs_action_leads_to_where_it_is_mended(stack: Stack, console: Console) -> None:
    running_batch(stack)
    site = ok(stack, "POST", "/api/v1/sites", {"name": "Объект сроков", "code": str(uuid.uuid4())})
    defect = {"site_id": site["id"], "title": "Трещина у входа", "description": "Видна", "severity": "high"}
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    made = ok(stack, "POST", "/api/v1/defects", defect | {"due_date": yesterday})
    page = opens(console)
    page.clicks("main button.mantine-Paper-root")
    assert page.js("document.activeElement.id") == "trouble"
    page.clicks(f"main a[href$='{made['id']}']")
    page.sees("h1", "Трещина у входа")


def test_it_fits_a_phone(stack: Stack, console: Console) -> None:
    at_a_new_center(stack, "Цех с очень длинным названием, которое не помещается в строку телефона", planned_quantity=9)
    console.is_well(opens(console, PHONE), "console-today-phone")


def test_a_customer_sees_the_summary_and_asks_for_nothing_else(
    locked_stack: Stack, built_console: None, browser: Browser
) -> None:
    customer = person(locked_stack, "customer")
    page = visit(locked_stack, browser, "/today", "main section", signed_in(locked_stack, customer))
    page.sees("main section", "Весь участок")
    assert page.js("document.querySelectorAll('main article, main a').length") == 0
    assert unexpected(page) == []
    accessible(page)
