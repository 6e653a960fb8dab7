"""The client of the launcher: the API as anybody may call it, and the functions of the stack."""

import http.client
import json
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, urlsplit

from localstack.config import CREDENTIALS, REGION, STAGE

PATIENCE = 20.0


class ApiFailed(Exception):
    """The API did not answer as it should."""


@dataclass(frozen=True)
class Form:
    """A body that is not made from a value."""

    content_type: str
    content: str | bytes | None


@dataclass(frozen=True)
class Api:
    """The API, and the token to call it with, where one is needed."""

    url: str
    token: str | None = None

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request with JSON, or with a form; returns the status and the parsed answer."""
        form = body if isinstance(body, Form) else Form("application/json", None if body is None else json.dumps(body))
        headers = {"Content-Type": form.content_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, content = send(f"{self.url}{path}", method, form.content, headers)
        return status, json.loads(content) if content else None

    def ask(self, method: str, path: str, expected: int, body: Any = None) -> Any:
        """One request that has to be answered with that status; returns the answer."""
        status, answer = self.call(method, path, body)
        if status != expected:
            raise ApiFailed(f"{method} {path} answered {status}: {answer}")
        return answer

    def every(self, path: str, name: str) -> Iterator[Any]:
        """The things of a list, page after page, for as long as somebody wants them."""
        page = self.ask("GET", path, 200)
        while True:
            yield from page[name]
            cursor = (page.get("meta") or page)["next_cursor"]
            if not cursor:
                return
            page = self.ask("GET", f"{path}{'&' if '?' in path else '?'}cursor={quote(cursor)}", 200)

    def log_in(self, email: str, password: str) -> "Api":
        """The API as that person may call it."""
        answer = self.ask("POST", "/v1/users/login", 200, {"email": email, "password": password})
        return Api(self.url, answer["data"]["token"])


def form_of(fields: Mapping[str, str], file_name: str, content: bytes) -> Form:
    """A form with a file, which comes last."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(f'name="file"; filename="{file_name}"\r\n\r\n'.encode() + content)
    boundary = uuid.uuid4().hex
    begin = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(begin + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return Form(f"multipart/form-data; boundary={boundary}", body)


def send(url: str, method: str, content: str | bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """One request; returns the status and the body of the answer."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=35)
    try:
        connection.request(method, url[url.index(target.netloc) + len(target.netloc) :], content, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait(ask: Callable[[], Any], over: Callable[[Any], bool], what: str) -> Any:
    """Ask until what is answered is over; returns that answer."""
    deadline = monotonic() + 2 * PATIENCE
    while not over(answer := ask()):
        if monotonic() > deadline:
            raise ApiFailed(f"{what} does not end: {answer}; see `make logs`")
        sleep(0.05)
    return answer


def wait_for_port(host: str, port: int) -> None:
    """Return when somebody listens."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.02)


def is_healthy(api_url: str) -> bool:
    """Whether the API answers."""
    try:
        return Api(api_url).call("GET", "/api/healthcheck/service")[0] == 200
    except (OSError, ValueError):
        return False


def healthcheck(api_url: str) -> None:
    """The first request: it starts the function."""
    status, answer = Api(api_url).call("GET", "/api/healthcheck/service")
    if status != 200:
        raise ApiFailed(f"the API does not answer: {status} {answer}")


def refresh_dashboard(aws_url: str) -> None:
    """Have the dashboard counted now; the schedule would do it within five minutes."""
    status, told = invoke(aws_url, "refresh-analytics", {}, "Event")
    if status != 202:
        raise ApiFailed(f"the dashboard was not refreshed: {status} {told!r}")


def invoke(aws_url: str, function: str, event: Any, kind: str = "RequestResponse") -> tuple[int, bytes]:
    """Call a function of the stack, without loading boto3; returns the status and what the function told."""
    path = f"/2015-03-31/functions/shopfloor-{STAGE}-{function}/invocations"
    scope = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20250101/{REGION}/lambda/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    headers = {"Authorization": signed, "X-Amz-Invocation-Type": kind}
    return send(aws_url + path, "POST", json.dumps(event), headers)
