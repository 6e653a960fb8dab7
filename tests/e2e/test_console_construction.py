"""Sites and defects in the console, for an engineer with a phone, a manager and a customer."""

import uuid
from pathlib import Path

import pytest

from tests.e2e.console import DESKTOP, PHONE
from tests.e2e.crew import DEFECTS, PICTURE, SITES, YESTERYEAR, Crew, attaches, chooses
from tests.waiting import wait_for


def test_engineer_registers_a_defect_with_a_photo_by_phone(crew: Crew, tmp_path: Path) -> None:
    (tmp_path / "Стена.png").write_bytes(PICTURE)
    page = crew.engineer.opens("/construction", "h1", PHONE)
    page.chooses("Новый дефект")
    chooses(page, "Объект", crew.site["name"])
    page.fills("Что не так", "Скол ступени")
    attaches(page, tmp_path / "Стена.png")
    page.sees("[role=dialog]", "Стена.png")
    crew.engineer.console.is_accessible(page)
    page.chooses("Записать")
    page.sees("main a", "Скол ступени")
    (made,) = wait_for(lambda: crew.manager.ok("GET", f"{DEFECTS}?site_id={crew.site['id']}")["items"])
    assert (made["title"], made["status"], made["reporter"]["id"]) == ("Скол ступени", "new", crew.engineer.id)
    photos = f"{DEFECTS}/{made['id']}/attachments"
    (photo,) = wait_for(lambda: [one for one in crew.manager.ok("GET", photos)["items"] if one["uploaded"]])
    assert (photo["name"], photo["uploaded"], photo["size"]) == ("Стена.png", True, len(PICTURE))
    crew.engineer.console.is_well(page, "construction-phone")


def test_manager_creates_and_finishes_a_site(crew: Crew) -> None:
    page = crew.manager.opens("/construction?view=sites", "article")
    page.chooses("Новый объект")
    code = uuid.uuid4().hex[:10]
    page.fills("Код", code)
    page.fills("Название", f"Склад {code}")
    chooses(page, "Заказчик", crew.customer.name)
    crew.manager.console.is_accessible(page)
    page.chooses("Сохранить")
    page.chooses(f"Склад {code}")
    page.sees("h1", code)
    page.chooses("Изменить")
    page.clicks("[role=dialog] input[value='Идут работы']")
    page.chooses("Завершён")
    page.chooses("Сохранить")
    page.sees("main", "Завершён")
    (site,) = crew.manager.ok("GET", f"{SITES}?code={code}")["items"]
    assert (site["status"], site["customer_id"]) == ("finished", crew.customer.id)
    crew.manager.console.is_well(page, "construction-site-finished")


def test_filters_are_in_the_address_and_find_overdue_defects(crew: Crew) -> None:
    late, other = crew.assigned_defect(due_date=YESTERYEAR, severity="high"), crew.assigned_defect()
    page = crew.manager.opens(f"/construction?view=table&site={crew.site['id']}", "table a")
    page.sees("table", other["title"])
    page.chooses("Только просроченные")
    wait_for(lambda: other["title"] not in page.sees("table", late["title"]))
    assert "overdue=true" in page.js("location.hash")
    crew.manager.console.is_accessible(page)
    page = crew.manager.opens(page.js("location.hash.slice(1)"), "table a")
    assert page.js("document.querySelectorAll('table tbody a').length") == 1
    crew.manager.console.is_well(page, "construction-table")


def test_a_manager_assigns_many_at_once(crew: Crew) -> None:
    made = [crew.inspector.defect(crew.site["id"]) for _ in range(3)]
    page = crew.manager.opens(f"/construction?view=table&site={crew.site['id']}", "table a")
    page.clicks("thead input[type=checkbox]")
    page.chooses("Назначить")
    chooses(page, "Кому назначить", crew.engineer.name)
    crew.manager.console.is_accessible(page)
    page.clicks("[role=dialog] button", "Назначить")
    page.sees("table tbody", crew.engineer.name)
    for defect in made:
        now = crew.manager.current(defect)
        assert (now["status"], now["assignee"]["id"]) == ("assigned", crew.engineer.id)
    crew.manager.console.is_well(page)


def test_defect_passes_its_workflow_by_buttons(crew: Crew) -> None:
    defect = crew.assigned_defect()
    route = f"/construction/defects/{defect['id']}"
    page = crew.engineer.opens(route, "h1")
    page.chooses("Начать работу")
    page.chooses("Исправлено")
    page.sees("main", "Исправлен")
    assert "Принять работу" not in page.sees("main")
    page = crew.inspector.opens(route, "h1")
    page.chooses("Открыть вновь")
    page.fills("Комментарий", "Трещина видна")
    crew.inspector.console.is_accessible(page)
    page.clicks("[role=dialog] button", "Открыть вновь")
    page.sees("main", "«Трещина видна»")
    assert "Статус: Исправлен → Открыт вновь" in page.sees("main")
    now = crew.inspector.current(defect)
    assert (now["status"], now["times_reopened"], now["comments"]) == ("reopened", 1, 1)
    crew.inspector.console.is_well(page)


def test_concurrent_edits_show_both_versions(crew: Crew) -> None:
    defect = crew.assigned_defect()
    page = crew.engineer.opens(f"/construction/defects/{defect['id']}", "h1")
    page.chooses("Изменить")
    page.fills("Что не так", "Трещина в стене")
    page.fills("Место", "Этаж 3")
    crew.manager.ok("PATCH", f"{DEFECTS}/{defect['id']}", {"title": "Трещина в плите", "severity": "high"})
    page.chooses("Сохранить")
    page.sees("[role=dialog]", "Трещина в плите")
    crew.engineer.console.is_accessible(page)
    page.clicks("[role=dialog] input[type=radio][value=theirs]")
    page.chooses("Сохранить выбранное")
    now = wait_for(lambda: (found := crew.engineer.current(defect))["location"] == "Этаж 3" and found)
    assert (now["title"], now["location"], now["severity"]) == ("Трещина в плите", "Этаж 3", "high")
    page.sees("h1", "Трещина в плите")


def test_photos_are_sent_shown_large_and_deleted(crew: Crew, tmp_path: Path) -> None:
    (tmp_path / "Стена.png").write_bytes(PICTURE)
    defect = crew.assigned_defect()
    page = crew.engineer.opens(f"/construction/defects/{defect['id']}", "h1")
    attaches(page, tmp_path / "Стена.png")
    page.sees("main img")
    assert page.js("document.querySelector('main img').decode().then(() => true)") is True
    page.chooses("Открыть Стена.png")
    page.sees("[role=dialog] img")
    crew.engineer.console.is_accessible(page)
    page.send("Input.dispatchKeyEvent", type="keyDown", key="Escape", code="Escape", windowsVirtualKeyCode=27)
    wait_for(lambda: page.js("document.querySelector('[role=dialog]') === null"))
    page.chooses("Удалить файл Стена.png")
    page.chooses("Удалить")
    page.sees("main", "Файлов нет")
    assert crew.engineer.ok("GET", f"{DEFECTS}/{defect['id']}/attachments")["items"] == []
    crew.engineer.console.is_well(page, "construction-defect")


def test_customer_sees_the_own_site_and_only_comments(crew: Crew) -> None:
    other = crew.manager.ok("POST", SITES, {"code": uuid.uuid4().hex[:12], "name": "Чужой дом"})
    defect = crew.assigned_defect()
    page = crew.customer.opens("/construction", "article")
    assert page.js("document.querySelectorAll('article').length") == 1
    assert other["name"] not in page.sees("main", crew.site["name"])
    page.chooses(crew.site["name"])
    page.sees(".recharts-surface")
    crew.customer.console.is_accessible(page)
    crew.customer.console.is_well(page, "construction-site")
    page = crew.customer.opens(f"/construction/defects/{defect['id']}", "h1")
    page.fills("Ваш комментарий", "Когда исправите?")
    page.chooses("Написать")
    page.sees("main", "Когда исправите?")
    wait_for(lambda: crew.customer.current(defect)["comments"] == 1)
    assert page.js("[...document.querySelectorAll('main button')].map(one => one.innerText)") == ["Написать"]
    crew.customer.console.is_accessible(page)
    crew.customer.console.is_well(page)
    page.opens(f"{crew.customer.console.url}/console#/construction/sites/{other['id']}", "[role=alert]")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_long_word_breaks_no_page(crew: Crew, size: tuple[int, int]) -> None:
    word = "Ы" * 200
    defect = crew.inspector.defect(crew.site["id"], title=word, location=word, description=word + word)
    page = crew.engineer.opens(f"/construction/defects/{defect['id']}", "h1", size)
    page.sees("h1", word)
    crew.engineer.console.is_well(page)
    page = crew.engineer.opens(f"/construction?view=table&site={crew.site['id']}", "main a[href*=defects]", size)
    page.sees("main", word)
    links = "[...document.querySelectorAll('main a[href*=defects]')]"
    right = f"Math.max(...{links}.map(link => link.getBoundingClientRect().right))"
    assert page.js(right) <= size[0]
    crew.engineer.console.is_well(page, f"construction-long-word-{size[0]}")


def test_too_long_title_is_an_error_of_its_field(crew: Crew) -> None:
    page = crew.engineer.opens("/construction", "h1", PHONE)
    page.chooses("Новый дефект")
    page.fills("Что не так", "Ы" * 201)
    page.sees("[role=dialog]", "201 из 200")
    page.sees("[role=dialog]", "Слишком длинно")
    crew.engineer.console.is_accessible(page)
