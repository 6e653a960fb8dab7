"""Tables and files that do not answer the threads of a request: it is answered in time, and waits for no thread."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

import app
from chalicelib.core import threads
from chalicelib.core.connections import Reply
from chalicelib.defects import files
from tests.http_events import call, lambda_context
from tests.integration.core.writing_routes import FILE
from tests.people import person
from tests.production import batch_with, empty_tables, ok
from tests.tables import tables
from tests.tasks import work_queue

REMAINING_MS = 1_300  # of the function: a margin of a second is left
GIVEN_UP_SECONDS = 20  # by what hangs; less than the 29 s of API Gateway, so that an answer that waits for it is seen
Request = tuple[str, str, Any]


@pytest.fixture(scope="module", autouse=True)
def system(tables_of_the_system: None) -> Iterator[None]:
    with work_queue():
        yield


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[bool]]]:
    """From its call on, nothing that another thread than the main one asks for is answered. It returns the list of what
    hung and has ended, which is empty while nobody waits for it.
    """
    over, real, real_size = threading.Event(), tables().answer, files.size_of
    before, ended = set(threading.enumerate()), list[bool]()

    def wait() -> None:
        if threading.current_thread() is not threading.main_thread():
            ended.append(over.wait(GIVEN_UP_SECONDS))

    def answer(headers: Mapping[str, str], body: bytes) -> Reply:
        wait()
        return real(headers, body)

    def size_of(item: Any) -> int | None:
        wait()
        return real_size(item)

    def begin() -> list[bool]:
        monkeypatch.setattr(tables(), "answer", answer)
        monkeypatch.setattr(files, "size_of", size_of)
        return ended

    yield begin
    over.set()
    monkeypatch.undo()
    threads._pool().shutdown()
    threads._pool.cache_clear()
    for thread in set(threading.enumerate()) - before:
        thread.join()  # else it writes into the tables of the next test
    empty_tables()


def assigning() -> Request:
    """Many defects are assigned at once."""
    site = ok("POST", "/api/v1/sites", {"code": "S-1", "name": "Дом"})["id"]
    made = [ok("POST", "/api/v1/defects", {"title": "Трещина", "site_id": site})["id"] for _ in range(3)]
    return "POST", "/api/v1/defects/assign", {"ids": made, "assignee_id": person("engineer").id}


def attachments() -> Request:
    """The files of a defect are looked for."""
    site = ok("POST", "/api/v1/sites", {"code": "S-2", "name": "Дом"})["id"]
    path = f"/api/v1/defects/{ok('POST', '/api/v1/defects', {'title': 'Трещина', 'site_id': site})['id']}/attachments"
    for _ in range(2):
        ok("POST", path, FILE)
    return "GET", path, None


def figures() -> Request:
    """Figures of some months are read."""
    batch_with("A")
    return "GET", "/api/analytics/work_centers?date_from=2025-01-01&date_to=2025-03-01", None


def long_tasks() -> Request:
    """The long tasks of a user are read."""
    return "GET", f"/tasks/{person().number}", None


def aggregating() -> Request:
    """A batch is aggregated, a transaction after the other."""
    return "PATCH", f"/api/batches/{batch_with('A', 'B')['uuid']}/aggregate", {}


def listing() -> Request:
    """A list is read from its shards."""
    batch_with("A")
    return "GET", "/api/batches", None


@pytest.mark.parametrize("made", [assigning, attachments, figures, long_tasks, aggregating, listing])
def test_what_hangs_in_a_thread_is_a_504_in_time(made: Callable[[], Request], hang: Callable[[], list[bool]]) -> None:
    method, path, body = made()
    ended = hang()
    answer = call(app.app, method, path, body, context=lambda_context(REMAINING_MS))
    assert answer.status == 504, answer.text
    assert ended == []
