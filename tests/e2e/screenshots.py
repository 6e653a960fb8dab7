"""`make screenshots`: the pictures of the README, taken from a stack of its own with the demo data."""

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from infra import console as building
from localstack.config import ROOT
from tests.browser import Page, chromium
from tests.e2e.console import Console, console_of
from tests.e2e.production import ok
from tests.e2e.stack import Stack, start
from tests.programs import needed
from tests.waiting import wait_for

PICTURES = ROOT / "docs" / "pictures"
SIZE = (1280, 860)
READY = "main h1"
BUSY = "main [role=status][aria-label], main .mantine-Skeleton-root"
RUNNING = ("pending", "processing")


def main() -> int:
    """Take them all; what a picture shows is waited for, so a screen that does not come up fails the run."""
    building.build()
    painter = needed("pdftoppm", package="poppler-utils")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stack = start(Path(folder, "stack"), {"DEMO": "1"})
        try:
            with chromium(Path(folder, "profile")) as browser:
                take(stack, console_of(stack, browser))
            report(stack, painter, Path(folder))
        finally:
            stack.stop()
    return 0


def take(stack: Stack, console: Console) -> None:
    """Today, a batch, a running saga, and the scanning of a batch as a short moving picture."""
    batch = fullest(stack)
    still(opened(console, "/today"), "today")
    still(opened(console, f"/batches/{batch['uuid']}"), "batch")
    still(opened(console, f"/reports/{running_report(stack, batch)}"), "saga")
    scanning(opened(console, f"/scan?batch={open_batch(stack)['uuid']}", (820, 620)))


def opened(console: Console, route: str, size: tuple[int, int] = SIZE) -> Page:
    """A screen that has loaded what it shows."""
    page = console.opens(route, READY, size)
    wait_for(lambda: page.js(f"document.querySelector({BUSY!r}) === null"), 60)
    page.js("document.fonts.ready.then(() => new Promise(done => setTimeout(done, 600)))")  # charts draw themselves
    return page


def still(page: Page, name: str) -> None:
    """A picture of few colours, as a screen has them."""
    _image(page).quantize(128).save(_place(f"{name}.png"), optimize=True)
    sys.stdout.write(f"docs/pictures/{name}.png\n")


def scanning(page: Page) -> None:
    """Three scans, one of them twice, as a moving picture."""
    frames = [_image(page)]
    for code in ("04607001234561", "04607001234562", "04607001234563", "04607001234562"):
        page.presses(*code, "Enter")
        page.sees("[role=status][data-state=accepted], [role=status][data-state=present]", code)
        frames.append(_image(page))
    small = [frame.resize((615, 465), Image.Resampling.LANCZOS) for frame in frames]
    small[0].save(_place("scan.webp"), save_all=True, append_images=small[1:], duration=900, loop=0, quality=70)
    sys.stdout.write("docs/pictures/scan.webp\n")


def report(stack: Stack, painter: str, folder: Path) -> None:
    """The first page of the report that the demo makes."""
    link = stack.call("GET", "/api/v1/reports/1/download").headers["Location"]
    (folder / "report.pdf").write_bytes(requests.get(link, timeout=20).content)
    page = ["-png", "-r", "64", "-f", "1", "-singlefile", folder / "report.pdf", folder / "report"]
    subprocess.run([painter, *page], check=True)
    Image.open(folder / "report.png").convert("RGB").quantize(64).save(_place("report.png"), optimize=True)
    sys.stdout.write("docs/pictures/report.png\n")


def fullest(stack: Stack) -> dict[str, Any]:
    """The batch of the demo with the most products that is not aggregated to the end."""
    listed = ok(stack, "GET", "/api/batches?limit=100&sort_field=batch_date&sort_direction=DESC")["items"]
    return _best(listed, lambda batch: batch["products_total"] * (batch["aggregated_total"] < batch["products_total"]))


def open_batch(stack: Stack) -> dict[str, Any]:
    """An open batch with a plan that is not fulfilled."""
    listed = ok(stack, "GET", "/api/batches?limit=100&is_closed=false")["items"]
    return _best(listed, lambda batch: (batch["planned_quantity"] or 0) > batch["products_total"] > 0)


def running_report(stack: Stack, batch: dict[str, Any]) -> int:
    """A report that was just ordered; several before it keep it waiting long enough to be seen at work."""
    asked = {"name": "Отчёт о партии", "template_id": 3, "parameters": {"batch_id": batch["uuid"]}}
    reports = [ok(stack, "POST", "/api/v1/reports/", asked)["id"] for _ in range(8)]
    states = (ok(stack, "GET", f"/api/v1/reports/{number}/status") for number in reversed(reports))
    return int(next(state["id"] for state in states if state["status"] in RUNNING))


def _best(batches: list[dict[str, Any]], worth: Callable[[dict[str, Any]], float]) -> dict[str, Any]:
    return max(batches, key=worth)


def _image(page: Page) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        page.picture(path)
        return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")


def _place(name: str) -> Path:
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES / name


if __name__ == "__main__":
    sys.exit(main())
