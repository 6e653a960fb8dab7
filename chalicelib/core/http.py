"""`Routes` turns plain functions into the endpoints of a package; a file routes.py imports the HTTP edge from here.

    api = Routes(PRODUCTION)

    @api.post("/api/batches", status=201)
    def create_batch(actor: Actor, body: BatchCreate) -> BatchOut:
        return service.create_batch(actor, body)

A handler's parameters say what it takes: `actor`, `body` and `query` (pydantic models), the parameters of the path
(UUID, int from 1, or str) and `request`. It returns a model, dict or list (JSON), None (204), or one of `core.answers`.
Refusals are AppErrors. They and everything unforeseen are answered in the shape of the API area (application.py).
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from chalicelib.core.answers import JsonOf, Raw, Redirect
from chalicelib.core.areas import (
    CONSTRUCTION,
    LONG_TASKS,
    OTHER,
    PRODUCTION,
    REPORTS,
    SYSTEM,
    TASKS,
    USERS,
    Area,
)
from chalicelib.core.auth import Actor
from chalicelib.core.circuits import Dependency
from chalicelib.core.endpoint import Endpoint
from chalicelib.core.errors import AppError
from chalicelib.core.request import MAX_RAW_BYTES, Request
from chalicelib.core.validation import PATH_TYPES

__all__ = [
    "ENDPOINTS", "Actor", "Area", "Endpoint", "JsonOf", "Raw", "Redirect", "Request", "Routes",
    "CONSTRUCTION", "LONG_TASKS", "OTHER", "PRODUCTION", "REPORTS", "SYSTEM", "TASKS", "USERS",
]  # fmt: skip

ENDPOINTS: list[Endpoint] = []
"""All endpoints of the modules that are imported."""
Handler = TypeVar("Handler", bound=Callable[..., Any])
_PARAMETER = re.compile(r"\{(\w+)\}")


class Routes:
    """The endpoints of one package in one API area, which `App.register` serves. With a `dependency` every call of
    them goes through its circuit.
    """

    def __init__(
        self, area: Area, registry: list[Endpoint] = ENDPOINTS, *, dependency: Dependency | None = None
    ) -> None:
        self.endpoints: list[Endpoint] = []
        self._dependency = dependency
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
        is_resource: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Register a GET endpoint, which answers HEAD too.

        `media`: the content type of an answer that is not JSON; `refuses`: its further errors, for the OpenAPI
        document; `is_resource=False`: a list at an id, whose ETag no `If-Match` names.
        """
        declared: dict[str, Any] = {"public": public, "media": media, "is_resource": is_resource}
        return self._route("GET", path, status=status, refuses=tuple(refuses), **declared)

    def post(
        self,
        path: str,
        *,
        status: int = 200,
        public: bool = False,
        raw: bool = False,
        limit: int = MAX_RAW_BYTES,
        replays: bool = True,
        replay_seconds: int | None = None,
        precheck: Callable[[Request], None] | None = None,
        accepts: Mapping[str, Any] | None = None,
        refuses: Sequence[type[AppError]] = (),
        resource_path: str = "",
    ) -> Callable[[Handler], Handler]:
        """Register a POST endpoint.

        `raw`: the handler reads the body itself, of up to `limit` bytes, of the content types and models in `accepts`;
        `replays=False`: Idempotency-Key is ignored; `replay_seconds`: how long an answer may be replayed; `precheck`:
        called first with each request, may refuse it; `refuses`: its further errors, for the OpenAPI document;
        `resource_path`: the path of its resource, where its own path names another one.
        """
        declared: dict[str, Any] = {"public": public, "raw": raw, "limit": limit, "replays": replays}
        declared |= {"accepts": accepts or {}, "resource_path": resource_path, "replay_seconds": replay_seconds}
        return self._route("POST", path, status=status, precheck=precheck, refuses=tuple(refuses), **declared)

    def put(self, path: str) -> Callable[[Handler], Handler]:
        """Register a PUT endpoint."""
        return self._route("PUT", path)

    def patch(self, path: str, *, status: int = 200) -> Callable[[Handler], Handler]:
        """Register a PATCH endpoint."""
        return self._route("PATCH", path, status=status)

    def delete(self, path: str, *, status: int = 200) -> Callable[[Handler], Handler]:
        """Register a DELETE endpoint."""
        return self._route("DELETE", path, status=status)

    def _route(self, method: str, path: str, **declared: Any) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            declared.update(area=self._area, dependency=self._dependency, registry=self._registry)
            endpoint = _endpoint(method, path, handler, declared)
            self.endpoints.append(endpoint)
            self._registry.append(endpoint)
            return handler

        return register


def _endpoint(method: str, path: str, handler: Callable[..., Any], declared: Mapping[str, Any]) -> Endpoint:
    """Return the endpoint of a handler, from its signature and what its route declares; TypeError for a parameter that
    it cannot have.
    """
    hints = get_type_hints(handler)
    names = set(inspect.signature(handler).parameters)
    in_path = _PARAMETER.findall(path)
    unknown = names - {"actor", "request", "body", "query", *in_path}
    missing = set(in_path) - names
    untyped = [name for name in in_path if name in names and hints.get(name) not in PATH_TYPES]
    wrong = unknown or missing or untyped
    if wrong:
        raise TypeError(f"{method} {path}: {handler.__qualname__} does not fit its path: {wrong}")
    result = hints.get("return")
    return Endpoint(
        method=method,
        path=path,
        handler=handler,
        summary=(inspect.getdoc(handler) or handler.__name__.replace("_", " ")).partition("\n")[0],
        body=hints.get("body") if "body" in names else None,
        query=hints.get("query") if "query" in names else None,
        result=get_args(result)[0] if get_origin(result) is JsonOf else result,
        path_types={name: hints[name] for name in in_path},
        parameters=frozenset(names & {"actor", "request"}),
        **declared,
    )
