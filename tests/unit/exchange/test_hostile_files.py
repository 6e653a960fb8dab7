"""Files of hostile shapes: time grows with their size and not with its square, and memory is a few times of it."""

import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chalicelib.batches.exchange import columns, importing, row_file, sheets
from chalicelib.batches.exchange.importing import ROWS_PER_CHUNK
from chalicelib.batches.exchange.rows import Reader
from chalicelib.batches.exchange.sheets import Sheet, Unreadable
from tests.exchange import csv_file, row

HEADER = ",".join([*columns.REQUIRED, "products", "closed_at"])
GOOD = csv_file([row(products=["A"])]).decode("utf-8-sig").split("\r\n")[1]

SHAPES: dict[str, Callable[[int], str]] = {  # each a text of about as many characters
    "header of one name": lambda size: HEADER + ",products_2" * (size // 11) + "\n",
    "header of many names": lambda size: HEADER + "".join(f",products_{n}" for n in range(size // 14)) + "\n",
    "header of nothing": lambda size: HEADER + "," * size + "\n",
    "wide header, short rows": lambda size: HEADER + ",x" * (size // 4) + "\n" + "1\n" * (size // 4),
    "long rows": lambda size: f"{HEADER}\n" + (GOOD + "," * 5_000 + "\n") * (size // 5_000),
    "one long row": lambda size: f"{HEADER}\n" + "," * size,
    "one long cell": lambda size: f"{HEADER}\n" + "x" * size,
    "short rows": lambda size: f"{HEADER}\n" + "1\n" * (size // 2),
    "blank rows": lambda size: f"{HEADER}\n" + "\n" * size + GOOD,
    "blank rows first": lambda size: "\n" * size + f"{HEADER}\n",
    "rows of blanks": lambda size: f"{HEADER}\n" + " ,\t,\n" * (size // 5),
    "quotes": lambda size: f"{HEADER}\n" + '"' * (size // 2 * 2),
    "quoted quotes": lambda size: f"{HEADER}\n" + '"a""b",' * (size // 7),
    "a quote that is not closed": lambda size: f'{HEADER}\n"' + "1,\n" * (size // 3),
    "line breaks in a cell": lambda size: f'{HEADER}\n"' + "\n" * size + '"\n',
    "apostrophes": lambda size: f"{HEADER}\n" + "';" * (size // 2),
    "guards": lambda size: f'{HEADER}\n"' + ";'=" * (size // 3) + '"\n',
    "a deep list": lambda size: f"{HEADER}\n" + '"' + "[" * size + '"\n',
    "a long number": lambda size: f"{HEADER}\n" + "1" * size + "\n",
    "sep": lambda size: "sep=;" * (size // 5),
}


def read(text: bytes, folder: Path) -> None:
    """What an import does before it writes: the first chunk of rows, or the refusal."""
    (folder / "source").write_bytes(text)
    with suppress(Unreadable):
        list(islice(Reader(sheets.read(folder / "source", "csv", folder)), ROWS_PER_CHUNK))


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread, the least of three."""
    found = []
    for _ in range(3):
        started = time.thread_time()
        work()
        found.append(time.thread_time() - started)
    return min(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_time_is_linear_and_memory_bounded(name: str, tmp_path: Path) -> None:
    small, large = (SHAPES[name](size).encode() for size in (25_000, 200_000))
    assert seconds(lambda: read(large, tmp_path)) < 24 * seconds(lambda: read(small, tmp_path)) + 0.1
    tracemalloc.start()
    try:
        read(large, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * len(large)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "koi8-r", "cp866"])
def test_finding_the_encoding_takes_linear_time(encoding: str, tmp_path: Path) -> None:
    line = "Болт Гайка Шайба;\n"
    small, large = (f"{HEADER}\n{line * count}".encode(encoding) for count in (3_000, 24_000))
    assert seconds(lambda: read(large, tmp_path)) < 24 * seconds(lambda: read(small, tmp_path)) + 0.1


def test_names_that_repeat_are_counted_in_linear_time() -> None:
    def check(count: int) -> None:
        with pytest.raises(Unreadable):
            Reader(Sheet([*columns.REQUIRED, *["products_2"] * count], 0, Path()))

    assert seconds(lambda: check(40_000)) < 24 * seconds(lambda: check(5_000)) + 0.01


@pytest.mark.parametrize(("width", "taken"), [(200, True), (201, False), (100_000, False)])
def test_a_header_has_at_most_200_columns(width: int, taken: bool) -> None:
    header = [*columns.REQUIRED, *(f"x{number}" for number in range(width - len(columns.REQUIRED)))]
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_text(f"{','.join(header)},,,\n")
        if taken:
            assert len(sheets.read(source, "csv", Path(folder)).header) == width
            return
        with pytest.raises(Unreadable, match=f"{width} столбцов, принимается не больше 200"):
            sheets.read(source, "csv", Path(folder))


def test_rows_are_never_wider_than_the_header(tmp_path: Path) -> None:
    (tmp_path / "source").write_text("a,b\n" + "1,2,,4\n1\n,,,x\n" * 2)
    assert list(sheets.read(tmp_path / "source", "csv", tmp_path).rows()) == [["1", "2"], ["1"], ["", ""]] * 2


@pytest.mark.slow
def test_chunks_and_lines_are_bounded_by_their_characters(tmp_path: Path) -> None:
    rows = [row(task_description="x" * 1_000_000) for _ in range(20)]
    (tmp_path / "source").write_bytes(csv_file(rows))
    sheet = sheets.read(tmp_path / "source", "csv", tmp_path)
    assert [cells[0] for cells in sheet.rows()] == [one["batch_number"] for one in rows]
    assert max(map(len, sheet.path.read_text().splitlines())) < 6_000_000
    sizes = [len(chunk) for chunk in importing._chunks(Reader(sheet))]
    assert (sum(sizes), max(sizes) <= 9) == (20, True)


def test_blank_rows_at_the_end_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_file, "MAX_ROWS", 2)
    (tmp_path / "source").write_text("a\n1\n\n\n2\n" + " \n" * 1_000)
    sheet = sheets.read(tmp_path / "source", "csv", tmp_path)
    assert (sheet.count, list(sheet.rows())) == (4, [["1"], [], [], ["2"]])


def test_the_lease_is_renewed_while_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_PER_TICK", 10)
    (tmp_path / "source").write_text("a\n" + "1\n" * 95)
    ticks: list[int] = []
    sheets.read(tmp_path / "source", "csv", tmp_path, lambda: ticks.append(1))
    assert len(ticks) == 10
