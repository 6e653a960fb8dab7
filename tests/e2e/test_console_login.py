"""Logging in to the console where every call needs a token: passwords, pauses, links of emails, what each role sees."""

import re
import uuid
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from chalicelib.core import clock
from chalicelib.core.actor import ROLES
from chalicelib.users import model
from localstack.config import ROOT
from tests.browser import Browser, Page
from tests.e2e.people import Person, administrator, from_address, person, signed_in
from tests.e2e.stack import Stack
from tests.e2e.visitors import accessible, come_back, fill, press, unexpected, visit
from tests.waiting import wait_for

PASSWORD, NEW = "первый пароль", "второй пароль"
HOUR = timedelta(hours=1)
LOGIN = "input[type=password]"
START = {
    "admin": "/operations",
    "manager": "/today",
    "engineer": "/scan",
    "executive": "/reports",
    "customer": "/reports",
    "user": "/operations",
}


@pytest.fixture(autouse=True)
def _built(built_console: None) -> None:
    """All of this is about the built console."""


def enter(page: Page, who: Person, password: str) -> None:
    """Fill in the login and send it."""
    fill(page, "Электронная почта", who["email"])
    fill(page, "Пароль", password)
    press(page, "Войти")


def at(page: Page, route: str) -> None:
    """Wait until the screen of that route is shown."""
    wait_for(lambda: page.js("location.hash").startswith(f"#{route}"))


def kept(page: Page) -> str | None:
    token: str | None = page.js("sessionStorage.getItem('shopfloor.token')")
    return token


def everything_stored(page: Page) -> str:
    return str(page.js("JSON.stringify([{...localStorage}, document.cookie])"))


def mailed_link(stack: Stack, who: Person, kind: str) -> str:
    """The route in the console that the newest email leads to."""

    def found() -> list[str]:
        emails = sorted((stack.state / "mail").glob(f"* {who['email']}.eml"))
        texts = [message_from_bytes(one.read_bytes(), policy=policy.default).get_body() for one in emails]
        links = [
            re.findall(rf"^{stack.url}/console#(/link/{kind}\S+)\r?$", str(one and one.get_content()), re.M)
            for one in texts
        ]
        return [link for found in links for link in found]

    return wait_for(found)[-1]


def pause_ends(stack: Stack, who: Person, at: datetime) -> None:
    """Move the end of the pause that wrong passwords have begun."""
    stack.client("dynamodb").update_item(
        TableName=f"{stack.name}-limits",
        Key={"client": {"S": model.login_guesses(who["email"])}},
        UpdateExpression="SET open_at = :at",
        ConditionExpression="open_at > :none",
        ExpressionAttributeValues={":at": {"N": str(at.timestamp())}, ":none": {"N": "0"}},
    )


def menu_of(role: str) -> set[str]:
    """The paths of the screens whose operation docs/roles.md allows to a role."""
    rules = (ROOT / "docs" / "roles.md").read_text("utf-8")
    screens = (ROOT / "console" / "src" / "app" / "screens.ts").read_text("utf-8")
    columns = re.search(r"^\| \|(.*)\|$", rules, re.M)
    assert columns
    column = [name.strip() for name in columns[1].split("|")].index(role)
    shown = set()
    for path, needs in re.findall(r'path: "(/\w+)"[^}]*needs: "([^"]+)"', screens):
        row = re.search(rf"^\| {re.escape(needs)} \|(.*)\|$", rules, re.M)
        assert row, needs
        if row[1].split("|")[column].strip() != "-":
            shown.add(path)
    return shown


@pytest.mark.parametrize("role", START)
def test_each_role_lands_where_its_work_is_and_sees_its_own_menu(
    locked_stack: Stack, browser: Browser, role: str
) -> None:
    assert set(START) == set(ROLES)
    page = visit(locked_stack, browser, "/", "nav a", signed_in(locked_stack, person(locked_stack, role)))
    at(page, START[role])
    page.sees("h1")
    links = page.js("[...document.querySelectorAll('nav a[href*=\"#/\"]')].map(one => one.hash.slice(1))")
    assert set(links) == menu_of(role)
    assert START[role] in links


def test_wrong_password_is_explained_and_stored_login_lasts_until_logout(locked_stack: Stack, browser: Browser) -> None:
    who = person(locked_stack, "manager", password=PASSWORD)
    page = visit(locked_stack, browser, "/orders", LOGIN)
    assert accessible(page)
    assert unexpected(page) == []  # nothing was refused so far
    enter(page, who, "wrong password")
    page.sees("[role=alert]", "Неверная почта или пароль")
    page.clicks("input[type=checkbox]")
    enter(page, who, PASSWORD)
    page.sees("h1", "Заказы")  # the screen that was asked for
    token = kept(page)
    assert token and token not in everything_stored(page)
    come_back(page)
    page.sees("h1", "Заказы")
    press(page, "Профиль и меню")
    press(page, "Выйти")
    page.sees(LOGIN)
    assert kept(page) is None
    assert page.js("location.hash") == "#/"
    come_back(page)
    page.sees(LOGIN)
    assert unexpected(page, 401) == []


def test_after_many_wrong_passwords_the_page_counts_the_pause_down(locked_stack: Stack, browser: Browser) -> None:
    who = person(locked_stack, password=PASSWORD)
    page = visit(locked_stack, browser, "/orders", LOGIN)
    fill(page, "Электронная почта", who["email"])
    fill(page, "Пароль", PASSWORD)
    for _ in range(5):
        from_address(locked_stack, "127.0.31.7", "/v1/users/login", {"email": who["email"], "password": "wrong"})
    pause_ends(locked_stack, who, clock.now() + HOUR)  # the first pause takes a second, which may pass before the click
    press(page, "Войти")
    page.sees("[role=alert]", "Слишком много попыток")
    assert kept(page) is None
    pause_ends(locked_stack, who, clock.now())
    page.js(f"{{ const now = Date.now; Date.now = () => now() + {HOUR // timedelta(milliseconds=1)} }}")  # it passes
    page.sees("[role=alert]", "Можно попробовать снова")
    press(page, "Войти")
    page.sees("h1", "Мои заказы")
    assert kept(page) is None  # not requested
    assert unexpected(page, 429) == []


def test_login_after_expiry_returns_to_the_same_page(locked_stack: Stack, browser: Browser) -> None:
    who = person(locked_stack, "manager", password=PASSWORD)
    page = visit(locked_stack, browser, "/users", "h1", signed_in(locked_stack, who))
    page.sees("h1", "Пользователи")
    chief = locked_stack.as_seen_by(administrator(locked_stack))
    assert chief.call("PUT", f"/users/{who['id']}/password", json={"password": NEW}).status_code == 200
    fill(page, "Имя или почта", who["email"])  # asks for something
    page.sees("[role=status]", "Войдите снова")
    assert kept(page) is None
    enter(page, who, NEW)
    page.sees("h1", "Пользователи")
    page.sees("tbody", who["email"])
    assert unexpected(page, 401) == []


def test_an_invitation_and_a_forgotten_password_lead_into_the_console(locked_stack: Stack, browser: Browser) -> None:
    who = person(locked_stack, "manager")
    link = mailed_link(locked_stack, who, "invitation")
    page = visit(locked_stack, browser, link, LOGIN)
    page.sees("h1", "Добро пожаловать")
    assert accessible(page)
    fill(page, "Пароль", PASSWORD)
    fill(page, "Пароль ещё раз", PASSWORD)
    press(page, "Задать пароль и войти")
    at(page, START["manager"])
    asked = [event["request"] for event in page.events("Network.requestWillBeSent")]
    secret = link.partition("token=")[2]
    assert [one["url"] for one in asked if secret in one["url"] + str(one["headers"])] == []
    assert secret not in everything_stored(page)

    again = visit(locked_stack, browser, link, LOGIN)
    fill(again, "Пароль", NEW)
    fill(again, "Пароль ещё раз", NEW)
    press(again, "Задать пароль и войти")
    again.sees("h1", "Ссылка больше не действует")
    press(again, "Запросить новую ссылку")
    fill(again, "Электронная почта", who["email"])
    press(again, "Отправить письмо")
    again.sees("h1", "Проверьте почту")
    assert unexpected(again, 400) == []

    reset = visit(locked_stack, browser, mailed_link(locked_stack, who, "reset"), LOGIN)
    fill(reset, "Пароль", NEW)
    fill(reset, "Пароль ещё раз", NEW)
    press(reset, "Задать пароль и войти")
    at(reset, START["manager"])
    assert unexpected(reset) == []


def test_change_of_own_name_and_password_keeps_the_login(locked_stack: Stack, browser: Browser) -> None:
    who = person(locked_stack, "customer", password=PASSWORD)
    page = visit(locked_stack, browser, "/profile", LOGIN, signed_in(locked_stack, who))
    name = f"Заказчик {uuid.uuid4().hex[:6]}"
    fill(page, "Имя", name)
    press(page, "Сохранить")
    page.sees("dl", name)
    fill(page, "Прежний пароль", "wrong password")
    fill(page, "Новый пароль", NEW)
    fill(page, "Новый пароль ещё раз", NEW)
    press(page, "Сменить пароль")
    page.sees("[role=alert]", "неверный пароль")
    before = kept(page)
    fill(page, "Прежний пароль", PASSWORD)
    press(page, "Сменить пароль")
    page.sees(".mantine-Notification-root", "Пароль изменён")
    assert kept(page) not in (None, before)
    come_back(page)
    page.sees("dl", name)
    assert accessible(page)
    assert unexpected(page, 401) == []


def test_a_customer_orders_for_himself_and_sees_nothing_else(locked_stack: Stack, browser: Browser) -> None:
    who, other = person(locked_stack, "customer"), person(locked_stack, "customer")
    lines = [{"product": "Чай", "quantity": 1, "price": 10}]
    mine, theirs = (signed_in(locked_stack, one) for one in (who, other))
    foreign = locked_stack.call("POST", "/orders", json={"user_id": other["id"], "items": lines}, headers=theirs)
    page = visit(locked_stack, browser, "/orders", "h1", mine)
    page.sees("h1", "Мои заказы")
    press(page, "Новый заказ")
    fill(page, "Товар", "Кофе")
    fill(page, "Цена", "300")
    press(page, "Заказать")
    page.sees("table", "Кофе")
    (order,) = locked_stack.call("GET", "/orders", headers=mine).json()["data"]
    assert (order["user_id"], order["total_amount"]) == (who["id"], 300.0)
    assert unexpected(page) == []
    hidden = visit(locked_stack, browser, f"/orders/{foreign.json()['data']['id']}", "[role=alert]", mine)
    hidden.sees("[role=alert]", "Не найдено")
