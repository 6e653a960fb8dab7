"""An ERP that follows production by webhooks, and misses nothing although it was offline.

    python erp.py receive PORT     receives events until it is stopped
    python erp.py catch-up         has everything sent again that was missed, and waits until it is here
    python erp.py read [SINCE]     reads the batches that were made or changed since then, or all, from the lists
    python erp.py show             prints what it knows

SHOPFLOOR_URL, SHOPFLOOR_KEY, HOOK (id of the subscription) and SECRET (its key) are in the environment. What it knows
is in erp.db. Needs the packages requests and standardwebhooks.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from standardwebhooks import Webhook, WebhookVerificationError

STATES = {"batch.created": "open", "batch.opened": "open", "batch.closed": "closed", "batch.deleted": "deleted"}
TABLES = """
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, name TEXT, at TEXT, data TEXT);
CREATE TABLE IF NOT EXISTS batches (id TEXT PRIMARY KEY, number INTEGER, state TEXT, products INTEGER, at REAL);
"""
# Deliveries may overtake each other, so an older state never replaces a newer one.
LEARN = """
INSERT INTO batches VALUES (:id, :number, :state, :products, :at)
ON CONFLICT (id) DO UPDATE SET
    state = CASE WHEN excluded.at >= at THEN excluded.state ELSE state END,
    products = coalesce(excluded.products, products),
    at = max(excluded.at, at)
"""


def opened() -> sqlite3.Connection:
    """Return the database; each thread has a connection of its own."""
    database = sqlite3.connect("erp.db", timeout=30)
    database.executescript(TABLES)
    return database


def moment(text: str | None) -> float:
    """Return a time of the API as a number, which can be compared; 0 for null."""
    return datetime.fromisoformat(text).timestamp() if text else 0


def take(database: sqlite3.Connection, number: str, envelope: dict) -> None:
    """Store an event and what follows from it in one transaction; an event that is known changes nothing."""
    name, at, data = envelope["event"], envelope["timestamp"], envelope["data"]
    with database:
        stored = database.execute(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", (number, name, at, json.dumps(data, ensure_ascii=False))
        )
        if stored.rowcount and name in STATES:
            known = {"id": data["batch_id"], "number": data["batch_number"], "state": STATES[name], "products": None}
            database.execute(LEARN, known | {"at": moment(at)})


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 when the event is on the disk, 401 without a valid signature."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            envelope = Webhook(os.environ["SECRET"]).verify(body, dict(self.headers))
        except WebhookVerificationError:
            self.send_response(401)
        else:
            if "X-Webhook-Test" not in self.headers:  # an example, which nothing has happened for
                take(opened(), self.headers["webhook-id"], envelope)
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


def call(method: str, path: str, **arguments) -> dict:
    """Return the JSON of a call with the API key."""
    headers = {"X-API-Key": os.environ["SHOPFLOOR_KEY"]}
    answer = requests.request(method, os.environ["SHOPFLOOR_URL"] + path, headers=headers, timeout=30, **arguments)
    answer.raise_for_status()
    return answer.json()


def catch_up() -> None:
    """Switch the subscription on, have all failed deliveries sent again, and wait for those on their way."""
    hook = f"/api/webhooks/{os.environ['HOOK']}"
    subscription = call("GET", hook)
    if not subscription["is_active"]:
        print(f"it was off: {subscription['disabled_reason']}; kept until {subscription['keeps_events_until']}")
        call("PATCH", hook, json={"is_active": True})
    while (answer := call("POST", f"{hook}/redeliver", json={"since": subscription["created_at"]}))["redelivered"]:
        print(f"sent again: {answer['redelivered']}")
        while (health := call("GET", hook)["health"])["pending"]:
            time.sleep(0.5)
        if health["failed"] and not answer["more"]:
            sys.exit(f"{health['failed']} failed again: {health['last_error']}")


def changed_since(since: float) -> Iterator[dict]:
    """Yield the batches that were created or changed since then; one may come twice."""
    for field in ("created_at", "updated_at"):  # `updated_at` is null until the first change
        query = {"sort_field": field, "sort_direction": "DESC", "limit": 100, "with_products": "false"}
        while True:
            page = call("GET", "/api/batches", params=query)
            recent = [batch for batch in page["items"] if moment(batch[field]) >= since]
            yield from recent
            if len(recent) < len(page["items"]) or not page["next_cursor"]:
                break
            query["cursor"] = page["next_cursor"]


def read(since: str | None = None) -> None:
    """Bring what is known about batches up to date; when all are read, those that were not found are deleted."""
    database, found, begun = opened(), set(), time.time() - 60  # our clock may be wrong by a minute
    with database:
        for batch in changed_since(moment(since)):
            found.add(batch["uuid"])
            known = {"id": batch["uuid"], "number": batch["batch_number"], "products": batch["products_total"]}
            known |= {"state": "closed" if batch["is_closed"] else "open"}
            database.execute(LEARN, known | {"at": moment(batch["updated_at"] or batch["created_at"])})
        if since is None:
            old = database.execute("SELECT id FROM batches WHERE at < ?", (begun,)).fetchall()
            gone = [row for row in old if row[0] not in found]
            database.executemany("UPDATE batches SET state = 'deleted' WHERE id = ?", gone)
    print(f"read: {len(found)}")


def show() -> None:
    """Print how many events of each name there are, and the batches."""
    database = opened()
    counts = database.execute("SELECT name, count(*) FROM events GROUP BY name ORDER BY name")
    print(json.dumps(dict(counts.fetchall())))
    for number, state, products in database.execute("SELECT number, state, products FROM batches ORDER BY at"):
        print(f"batch {number}: {state}, products: {'unknown' if products is None else products}")


if __name__ == "__main__":
    if sys.argv[1] == "receive":
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Receiver).serve_forever()
    command = {"catch-up": catch_up, "read": read, "show": show}[sys.argv[1]]
    command(*sys.argv[2:])
