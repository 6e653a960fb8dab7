"""Async work in the console, as an operator, a shift manager and an engineer work with it."""

import json
import uuid
from typing import Any

from tests.browser import Browser, Page
from tests.e2e.console import PHONE, Console
from tests.e2e.due import plan
from tests.e2e.people import person, signed_in
from tests.e2e.production import ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

PATH = "/api/v1/operations"
DIALOG = "[role=dialog]"
PANEL = "[role=dialog] dl"
ROW = "tbody td a"
NOTICE = ".mantine-Notification-root"
MAX_WAIT_SECONDS = 60


def task_now(stack: Stack, number: int) -> dict[str, Any]:
    found: dict[str, Any] = ok(stack, "GET", f"/api/v1/tasks/{number}")["task"]
    return found


def failed_task(stack: Stack) -> int:
    """The number of a task that has failed at its first start."""
    number: int = plan(stack, "send_sms", {"phone": "none", "text": "a"}, 1)["id"]
    wait_for(lambda: task_now(stack, number)["status"] == "failed", MAX_WAIT_SECONDS)
    return number


def waiting_task(stack: Stack) -> int:
    """The number of a task that waits for an hour."""
    number: int = plan(stack, "publish_event", {"name": "shift.begins"}, 3600)["id"]
    return number


def opened(console: Console, key: str) -> Page:
    """The list with an operation beside it."""
    return console.opens(f"/operations?open={key.replace(':', '%3A')}", PANEL)


def form(console: Console, name: str, route: str = "/operations") -> Page:
    """The form that makes something, once it is open and the menu is gone."""
    page = console.opens(route, "h1")
    page.chooses("Создать")
    page.chooses(name)
    wait_for(
        lambda: page.js("!document.querySelector('[role=menu]') && !!document.activeElement.closest('[role=dialog]')"),
        MAX_WAIT_SECONDS,
    )
    return page


def test_a_failed_task_is_found_its_attempt_is_read_and_it_is_made_again(stack: Stack, console: Console) -> None:
    number = failed_task(stack)
    page = console.opens("/operations", ROW)
    page.clicks("input[type=radio][value=failed]")
    wait_for(lambda: "status=failed" in page.js("location.hash"), MAX_WAIT_SECONDS)
    page.clicks(f"a[href*='deferred%3A{number}']")
    page.sees(PANEL)
    page.sees(DIALOG, "Попытка 1")
    page.sees(DIALOG, "payload: phone")
    page.chooses("Повторить")
    wait_for(lambda: task_now(stack, number)["attempts"] == 2, MAX_WAIT_SECONDS)
    page.sees(DIALOG, "Попытка 2")
    console.is_well(page, "console-operation")


def test_what_waits_is_counted_down_and_stopped(stack: Stack, console: Console) -> None:
    number = waiting_task(stack)
    page = opened(console, f"deferred:{number}")
    page.sees(PANEL, "через ")
    page.chooses("Остановить")
    page.sees(DIALOG, "Остановить работу?")
    page.chooses("Да, остановить")
    wait_for(lambda: task_now(stack, number)["status"] == "cancelled", MAX_WAIT_SECONDS)
    page.sees(DIALOG, "Отменено")
    console.is_well(page)


def test_many_are_made_again_after_a_preview(stack: Stack, console: Console) -> None:
    numbers = [failed_task(stack), failed_task(stack)]
    page = console.opens("/operations", ROW)
    page.chooses("Повторить неудачные")
    page.chooses("Показать, что повторится")
    page.sees(DIALOG, "SMS")
    assert [task_now(stack, number)["attempts"] for number in numbers] == [1, 1]
    console.is_accessible(page)
    page.chooses("Повторить")
    page.sees(f"{DIALOG} [role=status]", "Повторен")
    wait_for(lambda: [task_now(stack, number)["attempts"] for number in numbers] == [2, 2], MAX_WAIT_SECONDS)
    page.chooses("Закрыть")
    console.is_well(page)


def test_a_task_is_made_by_a_form_that_asks_what_its_type_needs(stack: Stack, console: Console) -> None:
    url = f"{stack.url}/api/v1/health?{uuid.uuid4().hex}"
    page = form(console, "Отложенное задание")
    page.sees(DIALOG, "Адрес")
    page.clicks(f"{DIALOG} button[type=submit]")
    page.sees(DIALOG, "Заполните поле")
    console.is_accessible(page)
    page.fills("Адрес", url)
    page.fills("Данные", '{"shift": 1}')
    page.clicks(f"{DIALOG} button[type=submit]")
    page.sees(NOTICE, "Задание создано")
    tasks = ok(stack, "GET", "/api/v1/tasks?task_type=http_callback&status=pending&limit=50")["tasks"]
    (made,) = [task["payload"] for task in tasks if task["payload"]["url"] == url]
    assert made == {"url": url, "method": "POST", "data": {"shift": 1}}
    page.sees(ROW, "HTTP-вызов")
    console.is_well(page)


def test_a_schedule_is_made_in_words_paused_run_and_deleted(stack: Stack, console: Console) -> None:
    name = f"Смена {uuid.uuid4().hex[:8]}"

    def known() -> list[dict[str, Any]]:
        return [one for one in ok(stack, "GET", "/api/v1/schedules?limit=100")["schedules"] if one["name"] == name]

    page = form(console, "Расписание", "/operations?tab=schedules")
    page.sees(DIALOG, "В 08:00, каждый день")
    page.fills("Название", name)
    page.fills("Название отчёта", "Смены")
    page.fills("Шаблон", "задачам")
    page.chooses("Отчет по задачам")
    console.is_accessible(page)
    page.clicks(f"{DIALOG} button[type=submit]")
    page.sees(ROW, name)
    (made,) = known()
    assert (made["cron"], made["task_type"], made["payload"]) == (
        "0 8 * * *", "generate_report", {"name": "Смены", "template_id": 4},
    )  # fmt: skip
    page.clicks(f"a[href*='{made['id']}']")
    page.sees(PANEL, "В 08:00, каждый день")
    page.chooses("Пауза")
    wait_for(lambda: known()[0]["paused"], MAX_WAIT_SECONDS)
    page.sees(DIALOG, "На паузе")
    page.chooses("Запустить сейчас")
    wait_for(lambda: known()[0]["runs"] == 1, MAX_WAIT_SECONDS)
    page.chooses("Удалить")
    page.sees(DIALOG, "Удалить расписание?")
    page.chooses("Да, удалить")
    wait_for(lambda: known() == [], MAX_WAIT_SECONDS)
    console.is_well(page)


def test_a_long_task_is_made_for_a_person_named_by_email(stack: Stack, console: Console) -> None:
    who = person(stack, "engineer")
    page = form(console, "Долгая задача")
    page.fills("Для кого", who["email"])
    page.chooses(f"{who['name']} · {who['email']}")
    page.fills("Задача", f"fetch {stack.url}/api/v1/health")
    page.clicks(f"{DIALOG} button[type=submit]")
    page.sees(NOTICE, "Задача создана")
    (made,) = ok(stack, "GET", f"/tasks/{who['number']}")
    assert made["task"] == f"fetch {stack.url}/api/v1/health"
    page.clicks(f"a[href*='long%3A{made['id']}']")
    page.sees(DIALOG, "status=200")
    console.is_well(page)


def test_failed_report_shows_its_step_and_is_retried_from_there(stack: Stack, console: Console) -> None:
    order = {"name": "Нет такого шаблона", "template_id": 9999}
    saga = ok(stack, "POST", "/api/v1/reports", order)["saga_id"]
    wait_for(lambda: ok(stack, "GET", f"/api/v1/sagas/{saga}")["status"] == "failed", MAX_WAIT_SECONDS)
    page = opened(console, f"saga:{saga}")
    page.sees(DIALOG, "Проверка шаблона")
    page.sees(DIALOG, "Шаблон 9999 не найден")
    page.chooses("Журнал")
    page.sees(DIALOG, "Шаг не выполнен (шаг 2, попытка 1)")
    console.is_accessible(page)
    page.chooses("Повторить")
    wait_for(lambda: ok(stack, "GET", f"/api/v1/sagas/{saga}")["steps"][1]["attempts"] == 2, MAX_WAIT_SECONDS)
    page.sees(DIALOG, "Запущено ещё раз")
    console.is_well(page)


def test_the_list_is_well_on_a_desktop_and_on_a_phone(stack: Stack, console: Console) -> None:
    failed_task(stack)
    page = console.opens("/operations", ROW)
    console.is_accessible(page)
    console.is_well(page, "console-operations")
    page = console.opens("/operations?status=failed", ROW, PHONE)
    page.chooses("Фильтры")
    page.sees("main", "Создано за период")
    console.is_accessible(page)
    console.is_well(page, "console-operations-phone")


def test_each_role_sees_its_actions(locked_stack: Stack, built_console: None, browser: Browser) -> None:
    console = Console(browser, locked_stack.url, locked_stack.aws_url)
    page = logged_in(console, locked_stack, "engineer")
    page.chooses("Создать")
    page.sees("[role=menu]", "Долгая задача")
    assert "Расписание" not in page.sees("[role=menu]", "Отложенное задание")
    assert "Повторить неудачные" not in page.sees("main", "Фоновые работы")
    console.is_well(page)
    page = logged_in(console, locked_stack, "executive")
    assert "Создать" not in page.sees("main", "Расписания")
    console.is_well(page)
    page = logged_in(console, locked_stack, "customer")
    assert "Расписания" not in page.sees("main", "Фоновые работы")
    console.is_well(page)


def logged_in(console: Console, stack: Stack, role: str) -> Page:
    """The list as a user with that role sees it."""
    token = signed_in(stack, person(stack, role))["Authorization"].removeprefix("Bearer ")
    page = console.opens("/operations", "input[type=password]")
    page.js(f"sessionStorage.setItem('shopfloor.token', {json.dumps(token)})")
    page.send("Page.reload")
    page.sees("h1", "Фоновые работы")
    return page
