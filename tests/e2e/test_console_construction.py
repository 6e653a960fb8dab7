"""The screens of sites and defects: an engineer with a phone, a manager at a desk, a customer who watches."""

import base64
import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Page
from tests.e2e.console import DESKTOP, PHONE, Console
from tests.e2e.people import person, signed_in
from tests.e2e.stack import Stack
from tests.waiting import wait_for

SITES, DEFECTS = "/api/v1/sites", "/api/v1/defects"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
YESTERYEAR = "2020-02-03"


@dataclass(frozen=True)
class UserClient:
    """A person of the stack: calls the API, and looks at the console."""

    stack: Stack
    console: Console
    id: str
    name: str
    token: str

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a call that has to succeed."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.stack.call(method, path, headers=headers, **({} if body is None else {"json": body}))
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def looks(self, route: str, shows: str, size: tuple[int, int] = DESKTOP) -> Page:
        """A screen of the console in a new tab."""
        return self.console.opens(route, shows, size, self.token)

    def defect(self, site: str, **fields: Any) -> dict[str, Any]:
        """A new defect with a title that no other has."""
        title = f"Трещина {uuid.uuid4().hex[:8]}"
        made: dict[str, Any] = self.ok("POST", DEFECTS, {"site_id": site, "title": title} | fields)
        return made

    def has(self, defect: dict[str, Any]) -> Any:
        """The defect as it is now."""
        return self.ok("GET", f"{DEFECTS}/{defect['id']}")


@dataclass(frozen=True)
class Crew:
    """Who meets on a site, which is theirs alone."""

    manager: UserClient
    inspector: UserClient
    engineer: UserClient
    customer: UserClient
    site: dict[str, Any]

    def given(self, **fields: Any) -> dict[str, Any]:
        """A defect that the inspector found and the engineer is to fix."""
        made = self.inspector.defect(self.site["id"], **fields)
        body = {"assignee_id": self.engineer.id}
        given: dict[str, Any] = self.manager.ok("PUT", f"{DEFECTS}/{made['id']}/assignee", body)
        return given


@pytest.fixture
def crew(stack: Stack, console: Console) -> Crew:
    """Four people and a site."""

    def new_user(role: str) -> UserClient:
        name = f"{role} {uuid.uuid4().hex[:6]}"
        who = person(stack, role, name=name)
        token = signed_in(stack, who)["Authorization"].removeprefix("Bearer ")
        return UserClient(stack, console, str(who["id"]), name, token)

    manager, customer = new_user("manager"), new_user("customer")
    body = {"code": uuid.uuid4().hex[:12], "name": f"Дом {uuid.uuid4().hex[:6]}", "customer_id": customer.id}
    site = manager.ok("POST", SITES, body)
    return Crew(manager, new_user("engineer"), new_user("engineer"), customer, site)


def chooses(page: Page, label: str, words: str) -> None:
    """Type into a field that offers choices, and take the one that is found."""
    page.fills(label, words)
    offered = "[...document.querySelectorAll('[role=option]')].filter(one => one.checkVisibility())"
    fitting = f"{offered}.find(one => one.innerText.includes({json.dumps(words)}))"
    wait_for(lambda: page.js(f"{fitting} !== undefined"))
    page.js(f"{fitting}.click()")


def attaches(page: Page, path: Path) -> None:
    """Give a file to the first field for files."""
    page.sees("button")
    wait_for(lambda: page.js("document.querySelector('input[type=file][multiple]') !== null"))
    expression = "document.querySelector('input[type=file][multiple]')"
    field = page.send("Runtime.evaluate", expression=expression)["result"]["objectId"]
    page.send("DOM.setFileInputFiles", files=[str(path)], objectId=field)


def tile(defect: dict[str, Any], column: str = "") -> str:
    """The card of a defect on the board, in a column."""
    return f"section[data-status='{column or defect['status']}'] [data-defect='{defect['number']}']"


def middle(page: Page, selector: str) -> tuple[float, float]:
    """Where an element is; it is scrolled into view first."""
    page.js(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'nearest', inline: 'nearest'}})")
    box = page.js(
        f"(b => [b.x, b.y, b.width, b.height])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
    )
    return box[0] + box[2] / 2, box[1] + min(box[3] / 2, 60)


def drags(page: Page, card: str, column: str, *, takes: bool) -> None:
    """Take a card to a column with the mouse; the column shows first whether it `takes` the card."""
    page.sees(card)
    over = f"section[data-status='{column}']" + ("[data-over]" if takes else "[data-look=refuses]")

    def mouse(kind: str, x: float, y: float) -> None:
        page.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def is_there() -> tuple[float, float] | None:
        """Where the mouse is, once it is over the column and the page has noticed."""
        for nudge in (0, 2):
            x, y = middle(page, f"section[data-status='{column}']")
            mouse("mouseMoved", x + nudge, y)
        return (x + nudge, y) if page.js(f"document.querySelector({over!r}) !== null") else None

    x, y = middle(page, card)
    mouse("mousePressed", x, y)
    mouse("mouseMoved", x + 20, y)
    found = wait_for(is_there)
    assert found
    mouse("mouseReleased", *found)


def test_an_engineer_notes_a_defect_with_a_photo_by_phone(crew: Crew, tmp_path: Path) -> None:
    (tmp_path / "Стена.png").write_bytes(PICTURE)
    page = crew.engineer.looks("/construction", "h1", PHONE)
    page.chooses("Новый дефект")
    chooses(page, "Объект", crew.site["name"])
    page.fills("Что не так", "Скол ступени")
    attaches(page, tmp_path / "Стена.png")
    page.sees("[role=dialog]", "Стена.png")
    crew.engineer.console.is_accessible(page)
    page.chooses("Записать")
    page.sees("main a", "Скол ступени")
    (made,) = crew.manager.ok("GET", f"{DEFECTS}?site_id={crew.site['id']}")["items"]
    assert (made["title"], made["status"], made["reporter"]["id"]) == ("Скол ступени", "new", crew.engineer.id)
    photos = f"{DEFECTS}/{made['id']}/attachments"
    (photo,) = wait_for(lambda: [one for one in crew.manager.ok("GET", photos)["items"] if one["uploaded"]], 60)
    assert (photo["name"], photo["uploaded"], photo["size"]) == ("Стена.png", True, len(PICTURE))
    crew.engineer.console.is_well(page, "construction-phone")


def test_a_manager_makes_a_site_and_finishes_it(crew: Crew) -> None:
    page = crew.manager.looks("/construction?view=sites", "article")
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


def test_filters_stand_in_the_address_and_find_what_is_overdue(crew: Crew) -> None:
    late, other = crew.given(due_date=YESTERYEAR, severity="high"), crew.given()
    page = crew.manager.looks(f"/construction?view=table&site={crew.site['id']}", "table a")
    page.sees("table", other["title"])
    page.chooses("Только просроченные")
    wait_for(lambda: other["title"] not in page.sees("table", late["title"]))
    assert "overdue=true" in page.js("location.hash")
    crew.manager.console.is_accessible(page)
    page = crew.manager.looks(page.js("location.hash.slice(1)"), "table a")
    assert page.js("document.querySelectorAll('table tbody a').length") == 1
    crew.manager.console.is_well(page, "construction-table")


def test_a_manager_assigns_many_at_once(crew: Crew) -> None:
    made = [crew.inspector.defect(crew.site["id"]) for _ in range(3)]
    page = crew.manager.looks(f"/construction?view=table&site={crew.site['id']}", "table a")
    page.clicks("thead input[type=checkbox]")
    page.chooses("Назначить")
    chooses(page, "Кому назначить", crew.engineer.name)
    crew.manager.console.is_accessible(page)
    page.js("[...document.querySelectorAll('[role=dialog] button')].at(-1).click()")
    page.sees("table tbody", crew.engineer.name)
    for defect in made:
        now = crew.manager.has(defect)
        assert (now["status"], now["assignee"]["id"]) == ("assigned", crew.engineer.id)
    crew.manager.console.is_well(page)


def test_a_card_is_dragged_where_its_engineer_may_move_it_and_nowhere_else(crew: Crew) -> None:
    defect = crew.given()
    page = crew.engineer.looks(f"/construction?view=board&site={crew.site['id']}", tile(defect), (1900, 900))
    drags(page, tile(defect), "closed", takes=False)
    assert crew.engineer.has(defect)["status"] == "assigned"
    page.sees(tile(defect))
    drags(page, tile(defect), "in_progress", takes=True)
    page.sees(tile(defect, "in_progress"))
    wait_for(lambda: crew.engineer.has(defect)["status"] == "in_progress")
    crew.engineer.console.is_accessible(page)
    crew.engineer.console.is_well(page, "construction-board")


def strikes(page: Page, key: str, code: int) -> None:
    """A key of the keyboard, pressed and let go."""
    text = "\r" if key == "Enter" else ""
    page.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, text=text)
    page.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)


def at_the_item(page: Page, name: str) -> bool:
    """Whether the focus is at an item of the menu; else one further down."""
    if name in page.js("document.activeElement.innerText ?? ''"):
        return True
    strikes(page, "ArrowDown", 40)
    return False


def test_the_keyboard_moves_a_card_by_its_menu(crew: Crew) -> None:
    defect = crew.given()
    page = crew.engineer.looks(f"/construction?view=board&site={crew.site['id']}", tile(defect))
    page.js(f"document.querySelector({json.dumps(tile(defect) + ' button')}).focus()")
    strikes(page, "Enter", 13)
    page.sees("[role=menuitem]", "Начать работу")
    wait_for(lambda: at_the_item(page, "Начать работу"))
    strikes(page, "Enter", 13)
    page.sees(tile(defect, "in_progress"))
    wait_for(lambda: crew.engineer.has(defect)["status"] == "in_progress")
    crew.engineer.console.is_well(page)


def test_a_defect_goes_its_way_by_the_buttons_that_each_may_press(crew: Crew) -> None:
    defect = crew.given()
    route = f"/construction/defects/{defect['id']}"
    page = crew.engineer.looks(route, "h1")
    page.chooses("Начать работу")
    page.chooses("Исправлено")
    page.sees("main", "Исправлен")
    assert "Принять работу" not in page.sees("main")
    page = crew.inspector.looks(route, "h1")
    page.chooses("Открыть вновь")
    page.fills("Комментарий", "Трещина видна")
    crew.inspector.console.is_accessible(page)
    page.js("[...document.querySelectorAll('[role=dialog] button')].at(-1).click()")
    page.sees("main", "«Трещина видна»")
    assert "Статус: Исправлен → Открыт вновь" in page.sees("main")
    now = crew.inspector.has(defect)
    assert (now["status"], now["times_reopened"], now["comments"]) == ("reopened", 1, 1)
    crew.inspector.console.is_well(page)


def test_two_who_edit_see_both_versions_and_choose(crew: Crew) -> None:
    defect = crew.given()
    page = crew.engineer.looks(f"/construction/defects/{defect['id']}", "h1")
    page.chooses("Изменить")
    page.fills("Что не так", "Трещина в стене")
    page.fills("Место", "Этаж 3")
    crew.manager.ok("PATCH", f"{DEFECTS}/{defect['id']}", {"title": "Трещина в плите", "severity": "high"})
    page.chooses("Сохранить")
    page.sees("[role=dialog]", "Трещина в плите")
    crew.engineer.console.is_accessible(page)
    page.clicks("[role=dialog] input[type=radio][value=theirs]")
    page.chooses("Сохранить выбранное")
    page.sees("h1", "Трещина в плите")
    now = crew.engineer.has(defect)
    assert (now["title"], now["location"], now["severity"]) == ("Трещина в плите", "Этаж 3", "high")


def test_photos_are_sent_shown_large_and_deleted(crew: Crew, tmp_path: Path) -> None:
    (tmp_path / "Стена.png").write_bytes(PICTURE)
    defect = crew.given()
    page = crew.engineer.looks(f"/construction/defects/{defect['id']}", "h1")
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


def test_a_customer_sees_the_own_site_alone_and_may_only_comment(crew: Crew) -> None:
    other = crew.manager.ok("POST", SITES, {"code": uuid.uuid4().hex[:12], "name": "Чужой дом"})
    defect = crew.given()
    page = crew.customer.looks("/construction", "article")
    assert page.js("document.querySelectorAll('article').length") == 1
    assert other["name"] not in page.sees("main", crew.site["name"])
    page.chooses(crew.site["name"])
    page.sees(".recharts-surface")
    crew.customer.console.is_accessible(page)
    crew.customer.console.is_well(page, "construction-site")
    page = crew.customer.looks(f"/construction/defects/{defect['id']}", "h1")
    page.fills("Ваш комментарий", "Когда исправите?")
    page.chooses("Написать")
    page.sees("main", "Когда исправите?")
    wait_for(lambda: crew.customer.has(defect)["comments"] == 1)
    assert page.js("[...document.querySelectorAll('main button')].map(one => one.innerText)") == ["Написать"]
    crew.customer.console.is_accessible(page)
    crew.customer.console.is_well(page)
    page.opens(f"{crew.customer.console.url}/console#/construction/sites/{other['id']}", "[role=alert]")


def test_the_board_fits_a_phone(crew: Crew) -> None:
    defect = crew.given()
    page = crew.engineer.looks(f"/construction?view=board&site={crew.site['id']}", tile(defect), PHONE)
    crew.engineer.console.is_accessible(page)
    crew.engineer.console.is_well(page, "construction-board-phone")


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_a_long_word_breaks_no_page(crew: Crew, size: tuple[int, int]) -> None:
    word = "Ы" * 200
    defect = crew.inspector.defect(crew.site["id"], title=word, location=word, description=word + word)
    page = crew.engineer.looks(f"/construction/defects/{defect['id']}", "h1", size)
    page.sees("h1", word)
    crew.engineer.console.is_well(page)
    page = crew.engineer.looks(f"/construction?view=table&site={crew.site['id']}", "main a[href*=defects]", size)
    page.sees("main", word)
    links = "[...document.querySelectorAll('main a[href*=defects]')]"
    right = f"Math.max(...{links}.map(link => link.getBoundingClientRect().right))"
    assert page.js(right) <= size[0]
    crew.engineer.console.is_well(page, f"construction-long-word-{size[0]}")


def test_a_title_that_is_too_long_is_told_at_its_field(crew: Crew) -> None:
    page = crew.engineer.looks("/construction", "h1", PHONE)
    page.chooses("Новый дефект")
    page.fills("Что не так", "Ы" * 201)
    page.sees("[role=dialog]", "201 из 200")
    page.sees("[role=dialog]", "Слишком длинно")
    crew.engineer.console.is_accessible(page)
