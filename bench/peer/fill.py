"""Fill the peer's database by COPY: `python -m bench.peer.fill SIZE LARGE`."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import asyncpg

from bench.peer.database import DATABASE_URL, engine
from bench.peer.models import Base
from bench.race import data

PRODUCT = ("uuid", "created_at", "updated_at", "unique_code", "batch_id", "is_aggregated", "aggregated_at")
BATCH = tuple(field.name for field in fields(data.Batch) if field.name != "products")
CENTER = ("uuid", "created_at", "identifier", "name")


def _products(batches: list[data.Batch]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        for one in batch.products:
            yield one.uuid, one.created_at, None, one.unique_code, batch.uuid, False, None


async def fill(size: int, large: int) -> None:
    """Make the tables, copy the rows, and do what autovacuum would do a minute later."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    batches = list(data.batches(size, large))
    database = await asyncpg.connect(DATABASE_URL.replace("+asyncpg", ""))
    rows: list[tuple[str, tuple[str, ...], Iterator[tuple[Any, ...]]]] = [
        ("work_centers", CENTER, (tuple(getattr(one, name) for name in CENTER) for one in data.work_centers())),
        ("batches", BATCH, (tuple(getattr(one, name) for name in BATCH) for one in batches)),
        ("products", PRODUCT, _products(batches)),
    ]
    for table, columns, records in rows:
        await database.copy_records_to_table(table, columns=columns, records=records)
        await database.execute(f"VACUUM ANALYZE {table}")
    await database.close()


if __name__ == "__main__":
    asyncio.run(fill(int(sys.argv[1]), int(sys.argv[2])))
