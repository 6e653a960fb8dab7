"""A keyboard scanner at a screen of the console that takes codes from anywhere on the page."""

from tests.browser import Page
from tests.waiting import wait_for

TAKES = """(keys) => keys.every((key) =>
  !document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
"""Whether the screen has taken the keys; as long as it does not listen, it is given the first of them only."""
BLANK = "\u00a0"  # taken as the first key of a code, which is none without any other


def scans(page: Page, *keys: str) -> None:
    """Press the keys of a code on the keyboard, once the screen listens."""
    _gives(page, BLANK)
    page.presses(*keys, "Enter")


def scans_at_once(page: Page, code: str) -> None:
    """A scan in one step, which is the quickest: for many of them."""
    _gives(page, *code)


def _gives(page: Page, *keys: str) -> None:
    wait_for(lambda: page.js(f"({TAKES})({[*keys, 'Enter']!r})"))
