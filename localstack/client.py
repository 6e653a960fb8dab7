"""The client of the launcher for the API and for the functions of the stack."""

import http.client
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, urlsplit

from infra import migrating
from infra.migrating import MigrationFailed
from localstack.config import CREDENTIALS, REGION, STAGE

MAX_WAIT_SECONDS = 120.0  # for an import or a report of the demo


class ApiFailed(Exception):
    """The API answered with an unexpected status, or not at all."""


@dataclass(frozen=True)
class Form:
    """A body that is sent as it is, with its content type."""

    content_type: str
    content: str | bytes | None


@dataclass(frozen=True)
class Api:
    """A client of the API, with a token where calls need one."""

    url: str
    token: str | None = None

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request with JSON or a form; return status and parsed response."""
        form = body if isinstance(body, Form) else Form("application/json", None if body is None else json.dumps(body))
        headers = {"Content-Type": form.content_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, content = send(f"{self.url}{path}", method, form.content, headers)
        return status, json.loads(content) if content else None

    def ask(self, method: str, path: str, expected: int, body: Any = None) -> Any:
        """Send a request; return the response, or raise when its status is another one."""
        status, answer = self.call(method, path, body)
        if status != expected:
            raise ApiFailed(f"{method} {path} answered {status}: {answer}")
        return answer

    def every(self, path: str, name: str) -> Iterator[Any]:
        """Yield the items of a list; the next page is read when the one before is used up."""
        page = self.ask("GET", path, 200)
        while True:
            yield from page[name]
            cursor = (page.get("meta") or page)["next_cursor"]
            if not cursor:
                return
            page = self.ask("GET", f"{path}{'&' if '?' in path else '?'}cursor={quote(cursor)}", 200)

    def log_in(self, email: str, password: str) -> "Api":
        """Log in as a user; return a client with the token."""
        answer = self.ask("POST", "/v1/users/login", 200, {"email": email, "password": password})
        return Api(self.url, answer["data"]["token"])


def form_of(fields: Mapping[str, str], file_name: str, content: bytes) -> Form:
    """Return a form with fields and a file, which is its last part."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(f'name="file"; filename="{file_name}"\r\n\r\n'.encode() + content)
    boundary = uuid.uuid4().hex
    begin = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(begin + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return Form(f"multipart/form-data; boundary={boundary}", body)


def send(url: str, method: str, content: str | bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Send a request; return status and body of the response."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=35)
    try:
        connection.request(method, url[url.index(target.netloc) + len(target.netloc) :], content, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait(ask: Callable[[], Any], over: Callable[[Any], bool], what: str) -> Any:
    """Repeat a read until the operation has ended; return the last response."""
    deadline = monotonic() + MAX_WAIT_SECONDS
    while not over(answer := ask()):
        if monotonic() > deadline:
            raise ApiFailed(f"{what} does not end: {answer}; see `make logs`")
        sleep(0.05)
    return answer


def wait_for_emulator(aws_url: str) -> None:
    """Return when the emulator answers; its port is open before that."""
    status, answer = send(f"{aws_url}/_ministack/health", "GET", None, {})
    if status != 200:
        raise ApiFailed(f"the emulator does not answer: {status} {answer!r}")


def is_healthy(api_url: str) -> bool:
    """Return whether the API answers its health check."""
    try:
        return Api(api_url).call("GET", "/api/healthcheck/service")[0] == 200
    except (OSError, ValueError):
        return False


def healthcheck(api_url: str) -> None:
    """Send the first request, which starts the function."""
    status, answer = Api(api_url).call("GET", "/api/healthcheck/service")
    if status != 200:
        raise ApiFailed(f"the API does not answer: {status} {answer}")


def refresh_dashboard(aws_url: str) -> None:
    """Refresh the dashboard now; the schedule does it every five minutes."""
    status, result = invoke(aws_url, "refresh-analytics", {}, "Event")
    if status != 202:
        raise ApiFailed(f"the dashboard was not refreshed: {status} {result!r}")


def migrate(aws_url: str) -> None:
    """Apply the migrations of the release that was just deployed; prints how far they have come."""

    def call(event: Any) -> Any:
        result = json.loads(invoke(aws_url, "migrate", event)[1])
        if "is_done" not in result:
            raise MigrationFailed(result)
        return result

    migrating.migrate(call, print, poll=0.2)


def invoke(aws_url: str, function: str, event: Any, kind: str = "RequestResponse") -> tuple[int, bytes]:
    """Call a function of the stack without boto3; return status and result."""
    path = f"/2015-03-31/functions/shopfloor-{STAGE}-{function}/invocations"
    scope = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20250101/{REGION}/lambda/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    headers = {"Authorization": signed, "X-Amz-Invocation-Type": kind}
    return send(aws_url + path, "POST", json.dumps(event), headers)
