"""CSV without formulas for any separator, and guarded texts that are read back unchanged."""

import csv
import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.csv_text import (
    Dialect,
    dialect_of,
    escape_formula,
    escape_json,
    read,
    unescape_formula,
    writer,
)

FORMULAS = "=+-@＝＋－＠"
PIECES = st.lists(st.sampled_from([*FORMULAS, *" \t\r\n;,\"'\x1d\u2028\u2029", "a", "7"]), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+7", "'+7"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        (" =1", " '=1"),
        ("\t=1", "'\t'=1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("'a", "'a"),
        ("a=1", "a=1"),
        ("", ""),
        ("'", "'"),
        ("Болт;=1+1;", "Болт;'=1+1;"),
        ("a; \t=1", "a; \t'=1"),
        ('a;"=1;', "a;\"'=1;"),
        ("a\t-1", "a\t'-1"),
        ("a,@b", "a,'@b"),
        ("Сборка\n=2+2;конец", "Сборка\n'=2+2;конец"),
        ("a\u2028＝1", "a\u2028'＝1"),
        ("ГОСТ 7798-70; М8", "ГОСТ 7798-70; М8"),
    ],
)
def test_formula_is_guarded_and_read_back(text: str, safe: str) -> None:
    assert escape_formula(text) == safe
    assert unescape_formula(safe) == text


@given(text=PIECES)
def test_every_guarded_text_is_read_back(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text


@given(codes=st.lists(PIECES, max_size=4))
def test_guarded_json_has_the_same_value(codes: list[str]) -> None:
    assert json.loads(escape_json(json.dumps(codes, ensure_ascii=False))) == codes


def cells_by_any_reader(file: str) -> list[str]:
    """Return the cells that readers with different separators see, with quotes and without."""
    found = []
    for delimiter in ",;\t|":
        found += [cell for record in csv.reader(io.StringIO(file, newline=""), delimiter=delimiter) for cell in record]
    return found


@given(texts=st.lists(PIECES, min_size=1, max_size=3), codes=st.lists(PIECES, max_size=3))
def test_no_cell_is_a_formula_with_any_separator(texts: list[str], codes: list[str]) -> None:
    file = io.StringIO(newline="")
    writer(file).writerow([7, *map(escape_formula, texts), escape_json(json.dumps(codes, ensure_ascii=False))])
    for cell in cells_by_any_reader(file.getvalue()):
        assert cell.strip().strip('"').strip()[:1] not in [*FORMULAS]


def test_texts_are_quoted_and_numbers_are_not() -> None:
    file = io.StringIO(newline="")
    writer(file).writerow(["a", 7, 1.5, 'b;"c', ""])
    assert file.getvalue() == '"a",7,1.5,"b;""c",""\r\n'


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["\n", " ", "'", '"', ";'", ";", "=\n", "\t", ', "'])
def test_guarding_takes_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        text, best = piece * count, 9e9
        for _ in range(3):
            started = time.thread_time()
            unescape_formula(escape_formula(text))
            escape_json(text)
            best = min(best, time.thread_time() - started)
        return best

    assert seconds(80_000) < 30 * seconds(10_000) + 0.01  # linear: 8 times as long, quadratic: 64 times


@pytest.mark.parametrize(
    ("start", "dialect"),
    [
        ("a;b;c\n1,5;2;3\n", Dialect(";")),
        ("a,b\n", Dialect(",")),
        ("a\tb\n", Dialect("\t")),
        ("a\n", Dialect(",")),
        ("", Dialect(",")),
        ("\r\n \r\na;b\r\n", Dialect(";")),
        ('"Примечание\nмастера, его";b;c\n', Dialect(";")),
        ("sep=;\r\na\r\n", Dialect(";", 7)),
        ('"sep=\t"\na\n', Dialect("\t", 8)),
        ("\n SEP=| \na|b\n", Dialect("|", 9)),
        ("sep=,x\n", Dialect(",")),
    ],
)
def test_separator_is_detected(start: str, dialect: Dialect) -> None:
    assert dialect_of(start) == dialect


def test_line_that_declares_the_separator_is_skipped() -> None:
    text = "sep=;\r\na;b\r\n"
    assert list(read(io.StringIO(text, newline=""), dialect_of(text))) == [["a", "b"]]
