"""The system in the console, as an administrator sees it."""

import json
from uuid import uuid4

from tests.browser import Browser
from tests.e2e.console import PHONE, Console
from tests.e2e.people import person, signed_in
from tests.e2e.production import ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

DEAD_LETTERS = "/api/v1/system/dead-letters/deliveries"
DIALOG = "[role=dialog]"
NOTICE = ".mantine-Notification-root"


def test_dead_emails_are_read_and_moved_back(stack: Stack, console: Console) -> None:
    delivery = str(uuid4())  # of none: the deliverer passes over it
    dead_letter = json.dumps({"delivery_id": delivery})
    stack.client("sqs").send_message(QueueUrl=stack.outputs()["DeliveriesDlqUrl"], MessageBody=dead_letter)
    page = console.opens("/system", "h2")
    page.sees("[role=status]", "Требует внимания")
    page.chooses("Показать: 1, Доставки вебхуков")
    page.sees(DIALOG, delivery)
    page.sees(DIALOG, "Ничего не потеряется")
    console.is_accessible(page)
    page.chooses("Вернуть все в очередь")
    page.sees(DIALOG, "Вернуть сообщения в очередь?")
    page.chooses("Да, вернуть")
    page.sees(NOTICE, "Возвращено 1 сообщение")
    wait_for(lambda: ok(stack, "GET", DEAD_LETTERS)["messages"] == 0)
    page.sees(DIALOG, "Недоставленных сообщений нет")
    console.is_well(page)


def test_the_system_is_shown_on_a_desktop_and_on_a_phone(stack: Stack, console: Console) -> None:
    page = console.opens("/system", "h2")
    for part in ("Очереди", "Предохранители", "Дневные квоты", "Настройки", "Документы", "Фоновые задачи"):
        page.sees("main", part)
    links = page.js("[...document.querySelectorAll('main a[target=_blank]')].map(one => one.href)")
    assert [stack.call("GET", link.removeprefix(stack.url)).status_code for link in links] == [200, 200, 200]
    console.is_accessible(page)
    console.is_well(page, "console-system")
    page = console.opens("/system", "h2", PHONE)
    console.is_well(page, "console-system-phone")


def test_only_administrators_are_shown_the_system(locked_stack: Stack, built_console: None, browser: Browser) -> None:
    console = Console(browser, locked_stack.url, locked_stack.aws_url)
    token = signed_in(locked_stack, person(locked_stack, "manager"))["Authorization"].removeprefix("Bearer ")
    page = console.opens("/system", "input[type=password]")
    page.js(f"sessionStorage.setItem('shopfloor.token', {json.dumps(token)})")
    page.send("Page.reload")
    page.sees("[role=alert]", "Недостаточно прав")
    assert "Система" not in page.sees("nav", "Фоновые работы")
