"""The batches of the plant, loaded by two imports and one aggregation for each batch.

An aggregation packs all products of a batch: the first import adds the products to pack, the second one the others and
closes the batches.
"""

import csv
import io
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from localstack.client import Api, ApiFailed, Form, form_of, wait
from localstack.demo.plant import CENTERS, Run, days, runs

HEADER = (
    "batch_number", "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description", "shift_start",
    "shift_end", "work_center_identifier", "work_center_name", "is_closed", "closed_at", "planned_quantity",
    "products",
)  # fmt: skip
CLIENTS = 2
RESERVE = {"identifier": "WC-RESERVE", "name": "Резервный участок"}  # without batches


def make(api: Api, now: datetime) -> None:
    """Create the batches of the days without batches, and a work centre that has none."""
    if not api.ask("GET", f"/api/work_centers?identifier={RESERVE['identifier']}", 200)["items"]:
        api.ask("POST", "/api/work_centers", 201, RESERVE)
    if _on(api, now.date()):
        return
    loaded = {batch["batch_date"] for batch in _since(api, days(now.date())[0])}
    missing = [run for day in days(now.date()) if day.isoformat() not in loaded for run in runs(day, now)]
    imported(api, sheet(_row(run, run.codes[: run.packed]) for run in missing))
    ids = {(batch["batch_number"], batch["batch_date"]): batch["uuid"] for batch in _since(api, missing[0].day)}
    with ThreadPoolExecutor(CLIENTS) as clients:
        packed = [run for run in missing if run.packed]
        list(clients.map(lambda run: _pack(api, ids[run.number, run.day.isoformat()], run), packed))
    rest = [run for run in missing if run.made > run.packed or run.closed_at]
    imported(api, sheet(_row(run, run.codes[run.packed :], closing=True) for run in rest))


def first_of(api: Api, day: date) -> str:
    """Return the id of the first batch of the first work centre on a day."""
    return str(_on(api, day)[-1]["uuid"])


def imported(api: Api, file: Form, failed: int = 0) -> None:
    """Import a file; ApiFailed unless exactly `failed` rows are refused."""
    task_id = api.ask("POST", "/api/batches/import?update_existing=true", 202, file)["task_id"]
    task = ended(api, task_id)
    if task["status"] != "SUCCESS" or task["result"]["failed"] != failed:
        raise ApiFailed(f"the import of the demo ended as {task}")


def ended(api: Api, task_id: str) -> Any:
    """Wait for the end of a background task and return it."""
    return wait(
        lambda: api.ask("GET", f"/api/background_tasks/{task_id}", 200),
        lambda task: task["status"] in ("SUCCESS", "FAILURE"),
        f"background task {task_id}",
    )


def sheet(rows: Iterable[Iterable[str]], name: str = "batches.csv") -> Form:
    """Return a CSV file with these rows, to import."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return form_of({}, name, text.getvalue().encode())


def _row(run: Run, codes: list[str], *, closing: bool = False) -> list[str]:
    closed_at = run.closed_at if closing else None
    return [
        str(run.number), run.day.isoformat(), run.goods.nomenclature, run.goods.ekn_code, str(run.shift), run.team,
        run.goods.task, run.start.isoformat(), run.end.isoformat(), run.center.identifier, run.center.name,
        "да" if closed_at else "", closed_at.isoformat() if closed_at else "", str(run.planned),
        json.dumps(codes),
    ]  # fmt: skip


def _pack(api: Api, batch_id: str, run: Run) -> None:
    api.ask("PATCH", f"/api/batches/{batch_id}/aggregate", 202, {"aggregated_at": run.packed_at.isoformat()})


def _on(api: Api, day: date) -> Any:
    """Return the batches of the first work centre on a day, the latest first."""
    found = api.ask("GET", f"/api/work_centers?identifier={CENTERS[0].identifier}", 200)["items"]
    if not found:
        return []
    of_day = f"/api/batches?work_center_id={found[0]['uuid']}&batch_date={day.isoformat()}"
    return api.ask("GET", f"{of_day}&sort_field=batch_number&sort_direction=desc&limit=10", 200)["items"]


def _since(api: Api, first: date) -> Iterable[Any]:
    """Return the batches of the demo's work centres from a day on."""
    identifiers = {center.identifier for center in CENTERS}
    found = api.every("/api/work_centers?limit=100", "items")
    centers = {item["uuid"] for item in found if item["identifier"] in identifiers}
    batches = api.every(f"/api/batches?batch_date_from={first.isoformat()}&limit=100", "items") if centers else ()
    return (batch for batch in batches if batch["work_center_id"] in centers)
