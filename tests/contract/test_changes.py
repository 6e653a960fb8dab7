"""The frequent changes, each made in a copy of the code, in exactly the files that docs/contributing.md names."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from localstack.config import ROOT

PACKAGES = ("chalicelib", "infra")
ROLES_ROW = "POST   /api/work_centers                                          x     x       "


@dataclass(frozen=True)
class Change:
    """A change. `edits`: a file, a text of it, and the text that replaces it; an empty text creates the file. `effect`:
    a program that fails unless the change works.
    """

    edits: Sequence[tuple[str, str, str]]
    effect: str


CHANGES = {
    "filter on batches": Change(
        [
            (
                "chalicelib/batches/schemas.py",
                "    shift: Name | None = None\n\n\nclass BatchQuery",
                "    shift: Name | None = None\n    team: Name | None = None\n\n\nclass BatchQuery",
            ),
            ("chalicelib/batches/store.py", '"shift"),\n    ranges', '"shift", "team"),\n    ranges'),
        ],
        """
        import app
        from chalicelib.batches.exchange.schemas import ExportQuery
        from chalicelib.core.dynamo import TABLES
        from chalicelib.core.http import ENDPOINTS

        (batches,) = (endpoint for endpoint in ENDPOINTS if endpoint.name == "GET /api/batches")
        assert batches.query(team="A").request().filters["team"] == "A"
        assert "list_team" in {index.name for index in TABLES["batches"].indexes}
        assert ExportQuery(team="A", format="csv").team == "A"
        """,
    ),
    "sortable and filterable field of batches": Change(
        [
            (
                "chalicelib/batches/schemas.py",
                "    planned_quantity: Plan | None = None\n\n    @model",
                "    planned_quantity: Plan | None = None\n    priority: Plan | None = None\n\n    @model",
            ),
            (
                "chalicelib/batches/schemas.py",
                "    planned_quantity: Plan | None = None\n    is_closed",
                "    planned_quantity: Plan | None = None\n    priority: Plan | None = None\n    is_closed",
            ),
            (
                "chalicelib/batches/schemas.py",
                "    planned_quantity: int | None\n",
                "    planned_quantity: int | None\n    priority: int | None\n",
            ),
            (
                "chalicelib/batches/schemas.py",
                "    shift: Name | None = None\n\n\nclass BatchQuery",
                "    shift: Name | None = None\n    priority: int | None = None\n\n\nclass BatchQuery",
            ),
            (
                "chalicelib/batches/schemas.py",
                '        "is_closed",\n    )',
                '        "is_closed",\n        "priority",\n    )',
            ),
            (
                "chalicelib/batches/store.py",
                "    planned_quantity = NumberAttribute(null=True)\n",
                "    planned_quantity = NumberAttribute(null=True)\n    priority = NumberAttribute(null=True)\n",
            ),
            ("chalicelib/batches/store.py", '"shift"),\n    ranges', '"shift", "priority"),\n    ranges'),
            (
                "chalicelib/batches/store.py",
                '    counted=("is_closed",',
                '    filled_by={"priority": 2},\n    counted=("priority", "is_closed",',
            ),
            ("chalicelib/batches/view.py", '"planned_quantity")', '"planned_quantity", "priority")'),
            (
                "chalicelib/batches/view.py",
                """        f'"planned_quantity":{batch.get("planned_quantity") or "null"}}}'""",
                """        f'"planned_quantity":{batch.get("planned_quantity") or "null"},'\n"""
                """        f'"priority":{batch.get("priority") or "null"}}}'""",
            ),
            (
                "chalicelib/batches/exchange/columns.py",
                '    Column("uuid", required=False',
                '    Column("priority", "number", required=False),\n    Column("uuid", required=False',
            ),
            (
                "chalicelib/migrations/numbered/m0002_priority.py",
                "",
                "from chalicelib.migrations.model import Migration\n\n"
                'MIGRATION = Migration(2, "Batches are sorted and filtered by priority")\n',
            ),
        ],
        """
        import json

        import app
        from chalicelib.batches import view
        from chalicelib.batches.exchange import columns
        from chalicelib.batches.exchange.schemas import ExportQuery
        from chalicelib.batches.schemas import Batch, BatchCreate, BatchPatch
        from chalicelib.batches.store import BATCHES
        from chalicelib.core.dynamo import TABLES
        from chalicelib.core.http import ENDPOINTS
        from chalicelib.migrations import passes
        from chalicelib.migrations.numbered import migrations

        (batches,) = (endpoint for endpoint in ENDPOINTS if endpoint.name == "GET /api/batches")
        request = batches.query(priority=7, sort_field="priority").request()
        assert (request.filters["priority"], request.sort_field) == (7, "priority")
        assert "list_priority" in {index.name for index in TABLES["batches"].indexes}
        assert list(passes.changes_of(migrations()[-1])) == ["batches"]
        assert {"priority"} <= BatchCreate.model_fields.keys() & BatchPatch.model_fields.keys() & columns.READ
        assert ExportQuery(priority=7, format="csv").priority == 7
        names = {name: "2026-01-01T00:00:00.000000Z" for name in view._TEXTS}
        shown = json.loads(view._text({**names, "is_closed": False, "batch_number": "1", "priority": "7"}, []))
        assert shown["priority"] == 7 and shown.keys() == Batch.model_fields.keys()
        """,
    ),
    "report template": Change(
        [
            (
                "chalicelib/reports/layouts/orders.py",
                "",
                "from dataclasses import replace\n\nfrom chalicelib.reports.layouts import sales\n\n"
                'LAYOUT = replace(sales.LAYOUT, number=5, name="Отчет по заказам")\n',
            ),
            (
                "chalicelib/reports/layouts/__init__.py",
                "import batch, sales, shift, tasks\n",
                "import batch, orders, sales, shift, tasks\n",
            ),
            ("chalicelib/reports/layouts/__init__.py", "tasks.LAYOUT)", "tasks.LAYOUT, orders.LAYOUT)"),
        ],
        """
        import app
        from chalicelib.reports.template_schemas import TemplateWrite
        from infra.template import merge_template

        assert TemplateWrite(name="A", base_template_id=5).base_template_id == 5
        merge_template(app.app, "prod")
        """,
    ),
    "deferred task type": Change(
        [
            (
                "chalicelib/deferred_tasks/types.py",
                "EVENT_SOURCE =",
                '@task_type("switch_lamp", roles=("admin",))\ndef switch_lamp(payload: Input) -> Result:\n'
                "    return {}\n\n\nEVENT_SOURCE =",
            ),
        ],
        """
        import chalicelib.wiring.task_types
        from chalicelib.deferred_tasks import registry

        assert registry.roles_for("switch_lamp") == {"admin"}
        """,
    ),
    "event": Change(
        [
            (
                "chalicelib/events/types.py",
                '        EventType("batch.closed",',
                '        EventType("batch.paused", "Партия приостановлена", production.BatchClosed),\n'
                '        EventType("batch.closed",',
            ),
        ],
        """
        from chalicelib.events import types
        from chalicelib.webhooks.schemas import SubscriptionCreate

        assert types.get("batch.paused").example
        SubscriptionCreate(url="https://example.com/", events=["batch.paused"], secret_key="0123456789abcdef")
        """,
    ),
    "permission of a role": Change(
        [
            (
                "chalicelib/roles.py",
                f"{ROLES_ROW}-        -",
                f"{ROLES_ROW}x        -",
            ),
        ],
        """
        from chalicelib import roles

        assert roles.rows()["POST /api/work_centers"]["engineer"] == "x"
        """,
    ),
    "backoff": Change(
        [
            (
                "chalicelib/core/retries.py",
                "STATE_MACHINE_TASK = RetrySetting(4, 1,",
                "STATE_MACHINE_TASK = RetrySetting(4, 7,",
            )
        ],
        """
        from infra.machines import MACHINES

        for machine in MACHINES:
            assert "'IntervalSeconds': 7" in str(machine.states)
        """,
    ),
    "alarm": Change(
        [
            (
                "infra/alarms.py",
                '        "RelayLagAlarm": _alarm(',
                '        "OrdersAlarm": _alarm("orders", "Too many", ("AWS/States", "ExecutionsFailed", "Sum"), {}),\n'
                '        "RelayLagAlarm": _alarm(',
            ),
        ],
        """
        import app
        from infra.template import merge_template

        assert "OrdersAlarm" in merge_template(app.app, "prod")["Resources"]
        """,
    ),
}


def documented() -> dict[str, set[str]]:
    """Return the files of each change of the table in contributing.md."""
    page = (ROOT / "docs" / "contributing.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", page, re.M)
    return {
        change: set(
            re.findall(
                r"`((?:chalicelib|infra)/[^`]+\.py)`", files.replace("<name>", "orders").replace("<number>", "0002")
            )
        )
        for change, files in rows
    }


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code."""
    folder = tmp_path_factory.mktemp("code")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.ttf"))
    shutil.copy(ROOT / "app.py", folder)
    return folder


@contextmanager
def changed(code: Path, change: Change) -> Iterator[None]:
    """Make the edits of a change, and take them back."""
    originals: dict[Path, str | None] = {}
    try:
        for file, old, new in change.edits:
            path = code / file
            text = path.read_text() if old else ""
            originals.setdefault(path, text or None)
            assert old in text, f"{file} has no {old!r}"
            path.write_text(text.replace(old, new, 1) if old else new)
        yield
    finally:
        for path, original in originals.items():
            if original is None:
                path.unlink()
            else:
                path.write_text(original)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_change_works_in_the_documented_files_alone(name: str, code: Path) -> None:
    change = CHANGES[name]
    with changed(code, change):
        run = [sys.executable, "-B", "-c", dedent(change.effect)]
        done = subprocess.run(run, cwd=code, capture_output=True, text=True, env={"STAGE": "local"})
    assert done.returncode == 0, done.stderr
    assert {file for file, _, _ in change.edits} == documented()[name]
