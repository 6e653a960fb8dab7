"""Many who edit the same thing at once, each adds to the version read: with `If-Match` no change is lost."""

from threading import Barrier, Semaphore

import requests

from tests.e2e.production import at_once, new_batch, ok
from tests.e2e.stack import Stack

EDITORS = 50
LINES = 8  # calls at a time: each needs a process of its own on the local stack
MAX_WAIT_SECONDS = 60


def test_fifty_editors_lose_no_update(stack: Stack) -> None:
    made = new_batch(stack, task_description="Сделано:")
    place = f"/api/batches/{made['uuid']}"
    lines, all_have_looked = Semaphore(LINES), Barrier(EDITORS)

    def saves(mark: int, seen: requests.Response) -> bool:
        text = f"{seen.json()['task_description']} {mark}"
        answer = stack.call("PATCH", place, json={"task_description": text}, headers={"If-Match": seen.headers["ETag"]})
        assert answer.status_code in (200, 412), answer.text
        return answer.status_code == 200

    def adds(mark: int) -> int:
        """Look, wait until all others have looked too, save; again while another user was quicker: how often?"""
        with lines:
            seen = stack.call("GET", place)
        all_have_looked.wait(MAX_WAIT_SECONDS)
        refused = 0
        while True:
            with lines:
                if saves(mark, seen if refused == 0 else stack.call("GET", place)):
                    return refused
            refused += 1

    refusals = at_once(adds, range(EDITORS))
    assert refusals.count(0) == 1  # all had seen the same, so one could add to it
    marks = ok(stack, "GET", place)["task_description"].removeprefix("Сделано:").split()
    assert sorted(map(int, marks)) == list(range(EDITORS))
