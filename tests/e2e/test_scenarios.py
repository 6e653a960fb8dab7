"""The programs of docs/scenarios against a stack: a line on a network that loses calls, an ERP that was offline."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localstack.config import ROOT
from tests.e2e.lossy import FATES, lossy
from tests.e2e.production import new_center, ok
from tests.e2e.receiver import receiver
from tests.e2e.stack import Stack, free_ports
from tests.production import batch_body
from tests.waiting import wait_for

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="
EVENTS = ["batch.created", "batch.closed", "batch.product_added"]
CODES = [f"0104600000000015215{number:03d}\x1d93<a&b>" for number in range(8)]  # as a scanner reads a marking code


class Programs:
    """Runs the programs in a folder of their own, each with a key of its own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self.url, self.known = stack.url, dict[str, str]()

    def start(self, program: str, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        """A running program."""
        role = {"label_printer": "engineer", "erp": "manager"}[program]
        key = ok(self._stack, "POST", "/v1/api-keys", {"name": program, "roles": [role]})["data"]["key"]
        environment = {**os.environ, "SHOPFLOOR_URL": self.url, "SHOPFLOOR_KEY": key, "SECONDS": "60", **self.known}
        command = [sys.executable, str(ROOT / "docs" / "scenarios" / f"{program}.py"), *arguments]
        return subprocess.Popen(
            command, cwd=self._folder, env=environment, stdout=subprocess.PIPE, text=True, stdin=subprocess.PIPE
        )

    def run(self, program: str, *arguments: str, given: str = "") -> str:
        """What a program prints that has to succeed."""
        started = self.start(program, *arguments)
        printed, _ = started.communicate(given, timeout=300)
        assert started.returncode == 0, printed
        return printed

    def rows(self, file: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of a database of a program."""
        with sqlite3.connect(self._folder / file) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def programs(stack: Stack, tmp_path: Path) -> Programs:
    return Programs(stack, tmp_path)


@pytest.fixture
def order(stack: Stack, tmp_path: Path) -> dict[str, Any]:
    """An order of the line, as its file has it."""
    made = batch_body(new_center(stack), batch_number=uuid.uuid4().int % 10**9 + 1)
    (tmp_path / "order.json").write_text(json.dumps(made))
    return made


@pytest.fixture
def offline(stack: Stack) -> Iterator[tuple[str, int]]:
    """The subscription and port of an ERP: its proxy has answered 404 until the subscription was switched off, and now
    nothing listens there.
    """
    (port,) = free_ports(1)
    hook = {"url": f"http://127.0.0.1:{port}/", "events": EVENTS, "secret_key": SECRET, "retry_count": 0}
    made = ok(stack, "POST", "/api/webhooks", hook)["uuid"]
    table = stack.client("dynamodb")
    table.update_item(  # the failures of the first hour
        TableName=f"{stack.name}-webhook_subscriptions",
        Key={"partition": {"S": "all"}, "uuid": {"S": made}},
        UpdateExpression="SET failures = :many",
        ExpressionAttributeValues={":many": {"N": "39"}},
    )
    with receiver(port) as proxy:
        proxy.answers["/"] = [404]
        ok(stack, "POST", "/api/batches", batch_body(new_center(stack), batch_number=uuid.uuid4().int % 10**9 + 1))
        wait_for(lambda: not ok(stack, "GET", f"/api/webhooks/{made}")["is_active"])
    yield made, port
    ok(stack, "DELETE", f"/api/webhooks/{made}")


def test_each_code_is_stored_once_on_a_bad_network_and_an_offline_erp_gets_each_event_once(
    stack: Stack, programs: Programs, order: dict[str, Any], offline: tuple[str, int]
) -> None:
    lines = [f"{code}\n" for code in CODES]
    assert json.loads(programs.run("label_printer", "keep", "order.json", given="".join(lines[:6])))["kept"] == 6
    with lossy(stack.url) as network:
        programs.url = network.url
        killed = programs.start("label_printer", "send", "order.json")
        wait_for(lambda: programs.rows("order.db", "SELECT * FROM codes WHERE state = 'stored'"))
        killed.kill()
        killed.communicate()
        programs.run("label_printer", "keep", "order.json", given="".join(lines[4:]))  # two labels are read again
        printed = programs.run("label_printer", "close", "order.json")
        assert set(network.happened) == set(FATES)
    assert json.loads(printed) == {"kept": 0, "stored": 8, "refused": 0}
    (batch,) = ok(stack, "GET", f"/api/batches?batch_number={order['batch_number']}")["items"]
    assert batch["is_closed"]
    assert sorted(one["unique_code"] for one in batch["products"]) == CODES

    hook, port = offline
    programs.url, programs.known = stack.url, {"HOOK": hook, "SECRET": SECRET}
    wait_for(lambda: len(failed(stack, hook, batch)) == 2 + len(CODES))
    erp = programs.start("erp", "receive", str(port))
    try:
        wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        catch_up(stack, programs, hook, batch)
    finally:
        erp.kill()
        erp.communicate()


def failed(stack: Stack, hook: str, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """The deliveries of events of a batch that have failed."""
    deliveries = ok(stack, "GET", f"/api/webhooks/{hook}/deliveries?status=failed&limit=100")["items"]
    return [one for one in deliveries if one["payload"]["batch_id"] == batch["uuid"]]


def catch_up(stack: Stack, programs: Programs, hook: str, batch: dict[str, Any]) -> None:
    """The ERP has everything sent again, then something once more."""
    assert "it was off" in programs.run("erp", "catch-up")
    about = f"FROM events WHERE json_extract(data, '$.batch_id') = '{batch['uuid']}'"
    once = programs.rows("erp.db", f"SELECT id, name {about} ORDER BY at")
    assert sorted(name for _, name in once) == sorted(["batch.created", *["batch.product_added"] * 8, "batch.closed"])
    codes = programs.rows("erp.db", f"SELECT json_extract(data, '$.unique_code') {about} AND name LIKE '%added'")
    assert sorted(code for (code,) in codes) == CODES

    place = f"/api/webhooks/{hook}/deliveries/{once[0][0]}"
    ok(stack, "POST", f"{place}/redeliver")
    wait_for(lambda: ok(stack, "GET", place)["status"] == "success")
    programs.run("erp", "read", batch["created_at"])
    assert programs.rows("erp.db", f"SELECT id, name {about} ORDER BY at") == once
    known = f"SELECT state, products FROM batches WHERE id = '{batch['uuid']}'"
    assert programs.rows("erp.db", known) == [("closed", 8)]
