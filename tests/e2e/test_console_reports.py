"""Reports in the console: ordered, watched, fetched, mended, stopped, and sent every morning."""

import json
from typing import Any

import pytest

from tests.browser import PRESS, Browser, Page
from tests.e2e.console import PHONE, Console
from tests.e2e.console_batches import is_well_but_for
from tests.e2e.people import administrator, person, signed_in
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

LIST = """(name) => {
  const named = (one) => one.innerText.replace(/ [*]$/, "").trim() === name && one.control;
  const found = [...document.querySelectorAll("label")].filter(named).at(-1)?.control;
  found?.click();
  return found !== undefined;
}"""
STATE = "main .mantine-Badge-label"
WEEK = {"date_from": "2025-01-01", "date_to": "2025-01-07"}


def chooses(page: Page, label: str, option: str) -> None:
    """Choose an option of the list with that label."""
    wait_for(lambda: page.js(f"({LIST})({json.dumps(label)})"), 60)
    page.chooses(option)


def ordered(stack: Stack, **fields: Any) -> dict[str, Any]:
    """A report of another user."""
    asked: dict[str, Any] = ok(stack, "POST", "/api/v1/reports", {"name": "Отчёт", "template_id": 2, **fields})
    return asked


def becomes(stack: Stack, number: int, status: str) -> dict[str, Any]:
    """The report once it is in that state."""
    path = f"/api/v1/reports/{number}"
    wait_for(lambda: ok(stack, "GET", path)["status"] == status, 90)
    report: dict[str, Any] = ok(stack, "GET", path)
    return report


def test_a_report_on_a_batch_is_ordered_by_its_number_watched_and_downloaded(stack: Stack, console: Console) -> None:
    batch = new_batch(stack)
    page = console.opens("/reports?view=history", "table")
    page.chooses("Заказать отчёт")
    chooses(page, "Шаблон", "Отчет по партии")
    page.fills("Партия", str(batch["batch_number"]))
    page.clicks(f"[role=option][value='{batch['uuid']}']")
    console.is_accessible(page)
    page.clicks("[role=dialog] [type=submit]")
    wait_for(lambda: page.js("/reports.\\d+$/.test(location.hash)"), 60)
    number = int(page.js("location.hash").rpartition("/")[2])
    page.sees(STATE, "Готов")
    wait_for(lambda: page.js("document.body.innerText.match(/Выполнен ·/g)?.length") == 6)
    report = becomes(stack, number, "completed")
    assert json.loads(report["parameters"]) == {"batch_id": batch["uuid"]}
    page.chooses("Показать журнал")
    page.sees("main", "Выполнен шаг «Сохранение файла»")
    page.chooses("Скачать")
    wait_for(lambda: any(f"/reports/report_{number}/" in asked for asked in page.requests()))
    console.is_accessible(page)
    console.is_well(page, "console-report")


def test_a_report_that_failed_says_why_and_is_made_after_its_template_was_mended(
    stack: Stack, console: Console
) -> None:
    wrong = {
        "name": "Наоборот",
        "base_template_id": 2,
        "parameters": {"date_from": "2025-01-07", "date_to": "2025-01-01"},
    }
    template = ok(stack, "POST", "/api/v1/templates", wrong)
    number = ordered(stack, template_id=template["id"])["id"]
    becomes(stack, number, "failed")
    page = console.opens("/reports?view=history&status=failed", "table")
    page.clicks(f"table a[href$='/reports/{number}']")
    page.sees("main [role=alert], main .mantine-Alert-root", "должно быть не позже date_to")
    page.sees("main", "Не выполнен")
    ok(stack, "PUT", f"/api/v1/templates/{template['id']}", wrong | {"parameters": WEEK})
    page.chooses("Попробовать ещё раз")
    page.sees(STATE, "Готов")
    assert becomes(stack, number, "completed")["error"] is None
    console.is_well(page)


def test_a_report_is_cancelled_rolled_back_and_started_again(stack: Stack, console: Console) -> None:
    batch = new_batch(stack)
    codes = [f"CANCEL-{number}" for number in range(1000)]
    ok(stack, "POST", f"/api/batches/{batch['uuid']}/products/bulk", {"unique_codes": codes})
    wait_for(lambda: ok(stack, "GET", f"/api/batches/{batch['uuid']}")["products_total"] == len(codes), 60)
    page = console.opens("/reports?view=history", "table")
    number = cancelled(stack, page, batch["uuid"])
    page.sees(STATE, "Отменён")
    becomes(stack, number, "cancelled")
    page.chooses("Попробовать ещё раз")  # it cannot be pressed while the report is rolled back
    page.sees(STATE, "Готов")
    becomes(stack, number, "completed")
    is_well_but_for(console, page, 409)  # of a cancellation for which a report was too quick


def cancelled(stack: Stack, page: Page, batch: str) -> int:
    """The number of a report that a user has cancelled; one that was quicker than him is ordered again."""
    for _ in range(10):
        for _ in range(4):  # they keep the workers busy
            ordered(stack, template_id=3, parameters={"batch_id": batch})
        number = int(ordered(stack, template_id=3, parameters={"batch_id": batch})["id"])
        page.js(f"location.hash = '#/reports/{number}'")
        page.sees(STATE)
        if not page.js(f"({PRESS})('Отменить отчёт')"):
            continue
        page.sees("[role=dialog]", "можно будет запустить заново")
        page.chooses("Отменить отчёт")
        if ended(stack, number) == "cancelled":
            return number
    raise AssertionError("no report was slow enough to be cancelled")


def ended(stack: Stack, number: int) -> str:
    """The state in which a report has ended."""
    path = f"/api/v1/reports/{number}"
    wait_for(lambda: ok(stack, "GET", path)["status"] in ("completed", "cancelled"), 60)
    return str(ok(stack, "GET", path)["status"])


def test_the_shift_report_is_sent_every_morning_and_may_be_paused_and_run_at_once(
    stack: Stack, console: Console
) -> None:
    page = console.opens("/reports?view=history", "table")
    page.chooses("Присылать регулярно")
    page.fills("Название", "Смены каждое утро")
    page.fills("Кому прислать на почту", "director")
    page.presses("Enter")
    page.sees("[role=dialog]", "Это не адрес почты: director")
    page.fills("Кому прислать на почту", "director@example.com")
    page.presses("Enter")
    page.sees("[role=dialog] [role=status]", "в 08:00, каждый день")
    console.is_accessible(page)
    page.chooses("Включить расписание")
    page.sees("article", "director@example.com")
    (schedule,) = schedules(stack)
    assert (schedule["cron"], schedule["task_type"], schedule["paused"]) == ("0 8 * * *", "generate_report", False)
    payload = schedule["payload"]
    assert (payload["template_id"], payload["parameters"]["period"]) == (2, "yesterday")
    assert payload["parameters"]["time_zone"] == schedule["time_zone"]
    assert "director@example.com" in payload["recipients"]

    menu = "Действия с «Смены каждое утро»"
    page.chooses(menu)
    page.chooses("Заказать сейчас")
    wait_for(lambda: reports(stack, "Смены каждое утро"), 60)
    becomes(stack, reports(stack, "Смены каждое утро")[0]["id"], "completed")
    wait_for(lambda: list((stack.state / "mail").glob("* director@example.com.eml")), 60)
    page.chooses(menu)
    page.chooses("Приостановить")
    page.sees("article", "Приостановлено")
    assert schedules(stack)[0]["paused"]
    console.is_well(page)

    page = console.opens("/reports?view=schedules", "article")
    console.is_accessible(page)
    page.chooses(menu)
    page.chooses("Удалить")
    page.sees("[role=dialog]", "будет удалено")
    wait_for(lambda: page.js("document.querySelector('[role=menu]') === null"))  # whose item has the same name
    page.chooses("Удалить")
    wait_for(lambda: schedules(stack) == [])
    console.is_well(page, "console-schedules")


def schedules(stack: Stack) -> list[dict[str, Any]]:
    """The schedules that this page has made."""
    found = ok(stack, "GET", "/api/v1/schedules?task_type=generate_report&limit=100")["schedules"]
    return [one for one in found if one["name"] == "Смены каждое утро"]


def reports(stack: Stack, name: str) -> list[dict[str, Any]]:
    """The reports of that name."""
    return [one for one in ok(stack, "GET", "/api/v1/reports?limit=100")["reports"] if one["name"] == name]


def test_own_template_is_created_ordered_and_deleted(stack: Stack, console: Console) -> None:
    page = console.opens("/reports?view=templates", "article")
    page.chooses("Новый шаблон")
    page.fills("Название", "Неделя цеха")
    chooses(page, "За какой период", "Прошлая неделя")
    console.is_accessible(page)
    page.chooses("Сохранить шаблон")
    page.sees("article", "Неделя цеха")
    (template,) = templates(stack)
    assert json.loads(template["parameters"])["period"] == "last_week"
    page.chooses("Изменить «Неделя цеха»")
    page.sees("[role=dialog] label", "За какой период")
    theirs = {name: template[name] for name in ("name", "base_template_id", "parameters")} | {"description": "Чужое"}
    ok(stack, "PUT", f"/api/v1/templates/{template['id']}", theirs)
    page.chooses("Сохранить шаблон")
    page.sees("[role=alert]", "Данные изменились")
    page.chooses("Повторить")
    wait_for(lambda: page.js("document.querySelector('[role=dialog] textarea')?.value") == "Чужое")
    page.chooses("Сохранить шаблон")
    page.sees("article", "Чужое")
    page.chooses("Заказать: Неделя цеха")
    page.sees("[role=dialog] label", "За какой период")
    page.clicks("[role=dialog] [type=submit]")
    page.sees(STATE, "Готов")
    page.chooses("Отчёты")
    page.chooses("Шаблоны")
    page.chooses("Удалить «Неделя цеха»")
    page.sees("[role=dialog]", "будет удалён")
    page.chooses("Удалить")
    wait_for(lambda: templates(stack) == [])
    is_well_but_for(console, page, 412)


def templates(stack: Stack) -> list[dict[str, Any]]:
    """The templates that this page has made."""
    found = ok(stack, "GET", "/api/v1/templates?limit=100")["templates"]
    return [one for one in found if one["name"] == "Неделя цеха"]


def test_customer_sees_only_own_reports(locked_stack: Stack, built_console: None, browser: Browser) -> None:
    console = Console(browser, locked_stack.url, locked_stack.aws_url)
    customer = person(locked_stack, "customer", password="long-enough-1")
    body = {"template_id": 1, "parameters": {"period": "2025-01"}}
    mine, other = (
        locked_stack.call("POST", "/api/v1/reports", json={**body, "name": name}, headers=headers).json()["id"]
        for name, headers in (
            ("Мой отчёт", signed_in(locked_stack, customer)),
            ("Чужой отчёт", administrator(locked_stack)),
        )
    )
    page = console.opens("/reports", "input[type=password]")
    page.types("input[type=email], input[autocomplete=username]", customer["email"])
    page.types("input[type=password]", "long-enough-1")
    page.clicks("[type=submit]")
    page.sees("section", "Мой отчёт")
    shown = page.js("document.querySelector('main').innerText")
    assert "Чужой отчёт" not in shown and "Присылать регулярно" not in shown and "Регулярные" not in shown
    console.is_accessible(page)
    console.is_well(page, "console-reports-customer")
    page.clicks(f"a[href$='/reports/{mine}']")
    page.sees("h1", "Мой отчёт")
    page.js(f"location.hash = '#/reports/{other}'")
    page.sees("main [role=alert]", "Отчет не найден")


@pytest.mark.parametrize("view", ["overview", "history", "schedules", "templates"])
def test_each_part_fits_on_a_phone_and_axe_finds_nothing(stack: Stack, console: Console, view: str) -> None:
    ordered(
        stack, name="Отчёт с очень длинным названием, которое не помещается в одну строку телефона", parameters=WEEK
    )
    page = console.opens(f"/reports?view={view}", "[role=tabpanel]")
    wait_for(lambda: page.js("!document.querySelector('main .mantine-Loader-root')"), 60)
    console.is_accessible(page)
    page.becomes(*PHONE)
    console.is_well(page, f"console-reports-{view}-phone")
