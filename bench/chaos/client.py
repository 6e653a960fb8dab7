"""A client that follows the documents: a request without an answer, or with 503, is repeated with its
Idempotency-Key."""

import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import requests

MAX_WAIT_SECONDS = 240  # for an answer, all attempts together: two leases and two sweeps
ENDED_SECONDS = 600  # for a task to end: it may lose its function, and its lease, several times
LATER = re.compile("повторите|еще выполняется|агрегируется|позже")
UNCERTAIN = (0, 500, 502, 503, 504)  # the work may have been done


class Refused(Exception):
    """The last response has another status than expected."""


class Client:
    """A client of one thread."""

    def __init__(self, url: str, seed: str) -> None:
        self._url, self._session, self._random = url, requests.Session(), random.Random(seed)
        self.answers = Counter[int]()

    def post(self, path: str, body: Any = None, **sent: Any) -> Any:
        """A POST that has to be done once; the JSON of its answer."""
        return self.send("POST", path, body, headers={"Idempotency-Key": str(uuid.uuid4())}, **sent)

    def change(self, method: str, path: str, body: Any, is_done: Callable[[], bool]) -> None:
        """A PATCH, PUT or DELETE; a refusal is fine when an attempt without an answer had done it."""
        try:
            self.send(method, path, body)
        except Refused:
            if not is_done():
                raise

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        return self.send("GET", path)

    def status(self, path: str) -> int:
        """The status of a GET, whatever it is, but not "later"."""
        return self._send_until_answered("GET", path).status_code

    def send(self, method: str, path: str, body: Any = None, **sent: Any) -> Any:
        """The JSON of a request that has to succeed, once it does."""
        if body is not None:
            sent["json"] = body
        answer = self._send_until_answered(method, path, **sent)
        if answer.status_code >= 400:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content and answer.status_code != 302 else answer.headers.get("Location")

    def until(self, path: str, has_ended: Callable[[Any], bool]) -> Any:
        """Repeat a GET until its JSON has the expected state; return it."""
        deadline = time.monotonic() + ENDED_SECONDS
        while not has_ended(found := self.get(path)):
            if time.monotonic() > deadline:
                raise Refused(f"GET {path}: has not ended in {ENDED_SECONDS} s: {str(found)[:300]}")
            _never.wait(0.5)
        return found

    def every(self, path: str) -> Iterator[Any]:
        """All items of a list, page by page, as its links lead."""
        while path:
            answer = self._send_until_answered("GET", path)
            if answer.status_code != 200:
                raise Refused(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            body = answer.json()
            yield from body if isinstance(body, list) else next(v for v in body.values() if isinstance(v, list))
            following = answer.links.get("next", {}).get("url", "")
            path = path.partition("?")[0] + following if following.startswith("?") else following

    def _send_until_answered(self, method: str, path: str, **sent: Any) -> requests.Response:
        deadline, pause = time.monotonic() + MAX_WAIT_SECONDS, 0.1
        while True:
            answer = self._attempt(method, path, sent)
            if not _is_later(answer):
                return answer
            if time.monotonic() > deadline:
                raise Refused(f"{method} {path}: no answer in {MAX_WAIT_SECONDS} s, the last: {answer.text[:300]}")
            _never.wait(self._random.uniform(pause / 2, pause))
            pause = min(2 * pause, 5.0)

    def _attempt(self, method: str, path: str, sent: Any) -> requests.Response:
        try:
            answer = self._session.request(method, self._url + path, timeout=35, allow_redirects=False, **sent)
        except requests.RequestException as error:
            answer = requests.Response()
            answer.status_code, answer._content = 0, str(error).encode()
        self.answers[answer.status_code] += 1
        return answer


def _is_later(answer: requests.Response) -> bool:
    return answer.status_code in (*UNCERTAIN, 429) or (answer.status_code == 409 and bool(LATER.search(answer.text)))


_never = threading.Event()
