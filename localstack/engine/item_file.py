"""The items of all tables in one SQLite file.

A commit holds all changes up to one moment between two requests, so a transaction is in the file completely or not at
all. The file is not synchronised with the disk: it outlives the process, not the machine's power.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Item = dict[str, Any]
Key = tuple[str, str, str]
"""A table's id, and the values of the partition and the sort key."""
Table = dict[str, Any]
ITEMS_FILE = "dynamodb-items.sqlite3"


class ItemFile:
    """Items by the id of their table, partition and sort key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS items (t TEXT, p TEXT, s TEXT, item TEXT, PRIMARY KEY (t, p, s))"
        )

    def write(self, changes: Mapping[Key, Item | None], emptied: frozenset[str] = frozenset()) -> None:
        """Put or (None) remove items, after removing all items of the tables `emptied`; all of it or nothing."""
        execute = self._file.execute
        execute("BEGIN IMMEDIATE")
        try:
            for table in emptied:
                execute("DELETE FROM items WHERE t = ?", (table,))
            for key, item in changes.items():
                if item is None:
                    execute("DELETE FROM items WHERE t = ? AND p = ? AND s = ?", key)
                else:
                    execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", (*key, _text(item)))
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise

    def fill(self, tables: list[Table]) -> None:
        """Give tables that come without items their items, and forget the items of all other tables."""
        found: dict[str, defaultdict[str, dict[str, Item]]] = defaultdict(lambda: defaultdict(dict))
        for identifier, partition, sort, text in self._rows():
            found[identifier][partition][sort] = json.loads(text)
        for table in tables:
            if table.get("items"):
                continue
            table["items"] = found.pop(table.get("TableId", ""), defaultdict(dict))
            table["ItemCount"] = sum(map(len, table["items"].values()))
            table["TableSizeBytes"] = table["ItemCount"] * 200
        self.write({}, frozenset(found))

    def _rows(self) -> Iterator[tuple[str, str, str, str]]:
        yield from self._file.execute("SELECT t, p, s, item FROM items")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
"""The JSON of an item. An item is what a request held, so it does not hold itself."""


def give_to_tables(folder: Path) -> None:
    """Move the items into the tables' own file, where MiniStack by itself looks for them."""
    tables_file, items_file = folder / "dynamodb.json", folder / ITEMS_FILE
    if not items_file.exists():
        return
    saved = json.loads(tables_file.read_text()) if tables_file.exists() else {}
    if saved:
        items = ItemFile(items_file)
        items.fill(list(saved["payload"]["tables"]["data"].values()))
        items.close()
        partial = tables_file.with_suffix(".tmp")
        partial.write_text(json.dumps(saved))
        partial.replace(tables_file)
    for suffix in ("", "-wal", "-shm"):
        items_file.with_name(items_file.name + suffix).unlink(missing_ok=True)
