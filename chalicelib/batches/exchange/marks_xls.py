"""The marks of a sheet of an xls file (BIFF8), from its records in the stream `Workbook` of the OLE container."""

import struct
from collections.abc import Iterator
from pathlib import Path

from chalicelib.batches.exchange.marks import UNKNOWN, Marks, digits_of

_FREE, _MINI_CUTOFF, _MINI_SIZE, _ENTRY = 0xFFFFFFFA, 4_096, 64, 128
_EOF, _BOF, _BOUNDSHEET, _FILEPASS, _DATEMODE, _FORMAT, _XF = 0x0A, 0x809, 0x85, 0x2F, 0x22, 0x41E, 0xE0
_FORMULA, _BOOLERR, _NUMBER, _RK, _MULRK = 0x06, 0x205, 0x203, 0x27E, 0xBD
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

Record = tuple[int, bytes]


def is_encrypted(source: str) -> bool:
    """Return whether the workbook has a password."""
    return any(kind == _FILEPASS for kind, _ in _records(_stream_of(source), 0))


def find(source: str, sheet: str) -> Marks:
    """Return the marks of a sheet; ValueError when the workbook is inconsistent."""
    stream = _stream_of(source)
    marks, formats, styles = Marks(), dict[int, int](), list[int]()
    place = None
    for kind, data in _records(stream, 0):
        if kind == _DATEMODE:
            marks.from_1904 = data[:2] == b"\1\0"
        elif kind == _FORMAT and (digits := digits_of(_text(data[2:], 2))):
            formats[_number(data, 0, 2)] = digits
        elif kind == _XF:
            styles.append(_number(data, 2, 2))
        elif kind == _BOUNDSHEET and _text(data[6:], 1) == sheet:
            place = _number(data, 0, 4)
    if place is None:
        raise ValueError("no record names the sheet")
    digits_of_style = {style: formats[number] for style, number in enumerate(styles) if number in formats}
    for kind, data in _records(stream, place):
        _mark(marks, kind, data, digits_of_style)
    return marks


def _mark(marks: Marks, kind: int, data: bytes, digits: dict[int, int]) -> None:
    """Add the marks of a record."""
    if kind == _MULRK:
        row, first = struct.unpack_from("<HH", data)
        for column, start in enumerate(range(4, len(data) - 2, 6), start=first):
            if shown := digits.get(_number(data, start, 2)):
                marks.add(row, column, shown)
        return
    if kind not in (_BOOLERR, _FORMULA, _NUMBER, _RK):
        return
    row, column, style = struct.unpack_from("<HHH", data)
    if kind == _BOOLERR and data[7]:
        marks.add(row, column, _ERRORS.get(data[6], UNKNOWN))
    elif kind == _FORMULA and data[12:14] == b"\xff\xff":
        if data[6] == 2:  # the result is an error
            marks.add(row, column, _ERRORS.get(data[8], UNKNOWN))
    elif kind != _BOOLERR and style in digits:
        marks.add(row, column, digits[style])


def _records(stream: bytes, place: int) -> Iterator[Record]:
    """Yield the records from a place to the end of its part of the workbook, without those of charts inside it."""
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        place += 4 + size
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 1:
            yield kind, stream[place - size : place]
        if depth <= 0:
            return


def _text(data: bytes, size: int) -> str:
    """Return a text of BIFF8 whose length takes `size` bytes."""
    length, is_wide = _number(data, 0, size), data[size] & 1
    text = data[size + 1 : size + 1 + length * (1 + is_wide)]
    return text.decode("utf-16-le" if is_wide else "latin-1", "replace")


def _number(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "little")


# -- the container ----------------------------------------------------------------------------------------------------


def _stream_of(source: str) -> bytes:
    """Return the stream `Workbook` of an OLE container (MS-CFB)."""
    data = Path(source).read_bytes()
    size = 1 << _number(data, 0x1E, 2)
    if size not in (512, 4_096):
        raise ValueError("no container")

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    def numbers(parts: Iterator[bytes]) -> list[int]:
        content = b"".join(parts)
        return list(struct.unpack_from(f"<{len(content) // 4}I", content))

    table, more = list(struct.unpack_from("<109I", data, 0x4C)), _number(data, 0x44, 4)
    for _ in range(_number(data, 0x48, 4)):
        if more >= _FREE:
            break
        *found, more = numbers(iter([sector(more)]))
        table += found
    following = numbers(sector(number) for number in table if number < _FREE)
    entries = b"".join(map(sector, _chain(_number(data, 0x30, 4), following)))
    root, book = entries[:_ENTRY], _entry(entries)
    start, length = _number(book, 0x74, 4), _number(book, 0x78, 4)
    if length >= _MINI_CUTOFF:
        return b"".join(map(sector, _chain(start, following)))[:length]
    mini = numbers(map(sector, _chain(_number(data, 0x3C, 4), following)))
    small = b"".join(map(sector, _chain(_number(root, 0x74, 4), following)))
    places = (number * _MINI_SIZE for number in _chain(start, mini))
    return b"".join(small[place : place + _MINI_SIZE] for place in places)[:length]


def _chain(first: int, following: list[int]) -> Iterator[int]:
    """Yield the numbers of the sectors of a stream; a chain that is a circle ends."""
    for _ in range(len(following)):
        if first >= len(following):
            return
        yield first
        first = following[first]


def _entry(entries: bytes) -> bytes:
    """Return the entry of the workbook in the directory."""
    for start in range(0, len(entries), _ENTRY):
        entry = entries[start : start + _ENTRY]
        if entry[: max(_number(entry, 0x40, 2) - 2, 0)].decode("utf-16-le", "replace").lower() == "workbook":
            return entry
    raise ValueError("no workbook in the container")
