"""Shopfloor's side: the local stack, filled through its DynamoDB with the items that the application writes."""

import http.client
import json
import os
import tempfile
import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.race import data
from bench.race.side import Side
from localstack.config import CREDENTIALS, REGION
from tests.e2e.stack import Stack, start

PER_REQUEST, SENDERS, AHEAD = 25, 2, 8
_CREDENTIAL = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20260101/{REGION}/dynamodb/aws4_request"
HEADERS = {
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": f"AWS4-HMAC-SHA256 Credential={_CREDENTIAL}, SignedHeaders=host, Signature=0",
}
SETTINGS = {"AUTH": "false", "MEMORY_MB": "600"}  # as `make run` has it; the tests give it more
PASSED_ON = ("ENGINE_FAST", "MEMORY_MB")


@contextmanager
def ours(size: int, large: int) -> Iterator[Side]:
    """A local stack with so many batches."""
    chosen = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        stack = start(Path(folder), SETTINGS | chosen)
        try:
            _fill(stack, size, large)
            yield Side("ours", stack.url, [stack.process.pid])
        finally:
            stack.stop()


class _Writer:
    """Writes items 25 at a time, a few requests at once, so that the emulator never waits for this process."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._pool = ThreadPoolExecutor(SENDERS)
        self._connections = threading.local()
        self._sent: deque[Future[None]] = deque()
        self._requests: dict[str, list[dict[str, Any]]] = {}
        self._waiting = 0

    def put(self, table: str, item: dict[str, Any]) -> None:
        """Write an item, soon."""
        self._requests.setdefault(table, []).append({"PutRequest": {"Item": item}})
        self._waiting += 1
        if self._waiting == PER_REQUEST:
            self._flush()

    def close(self) -> None:
        """Write what waits, and return when all is there."""
        if self._waiting:
            self._flush()
        while self._sent:
            self._sent.popleft().result()
        self._pool.shutdown()

    def _flush(self) -> None:
        self._sent.append(self._pool.submit(self._send, json.dumps({"RequestItems": self._requests})))
        self._requests, self._waiting = {}, 0
        while len(self._sent) > AHEAD:
            self._sent.popleft().result()

    def _send(self, content: str) -> None:
        """One request. The emulator checks no signature unless AUTH is on."""
        if not hasattr(self._connections, "own"):
            self._connections.own = http.client.HTTPConnection(self._address, timeout=120)
        connection = self._connections.own
        connection.request("POST", "/", content, HEADERS)
        answer = connection.getresponse()
        found = answer.read()
        if answer.status != 200 or json.loads(found).get("UnprocessedItems"):
            raise SystemExit(f"filling failed: {answer.status} {found[:500]!r}")


def _fill(stack: Stack, size: int, large: int) -> None:
    """Write work centres, batches and products with their indexes, claims, pages, counters and totals."""
    function = stack.client("lambda").get_function_configuration(FunctionName=f"{stack.name}-api")
    os.environ.update(function["Environment"]["Variables"], **CREDENTIALS, AWS_ENDPOINT_URL=stack.aws_url)
    from chalicelib.core.settings import settings

    settings.cache_clear()
    _Filler(_Writer(stack.aws_url)).run(size, large)


class _Filler:
    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self._counters: Counter[str] = Counter()
        self._totals: dict[tuple[str, str], Counter[str]] = {}

    def run(self, size: int, large: int) -> None:
        """Write everything."""
        for center in data.work_centers():
            self._work_center(center)
        for batch in data.batches(size, large):
            self._batch(batch)
        self._sums()
        self._writer.close()

    def _put(self, item: Any, listing: Any = None) -> None:
        index = listing.index(item) if listing else {}
        self._writer.put(item.Meta.table_name, item.serialize() | index)
        if listing:
            self._counters[listing.name] += 1
            self._counters.update(listing.counter(name, getattr(item, name)) for name in listing.counted)

    def _work_center(self, center: data.WorkCenter) -> None:
        from chalicelib.core.dynamo import ClaimItem
        from chalicelib.work_centers import model
        from chalicelib.work_centers.store import WORK_CENTERS, WorkCenterItem

        self._put(WorkCenterItem(**_plain(asdict(center))), WORK_CENTERS)
        self._put(ClaimItem(model.identifier_claim(center.identifier), owner=center.uuid))

    def _batch(self, batch: data.Batch) -> None:
        from chalicelib.batches import model, totals
        from chalicelib.batches.store import BATCHES, BatchItem
        from chalicelib.core.dynamo import ClaimItem

        count = len(batch.products)
        fields = _plain({name: value for name, value in vars(batch).items() if name != "products"})
        item = BatchItem(**fields, products_seq=count, products_total=count, version=1)
        self._put(item, BATCHES)
        self._put(ClaimItem(model.number_claim(batch.batch_number, batch.batch_date), owner=batch.uuid))
        amounts = {"batches": 1, "closed": int(batch.is_closed), "products": count}
        self._totals.setdefault(totals.key_of(item), Counter()).update(amounts)
        if batch.products:
            self._products(batch)

    def _products(self, batch: data.Batch) -> None:
        from chalicelib.core.dynamo import table_name
        from chalicelib.products import model, pages, store
        from chalicelib.products.schemas import Product

        texts: dict[int, dict[str, Any]] = {}
        for number, product in enumerate(batch.products):
            item = store.new(batch.uuid, number, product.unique_code, product.created_at)
            self._put(item, store.PRODUCTS)
            self._put(store.PointerItem(item.uuid, batch_id=batch.uuid, number=number))
            text = Product.model_validate(item).model_dump_json()
            texts.setdefault(number // model.PAGE, {})[f"p{number:03d}"] = {"S": text}
        for page, products in texts.items():
            key = pages.PageItem(batch.uuid, f"shown#{page:03d}").serialize()
            self._writer.put(table_name("products"), key | products)

    def _sums(self) -> None:
        from chalicelib.batches.totals import TotalsItem
        from chalicelib.core.counters import CounterItem

        for name, amount in self._counters.items():
            self._put(CounterItem(f"{name}#0", n=amount))
        for key, amounts in self._totals.items():
            self._put(TotalsItem(*key, **dict[str, Any](amounts)))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    from chalicelib.batches.store import as_attributes

    return as_attributes(values)
