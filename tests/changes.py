"""Changes of the code, made in a copy of it."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from localstack.config import ROOT

CODE = ("app.py", "chalicelib", "infra")


@dataclass(frozen=True)
class Change:
    """A change. `edits`: a file, a text of it, and the text that replaces it; an empty text creates the file. `effect`:
    a program that fails unless the change works.
    """

    edits: Sequence[tuple[str, str, str]]
    effect: str


def _after(file: str, text: str, added: str) -> tuple[str, str, str]:
    return file, text, text + added


def _before(file: str, text: str, added: str) -> tuple[str, str, str]:
    return file, text, added + text


FILES = ("schemas", "store", "view", "exchange/columns")
SCHEMAS, STORE, VIEW, COLUMNS = (f"chalicelib/batches/{name}.py" for name in FILES)
NUMBERED = "chalicelib/migrations/numbered"
NEXT = len(list((ROOT / NUMBERED).glob("m*.py"))) + 1  # number of the next migration
STEP = f"""from chalicelib.migrations.model import Migration

MIGRATION = Migration({NEXT}, "Batches have a priority")
"""
PRIORITY = Change(
    [
        _before(SCHEMAS, "\n    @model_validator", "    priority: PositiveInt | None = None\n"),
        _before(SCHEMAS, "    is_closed: Flag", "    priority: PositiveInt | None = None\n"),
        _after(SCHEMAS, "    planned_quantity: int | None\n", "    priority: int | None\n"),
        _before(SCHEMAS, "\n\n\nclass BatchQuery", "\n    priority: Annotated[int | None, Field(gt=0)] = None"),
        _after(SCHEMAS, '        "is_closed",\n', '        "priority",\n'),
        _before(STORE, "    products_seq = ", "    priority = NumberAttribute(null=True)\n"),
        _before(STORE, "),\n    ranges", ', "priority"'),
        _before(STORE, "),  # few batches", ', "priority"'),
        _before(STORE, "    ranges={", f'    filled_by={{"priority": {NEXT}}},\n'),
        _before(VIEW, ")\n\nKnown", ', "priority"'),
        _before(VIEW, "}}'\n    )", """,'\n        f'"priority":{batch.get("priority") or "null"}"""),
        _before(COLUMNS, '    Column("uuid"', '    Column("priority", "number", required=False),\n'),
        (f"{NUMBERED}/m{NEXT:04d}_priority.py", "", STEP),
        ("docs/production.md", "`work_center_id` and `shift`.", "`work_center_id`, `shift` and `priority`."),
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
)
"""A field of a batch that is given, changed, imported, exported, and that lists are sorted and filtered by."""


_SCREENS = "console/src/screens/batches"
PRIORITY_IN_CONSOLE = Change(
    [
        _before(f"{_SCREENS}/fields.ts", "  readonly shift: string;", "  readonly priority: number | string | null;\n"),
        _before(f"{_SCREENS}/fields.ts", "  nomenclature: 200,", "  priority: 1_000_000,\n"),
        _after(f"{_SCREENS}/fields.ts", '"planned_quantity"', ', "priority"'),
        _before(f"{_SCREENS}/fields.ts", '    shift: "",', "    priority: null,\n"),
        _before(f"{_SCREENS}/fields.ts", "    shift: batch.shift,", "    priority: batch.priority,\n"),
        _after(f"{_SCREENS}/fields.ts", 'name !== "planned_quantity"', ' && name !== "priority"'),
        _before(
            f"{_SCREENS}/form.tsx",
            '        <TextInput label={text("shift")}',
            """        <NumberInput
          label={text("priority")}
          allowDecimal={false}
          allowNegative={false}
          {...input("priority")}
          value={form.values.priority ?? ""}
          onChange={(value) => form.setFieldValue("priority", value === "" ? null : value)}
        />
""",
        ),
        _before(f"{_SCREENS}/showing.tsx", '    shift: text("shift"),', '    priority: text("priority"),\n'),
        _before(f"{_SCREENS}/texts.ts", '    plan: "План",', '    priority: "Приоритет",\n'),
        _before(f"{_SCREENS}/texts.ts", '    plan: "Plan",', '    priority: "Priority",\n'),
    ],
    "",
)
"""The input of that field in the console, whose types, made from the OpenAPI document, demand it."""


def as_diff(code: Path, change: Change) -> str:
    """Return a change as a unified diff, with one line of context. A hunk names what it is in instead of lines."""
    files = list(dict.fromkeys(file for file, _, _ in change.edits))
    before = {file: (code / file).read_text().splitlines() if (code / file).exists() else [] for file in files}
    with changed(code, change):
        after = {file: (code / file).read_text().splitlines() for file in files}
    lines: list[str] = []
    for file in files:
        _, _, *found = unified_diff(before[file], after[file], n=1, lineterm="")
        lines += [f"--- {file}", *(_named(line, before[file]) for line in found)]
    return "".join(f"{line}\n" for line in lines)


def _named(line: str, before: Sequence[str]) -> str:
    """Return a line of a diff, where it begins a hunk with the definition that the hunk is in."""
    if not line.startswith("@@"):
        return line
    first = int(re.findall(r"\d+", line)[0])
    definitions = re.compile(r"(class|def|(export )?(const|interface|function)) \w+|[A-Z]+ = \w+\(")
    found = [match[0] for text in before[:first] if (match := definitions.match(text))]
    return f"@@ {found[-1].rstrip('(')}" if found else "@@"


def copied(folder: Path, *more: str) -> Path:
    """Copy the code into a folder, and more files or folders of the tree; return the folder."""
    for name in (*CODE, *more):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.ttf", "__pycache__"))
        else:
            shutil.copy(source, target)
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
