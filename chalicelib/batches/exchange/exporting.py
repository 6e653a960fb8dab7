"""The runner of exports: it reads batches page by page, then writes them to one file.

Each page is stored in the bucket as a part, and the checkpoint of the task has the cursor of the next page, so a run
that was killed or ran out of time is continued and nothing is read twice. Batches are in the order of their creation.
Memory holds the products of a few batches, whatever the size of the export.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.background_tasks.service import Run
from chalicelib.batches.exchange import columns, output
from chalicelib.batches.exchange.columns import Column
from chalicelib.batches.exchange.output import Cell
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.core import clock, objects
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.threads import map_ahead, own_threads
from chalicelib.core.transactions import transaction
from chalicelib.files import service as files
from chalicelib.products import service as products
from chalicelib.products.model import SHOWN
from chalicelib.work_centers import service as work_centers

PAGE = 1_000  # batches of a part
PRODUCTS_TOGETHER = 2_500  # read in one request: those of 100 pages
MAX_KEYS = 100  # batches of a group: their first pages are read in one request
READERS = 3  # groups of batches whose products are read ahead
Center = tuple[str | None, str | None]  # identifier and name; None when it does not exist
_CENTER = ("work_center_identifier", "work_center_name")
ATTRIBUTES = [column for column in columns.COLUMNS if column.kind != "products" and not column.hidden]


@dataclass
class Checkpoint:
    """The number of stored parts, their batches and columns of products, and the cursor of the next part."""

    parts: int = 0
    batches: int = 0
    width: int = 1
    cursor: str | None = None
    complete: bool = False


def run(run: Run) -> None:
    """Export the batches that the filters of a task match."""
    read, format = Checkpoint(**run.checkpoint), run.params["format"]
    with TemporaryDirectory() as folder:
        part, target = Path(folder) / "part", Path(folder) / "export"
        _read_all(run, read, part)
        name, file_id = f"Партии {clock.now():%Y-%m-%d %H-%M}", str(uuid.uuid5(uuid.UUID(run.task_id), "export"))
        file = files.new(name, format, 1, clock.now(), user_id=run.task.user_id, file_id=file_id)
        header = [column.name for column in ATTRIBUTES] + columns.products_columns(read.width)
        output.write(target, format, header, _rows(run, read, part), read.batches)
        files.put(file, target)
    with transaction() as tx:
        files.register(tx, file)
        run.succeed(tx, {"file_id": file.id, "download_url": file.download_url, "total": read.batches})


def _read_all(run: Run, read: Checkpoint, part: Path) -> None:
    """Store the parts that are missing. The next page is read while one is stored."""
    with own_threads(1) as pool:
        next_page = pool.submit(_page, run, read.cursor)
        centers: dict[str, Center] = {}
        while not read.complete:
            page = next_page.result()
            if page.next_cursor:
                next_page = pool.submit(_page, run, page.next_cursor)
            _store_part(run, read, page, centers, part)


def _page(run: Run, cursor: str | None) -> PageOf[BatchItem]:
    return BATCHES.page(PageRequest(PAGE, 0, descending=False, filters=run.params["filters"], cursor=cursor))


def _store_part(run: Run, read: Checkpoint, page: PageOf[BatchItem], centers: dict[str, Center], part: Path) -> None:
    """Store the next part."""
    limit = columns.MAX_CELL_LENGTH if run.params["format"] == "xlsx" else None
    with part.open("w", encoding="utf-8") as lines:
        for group, codes in map_ahead(_with_codes, _groups(page.items), READERS):
            unknown = {item.work_center_id for item in group} - centers.keys()
            centers |= dict.fromkeys(unknown, (None, None))
            centers |= {one.uuid: (one.identifier, one.name) for one in work_centers.several(sorted(unknown))}
            for item in group:
                lists = columns.products_cells(codes(item), limit)
                cells = _cells(item, centers[item.work_center_id])
                lines.write(json.dumps([cells, lists], ensure_ascii=False) + "\n")
                read.width = max(read.width, len(lists))
            run.progress(read.batches, max(page.total, read.batches))
    objects.upload(part, _part_key(run, read.parts), "application/jsonl")
    read.parts, read.batches = read.parts + 1, read.batches + len(page.items)
    read.cursor, read.complete = page.next_cursor, page.next_cursor is None
    run.progress(read.batches, max(page.total, read.batches), asdict(read))


def _groups(items: Sequence[BatchItem]) -> Iterator[list[BatchItem]]:
    """Yield groups of batches with few products together, or one batch with many."""
    group: list[BatchItem] = []
    size = 0
    for item in items:
        if group and (size + item.products_seq > PRODUCTS_TOGETHER or len(group) == MAX_KEYS):
            yield group
            group, size = [], 0
        group.append(item)
        size += int(item.products_seq)
    if group:
        yield group


def _with_codes(group: list[BatchItem]) -> tuple[list[BatchItem], Callable[[BatchItem], Iterable[str]]]:
    """Return batches, and a function for the codes of each; those of a large batch are read when written."""
    known = products.codes({item.uuid: int(item.products_seq) for item in group if item.products_seq <= SHOWN})

    def codes(item: BatchItem) -> Iterable[str]:
        if item.uuid in known:
            return known[item.uuid]
        return (one.unique_code for one in products.items_of_batch(item.uuid, int(item.products_seq)))

    return group, codes


def _cells(item: BatchItem, center: Center) -> list[Cell]:
    values = item.attribute_values | dict(zip(_CENTER, center, strict=True))
    return [_cell(column, values.get(column.name)) for column in ATTRIBUTES]


def _cell(column: Column, value: Cell) -> Cell:
    if isinstance(value, str) and column.kind == "moment":
        return value.replace(".000000Z", "Z")  # as clock.to_json writes the instant
    return value


def _rows(run: Run, read: Checkpoint, part: Path) -> Iterator[list[Cell]]:
    """Yield all parts as rows of the file."""
    days = [place for place, column in enumerate(ATTRIBUTES) if column.kind == "day"]
    for number in range(read.parts):
        run.renew()
        objects.download(_part_key(run, number), part)
        with part.open(encoding="utf-8") as lines:
            for cells, lists in map(json.loads, lines):
                for place in days:
                    cells[place] = date.fromisoformat(cells[place])
                yield [*cells, *lists, *[None] * (read.width - len(lists))]


def _part_key(run: Run, number: int) -> str:
    return f"work/exports/{run.task_id}/{number}.jsonl"
