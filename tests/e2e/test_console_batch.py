"""The page of a batch in the console: products, aggregation, closing, edits at the same time."""

import pytest

from tests.e2e.console import Console
from tests.e2e.console_batches import DIALOG, MAIN, NOTICE, filled, is_well_but_for, now, opened
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

RADIO_OF = """[...document.querySelectorAll('[role=radiogroup]')].find((one) =>
  document.getElementById(one.getAttribute('aria-labelledby'))?.innerText === '{label}'
).querySelector('input[value={value}]').click()"""


def test_pasted_codes_are_added_and_refused_ones_listed(stack: Stack, console: Console) -> None:
    batch = filled(stack, 1)
    page = opened(console, batch)
    page.chooses("Добавить продукты")
    page.fills("Коды", "CODE-000\nNEW-1\nNEW-1\nNEW-2")
    page.sees(DIALOG, "3 кода, 1 повтор будет пропущен")
    page.js(f"document.querySelector('{DIALOG} form').requestSubmit()")
    page.sees(DIALOG, "Добавлено 2 продукта")
    page.sees(DIALOG, "1 код не принят")
    page.sees(DIALOG, "CODE-000")
    page.chooses("Готово")
    page.sees(MAIN, "NEW-2")
    assert now(stack, batch)["products_total"] == 3
    page.fills("Код продукта", "NEW-1")
    wait_for(lambda: page.js("document.querySelectorAll('tbody tr').length") == 1)
    page.chooses("Удалить NEW-1")
    page.chooses("Удалить продукт")
    page.sees(NOTICE, "Продукт удалён")
    assert [product["unique_code"] for product in now(stack, batch)["products"]] == ["CODE-000", "NEW-2"]
    console.is_well(page)


@pytest.mark.parametrize("background", [False, True])
def test_a_batch_is_aggregated_closed_and_reopened(stack: Stack, console: Console, background: bool) -> None:
    batch = filled(stack, 3)
    page = opened(console, batch)
    page.chooses("Агрегировать")
    page.sees(DIALOG, "Будут агрегированы 3 продукта")
    if background:
        page.clicks(f"{DIALOG} input[role=switch]")
    page.chooses("Агрегировать")
    if background:
        page.sees(DIALOG, "Партия агрегирована")
        page.chooses("Готово")
    page.sees(MAIN, "3 из 3")
    assert now(stack, batch)["aggregated_total"] == 3
    page.chooses("Закрыть партию")
    page.sees(DIALOG, "В закрытую партию продукты не добавляются")
    page.chooses("Закрыть партию")
    page.sees(MAIN, "Открыть снова")
    assert now(stack, batch)["is_closed"] is True
    page.chooses("Открыть снова")
    page.sees(MAIN, "Партия снова открыта")
    assert now(stack, batch)["is_closed"] is False
    console.is_well(page)


@pytest.mark.parametrize("name", ["Скачать PDF", "Скачать Excel (xlsx)"])
def test_the_report_is_one_click(stack: Stack, console: Console, name: str) -> None:
    batch = filled(stack, 1)
    page = opened(console, batch)
    page.chooses("Отчёт")
    page.chooses(name)
    kind = "PDF" if "PDF" in name else "XLSX"
    page.sees(MAIN, f"Отчёт готов: {kind}")
    events = ok(stack, "GET", f"/api/batches/{batch['uuid']}/events")["items"]
    made = next(event for event in events if event["name"] == "batch.report_generated")
    assert made["data"]["report_type"] == kind.lower()
    assert any(asked.endswith(made["data"]["file_url"]) for asked in page.requests())
    console.is_well(page)


def test_concurrent_edits_are_merged_field_by_field(stack: Stack, console: Console) -> None:
    batch = new_batch(stack, team="Бригада А", shift="1", planned_quantity=10)
    page = opened(console, batch)
    page.chooses("Ещё")
    page.chooses("Изменить партию")
    page.fills("Бригада", "Бригада моя")
    page.fills("План", "15")
    ok(stack, "PATCH", f"/api/batches/{batch['uuid']}", {"team": "Бригада чужая", "shift": "3"})
    page.chooses("Сохранить")
    shown = page.sees(DIALOG, "Пока вы правили, это изменил кто-то ещё")
    assert "Бригада моя" in shown and "Бригада чужая" in shown and "План" not in shown
    assert page.js("[...document.querySelectorAll('button')].at(-1).disabled") is True  # the team is not chosen yet
    console.is_accessible(page)
    page.js(RADIO_OF.format(value="mine", label="Бригада"))
    page.chooses("Сохранить выбранное")
    page.sees(NOTICE, "Изменения сохранены")
    saved = now(stack, batch)
    assert (saved["team"], saved["shift"], saved["planned_quantity"]) == ("Бригада моя", "3", 15)
    is_well_but_for(console, page, 412)


def test_an_edit_goes_through_when_only_products_came_meanwhile(stack: Stack, console: Console) -> None:
    batch = new_batch(stack)
    page = opened(console, batch)
    page.chooses("Ещё")
    page.chooses("Изменить партию")
    page.fills("Бригада", "Бригада Я")
    ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": "MEANWHILE"})
    page.chooses("Сохранить")
    page.sees(NOTICE, "Изменения сохранены")
    assert now(stack, batch)["team"] == "Бригада Я"
    is_well_but_for(console, page, 412)


def test_closing_a_changed_batch_shows_the_differences(stack: Stack, console: Console) -> None:
    batch = filled(stack, 1)
    page = opened(console, batch)
    ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": "LATE"})
    page.chooses("Закрыть партию")
    page.sees(DIALOG, "В закрытую партию")
    page.chooses("Закрыть партию")
    page.sees(DIALOG, "Партия изменилась, пока вы на неё смотрели")
    assert now(stack, batch)["is_closed"] is False
    page.chooses("Продолжить")
    page.sees(MAIN, "Открыть снова")
    assert now(stack, batch)["is_closed"] is True
    is_well_but_for(console, page, 412)


def test_a_deleted_batch_leaves_the_list(stack: Stack, console: Console) -> None:
    batch = filled(stack, 1)
    ok(stack, "PATCH", f"/api/batches/{batch['uuid']}/close", {})
    page = opened(console, batch)
    page.chooses("Ещё")
    page.chooses("Удалить партию")
    page.sees(DIALOG, "Это нельзя отменить")
    page.chooses("Да, удалить")
    page.sees(NOTICE, "Партия удалена")
    page.sees("h1", "Партии")
    assert stack.call("GET", f"/api/batches/{batch['uuid']}").status_code == 404
    console.is_well(page)
