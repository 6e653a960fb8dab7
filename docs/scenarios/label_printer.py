"""The line of a label printer: every code is stored in its batch exactly once.

    python label_printer.py keep order.json < codes    writes codes down in order.db, without a network
    python label_printer.py send order.json            sends what is kept, and waits for the network
    python label_printer.py close order.json           sends the rest, then closes the batch
    python label_printer.py again order.json           sends what was refused once more, after a person has mended why

SHOPFLOOR_URL and SHOPFLOOR_KEY are in the environment; SECONDS is how long to wait for an answer.
"""

import json
import os
import sqlite3
import sys
import time
import uuid
from pathlib import Path

import requests

TIMEOUT_SECONDS = 10
MAX_PAUSE_SECONDS = 30


class NoAnswer(Exception):
    """There was no answer for SECONDS."""


class Refused(Exception):
    """The answer is no, and a repetition would change nothing: a person has to decide."""


class Api:
    """Calls with the API key. Errors come as problem details, whose `code` a program can rely on."""

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self._url, self._seconds, self._session = url, seconds, requests.Session()
        self._session.headers.update({"X-API-Key": key, "Accept": "application/json, application/problem+json"})

    def call(self, method: str, path: str, *fine: str, key: str | None = None, **arguments) -> dict:
        """Return the JSON of an answer, also of a refusal whose code is in `fine`. Repeat the call until it has one."""
        headers = {"Idempotency-Key": key} if key else {}
        last, pause = time.monotonic() + self._seconds, 0.1
        while (answer := self._answer(method, path, headers=headers, **arguments)) is None or self._is_later(answer):
            if time.monotonic() > last:
                raise NoAnswer
            time.sleep(float(answer.headers.get("Retry-After", pause)) if answer is not None else pause)
            pause = min(MAX_PAUSE_SECONDS, pause * 2)
        body = answer.json()
        if answer.ok or body["code"] in fine:
            return body
        raise Refused(f"{body['code']}: {body['detail']}")

    def _answer(self, method: str, path: str, **arguments) -> requests.Response | None:
        try:
            return self._session.request(method, self._url + path, timeout=TIMEOUT_SECONDS, **arguments)
        except requests.RequestException:  # no network, or the answer broke off: the work may be done or not
            return None

    @staticmethod
    def _is_later(answer: requests.Response) -> bool:
        """Whether nothing is decided: it does not work now, there are too many calls, the first call still runs."""
        return answer.status_code >= 500 or "Retry-After" in answer.headers


class Spool:
    """The codes of an order in a file. Each has the key of its request, so that it is the same after a restart."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS codes (code TEXT PRIMARY KEY, key TEXT, state TEXT, reason TEXT)"
        )

    def keep(self, code: str) -> None:
        """Write a code down. A second reading of the same label changes nothing."""
        row = (code, str(uuid.uuid4()))
        self._database.execute("INSERT OR IGNORE INTO codes VALUES (?, ?, 'kept', NULL)", row)

    def kept(self) -> list[tuple[str, str]]:
        """Return the codes without an answer, in the order of the line, and their keys."""
        found = self._database.execute("SELECT code, key FROM codes WHERE state = 'kept' ORDER BY rowid LIMIT 100")
        return found.fetchall()

    def settle(self, code: str, state: str, reason: str | None = None) -> None:
        """Write down the answer for a code."""
        self._database.execute("UPDATE codes SET state = ?, reason = ? WHERE code = ?", (state, reason, code))

    def keep_refused(self) -> None:
        """Take refused codes back, with their keys: a refused request is carried out when it comes again."""
        self._database.execute("UPDATE codes SET state = 'kept', reason = NULL WHERE state = 'refused'")

    def counts(self) -> dict[str, int]:
        """Return how many codes there are in each state."""
        found = self._database.execute("SELECT state, count(*) FROM codes GROUP BY state")
        return {"kept": 0, "stored": 0, "refused": 0} | dict(found.fetchall())


def open_batch(api: Api, order: dict) -> str:
    """Return the id of the batch of an order, which another line may have created."""
    same = {name: order[name] for name in ("batch_number", "batch_date")}
    while True:
        found = api.call("GET", "/api/batches", params={**same, "with_products": "false"})["items"]
        if found:
            return found[0]["uuid"]
        made = api.call("POST", "/api/batches", "CONFLICT", key=str(uuid.uuid4()), json=order)
        if "uuid" in made:
            return made["uuid"]


def send(api: Api, order: dict, spool: Spool) -> None:
    """Send what is kept, the oldest first."""
    if not spool.kept():
        return
    path = f"/api/batches/{open_batch(api, order)}/products?with_products=false"  # so that answers stay short
    while codes := spool.kept():
        for code, key in codes:
            try:  # CODE_TAKEN: it is stored, by this line before its key expired after 24 hours, or by another one
                api.call("POST", path, "CODE_TAKEN", key=key, json={"unique_code": code})
                spool.settle(code, "stored")
            except Refused as refusal:
                if str(refusal).startswith(("UNAUTHORIZED", "FORBIDDEN")):
                    raise  # not the fault of the code, which stays kept
                print(f"refused {code}: {refusal}", file=sys.stderr, flush=True)
                spool.settle(code, "refused", str(refusal))


def close(api: Api, order: dict) -> None:
    """Close the batch. After a lost answer it is closed already, which is a CONFLICT."""
    path = f"/api/batches/{open_batch(api, order)}"
    api.call("PATCH", f"{path}/close", "CONFLICT")
    if not api.call("GET", path)["is_closed"]:
        raise Refused("the batch does not close: see the errors of PATCH close")


def main(command: str, order_file: str) -> int:
    """Do one of the commands, and print how many codes are in which state."""
    failed = False
    spool = Spool(Path(order_file).with_suffix(".db"))
    if command == "keep":
        for line in sys.stdin:
            spool.keep(line.rstrip("\n"))
    else:
        if command == "again":
            spool.keep_refused()
        order = json.loads(Path(order_file).read_text())
        seconds = float(os.environ.get("SECONDS", "inf"))
        api = Api(os.environ["SHOPFLOOR_URL"], os.environ["SHOPFLOOR_KEY"], seconds)
        try:
            send(api, order, spool)
            if command == "close":
                close(api, order)
        except (NoAnswer, Refused) as problem:
            print(f"{type(problem).__name__} {problem}".strip(), file=sys.stderr)
            failed = True
    print(json.dumps(spool.counts()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
