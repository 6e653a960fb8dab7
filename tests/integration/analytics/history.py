"""A random history of changes of batches and products, by requests and by background tasks."""

import random
from collections import Counter
from typing import Any

from chalicelib.core.listed import value_of
from chalicelib.core.listing import LISTINGS
from chalicelib.core.paging import decode
from tests.exchange import csv_file, row, send
from tests.integration.bulk.api_calls import work
from tests.production import ask, batch, work_center
from tests.tasks import run_tasks

DAYS = ("2025-01-30", "2025-01-31", "2025-02-01")
SHIFTS = ("1", "2")
STEPS = ("create", "patch", "add", "add", "product", "aggregate", "close", "reopen", "end", "sheet", "bulk", "later")


def there(listing: str) -> list[dict[str, Any]]:
    """Return the items of a list, oldest first: the same order in every run of a seed."""
    return sorted(LISTINGS[listing].all_keys(), key=lambda key: decode(key["created_at"]))


class History:
    """A random history of changes of batches; it knows the existing ones from the responses."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.centers = [work_center()["uuid"] for _ in range(3)]
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        name = self.dice.choice(STEPS)
        self.done[f"{name} {getattr(self, name)()}"] += 1

    def create(self) -> int:
        if not self.centers:
            self.centers.append(work_center()["uuid"])
        place, day = self.dice.choice(self.centers), self.dice.choice(DAYS)
        batch(work_center_id=place, batch_date=day, shift=self.dice.choice(SHIFTS))
        return 201

    def patch(self) -> int:
        moves = {"batch_date": DAYS, "shift": SHIFTS, "work_center_id": self.centers, "is_closed": (True, False)}
        chosen = [name for name in moves if moves[name] and self.dice.random() < 0.6]
        return self.on_batch("PATCH", "", {name: self.dice.choice(moves[name]) for name in chosen})

    def add(self) -> int:
        return self.on_batch("POST", "/products", {"unique_code": f"P-{self.dice.randrange(8)}"})

    def product(self) -> int:
        found = there("products")
        if not found:
            return 0
        one = self.dice.choice(found)
        product, its_batch = decode(one["uuid"]), value_of(one, "batch_id")
        if self.dice.random() < 0.5:
            return ask("PATCH", f"/api/products/{product}/aggregate", {}).status
        return ask("DELETE", f"/api/batches/{its_batch}/products/{product}").status

    def aggregate(self) -> int:
        return self.on_batch("PATCH", "/aggregate", {})

    def close(self) -> int:
        return self.on_batch("PATCH", "/close", {})

    def reopen(self) -> int:
        return self.on_batch("PATCH", "", {"is_closed": False})

    def end(self) -> int:
        if self.centers and self.dice.random() < 0.15:
            gone = self.centers.pop(self.dice.randrange(len(self.centers)))
            return ask("DELETE", f"/api/work_centers/{gone}?cascade=true").status
        return self.on_batch("DELETE", "", None)

    def sheet(self) -> int:
        rows = [
            row(
                batch_number=self.dice.randrange(71_000, 71_004), batch_date=self.dice.choice(DAYS),
                shift=self.dice.choice(SHIFTS), work_center_identifier=f"WC-{self.dice.randrange(2)}",
                products=[f"S-{number}" for number in range(self.dice.randrange(4))],
            )
            for _ in range(2)
        ]  # fmt: skip
        status = send(csv_file(rows), update_existing="true").status
        run_tasks()
        return status

    def bulk(self) -> int:
        codes = [f"P-{self.dice.randrange(12)}" for _ in range(5)]
        mode = self.dice.choice(["proceed", "rollback"])
        status = self.on_batch("POST", "/products/bulk", {"unique_codes": codes, "mode": mode})
        run_tasks()
        return status

    def later(self) -> int:
        status = self.on_batch("PATCH", "/aggregate_async", {})
        work()
        return status

    def on_batch(self, method: str, path: str, body: Any) -> int:
        found = there("batches")
        return ask(method, f"/api/batches/{decode(self.dice.choice(found)['uuid'])}{path}", body).status if found else 0
