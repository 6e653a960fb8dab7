"""A headless Chromium, driven by the DevTools protocol over a pipe (https://chromedevtools.github.io/devtools-protocol)."""

import base64
import fcntl
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.programs import needed
from tests.waiting import wait_for

MAX_WAIT_SECONDS = 90.0  # seconds; Redoc alone works for fifteen of them on a machine that does nothing else
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first is the quickest
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--no-first-run",
    "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--lang=ru",
    "--accept-lang=ru", "--remote-debugging-pipe", "--force-prefers-reduced-motion",
)  # fmt: skip
LOUD = ("error", "assert")
DIALOG = "Page.javascriptDialogOpening"

USABLE = """const barred = "[aria-hidden=true], [data-loading], :disabled";
  const usable = (one) => one?.checkVisibility() && !one.closest(barred);"""
NAMED = f"""{USABLE}
  const named = (one) => (one.getAttribute("aria-label") ?? one.innerText ?? "").trim();"""
ENTER = """found?.focus();
  found?.select();
  if (found) document.execCommand("insertText", false, text);
  return found !== undefined;"""
PRESS = f"""(name) => {{
  {NAMED}
  const all = "button, a, label, [role=button], [role=option], [role=menuitem], [role=menuitemcheckbox]";
  const found = [...document.querySelectorAll(all)].filter((one) => named(one) === name && usable(one)).at(-1);
  found?.click();
  return found !== undefined;
}}"""
FILL = f"""(name, text) => {{
  {NAMED}
  const titled = [...document.querySelectorAll("label")].filter((one) => named(one).replace(/ \\*$/, "") === name);
  const fields = titled.map((one) => one.control).concat([...document.querySelectorAll("input, textarea")].filter(
    (one) => one.getAttribute("aria-label") === name));
  const found = fields.filter(usable).at(-1);
  {ENTER}
}}"""
"""How the page finds what a user sees under a name."""
CLICK = f"""(selector, text) => {{
  {USABLE}
  const all = [...document.querySelectorAll(selector)].filter((one) => (one.innerText ?? "").includes(text));
  const found = all.map((one) => (one instanceof SVGElement ? one.closest("button, a") : one)).find(usable);
  found?.click();
  return found !== undefined;
}}"""
TYPE = f"""(selector, text) => {{
  {USABLE}
  const found = [...document.querySelectorAll(selector)].find(usable);
  {ENTER}
}}"""
"""How it finds an element by a selector; an icon stands for the button or link that it is in."""
TOO_WIDE = """(width) => {
  const { scrollWidth } = document.documentElement;
  if (scrollWidth <= width) return "";
  const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width);
  return [`${scrollWidth} > ${width}`, ...wide.map((one) => one.outerHTML.slice(0, 200))].join("\\n");
}"""
"""How much wider than the window a page is, and by which elements; empty if it fits."""


class Navigated(AssertionError):
    """The page went elsewhere while it was asked something."""


class Page:
    """A tab: what it shows, what it asked for, and what it complained of."""

    def __init__(self, pipe: "_Pipe", width: int, height: int) -> None:
        self.target: str = pipe.send("Target.createTarget", url="about:blank")["targetId"]
        self._pipe = pipe
        self._session = pipe.send("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.becomes(width, height)

    def becomes(self, width: int, height: int) -> None:
        """From now on the window has this size; a narrow one is a phone's."""
        self.width = width
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **size)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """A command to this tab."""
        return self._pipe.send(method, self._session, **params)

    def js(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def opens(self, url: str, shows: str) -> None:
        """Go there and wait until an element is shown."""
        self.send("Page.navigate", url=url)
        self.sees(shows)

    def sees(self, selector: str, text: str = "") -> str:
        """Wait for an element, with that text in it if one is given; its whole text."""
        shown = f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.innerText ?? '')"
        fitting = f"{shown}.filter(shown => shown.includes({json.dumps(text)}))"
        return str(self._waits_for(fitting, f"{selector} with {text!r}")[0])

    def fits(self) -> None:
        """Wait until the page is not wider than the window; charts follow a changed window some frames later."""
        too_wide = f"({TOO_WIDE})({self.width})"
        try:
            wait_for(lambda: self.js(too_wide) == "")
        except AssertionError as error:
            error.add_note(f"too wide: {self.js(too_wide)}")
            raise

    def clicks(self, selector: str, text: str = "") -> None:
        """Click the first such element, with that text in it if one is given, once it can be; the button of an icon."""
        self._acts(CLICK, selector, text)

    def types(self, selector: str, text: str) -> None:
        """Put a text into the first such field, instead of what stands there."""
        self._acts(TYPE, selector, text)

    def presses(self, *keys: str) -> None:
        """Press keys, all at one moment for the page, as a keyboard scanner does; `GS` is Ctrl+], the separator."""
        pressed = time.time()  # so no pause between two keys is seen, however long each takes to arrive
        for key in keys:
            event: dict[str, Any] = {"key": key, "text": key} if len(key) == 1 else {"key": key}
            if key == "GS":
                event = {"key": "]", "code": "BracketRight", "modifiers": 2}
            if key == "Enter":
                event |= {"text": "\r", "windowsVirtualKeyCode": 13}  # in a field it sends the form
            event |= {"type": "keyDown" if "text" in event else "rawKeyDown", "timestamp": pressed}
            self.send("Input.dispatchKeyEvent", **event)

    def asks_before_it_leaves(self) -> bool:
        """Whether the page asked for a confirmation when it was left."""
        return any(event["type"] == "beforeunload" for event in self.events(DIALOG))

    def goes(self, *, offline: bool) -> None:
        """Cut the network of the tab, or connect it again."""
        conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.send("Network.emulateNetworkConditions", offline=offline, **conditions)

    def chooses(self, name: str) -> None:
        """Click the button, link, option or menu item with that name, once it can be; the topmost of several."""
        self._acts(PRESS, name)

    def fills(self, label: str, text: str) -> None:
        """Put a text into the field with that label, instead of what stands there."""
        self._acts(FILL, label, text)

    def _acts(self, function: str, *arguments: str) -> None:
        """Call a function of the page until it has found what to act on; it does so in the same step."""
        self._waits_for(f"({function})(...{json.dumps(arguments)})", " with ".join(arguments))

    def _waits_for(self, expression: str, what: str) -> Any:
        """The first truthy value of an expression; a failure tells what is shown instead."""

        def answer() -> Any:
            try:
                return self.js(expression)
            except Navigated:
                return None

        try:
            return wait_for(answer, MAX_WAIT_SECONDS)
        except AssertionError as error:
            error.add_note(f"{what} is not in: {self.js('document.body.innerText')}")
            raise

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the protocol events of the tab with that name so far."""
        self.js("0")  # all earlier events have arrived after it
        return [
            event["params"]
            for event in self._pipe.events
            if (event["method"], event.get("sessionId")) == (name, self._session)
        ]

    def requests(self) -> list[str]:
        """The addresses that the tab asked for; what is inside the page itself is left out."""
        urls = [event["request"]["url"] for event in self.events("Network.requestWillBeSent")]
        return [url for url in urls if not url.startswith(("data:", "blob:"))]

    def complaints(self) -> list[str]:
        """Errors in the console, exceptions, violations of the page's policy, what could not be loaded."""
        console = [str(event["args"]) for event in self.events("Runtime.consoleAPICalled") if event["type"] in LOUD]
        thrown = [event["exceptionDetails"].get("text", "") for event in self.events("Runtime.exceptionThrown")]
        logged = [event["entry"] for event in self.events("Log.entryAdded")]
        return console + thrown + [f"{one['text']} {one.get('url', '')}" for one in logged if one["level"] in LOUD]

    def picture(self, path: Path) -> None:
        """What is to be seen now, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


class Browser:
    """A running Chromium."""

    def __init__(self, pipe: "_Pipe") -> None:
        self._pipe = pipe
        self._pages: list[Page] = []

    def page(self, width: int = 1280, height: int = 900) -> Page:
        """A new tab."""
        self._pages.append(Page(self._pipe, width, height))
        return self._pages[-1]

    def close_pages(self) -> None:
        """Close all tabs that were opened."""
        while self._pages:
            self._pipe.send("Target.closeTarget", targetId=self._pages.pop().target)


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """One that knows nothing and is gone afterwards; `profile` is an empty folder."""
    program = needed(*PROGRAMS, package=PROGRAMS[0])
    ours, theirs = os.pipe(), os.pipe()
    # The browser reads from 3 and writes to 4: the ends it gets must not have these numbers before.
    reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (ours[0], theirs[1]))
    command = f'exec "$@" 3<&{reads} 4>&{writes}'
    running = subprocess.Popen(
        ["bash", "-c", command, "bash", program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(reads, writes),
        stderr=subprocess.DEVNULL,
    )
    for end in (ours[0], theirs[1], reads, writes):
        os.close(end)
    pipe = _Pipe(ours[1], theirs[0])
    try:
        yield Browser(pipe)
        pipe.send("Browser.close")
        running.wait(MAX_WAIT_SECONDS)
    finally:
        running.kill()
        running.wait()
        for end in (ours[1], theirs[0]):
            os.close(end)


class _Pipe:
    """Commands out, answers and events in: JSON, each ended by a zero byte."""

    def __init__(self, out: int, back: int) -> None:
        self._out = out
        self._back = back
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and return its result, after all earlier events; a dialog of the page is accepted."""
        number = self._write(method, session, params)
        deadline = time.monotonic() + MAX_WAIT_SECONDS
        while True:
            answer = self._next(deadline)
            if answer.get("id") == number:
                if "navigated" in str(answer.get("error", "")):
                    raise Navigated(f"{method}: {answer['error']}")
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            if "method" not in answer:  # of the acceptance of a dialog
                continue
            self.events.append(answer)
            if answer["method"] == DIALOG:
                self._write("Page.handleJavaScriptDialog", answer["sessionId"], {"accept": True})

    def _write(self, method: str, session: str | None, params: dict[str, Any]) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        os.write(self._out, json.dumps(message).encode() + b"\0")
        return self._number

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._back], [], [], max(0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            more = os.read(self._back, 1 << 20)
            assert more, "the browser is gone"
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found
