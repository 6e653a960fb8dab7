"""Upgrades of a local stack: what it answered before, and a newer one that is started over its state."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from localstack.config import ROOT
from tests.e2e.every_list import Answer, Lists, NotNow, read
from tests.e2e.production import ok
from tests.e2e.stack import Stack, start

MAX_WAIT_SECONDS = 90


@dataclass(frozen=True)
class Recording:
    """What a stack answered: every query of a list with its path, the items of the lists, single items."""

    answers: dict[str, tuple[str, Answer]]
    known: dict[str, set[str]]
    items: dict[str, Any]

    def assert_same(self, query: str, now: Answer) -> None:
        """Check that a list has what it had then, in the same order, beside what is new."""
        path, then = self.answers[query]
        found = now.of_known(self.known[path])
        assert (found.ids, found.total) == (then.ids, then.total), query
        assert now.total in (None, len(now.items)), query


def record(stack: Stack, within: str = "/") -> Recording:
    """Ask a stack everything, or all lists and items whose path starts so."""
    lists = Lists(stack)
    asked = {query: path for query, path in lists.queries().items() if path.startswith(within)}
    answers = {query: (path, read(stack, query)) for query, path in asked.items()}
    known: dict[str, set[str]] = {path: set() for path in lists.full}
    for path, answer in answers.values():
        known[path].update(answer.ids)
    items = [path for path in lists.items() if path.startswith(within)]
    return Recording(answers, known, {path: ok(stack, "GET", path) for path in items})


@contextmanager
def started_over(
    old: Stack, recording: Recording, settings: Mapping[str, str] | None = None, tree: Path = ROOT
) -> Iterator[Stack]:
    """The stack of a tree over the state of an old one. From its start on, every recorded query is asked."""
    with ThreadPoolExecutor() as threads:
        starting = threads.submit(start, old.state, settings, again=old, tree=tree)
        try:
            _ask_until_answered(recording, old, starting)
            yield replace(starting.result(), headers=old.headers)
        finally:
            starting.result().stop()


def _ask_until_answered(recording: Recording, stack: Stack, starting: "Future[Stack]") -> None:
    """Ask every query until it is answered. An answer has all that it had in the old stack, or it is 503.

    It fails when nothing is answered for a time.
    """
    waiting, deadline = list(recording.answers), time.monotonic() + MAX_WAIT_SECONDS
    while waiting or not starting.done():
        assert time.monotonic() < deadline, waiting
        if starting.done():
            starting.result()
        for query in list(waiting):
            try:
                answer = read(stack, query)
            except (NotNow, requests.ConnectionError):
                continue
            recording.assert_same(query, answer)
            waiting.remove(query)
            deadline = time.monotonic() + MAX_WAIT_SECONDS
