"""People at the console: they come with a token or without, press what they can read, and fill in what is labelled."""

import json

from localstack.config import ROOT
from tests.browser import MAX_WAIT_SECONDS, Browser, Page
from tests.e2e.console import DESKTOP
from tests.e2e.stack import Stack
from tests.waiting import wait_for

AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
USABLE = """const named = (one) => (one.getAttribute("aria-label") ?? one.innerText ?? "").trim();
  const barred = "[aria-hidden=true], [data-loading], :disabled";
  const usable = (one) => one?.checkVisibility() && !one.closest(barred);"""
PRESS = f"""(name) => {{
  {USABLE}
  const all = [...document.querySelectorAll("button, a, [role=option], [role=menuitem]")];
  const found = all.filter((one) => named(one) === name && usable(one)).at(-1);
  found?.click();
  return found !== undefined;
}}"""


def visit(stack: Stack, browser: Browser, route: str, shows: str, header: dict[str, str] | None = None) -> Page:
    """A new tab in Russian at a route; with the token of a header, as if it was kept for the tab."""
    page = browser.page(*DESKTOP)
    kept = [("localStorage", "shopfloor.language", "ru")]
    kept += [("sessionStorage", "shopfloor.token", header["Authorization"].removeprefix("Bearer "))] if header else []
    page.opens(f"{stack.url}/console/icon.svg", "svg")  # a page of the same origin that asks for nothing
    for place, name, value in kept:
        page.js(f"{place}.setItem({json.dumps(name)}, {json.dumps(value)})")
    page.opens(f"{stack.url}/console#{route}", shows)
    return page


def come_back(page: Page) -> None:
    """Leave the page and open its address again in the same tab: what it kept in memory is gone."""
    address = page.js("location.href")
    page.opens("about:blank", "html")
    page.opens(address, "#root")


def press(page: Page, name: str) -> None:
    """Click the topmost button, link or option with that name, once it can be clicked."""
    wait_for(lambda: page.js(f"({PRESS})({json.dumps(name)})"), MAX_WAIT_SECONDS)


def fill(page: Page, label: str, text: str) -> None:
    """Put a text into the field with that label, instead of what stands there."""
    page.fills(label, text)


def unexpected(page: Page, *statuses: int) -> list[str]:
    """What the page complained of, but for answers with the statuses that a story is about."""
    return [one for one in page.complaints() if not any(f" {status} " in one for status in statuses)]


def accessible(page: Page) -> bool:
    """axe finds nothing in what is shown."""
    page.js(AXE.read_text("utf-8") + ";0")
    found = page.js("axe.run().then(({violations}) => JSON.stringify(violations.map(v => [v.id, v.nodes[0].html])))")
    assert json.loads(found) == [], found
    return True
