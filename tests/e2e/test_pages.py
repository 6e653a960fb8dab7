"""The pages of the API in a real browser: nothing they need is elsewhere, nothing is complained of, and they work."""

import json
import uuid
from typing import Any

import pytest

from localstack.config import ROOT
from tests.browser import Browser, Page
from tests.e2e.production import ok
from tests.e2e.stack import Stack

PICTURES = ROOT / ".shopfloor" / "pages"  # to be looked at
PHONE = (390, 844)
ANSWER = ".live-responses-table .response-col_status"


@pytest.fixture(scope="module")
def document(stack: Stack) -> dict[str, Any]:
    """What the pages show."""
    described: dict[str, Any] = ok(stack, "GET", "/openapi.json")
    return described


def ids(document: dict[str, Any], *tags: str) -> set[str]:
    """Of all operations of some tags; of all when none is named."""
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    return {one["operationId"] for one in operations if not tags or one["tags"][0] in tags}


def unfolds(page: Page, tag: str, operation: str) -> None:
    """Open `Try it out` of an operation in Swagger UI."""
    page.clicks(f".opblock-tag[data-tag={tag}]")
    page.clicks(f"#operations-{tag}-{operation} .opblock-summary-control")
    page.clicks(f"#operations-{tag}-{operation} .try-out__btn")


def executes(page: Page, status: str) -> None:
    """Press the button of `Try it out`; the page shows that answer."""
    page.clicks(".execute")
    page.sees(ANSWER, status)


def is_well(page: Page, url: str, picture: str) -> None:
    """A picture is kept; all came from one place, nothing is wrong with it, and it fits into the window."""
    page.picture(PICTURES / f"{picture}.png")
    assert [asked for asked in page.requests() if not asked.startswith(url)] == []
    assert page.complaints() == []
    page.fits()


def test_the_pages_show_and_try_every_operation_in_both_languages(
    stack: Stack, browser: Browser, document: dict[str, Any]
) -> None:
    swagger_ui_shows_every_tag_and_tries_it_out(browser.page(), stack, document)
    redoc_shows_every_operation_and_finds_it_by_a_russian_word(browser.page(), stack, document)


def swagger_ui_shows_every_tag_and_tries_it_out(page: Page, stack: Stack, document: dict[str, Any]) -> None:
    """In Russian, on a desktop and on a phone; then in English."""
    page.opens(f"{stack.url}/docs", ".opblock-tag")
    tags = page.js("[...document.querySelectorAll('.opblock-tag')].map(tag => tag.dataset.tag)")
    assert tags == [tag["name"] for tag in document["tags"]]
    assert "токен не нужен" in page.sees(".open-note")
    assert page.sees(".opblock-tag[data-tag=work_centers] a") == "Рабочие центры"
    is_well(page, stack.url, "docs")

    unfolds(page, "work_centers", "create_work_center")
    shown = page.js("[...document.querySelectorAll('.opblock')].map(one => one.id)")
    assert {f"operations-work_centers-{name}" for name in ids(document, "work_centers")} <= set(shown)
    identifier = str(uuid.uuid4())
    page.types(".body-param__text", json.dumps({"identifier": identifier, "name": "Цех №1"}))
    executes(page, "201")
    page.js(f"document.querySelector({json.dumps(ANSWER)}).scrollIntoView()")
    is_well(page, stack.url, "docs-tried")
    page.becomes(*PHONE)
    is_well(page, stack.url, "docs-phone")
    assert ok(stack, "GET", f"/api/work_centers?identifier={identifier}")["total"] == 1
    page.clicks("[data-language=en]")
    page.sees(".opblock-tag[data-tag=work_centers] a", "Work centres")
    page.sees(".btn.authorize", "Authorize")


def redoc_shows_every_operation_and_finds_it_by_a_russian_word(
    page: Page, stack: Stack, document: dict[str, Any]
) -> None:
    """In English, which was chosen; then in Russian, on a desktop and on a phone."""
    page.opens(f"{stack.url}/redoc", "[data-section-id^=tag]")
    page.sees("[role=menuitem]", "Work centres")
    page.clicks("[data-language=ru]")
    page.sees("[role=menuitem]", "Рабочие центры")
    shown = page.js("[...document.querySelectorAll('[data-section-id]')].map(one => one.dataset.sectionId)")
    assert {section.rpartition("/")[2] for section in shown} >= ids(document)
    page.types("[role=search] input", "закрытие партии")
    page.sees("[data-role='search:results']", "партии")
    is_well(page, stack.url, "redoc")
    page.becomes(*PHONE)
    is_well(page, stack.url, "redoc-phone")


def test_a_login_opens_what_is_locked_also_behind_the_prefix_of_a_stage(locked_stack: Stack, browser: Browser) -> None:
    outputs = locked_stack.outputs()
    url = f"{locked_stack.aws_url}/_aws/execute-api/{outputs['RestAPIId']}/{outputs['ApiUrl'].rpartition('/')[2]}"
    page = browser.page()
    page.opens(f"{url}/docs", ".opblock-tag")
    unfolds(page, "reports", "list_reports")
    executes(page, "401")
    page.clicks(".btn.authorize")
    known = json.loads((locked_stack.state / "administrator.json").read_text())
    page.fills("Адрес электронной почты", known["email"])
    page.fills("Пароль", "not it")
    page.clicks(".log-in")
    assert "Неверный email или пароль" in page.sees(".access .problem")
    page.picture(PICTURES / "docs-login.png")
    page.fills("Пароль", known["password"])
    page.clicks(".log-in")
    page.sees(".auth-container", "Вы вошли")
    page.clicks(".btn-done")
    executes(page, "200")
    assert [asked for asked in page.requests() if not asked.startswith(url)] == []
