"""The list of batches in the console: finding, filters, export, creation, work centres, roles."""

import json
import uuid

import pytest

from tests.browser import Browser
from tests.e2e.console import PHONE, Console, console_of
from tests.e2e.console_batches import DIALOG, MAIN, NOTICE, filled, opened, search_of
from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for


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


def test_shown_batches_are_exported_and_downloaded(stack: Stack, console: Console) -> None:
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
    given = {name: made[name] for name in ("nomenclature", "ekn_code", "shift", "team", "planned_quantity")}
    assert given == {
        "nomenclature": "Гайка М8", "ekn_code": "EKN-7", "shift": "2", "team": "Бригада Б", "planned_quantity": 120,
    }  # fmt: skip
    assert made["work_center_id"] == center["uuid"]
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


def test_reader_sees_no_buttons_for_changes(locked_stack: Stack, built_console: None, browser: Browser) -> None:
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
def test_list_and_page_of_a_batch_are_accessible(stack: Stack, console: Console, size: tuple[int, int]) -> None:
    batch = filled(stack, 2, nomenclature="Очень длинное название изделия " * 5, planned_quantity=3)
    page = console.opens("/batches", "td a", size)
    console.is_accessible(page)
    console.is_well(page, f"batches-{size[0]}")
    page = opened(console, batch, size)
    page.sees(MAIN, "CODE-001")
    console.is_accessible(page)
    console.is_well(page, f"batch-{size[0]}")
