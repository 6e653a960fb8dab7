"""Batches in the console, as a shift manager works with them."""

import json
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser import Browser, Page
from tests.e2e.console import PHONE, Console, console_of
from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

NOTICE = ".mantine-Notification-root"
DIALOG = "[role=dialog]"
MAIN = "main"


def filled(stack: Stack, count: int, **fields: Any) -> dict[str, Any]:
    """A new batch with that many products; how it is afterwards."""
    batch = new_batch(stack, **fields)
    for number in range(count):
        ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": f"CODE-{number:03d}"})
    return now(stack, batch)


def now(stack: Stack, batch: dict[str, Any]) -> dict[str, Any]:
    """The batch as the API has it."""
    found: dict[str, Any] = ok(stack, "GET", f"/api/batches/{batch['uuid']}")
    return found


def opened(console: Console, batch: dict[str, Any], size: tuple[int, int] = (1280, 900)) -> Page:
    """The page of a batch."""
    page = console.opens(f"/batches/{batch['uuid']}", "dl", size)
    page.sees("h1", str(batch["batch_number"]))
    return page


def search_of(page: Page) -> dict[str, str]:
    """What the address keeps."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.js("location.hash.slice(1)")).query).items()}


def is_well_but_for(console: Console, page: Page, status: int) -> None:
    """The answers with that status, which the story is about, are the only complaints."""
    assert [complaint for complaint in page.complaints() if f" {status} " not in complaint] == []
    assert [asked for asked in page.requests() if not asked.startswith("http://127.0.0.1:")] == []
    assert page.js("document.documentElement.scrollWidth") <= page.width


def test_a_batch_is_found_by_its_number_and_opened(stack: Stack, console: Console) -> None:
    batch = filled(stack, 2, nomenclature="Болт М8х40", planned_quantity=4)
    new_batch(stack)
    page = console.opens("/batches", "td a")
    page.fills("Номер партии", str(batch["batch_number"]))
    wait_for(lambda: page.js("document.querySelectorAll('tbody tr').length") == 1)
    wait_for(lambda: search_of(page) == {"batch_number": str(batch["batch_number"])})
    page.chooses(str(batch["batch_number"]))
    page.sees("dl", "Болт М8х40")
    page.sees(MAIN, "Агрегировано 0 из 4 по плану · добавлено 2")
    page.sees(MAIN, "CODE-001")
    page.sees(MAIN, "Добавлено 2 продукта")
    page.sees(MAIN, "Партия создана")
    console.is_well(page, "batch")


def test_filters_and_sorting_are_in_the_address_and_saved_as_a_view(stack: Stack, console: Console) -> None:
    shift = f"S{uuid.uuid4().hex[:8]}"
    open_one, closed_one = new_batch(stack, shift=shift), new_batch(stack, shift=shift)
    ok(stack, "PATCH", f"/api/batches/{closed_one['uuid']}/close", {})
    page = console.opens("/batches", "td a")
    page.fills("Смена", shift)
    page.chooses("Закрытые")
    page.sees("td a", str(closed_one["batch_number"]))
    page.chooses("Номер")
    kept = {"shift": shift, "is_closed": "true", "sort_field": "batch_number", "sort_direction": "DESC"}
    wait_for(lambda: search_of(page) == kept)
    page.chooses("Сохранённые виды")
    page.fills("Название вида", "Закрытые моей смены")
    page.chooses("Сохранить то, что показано")
    page.chooses("Сбросить")
    wait_for(lambda: "shift" not in search_of(page))
    if not page.js(f"!!document.querySelector('{DIALOG}')"):
        page.chooses("Сохранённые виды")
    page.chooses("Закрытые моей смены")
    wait_for(lambda: search_of(page) == kept)
    wait_for(lambda: page.js("document.querySelectorAll('tbody tr').length") == 1)
    assert str(open_one["batch_number"]) not in page.sees("tbody")
    console.is_well(page, "batches")


def test_what_is_shown_is_exported_and_downloaded(stack: Stack, console: Console) -> None:
    center = new_center(stack)
    new_batch(stack, work_center_id=center)
    new_batch(stack, work_center_id=center)
    page = console.opens(f"/batches?work_center_id={center}", "td a")
    wait_for(lambda: page.js("document.querySelectorAll('tbody tr').length") == 2)
    page.chooses("Выгрузить")
    page.chooses("CSV")
    page.chooses("Начать выгрузку")
    page.sees(DIALOG, "Готово: 2 партии")
    page.chooses("Скачать")
    wait_for(lambda: any("/api/reports/" in asked for asked in page.requests()))
    console.is_well(page)


def test_a_batch_is_created_by_the_names_people_know(stack: Stack, console: Console) -> None:
    name = f"Линия {uuid.uuid4().hex[:8]}"
    center = ok(stack, "POST", "/api/work_centers", {"identifier": uuid.uuid4().hex[:8], "name": name})
    number = uuid.uuid4().int % 10**12 + 1
    page = console.opens("/batches", "h1")
    page.chooses("Новая партия")
    page.chooses("Создать партию")
    page.sees(DIALOG, "Заполните поле")
    page.fills("Номер", "9" * 20)
    page.sees(DIALOG, "Не больше")
    page.fills("Номенклатура", "Г" * 201)
    page.sees(DIALOG, "Слишком длинно: 201 из 200 знаков")
    for label, value in {
        "Номер": str(number), "Номенклатура": "Гайка М8", "Код ЕКН": "EKN-7", "План": "120", "Смена": "2",
        "Бригада": "Бригада Б", "Задание": "Изготовить гайки", "Рабочий центр": name,
    }.items():  # fmt: skip
        page.fills(label, value)
    page.chooses(f"{name} · {center['identifier']}")
    page.chooses("Создать партию")
    page.sees("h1", str(number))
    made = ok(stack, "GET", f"/api/batches?batch_number={number}")["items"][0]
    told = {name: made[name] for name in ("nomenclature", "ekn_code", "shift", "team", "planned_quantity")}
    assert told == {
        "nomenclature": "Гайка М8", "ekn_code": "EKN-7", "shift": "2", "team": "Бригада Б", "planned_quantity": 120,
    }  # fmt: skip
    assert made["work_center_id"] == center["uuid"]
    console.is_well(page)


def test_pasted_codes_are_added_and_refused_ones_named(stack: Stack, console: Console) -> None:
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
        page.js(f"document.querySelector('{DIALOG} input[role=switch]').click()")
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


def test_two_who_edit_the_same_batch_choose_field_by_field(stack: Stack, console: Console) -> None:
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


RADIO_OF = """[...document.querySelectorAll('[role=radiogroup]')].find((one) =>
  document.getElementById(one.getAttribute('aria-labelledby'))?.innerText === '{label}'
).querySelector('input[value={value}]').click()"""


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


def test_who_closes_a_batch_that_changed_is_shown_what_changed(stack: Stack, console: Console) -> None:
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


def test_work_centres_are_added_renamed_and_deleted(stack: Stack, console: Console) -> None:
    name, identifier = f"Цех {uuid.uuid4().hex[:8]}", uuid.uuid4().hex[:8]
    page = console.opens("/batches", "h1")
    page.chooses("Рабочие центры")
    page.chooses("Добавить центр")
    page.fills("Название", name)
    page.fills("Обозначение", identifier)
    page.chooses("Сохранить")
    page.chooses(f"Изменить «{name}»")
    page.fills("Название", f"{name} новый")
    page.chooses("Сохранить")
    page.sees(DIALOG, f"{name} новый")
    found = ok(stack, "GET", f"/api/work_centers?identifier={identifier}")["items"]
    assert [center["name"] for center in found] == [f"{name} новый"]
    page.chooses(f"Удалить «{name} новый»")
    page.sees(DIALOG, "Удалить рабочий центр?")
    page.chooses("Удалить центр")
    page.sees(NOTICE, "Рабочий центр удалён")
    assert ok(stack, "GET", f"/api/work_centers?identifier={identifier}")["total"] == 0
    console.is_well(page)


def test_who_may_only_read_sees_no_buttons_that_change(
    locked_stack: Stack, built_console: None, browser: Browser
) -> None:
    manager = locked_stack.as_seen_by(signed_in(locked_stack, person(locked_stack, "manager")))
    batch = filled(manager, 1)
    token = signed_in(locked_stack, person(locked_stack, "executive"))["Authorization"].removeprefix("Bearer ")
    console = console_of(locked_stack, browser)
    page = console.opens("/batches", "input[type=password]")
    page.js(f"sessionStorage.setItem('shopfloor.token', {json.dumps(token)})")
    page.js("location.reload()")
    page.sees("td a", str(batch["batch_number"]))
    assert "Новая партия" not in page.sees(MAIN)
    page.chooses(str(batch["batch_number"]))
    page.sees(MAIN, "CODE-000")
    shown = page.sees(MAIN)
    assert "Отчёт" in shown
    for name in ("Закрыть партию", "Агрегировать", "Добавить продукты"):
        assert name not in shown
    assert page.js("document.querySelector('[aria-label^=Удалить]')") is None
    console.is_well(page)


@pytest.mark.parametrize("size", [(1280, 900), PHONE])
def test_everybody_can_use_the_list_and_the_page_of_a_batch(
    stack: Stack, console: Console, size: tuple[int, int]
) -> None:
    batch = filled(stack, 2, nomenclature="Очень длинное название изделия " * 5, planned_quantity=3)
    page = console.opens("/batches", "td a", size)
    console.is_accessible(page)
    console.is_well(page, f"batches-{size[0]}")
    page = opened(console, batch, size)
    page.sees(MAIN, "CODE-001")
    console.is_accessible(page)
    console.is_well(page, f"batch-{size[0]}")
