"""Workbooks made part by part, as programs write them that no library here imitates."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.batches.exchange import columns, sheets
from tests.exchange import row, zipped

CONTENT_TYPES = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADER = [*columns.REQUIRED, "products", "is_closed", "closed_at", "work_center_name"]


def relations(*targets: tuple[str, str]) -> bytes:
    outer = "http://schemas.openxmlformats.org/package/2006/relationships"
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{outer}">{found}</Relationships>'.encode()


def raw_workbook(*data: str, states: Sequence[str] = (), settings: str = "", before: str = "") -> bytes:
    """A workbook whose sheets, `Лист1` and so on, hold exactly these rows; `states` says which are hidden."""
    names = "".join(
        f'<sheet name="Лист{n}" sheetId="{n}" state="{states[n - 1] if states else "visible"}" r:id="rId{n}"/>'
        for n in range(1, len(data) + 1)
    )
    book = f'<workbook xmlns="{SHEETS}" xmlns:r="{RELATION}"><sheets>{names}</sheets>{settings}</workbook>'
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": relations(
            *(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(data) + 1))
        ),
    }
    for number, rows in enumerate(data, start=1):
        sheet = f'<worksheet xmlns="{SHEETS}">{before}<sheetData>{rows}</sheetData></worksheet>'
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet.encode()
    return zipped(parts)


def text(value: str) -> str:
    """A cell with a text."""
    escaped = value.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c t="inlineStr"><is><t>{escaped}</t></is></c>'


def batch_rows(cells: Mapping[str, str] | None = None, **fields: Any) -> str:
    """Header and one row; `cells` has the XML of those that are not texts."""
    values = row(**fields)
    given = [(cells or {}).get(name) or text(values.get(name, "")) for name in HEADER]
    return f"<row>{''.join(map(text, HEADER))}</row><row>{''.join(given)}</row>"


def sheet_of(folder: Path, content: bytes) -> sheets.Sheet:
    """What is read of a workbook."""
    (folder / "source").write_bytes(content)
    return sheets.read(folder / "source", "xlsx", folder)
