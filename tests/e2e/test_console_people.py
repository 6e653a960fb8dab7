"""Orders, users, API keys in the console, as an administrator works with them."""

import re
import uuid
from typing import Any

import pytest

from tests.browser import Browser, Page
from tests.e2e.console import PHONE
from tests.e2e.people import person
from tests.e2e.production import ok
from tests.e2e.stack import Stack
from tests.e2e.visitors import accessible, fill, press, unexpected, visit
from tests.waiting import wait_for

DIALOG = "[role=dialog]"
BOLTS = [{"product": "Болт М8", "quantity": 10, "price": 52.5}]


@pytest.fixture(autouse=True)
def _built(built_console: None) -> None:
    """All of this is about the built console."""


def orders_of(stack: Stack, who: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.call("GET", f"/orders?userId={who['id']}").json()["data"]
    return found


def placed(stack: Stack, who: dict[str, Any]) -> dict[str, Any]:
    """An order of bolts."""
    answer = stack.call("POST", "/orders", json={"user_id": who["id"], "items": BOLTS})
    order: dict[str, Any] = answer.json()["data"]
    return order


def order_page(stack: Stack, browser: Browser, order: dict[str, Any]) -> Page:
    return visit(stack, browser, f"/orders/{order['id']}", "dl")


def test_an_order_is_placed_once_by_two_clicks_worked_on_and_deleted(stack: Stack, browser: Browser) -> None:
    who = person(stack, name=f"Заказчик {uuid.uuid4().hex[:6]}")
    page = visit(stack, browser, f"/users/{who['id']}", "h2")
    press(page, "Новый заказ")
    fill(page, "Товар", "Болт М8")
    fill(page, "Количество", "10")
    fill(page, "Цена", "52,5")
    page.sees(DIALOG, "525,00")
    button = "[...document.querySelectorAll('[role=dialog] button[type=submit]')].at(-1)"
    page.js(f"{{ const button = {button}; button.click(); button.click() }}")
    page.sees("dl", who["name"])
    (order,) = orders_of(stack, who)
    assert (order["items"], order["total_amount"]) == (BOLTS, 525.0)
    press(page, "Взять в работу")
    page.sees("dl", "В работе")
    press(page, "Отметить выполненным")
    page.sees("dl", "Выполнен")
    assert orders_of(stack, who)[0]["status"] == "completed"
    press(page, "Удалить")
    page.sees(DIALOG, "525,00")
    press(page, "Удалить")
    wait_for(lambda: orders_of(stack, who) == [])
    page.sees("h1", "Заказы")
    assert unexpected(page) == []


def test_concurrent_edits_of_an_order_show_both_versions(stack: Stack, browser: Browser) -> None:
    order = placed(stack, person(stack))
    page = order_page(stack, browser, order)
    press(page, "Изменить состав")
    wait_for(lambda: page.js("document.activeElement.closest('[role=dialog] form') !== null"))  # it takes the focus
    fill(page, "Количество", "20")
    theirs = [{"product": "Гайка", "quantity": 1, "price": 3.0}]
    ok(stack, "PUT", f"/orders/{order['id']}", {"items": theirs})
    press(page, "Сохранить")
    page.sees(DIALOG, "Гайка × 1")
    assert accessible(page)
    page.clicks("[role=dialog] input[value=mine]")
    press(page, "Сохранить выбранное")
    page.sees("tbody", "20")
    assert ok(stack, "GET", f"/orders/{order['id']}")["data"]["items"] == [{**BOLTS[0], "quantity": 20}]
    assert unexpected(page, 412) == []


def test_orders_are_found_by_customer_and_status(stack: Stack, browser: Browser) -> None:
    who = person(stack, name=f"Искомый {uuid.uuid4().hex[:6]}")
    order, other = placed(stack, who), placed(stack, who)
    ok(stack, "PUT", f"/orders/{other['id']}/status", {"status": "cancelled"})
    page = visit(stack, browser, "/orders", "tbody a")
    fill(page, "Заказчик", who["name"])
    press(page, f"{who['name']} · {who['email']}")
    rows = "document.querySelectorAll('tbody tr').length"
    wait_for(lambda: page.js(rows) == 2)
    page.clicks("input[placeholder='Любой статус']")
    press(page, "Отменён")
    wait_for(lambda: page.js(rows) == 1)
    assert other["id"] in page.js("document.querySelector('tbody a').href")
    assert f"user={who['id']}" in page.js("location.hash")
    assert order["id"] not in page.js("document.querySelector('tbody').innerHTML")
    assert unexpected(page) == []


def test_a_user_is_made_with_roles_renamed_and_deleted_with_the_orders(stack: Stack, browser: Browser) -> None:
    name, email = f"Новый {uuid.uuid4().hex[:6]}", f"{uuid.uuid4().hex}@example.com"
    page = visit(stack, browser, "/users", "table")
    press(page, "Новый пользователь")
    fill(page, "Имя", name)
    fill(page, "Электронная почта", "nobody@example")
    press(page, "Создать")
    page.sees(DIALOG, "адрес электронной почты")  # what the API says stands at the field
    fill(page, "Электронная почта", email)
    press(page, "Создать")
    page.sees("h1", name)
    page.sees("dl", "не подтверждён")
    (who,) = stack.call("GET", f"/users?email={email}").json()["data"]
    press(page, "Изменить")
    fill(page, "Имя", f"{name}-Второй")
    press(page, "Сохранить")
    page.sees("h1", f"{name}-Второй")
    placed(stack, who)
    press(page, "Удалить")
    page.sees(DIALOG, "Удалить пользователя?")
    press(page, "Удалить")
    press(page, "Удалить вместе с заказами")
    page.sees("h1", "Пользователи")
    assert stack.call("GET", f"/users/{who['id']}").status_code == 404
    assert unexpected(page, 400, 409) == []


def test_a_user_is_found_by_a_part_of_the_name_or_by_the_email(stack: Stack, browser: Browser) -> None:
    who = person(stack, name=f"Находкина {uuid.uuid4().hex[:6]}")
    for typed in (who["name"][:12].upper(), who["email"]):
        page = visit(stack, browser, "/users", "table")
        fill(page, "Имя или почта", typed)
        page.sees("tbody tr:only-child", who["name"])


def test_a_key_is_shown_once_works_and_is_revoked(stack: Stack, browser: Browser) -> None:
    name = f"Весы {uuid.uuid4().hex[:6]}"
    page = visit(stack, browser, "/keys", "table")
    press(page, "Новый ключ")
    fill(page, "Название", name)
    press(page, "Выпустить")
    page.sees(DIALOG, "Ключ показан один раз")
    assert accessible(page)
    found = re.search(r"curl -s (\S+) -H 'X-API-Key: (sf_\S+)'", page.sees(DIALOG))
    assert found and found[1] == f"{stack.url}/v1/users/profile"
    key = {"X-API-Key": found[2]}
    assert stack.call("GET", "/v1/users/profile", headers=key).json()["data"]["roles"] == ["engineer"]
    press(page, "Ключ сохранён, закрыть")
    page.sees("tbody", name)
    assert found[2] not in page.js("document.documentElement.innerHTML")
    press(page, f"Отозвать ключ «{name}»")
    press(page, "Отозвать")
    wait_for(lambda: stack.call("GET", "/v1/users/profile", headers=key).status_code == 401)
    assert unexpected(page) == []


@pytest.mark.parametrize("screen", ["orders", "users", "users?tab=quotas", "keys", "profile", "link/forgot"])
def test_each_screen_fits_a_phone_and_is_accessible(stack: Stack, browser: Browser, screen: str) -> None:
    placed(stack, person(stack))
    page = visit(stack, browser, f"/{screen}", "h1")
    wait_for(lambda: not page.js("document.querySelector('.mantine-Loader-root')?.checkVisibility() ?? false"))
    assert accessible(page)
    page.becomes(*PHONE)
    page.fits()
    assert accessible(page)
    assert unexpected(page) == []


def test_the_pages_of_an_order_and_of_a_user_are_accessible(stack: Stack, browser: Browser) -> None:
    who = person(stack)
    order = placed(stack, who)
    for route in (f"/orders/{order['id']}", f"/users/{who['id']}"):
        page = visit(stack, browser, route, "table")
        assert accessible(page)
        page.becomes(*PHONE)
        page.fits()
        assert accessible(page)
