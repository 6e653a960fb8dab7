"""The board of defects in the console: cards moved by mouse, keyboard and menu."""

import json
from typing import Any

from tests.browser import Page
from tests.e2e.console import PHONE
from tests.e2e.crew import Crew
from tests.waiting import wait_for


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


def test_card_is_dropped_only_on_allowed_columns(crew: Crew) -> None:
    defect = crew.assigned_defect()
    page = crew.engineer.opens(f"/construction?view=board&site={crew.site['id']}", tile(defect), (1900, 900))
    drags(page, tile(defect), "closed", takes=False)
    assert crew.engineer.current(defect)["status"] == "assigned"
    page.sees(tile(defect))
    drags(page, tile(defect), "in_progress", takes=True)
    page.sees(tile(defect, "in_progress"))
    wait_for(lambda: crew.engineer.current(defect)["status"] == "in_progress")
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


def test_keyboard_moves_a_card_by_its_menu(crew: Crew) -> None:
    defect = crew.assigned_defect()
    page = crew.engineer.opens(f"/construction?view=board&site={crew.site['id']}", tile(defect))
    page.js(f"document.querySelector({json.dumps(tile(defect) + ' button')}).focus()")
    strikes(page, "Enter", 13)
    page.sees("[role=menuitem]", "Начать работу")
    wait_for(lambda: at_the_item(page, "Начать работу"))
    strikes(page, "Enter", 13)
    page.sees(tile(defect, "in_progress"))
    wait_for(lambda: crew.engineer.current(defect)["status"] == "in_progress")
    crew.engineer.console.is_well(page)


def test_the_board_fits_a_phone(crew: Crew) -> None:
    defect = crew.assigned_defect()
    page = crew.engineer.opens(f"/construction?view=board&site={crew.site['id']}", tile(defect), PHONE)
    crew.engineer.console.is_accessible(page)
    crew.engineer.console.is_well(page, "construction-board-phone")
