"""CSV as every part of the service writes and recognises it, so that no spreadsheet runs what is in a cell.

A reader may take another separator than the one that was written: a Russian Excel splits at semicolons, and then a cell
or a line break inside a quoted text begins a new cell. So a text is guarded wherever some reader may see a cell begin:
at its start and after each comma, semicolon, tab and line break, blanks and quotes left out. An apostrophe is put
before what would begin a formula there (OWASP, CSV injection), and `unguard` takes away exactly those. Every text is
quoted.
"""

import csv
import io
import re
from dataclasses import dataclass
from typing import IO, Any

csv.field_size_limit(2**31 - 1)  # what is read is bounded by the size of its file

DELIMITERS = ",;\t"
SAMPLE = 1 << 20  # characters in which the header is looked for
_FORMULA = "=+\\-@＝＋－＠"
_LINE_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"
_DROPPED = frozenset("\t\r\n")
_CELL_STARTS = frozenset(DELIMITERS)
_BREAKS = re.compile(f"[\t{_LINE_BREAKS}]")
# The characters between the start of a cell and what it begins with; the lookbehind lets each run be tried once.
_RUN = rf"""(?:\A[\s"',;]*+|(?<![\s"',;])[\s"',;]++)(?=[{_FORMULA}])"""
_BEFORE_FORMULA = re.compile(_RUN)
_FORMULA_IN_JSON = re.compile(f"({_RUN})(.)")
_SEPARATORS = re.compile(f"[{DELIMITERS}{_LINE_BREAKS}]")
_FORMULAS = re.compile(f"[{_FORMULA}]")
_DIRECTIVE = re.compile(r'\s*"?sep=([^"\r\n])"?[^\S\r\n]*(?:\r\n?|\n|\Z)', re.IGNORECASE)


# -- formulas ---------------------------------------------------------------------------------------------------------


def guard(text: str) -> str:
    """A text for a cell of csv: nothing in it begins a formula, whatever the reader takes for a separator."""
    if text[:1].isalnum() and not _SEPARATORS.search(text):  # most are
        return text
    safe = _BEFORE_FORMULA.sub(_guarded, text)
    return f"'{safe}" if _starts_blank(safe) else safe


def unguard(text: str) -> str:
    """What `guard` was given."""
    if "'" not in text:
        return text
    safe = text[1:] if text.startswith("'") and _starts_blank(text) else text
    return _BEFORE_FORMULA.sub(_unguarded, safe)


def guard_json(text: str) -> str:
    """JSON for a cell of csv: the same, by escapes, so that whoever reads the JSON finds what was written."""
    return _FORMULA_IN_JSON.sub(_escaped, text) if _FORMULAS.search(text) else text


def _starts_blank(text: str) -> bool:
    """Some programs drop a tab or a line break at the start, and what follows is the start then."""
    return text.lstrip("'")[:1] in _DROPPED


def _guarded(run: re.Match[str]) -> str:
    return f"{run[0]}'" if _begins_cell(run) else run[0]


def _unguarded(run: re.Match[str]) -> str:
    return run[0][:-1] if run[0].endswith("'") and _begins_cell(run) else run[0]


def _escaped(found: re.Match[str]) -> str:
    return f"{found[1]}\\u{ord(found[2]):04x}" if _begins_cell(found) else found[0]


def _begins_cell(found: re.Match[str]) -> bool:
    """Whether some reader sees a cell begin in the run before a formula's first character."""
    run = found[found.lastindex and 1 or 0].rstrip("'")
    rest = run[: _blanks_at(run)]
    if not rest:
        return found.start() == 0 or bool(_BREAKS.search(run))
    return rest[-1] in _CELL_STARTS or bool(_BREAKS.search(run, len(rest)))


def _blanks_at(run: str) -> int:
    """Where the blanks and quotes begin that a run ends with."""
    end = len(run)
    while end and (run[end - 1] == '"' or run[end - 1].isspace()):
        end -= 1
    return end


# -- writing ----------------------------------------------------------------------------------------------------------


def writer(file: IO[str]) -> Any:
    """A writer of records: numbers stand as they are, texts are quoted; they are to be guarded before."""
    return csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)


# -- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How a csv text is to be read: its separator, and how many characters at its beginning only say so."""

    delimiter: str
    skip: int = 0


def dialect_of(start: str) -> Dialect:
    """What the beginning of a text shows: a line `sep=;`, or the separator that makes most of the first record."""
    if directive := _DIRECTIVE.match(start):
        return Dialect(directive[1], directive.end())
    return Dialect(max(DELIMITERS, key=lambda delimiter: len(first_record(start, delimiter))))


def first_record(start: str, delimiter: str) -> list[str]:
    """The first record that is not blank; none when there is none."""
    records = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
    return next((record for record in records if any(map(str.strip, record))), [])


def read(lines: IO[str], dialect: Dialect) -> Any:
    """A reader of records, strict about quotes: raises csv.Error, and knows its `line_num`."""
    lines.read(dialect.skip)
    return csv.reader(lines, delimiter=dialect.delimiter, strict=True)
