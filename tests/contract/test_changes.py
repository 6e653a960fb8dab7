"""The frequent changes, each made in a copy of the code, in exactly the files that CONTRIBUTING.md names."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from localstack.config import ROOT
from tests.changes import NEXT, PRIORITY, PRIORITY_IN_CONSOLE, Change, as_diff, changed, copied

ROLES_ROW = "POST   /api/work_centers                                          x     x       "


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
    "sortable and filterable field of batches": PRIORITY,
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
    """Return the files of each change of the table in CONTRIBUTING.md."""
    page = (ROOT / "CONTRIBUTING.md").read_text().replace("<name>", "orders")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", page.replace("<number>", f"{NEXT:04d}"), re.M)
    return {change: set(re.findall(r"`((?:chalicelib|infra|docs)/[^`]+\.(?:py|md))`", files)) for change, files in rows}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, with what the tests of a change read."""
    return copied(tmp_path_factory.mktemp("code"), "tests", "localstack", "docs/production.md")


EXAMPLES = {"a priority of batches": PRIORITY, "a priority of batches, in the console": PRIORITY_IN_CONSOLE}


def test_the_example_of_contributing_is_the_change_that_is_tested(tmp_path: Path) -> None:
    page = ROOT / "CONTRIBUTING.md"
    text, code = page.read_text(), copied(tmp_path, "console/src/screens/batches", "docs/production.md")
    for title, change in EXAMPLES.items():
        found = re.compile(rf"(<!-- change: {title} -->\n)(```diff\n.*?^```\n)?", re.M | re.S)
        fence = f"```diff\n{as_diff(code, change)}```\n"
        assert found.search(text), title
        text = found.sub(lambda match, fence=fence: match[1] + fence, text)  # type: ignore[misc]
    if os.environ.get("WRITE_DOCS"):
        page.write_text(text)
    assert page.read_text() == text, "make docs"


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_change_works_in_the_documented_files_alone(name: str, code: Path) -> None:
    change = CHANGES[name]
    with changed(code, change):
        done = run_python(code, "-c", dedent(change.effect))
    assert done.returncode == 0, done.stderr
    assert {file for file, _, _ in change.edits} == documented()[name]


@pytest.mark.slow
def test_a_field_of_batches_that_is_forgotten_somewhere_is_named_with_the_file(code: Path) -> None:
    forgotten = [edit for edit in PRIORITY.edits if "/exchange/" in edit[0] or edit[0].startswith("docs")]
    for edit in forgotten:
        with changed(code, replace(PRIORITY, edits=[one for one in PRIORITY.edits if one != edit])):
            done = run_python(code, *TEST_OF_FIELDS)
        assert done.returncode == 1
        assert "priority" in done.stdout and edit[0].rpartition("/")[2] in done.stdout
    with changed(code, PRIORITY):
        done = run_python(code, *TEST_OF_FIELDS)
    assert done.returncode == 0, done.stdout


TEST_OF_FIELDS = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract/test_batch_fields.py")


def run_python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a folder, as on the local stage."""
    run = [sys.executable, "-B", *arguments]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, env={"STAGE": "local"})
