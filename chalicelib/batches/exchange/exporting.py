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
from chalicelib.core.texts import text
from chalicelib.core.threads import map_ahead, own_threads
from chalicelib.core.transactions import transaction
from chalicelib.files import service as files
from chalicelib.products import service as products
from chalicelib.products.model import SHOWN
from chalicelib.work_centers import service as work_centers

BATCHES_PER_PART = 1_000
PRODUCTS_PER_GROUP = 2_500  # on 100 pages, which are read in one request
BATCHES_PER_GROUP = 100  # their first pages are read in one request
GROUPS_READ_AHEAD = 3
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
Center = tuple[str | None, str | None]  # identifier and name; None when it does not exist
_CENTER = ("work_center_identifier", "work_center_name")
BATCH_COLUMNS = [column for column in columns.COLUMNS if column.kind != "products" and not column.import_only]


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
    done, format = Checkpoint(**run.checkpoint), run.params["format"]
    with TemporaryDirectory() as folder:
        part_file, target = Path(folder) / "part", Path(folder) / "export"
        _read_all(run, done, part_file)
        name = text("Партии {at}", at=f"{clock.now().astimezone(clock.site_zone()):%Y-%m-%d %H-%M}")
        file_id = str(uuid.uuid5(uuid.UUID(run.task_id), "export"))
        file = files.new(name, format, 1, clock.now(), user_id=run.task.user_id, file_id=file_id)
        header = [column.name for column in BATCH_COLUMNS] + columns.products_columns(done.width)
        delimiter = DELIMITERS[run.params.get("delimiter", "comma")]
        output.write(target, format, header, _rows(run, done, part_file), done.batches, delimiter)
        files.put(file, target)
    with transaction() as tx:
        files.register(tx, file)
        run.succeed(tx, {"file_id": file.id, "download_url": file.download_url, "total": done.batches})


def _read_all(run: Run, done: Checkpoint, part_file: Path) -> None:
    """Store the parts that are missing. The next page is read while one is stored."""
    with own_threads(1) as pool:
        next_page = pool.submit(_page, run, done.cursor)
        centers: dict[str, Center] = {}
        while not done.complete:
            page = next_page.result()
            if page.next_cursor:
                next_page = pool.submit(_page, run, page.next_cursor)
            _store_part(run, done, page, centers, part_file)


def _page(run: Run, cursor: str | None) -> PageOf[BatchItem]:
    return BATCHES.page(
        PageRequest(BATCHES_PER_PART, 0, descending=False, filters=run.params["filters"], cursor=cursor)
    )


def _store_part(
    run: Run, done: Checkpoint, page: PageOf[BatchItem], centers: dict[str, Center], part_file: Path
) -> None:
    """Store the next part."""
    limit = columns.MAX_CELL_LENGTH if run.params["format"] == "xlsx" else None
    with part_file.open("w", encoding="utf-8") as lines:
        for group, codes in map_ahead(_with_codes, _groups(page.items), GROUPS_READ_AHEAD):
            unknown = {item.work_center_id for item in group} - centers.keys()
            centers |= dict.fromkeys(unknown, (None, None))
            centers |= {
                center.uuid: (center.identifier, center.name) for center in work_centers.several(sorted(unknown))
            }
            for item in group:
                lists = columns.products_cells(codes(item), limit)
                cells = _cells(item, centers[item.work_center_id])
                lines.write(json.dumps([cells, lists], ensure_ascii=False) + "\n")
                done.width = max(done.width, len(lists))
            run.progress(done.batches, max(page.total, done.batches))
    objects.upload(part_file, _part_key(run, done.parts), "application/jsonl")
    done.parts, done.batches = done.parts + 1, done.batches + len(page.items)
    done.cursor, done.complete = page.next_cursor, page.next_cursor is None
    run.progress(done.batches, max(page.total, done.batches), asdict(done))


def _groups(items: Sequence[BatchItem]) -> Iterator[list[BatchItem]]:
    """Yield groups of batches with few products together, or one batch with many."""
    group: list[BatchItem] = []
    size = 0
    for item in items:
        if group and (size + item.products_seq > PRODUCTS_PER_GROUP or len(group) == BATCHES_PER_GROUP):
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
        return (product.unique_code for product in products.items_of_batch(item.uuid, int(item.products_seq)))

    return group, codes


def _cells(item: BatchItem, center: Center) -> list[Cell]:
    values = item.attribute_values | dict(zip(_CENTER, center, strict=True))
    return [_cell(column, values.get(column.name)) for column in BATCH_COLUMNS]


def _cell(column: Column, value: Cell) -> Cell:
    if isinstance(value, str) and column.kind == "moment":
        return value.replace(".000000Z", "Z")  # as clock.to_json writes the instant
    return value


def _rows(run: Run, done: Checkpoint, part_file: Path) -> Iterator[list[Cell]]:
    """Yield all parts as rows of the file."""
    days = [position for position, column in enumerate(BATCH_COLUMNS) if column.kind == "day"]
    for number in range(done.parts):
        run.renew()
        objects.download(_part_key(run, number), part_file)
        with part_file.open(encoding="utf-8") as lines:
            for cells, lists in map(json.loads, lines):
                for position in days:
                    cells[position] = date.fromisoformat(cells[position])
                yield [*cells, *lists, *[None] * (done.width - len(lists))]


def _part_key(run: Run, number: int) -> str:
    return f"work/exports/{run.task_id}/{number}.jsonl"
