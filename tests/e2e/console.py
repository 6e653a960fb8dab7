"""The console of a stack in a browser, with the checks that hold for every screen."""

import json
from pathlib import Path
from urllib.parse import urlsplit

from localstack.config import ROOT
from tests.browser import Browser, Page
from tests.e2e.stack import Stack

PICTURES = ROOT / ".shopfloor" / "pages"  # to be looked at
PHONE, TABLET, DESKTOP = (390, 844), (820, 1180), (1280, 900)
CONTENT = "#root main"
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = (
    "({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))"
)


class Console:
    """The console; `url` is where the API answers, with a prefix or without, `files` where presigned addresses lead."""

    def __init__(self, browser: Browser, url: str, files: str) -> None:
        self._browser = browser
        self.url = url
        self._files = files

    def opens(self, route: str = "/", shows: str = CONTENT, size: tuple[int, int] = DESKTOP, token: str = "") -> Page:
        """A new tab at a route, e.g. `/batches?page=2`, that shows an element; for who is logged in with that token."""
        page = self._browser.page(*size)
        if token:
            kept = f"sessionStorage.setItem('shopfloor.token', {json.dumps(token)})"
            page.send("Page.addScriptToEvaluateOnNewDocument", source=kept)
        page.opens(f"{self.url}/console#{route}", shows)
        return page

    def is_well(self, page: Page, picture: str = "") -> None:
        """All came from this stack, nothing is complained of, and it fits into the window; a picture is kept."""
        if picture:
            page.picture(Path(PICTURES, f"{picture}.png"))
        own = ("://".join(urlsplit(self.url)[:2]), self._files)
        assert [asked for asked in page.requests() if not asked.startswith(own)] == []
        complaints = page.complaints()
        assert complaints == [], complaints
        page.fits()

    def is_accessible(self, page: Page) -> None:
        """axe finds nothing in what is shown."""
        page.js(AXE.read_text("utf-8") + ";0")
        found = page.js(f"axe.run().then({FINDINGS})")
        assert json.loads(found) == [], found


def console_of(stack: Stack, browser: Browser) -> Console:
    """The console at the port of the API."""
    return Console(browser, stack.url, stack.aws_url)


def console_behind_a_prefix(stack: Stack, browser: Browser) -> Console:
    """The same at the address of the deployed stage, whose path begins with a prefix."""
    outputs = stack.outputs()
    stage = outputs["ApiUrl"].rpartition("/")[2]
    return Console(browser, f"{stack.aws_url}/_aws/execute-api/{outputs['RestAPIId']}/{stage}", stack.aws_url)
