"""CSV writing and reading. No cell that is written can start a formula in a spreadsheet.

A reader may use another separator than the writer: a Russian Excel splits at semicolons, and then a semicolon or a line
break inside a quoted text starts a new cell. So a text is guarded wherever any reader may start a cell: at its start
and after each comma, semicolon, tab and line break, whatever blanks and quotes follow. An apostrophe is put before a
formula's first character there (OWASP, CSV injection); `unescape_formula` removes exactly those. Every text is quoted.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

csv.field_size_limit(2**31 - 1)  # the size of a file bounds what is read

DELIMITERS = ",;\t"
SAMPLE = 1 << 20  # characters that are searched for the header
FORMULA_STARTS = "=+-@＝＋－＠"
_FORMULA = re.escape(FORMULA_STARTS)
_LINE_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"
DROPPED = frozenset("\t\r\n")  # some programs drop these at the start of a cell
_CELL_STARTS = frozenset(DELIMITERS)
_BREAKS = re.compile(f"[\t{_LINE_BREAKS}]")
# The characters between the start of a cell and its first other character; the lookbehind makes each run match once.
_RUN = rf"""(?:\A[\s"',;]*+|(?<![\s"',;])[\s"',;]++)(?=[{_FORMULA}])"""
_BEFORE_FORMULA = re.compile(_RUN)
_FORMULA_IN_JSON = re.compile(f"({_RUN})(.)")
_SEPARATORS = re.compile(f"[{DELIMITERS}{_LINE_BREAKS}]")
_FORMULAS = re.compile(f"[{_FORMULA}]")
_DIRECTIVE = re.compile(r'\s*"?sep=([^"\r\n])"?[^\S\r\n]*(?:\r\n?|\n|\Z)', re.IGNORECASE)


# -- formulas ---------------------------------------------------------------------------------------------------------


def escape_formula(text: str) -> str:
    """Return a text for a CSV cell in which no formula starts, whatever separator the reader uses."""
    if text[:1].isalnum() and not _SEPARATORS.search(text):  # most texts
        return text
    safe = _BEFORE_FORMULA.sub(_guarded, text)
    return f"'{safe}" if _starts_blank(safe) else safe


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` was given."""
    if "'" not in text:
        return text
    safe = text[1:] if text.startswith("'") and _starts_blank(text) else text
    return _BEFORE_FORMULA.sub(_unguarded, safe)


def escape_json(text: str) -> str:
    """Return JSON for a CSV cell in which no formula starts. It is guarded by escapes, so its value does not change."""
    return _FORMULA_IN_JSON.sub(_escaped, text) if _FORMULAS.search(text) else text


def _starts_blank(text: str) -> bool:
    """Return whether a text starts with a tab or line break. Some programs drop these, so the next character starts the
    cell.
    """
    return text.lstrip("'")[:1] in DROPPED


def _guarded(run: re.Match[str]) -> str:
    return f"{run[0]}'" if _begins_cell(run) else run[0]


def _unguarded(run: re.Match[str]) -> str:
    return run[0][:-1] if run[0].endswith("'") and _begins_cell(run) else run[0]


def _escaped(found: re.Match[str]) -> str:
    return f"{found[1]}\\u{ord(found[2]):04x}" if _begins_cell(found) else found[0]


def _begins_cell(found: re.Match[str]) -> bool:
    """Return whether any reader starts a cell in a run of characters before a formula's first character."""
    run = found[found.lastindex and 1 or 0].rstrip("'")
    rest = run[: _blanks_at(run)]
    if not rest:
        return found.start() == 0 or bool(_BREAKS.search(run))
    return rest[-1] in _CELL_STARTS or bool(_BREAKS.search(run, len(rest)))


def _blanks_at(run: str) -> int:
    """Return the index at which the blanks and quotes at the end of a run start."""
    end = len(run)
    while end and (run[end - 1] == '"' or run[end - 1].isspace()):
        end -= 1
    return end


# -- writing ----------------------------------------------------------------------------------------------------------


def writer(file: IO[str], delimiter: str = DELIMITERS[0]) -> Any:
    """Return a writer of records. Numbers are written as they are, texts are quoted; texts must be guarded before."""
    return csv.writer(file, delimiter=delimiter, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)


# -- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How a CSV text is read: its separator, and how many characters at its start only declare it."""

    delimiter: str
    skip: int = 0


def dialect_of(start: str) -> Dialect:
    """Return the dialect that the start of a text shows: a line `sep=;`, or the separator that occurs most in the first
    record.
    """
    if directive := _DIRECTIVE.match(start):
        return Dialect(directive[1], directive.end())
    return Dialect(max(DELIMITERS, key=lambda delimiter: len(first_record(start, delimiter))))


def first_record(start: str, delimiter: str) -> list[str]:
    """Return the first record that is not blank; an empty list where there is none."""
    return next((record for record in records(start, Dialect(delimiter)) if any(map(str.strip, record))), [])


def records(start: str, dialect: Dialect) -> Iterator[list[str]]:
    """Yield the records of the start of a text, which may end inside one."""
    yield from csv.reader(io.StringIO(start[dialect.skip :], newline=""), delimiter=dialect.delimiter)


def read(lines: IO[str], dialect: Dialect) -> Any:
    """Return a reader of records that is strict about quotes: it raises csv.Error and has a `line_num`."""
    lines.read(dialect.skip)
    return csv.reader(lines, delimiter=dialect.delimiter, strict=True)
