"""The function `api`: answers the events of API Gateway, which sends every path and method to it.

The application finds the endpoint and calls it itself. To Chalice it only declares the endpoints: for its packager,
which makes the API of them, and for its test client and `chalice local`, which call the application as the gateway
does. No other module of chalicelib imports Chalice.
"""

import time
from typing import Any

from chalice import Chalice

from chalicelib.core import compression, cors, texts, unknown_names
from chalicelib.core.answers import COMMON_HEADERS, STRICT_TRANSPORT, Answer, error_answer
from chalicelib.core.areas import area_of_path
from chalicelib.core.auth import Access
from chalicelib.core.deadline import DeadlineExceeded, budget, deadline
from chalicelib.core.endpoint import Exchange
from chalicelib.core.errors import AppError, MethodNotAllowed, TimedOut, Unavailable, internal_error
from chalicelib.core.http import Routes
from chalicelib.core.logs import write_line
from chalicelib.core.outages import is_outage
from chalicelib.core.request import Request
from chalicelib.core.routing import Router
from chalicelib.core.settings import settings

Reply = dict[str, Any]  # of API Gateway's proxy integration


class App(Chalice):  # type: ignore[misc]
    """Answers every event, also after an unforeseen error, in the shape of the API area, with X-Request-Id."""

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name, configure_logs=False)
        self.access = Access()
        self._router = Router()

    def register(self, routes: Routes) -> None:
        """Serve the endpoints of a package, and declare them to Chalice."""
        for endpoint in routes.endpoints:
            self._router.add(endpoint)
            self.route(endpoint.path, methods=[endpoint.method], name=endpoint.name)(_declared)

    def __call__(self, event: Any, context: Any) -> Reply:
        """Answer one event of API Gateway's proxy integration, and write one line to the access log."""
        started = time.perf_counter()
        request = Request.from_event(event if isinstance(event, dict) else {}, context)
        exchange = Exchange(request, area_of_path(request.path))
        language = texts.preferred(request.header("accept-language"))
        with texts.language(language), unknown_names.of_request(request.header("prefer")):
            try:
                with deadline(budget(request.remaining_ms())):
                    reply = _reply(request, self._answer(exchange))
            except (DeadlineExceeded, Exception) as error:
                reply = _reply(request, _refusal(exchange, error))
        _log(exchange, reply["statusCode"], started)
        return reply

    def _answer(self, exchange: Exchange) -> Answer:
        request = exchange.request
        try:
            endpoint, path_values = self._router.match(request.method, request.path)
            exchange.endpoint, exchange.area = endpoint, endpoint.area
            return endpoint.run(exchange, path_values, self.access)
        except MethodNotAllowed as error:
            if request.method != "OPTIONS":
                return _refusal(exchange, error)
            allowed = error.headers["Allow"]
            return Answer(204, {"Allow": allowed, **cors.preflight(request, allowed)})
        except Exception as error:
            return _refusal(exchange, error)


def _declared(**_path_values: str) -> None:  # no docstring: Chalice would copy it into the template
    raise NotImplementedError("App.__call__ answers every call")


def _refusal(exchange: Exchange, error: BaseException) -> Answer:
    """Return the answer to an error. What is not an AppError is 504 when the time is up, 503 when AWS is overloaded
    or out of reach, else 500, a bug: the client gets the number to report, the log the stack trace.
    """
    request = exchange.request
    if isinstance(error, AppError):
        refusal = error
    elif isinstance(error, DeadlineExceeded):
        refusal = TimedOut()
    else:
        refusal = Unavailable(headers={"Retry-After": "2"}) if is_outage(error) else internal_error(request.id)
    if refusal.status and refusal.status >= 500:
        exchange.error = error
    answer = error_answer(refusal, exchange.area, request.header("accept"), request.path)
    answer.headers.update(texts.headers())
    return answer


def _reply(request: Request, answer: Answer) -> Reply:
    """Return the event of an answer, with the headers that every answer has; HEAD, 204 and 304 have no body."""
    # RFC 6797, section 7.2: not without TLS
    secure = {} if settings().stage == "local" else {"Strict-Transport-Security": STRICT_TRANSPORT}
    common = {**COMMON_HEADERS, **secure, **cors.headers(request), **unknown_names.headers()}
    headers, body = {**common, **answer.headers, "X-Request-Id": request.id}, b""
    if vary := ", ".join(filter(None, (common.get("Vary"), answer.headers.get("Vary")))):
        headers["Vary"] = vary
    if answer.status not in (204, 304):
        body = compression.compressed(request, headers, answer.body)
    text, is_base64 = compression.to_text(headers, b"" if request.method == "HEAD" else body)
    reply: Reply = {"statusCode": answer.status, "headers": headers, "body": text, "isBase64Encoded": is_base64}
    return {**reply, "multiValueHeaders": {}}  # Chalice's test client expects them


def _log(exchange: Exchange, status: int, started: float) -> None:
    endpoint, request = exchange.endpoint, exchange.request
    fields = {
        "request_id": request.id,
        "user": exchange.actor.user_id,
        "area": exchange.area.name,
        "method": request.method,
        "path": endpoint.path if endpoint else request.path[:200],
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
    write_line("request", fields, failed=status >= 500, error=exchange.error)
