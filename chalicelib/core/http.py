"""The HTTP edge: `Routes` turns plain functions into endpoints of an API area, `App` carries every call to one of them.

    api = Routes(__name__, PRODUCTION)

    @api.post("/api/batches", status=201)
    def create_batch(actor: Actor, body: BatchCreate) -> BatchOut:
        return service.create_batch(actor, body)

A handler's parameters say what it takes: `actor`, `body` and `query` (pydantic models), the parameters of the path
(UUID, int from 1, or str) and `request`. It returns a model, dict or list (JSON), None (204), or one of `core.answers`.
Expected refusals are AppErrors; they, and everything unforeseen, are answered in the shape of the API area.
Nothing but this module, app.py and the files named routes.py may import Chalice.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from chalice import Blueprint, Chalice, Response

from chalicelib.core import compression, cors, unknown_names
from chalicelib.core.answers import COMMON_HEADERS, Answer, Json, JsonOf, Raw, Redirect, error_answer
from chalicelib.core.areas import (
    CONSTRUCTION,
    LONG_TASKS,
    OUTSIDE,
    PRODUCTION,
    REPORTS,
    SYSTEM,
    TASKS,
    USERS,
    Area,
    area_of_path,
)
from chalicelib.core.auth import Access, Actor
from chalicelib.core.circuits import Dependency
from chalicelib.core.deadline import DeadlineExceeded, budget, deadline, uninterrupted
from chalicelib.core.endpoint import Endpoint, Exchange, describe, resource_of
from chalicelib.core.errors import AppError, MethodNotAllowed, TimedOut, Unavailable, failure
from chalicelib.core.logs import write_line
from chalicelib.core.outages import is_outage
from chalicelib.core.quota import Meter
from chalicelib.core.rate import network
from chalicelib.core.request import RAW_LIMIT, Request
from chalicelib.core.routing import Router, place_of

__all__ = [
    "ENDPOINTS", "Actor", "App", "Area", "Endpoint", "Json", "JsonOf", "Raw", "Redirect", "Request", "Routes",
    "CONSTRUCTION", "LONG_TASKS", "OUTSIDE", "PRODUCTION", "REPORTS", "SYSTEM", "TASKS", "USERS",
]  # fmt: skip

BINARY_TYPES = [
    "multipart/form-data",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/zip",
    "image/png",
    "image/webp",
    "image/x-icon",
    "font/woff2",
    "audio/mpeg",
]
ENDPOINTS: list[Endpoint] = []
Handler = TypeVar("Handler", bound=Callable[..., Any])
_current: ContextVar[Exchange] = ContextVar("exchange")


class Routes:
    """The endpoints of one package of one API area; `blueprint` is what app.py registers. With a `dependency` every
    call of them goes through its circuit.
    """

    def __init__(
        self,
        module: str,
        area: Area,
        registry: list[Endpoint] = ENDPOINTS,
        *,
        dependency: Dependency | None = None,
    ) -> None:
        self.blueprint = Blueprint(module)
        self._dependency = dependency
        self._module = module
        self._area = area
        self._registry = registry

    def get(
        self,
        path: str,
        *,
        status: int = 200,
        public: bool = False,
        media: str = "text/plain",
        refuses: Sequence[type[AppError]] = (),
        is_thing: bool = True,
    ) -> Callable[[Handler], Handler]:
        """A GET endpoint; HEAD is answered by it too. `media`: the content type of what is no JSON; `refuses`: what
        it may raise beside what every GET may; `is_thing=False`: a list at an id, whose ETag no `If-Match` names.
        """
        declared: dict[str, Any] = {"public": public, "media": media, "refuses": tuple(refuses), "is_thing": is_thing}
        return self._route("GET", path, status=status, **declared)

    def post(
        self,
        path: str,
        *,
        status: int = 200,
        public: bool = False,
        raw: bool = False,
        limit: int = RAW_LIMIT,
        replays: bool = True,
        lasts: int | None = None,
        guard: Callable[[Request], None] | None = None,
        accepts: Mapping[str, Any] | None = None,
        refuses: Sequence[type[AppError]] = (),
        about: str = "",
    ) -> Callable[[Handler], Handler]:
        """A POST endpoint; `raw`: the handler reads the body itself, of up to `limit` bytes, of the content types and
        models in `accepts`; `replays=False`: Idempotency-Key is ignored; `lasts`: seconds that an answer may be
        replayed under one; `guard`: called with each request before anything else, to refuse it; `refuses`: what it
        may raise beside what every POST may; `about`: the path of the thing, where this path names another one.
        """
        declared: dict[str, Any] = {"public": public, "raw": raw, "limit": limit, "replays": replays, "guard": guard}
        declared |= {"accepts": accepts or {}, "refuses": tuple(refuses), "about": about, "lasts": lasts}
        return self._route("POST", path, status=status, **declared)

    def put(self, path: str, *, status: int = 200) -> Callable[[Handler], Handler]:
        """A PUT endpoint."""
        return self._route("PUT", path, status=status)

    def patch(self, path: str, *, status: int = 200) -> Callable[[Handler], Handler]:
        """A PATCH endpoint."""
        return self._route("PATCH", path, status=status)

    def delete(self, path: str, *, status: int = 200) -> Callable[[Handler], Handler]:
        """A DELETE endpoint."""
        return self._route("DELETE", path, status=status)

    def _route(self, method: str, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            where: dict[str, Any] = {"method": method, "path": path, "area": self._area}
            endpoint = describe(handler, **where, dependency=self._dependency, **declared)
            self._registry.append(endpoint)
            name = f"{self._module}.{handler.__name__}.{method}"
            self.blueprint.route(path, methods=[method], name=name)(_view(endpoint, self._registry))
            return handler

        return register


def _view(endpoint: Endpoint, registry: Sequence[Endpoint]) -> Callable[..., Response]:
    """What Chalice calls: runs the endpoint for the current exchange."""

    @cache
    def resource() -> Endpoint | None:
        return resource_of(endpoint, registry)

    def view(**params: str) -> Response:
        exchange = _current.get()
        exchange.area = endpoint.area
        try:
            exchange.answer = endpoint.run(exchange, params, resource())
        except AppError as error:
            exchange.answer = _refusal(exchange, error)
        except Exception as error:
            exchange.answer = _failure(exchange, error)
        return _response(exchange.answer)

    view.__name__ = endpoint.handler.__name__
    return view


def _refusal(exchange: Exchange, error: AppError) -> Answer:
    request = exchange.request
    if error.status and error.status >= 500:
        exchange.error = exchange.error or error
    return error_answer(error, exchange.area, request.header("accept"), request.path)


def _failure(exchange: Exchange, error: BaseException) -> Answer:
    """503 when AWS is in trouble, else 500, a bug: the client gets the number to report, the log the stack trace."""
    exchange.error = error
    if is_outage(error):
        return _refusal(exchange, Unavailable(headers={"Retry-After": "2"}))
    return _refusal(exchange, failure(exchange.request.id))


def _response(answer: Answer) -> Response:
    """For Chalice: bytes where the content type is binary (it encodes them) or they are compressed, text elsewhere."""
    media = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    is_binary = media in BINARY_TYPES or "Content-Encoding" in answer.headers
    body = answer.body if is_binary else answer.body.decode()
    return Response(body=body, status_code=answer.status, headers=dict(answer.headers))


class App(Chalice):  # type: ignore[misc]
    """Chalice behind a gateway that sends every path and method to one function: finds the route itself, then lets
    Chalice dispatch. Whatever happens, the caller gets an answer in the shape of the API area, with X-Request-Id.
    """

    def __init__(self, app_name: str, access: Access = Access()) -> None:  # noqa: B008 - immutable
        super().__init__(app_name, configure_logs=False)
        self.access = access
        self.api.binary_types = list(BINARY_TYPES)
        self._meter = Meter()
        self._router: Router | None = None
        self._places: dict[str, Sequence[str]] = {}
        self._served: set[str] = set()

    def serve(self, places: Mapping[str, Sequence[str]], *, at_once: bool) -> None:
        """Have routes under each prefix, which lie in those modules: all from now on, or those of a prefix when it is
        first called. So an instance starts as fast as with no routes, and loads the packages that it works with.
        """
        self._places = dict(places)
        for place in places if at_once else ():
            self._load(place)

    def _load(self, place: str) -> None:
        """Register the routes of a prefix; whole, since half of them could never be registered again."""
        with uninterrupted():
            for name in self._places[place]:
                if name not in self._served:
                    for one in vars(import_module(name)).values():
                        if isinstance(one, Routes):
                            self.register_blueprint(one.blueprint)
                    self._served.add(name)
            del self._places[place]
            self._router = None

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """One call of the api function: an event of API Gateway's proxy integration in, its answer out."""
        started = time.perf_counter()
        request = Request.from_event(event if isinstance(event, dict) else {}, context)
        exchange = Exchange(request, area_of_path(request.path), self.access)
        token = _current.set(exchange)
        try:
            with deadline(budget(request.remaining_ms())), unknown_names.of_request(request.header("prefer")):
                reply = self._reply(exchange, event, context)
        except DeadlineExceeded as late:
            exchange.error = late
            reply = self._finish(exchange, _refusal(exchange, TimedOut()))
        except Exception as error:
            reply = self._finish(exchange, _failure(exchange, error))
        finally:
            _current.reset(token)
        _log(exchange, reply["statusCode"], started)
        return reply

    def _reply(self, exchange: Exchange, event: dict[str, Any], context: Any) -> dict[str, Any]:
        request = exchange.request
        exchange.quota = self._meter.take(network(request.client_ip))
        try:
            exchange.quota.check()
            match = self._routes(request.path).match(request.method, request.path)
        except MethodNotAllowed as error:
            if request.method == "OPTIONS":
                allowed = error.headers["Allow"]
                return self._finish(exchange, Answer(204, {"Allow": allowed, **cors.preflight(request, allowed)}))
            return self._finish(exchange, _refusal(exchange, error))
        except AppError as error:
            return self._finish(exchange, _refusal(exchange, error))
        exchange.pattern = match.pattern
        method = "GET" if request.method == "HEAD" else request.method
        reply = super().__call__(_prepared(event, match.pattern, dict(match.params), method), context)
        if exchange.answer is None:  # Chalice refused before the view ran: its table and our router disagree
            raise RuntimeError(f"{method} {match.pattern} did not reach its view: {reply.get('body')}")
        return _finished(exchange, reply)

    def _routes(self, path: str) -> Router:
        place = place_of(path, self._places)
        if place:
            self._load(place)
        if self._router is None:
            self._router = Router((method, path) for path, methods in self.routes.items() for method in methods)
        return self._router

    def _finish(self, exchange: Exchange, answer: Answer) -> dict[str, Any]:
        reply: dict[str, Any] = _response(answer).to_dict(self.api.binary_types)
        return _finished(exchange, reply)


def _prepared(event: dict[str, Any], pattern: str, params: dict[str, str], method: str) -> dict[str, Any]:
    """The event as Chalice wants it. Content-Type and Accept are judged here and not by Chalice, so it sees none."""
    gateway = {**(event.get("requestContext") or {}), "resourcePath": pattern, "httpMethod": method}
    return {
        **event,
        "requestContext": gateway,
        "pathParameters": params,
        "headers": {"accept": "*/*"},
        "multiValueQueryStringParameters": event.get("multiValueQueryStringParameters"),
        "stageVariables": event.get("stageVariables"),
        "body": event.get("body"),
    }


def _finished(exchange: Exchange, reply: dict[str, Any]) -> dict[str, Any]:
    """The headers every answer has; HEAD and 204 have no body; what is long is compressed."""
    request = exchange.request
    quota = exchange.quota.headers if exchange.quota else {}
    common = {**COMMON_HEADERS, **cors.headers(request), **quota, **unknown_names.headers()}
    reply["headers"] = {**common, **reply["headers"], "X-Request-Id": request.id}
    if reply["statusCode"] not in (204, 304):
        compression.compress(request, reply)
    if request.method == "HEAD" or reply["statusCode"] in (204, 304):
        reply.update(body="", isBase64Encoded=False)
    return reply


def _log(exchange: Exchange, status: int, started: float) -> None:
    fields = {
        "request_id": exchange.request.id,
        "user": exchange.actor.user_id,
        "area": exchange.area.name,
        "method": exchange.request.method,
        "path": exchange.pattern or exchange.request.path[:200],
        "status": status,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
    write_line("request", fields, failed=status >= 500, error=exchange.error)
