"""The chaos run itself: a client that asks again, a killer that finds who works, a table that says what is wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from bench.chaos import __main__ as chaos
from bench.chaos.client import Client, Refused

Answer = tuple[int, Any]


@contextmanager
def api(*answers: Answer) -> Iterator[tuple[Client, list[str]]]:
    """A client of an API that gives these answers, status 0 being none; and the keys that were sent."""
    left, keys = list(answers), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - as http.server calls it
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            keys.append(self.headers["Idempotency-Key"])
            status, body = left.pop(0)
            if status == 0:
                return  # closes the connection
            content = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PATCH = do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Client(f"http://127.0.0.1:{server.server_address[1]}", "seed"), keys
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        assert left == []


@pytest.mark.slow
def test_what_got_no_answer_is_sent_again_with_the_same_key() -> None:
    later = {"detail": "Запрос с этим Idempotency-Key еще выполняется"}
    with api((0, None), (502, None), (409, later), (503, None), (201, {"id": 5})) as (client, keys):
        assert client.post("/things", {"name": "A"}) == {"id": 5}
    assert len(keys) == 5 and len(set(keys)) == 1
    assert client.answers == {0: 1, 502: 1, 409: 1, 503: 1, 201: 1}


def test_a_refusal_is_no_reason_to_ask_again() -> None:
    with api((409, {"detail": "Партия уже закрыта"})) as (client, _), pytest.raises(Refused, match="уже закрыта"):
        client.post("/things")


@pytest.mark.parametrize("is_done", [True, False])
def test_a_change_that_is_refused_is_fine_only_when_it_was_done(is_done: bool) -> None:
    with api((502, None), (409, {"detail": "Партия уже закрыта"})) as (client, _):
        if is_done:
            client.change("PATCH", "/things/5", {}, lambda: True)
        else:
            with pytest.raises(Refused):
                client.change("PATCH", "/things/5", {}, lambda: False)


def test_the_table_says_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert not chaos.show([("batches, once", 14, [])])
    assert chaos.show([("batches, once", 14, []), ("reports, once", 2, ["R-1 is there 2 times"])])
    assert "BROKEN reports, once: R-1 is there 2 times" in capsys.readouterr().out
