"""What the race with the peer rests on: the same data for both, and a load that notices what is wrong."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.race import data, operations, report
from bench.race.load import Ask, Job, Load, Result, load
from bench.race.report import Figures, Line

SIZE = 300


class _Handler(BaseHTTPRequestHandler):
    """Answers what the path says: `/ok`, `/chunked`, `/closing`, `/busy`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(503 if self.path == "/busy" else 200)
        if self.path == "/closing":
            self.send_header("Connection", "close")
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (body[:3], body[3:], b""):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def served() -> Iterator[str]:
    """Such a server; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def clients() -> Iterator[Load]:
    with load() as running:
        yield running


def run(clients: Load, *asks: Ask, seconds: float | None = None) -> Result:
    with served() as url:
        return clients.run(Job(url, 2, asks, seconds, first=7))


def echo(path: str, contains: str = '"n":{n}', times: int = 1) -> Ask:
    return Ask("POST", path, '{"n":{n},"x":"abc"}', 200, contains, times)


@pytest.mark.parametrize("path", ["/ok", "/chunked", "/closing"])
def test_answers_are_read_however_they_are_framed(clients: Load, path: str) -> None:
    result = run(clients, *[echo(path)] * 6)
    assert (len(result.times), result.asked, result.refused) == (6, 6, {})


def test_a_wrong_status_and_an_implausible_body_are_refused(clients: Load) -> None:
    asks = echo("/busy"), echo("/ok", contains="missing"), echo("/ok", contains='"x"', times=2), echo("/ok")
    result = run(clients, *asks)
    assert len(result.times) == 1
    assert sorted(what.partition(" ")[0] for what in result.refused) == ["503", "implausible", "implausible"]


@pytest.mark.slow
def test_a_timed_job_goes_on_until_its_time_is_over(clients: Load) -> None:
    result = run(clients, echo("/ok"), seconds=2)
    assert result.seconds >= 2 and len(result.times) == result.asked > 2


def test_large_batches_change_nothing_about_the_others() -> None:
    assert list(data.batches(SIZE, 4))[4:] == list(data.batches(SIZE, 0))
    assert [len(batch.products) for batch in data.batches(SIZE, 2)][:2] == [data.LARGE] * 2


def test_numbers_are_unique_and_the_exported_days_hold_what_is_exported() -> None:
    found = list(data.batches(SIZE, 4))
    assert len({(batch.batch_number, batch.batch_date) for batch in found}) == len(found)
    first, last = data.export_days(SIZE)
    assert sum(first <= batch.batch_date <= last for batch in found) == SIZE
    first, last = data.export_days(100_000)
    assert (last - first).days + 1 == data.DAYS / 10


def test_no_batch_is_aggregated_twice() -> None:
    rounds = 2
    asks = [
        ask.path
        for clients in operations.AGGREGATIONS
        for number in range(rounds)
        for ask in operations.aggregation(clients, number).asks
    ]
    large = {f"/api/batches/{data.batch_id(-one)}/aggregate" for one in range(1, operations.large_batches(rounds) + 1)}
    assert len(asks) == len(set(asks)) and set(asks) == large


def test_a_goal_is_judged_by_the_worst_size(capsys: pytest.CaptureFixture[str]) -> None:
    name = operations.READS[0]
    lines = [line(size, read, ours, 5) for size, ours in ((1_000, 10), (10_000, 5)) for read in operations.READS]
    report.goals(lines, [])
    row = next(text for text in capsys.readouterr().out.splitlines() if text.startswith(name))
    assert row.split()[-2:] == ["1.00", "missed"]


def test_a_side_that_refuses_has_no_ratio() -> None:
    refusing = line(1_000, operations.READS[0], 10, 5)
    refusing.ours.add(Result(refused={"503": 1}), 0)
    assert refusing.ratio == 0


def line(size: int, name: str, ours: int, peer: int) -> Line:
    """A line in which both took a second for so many answers."""
    both = Figures(), Figures()
    for figures, answers in zip(both, (ours, peer), strict=True):
        figures.add(Result([1 / answers] * answers, 1.0), 0.5)
    return Line(size, 1, name, *both)
