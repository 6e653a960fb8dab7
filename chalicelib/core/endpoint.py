"""An endpoint: a handler's signature read once, then for each call: actor, path, query and body in, the answer out."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from chalicelib.core import circuits, idempotency
from chalicelib.core.answers import Answer, answer_of
from chalicelib.core.auth import ANONYMOUS, Access, Actor, authenticate
from chalicelib.core.doors import Door
from chalicelib.core.errors import FieldProblem, Invalid
from chalicelib.core.request import Request
from chalicelib.core.validation import PATH_TYPES, read_body, read_path, read_query

_PARAMETER = re.compile(r"\{(\w+)\}")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Exchange:
    """What is known of a call while it runs, for its log line: grows as the call gets on."""

    def __init__(self, request: Request, door: Door, access: Access) -> None:
        self.request = request
        self.door = door
        self.access = access
        self.pattern: str | None = None
        self.actor: Actor = ANONYMOUS
        self.answer: Answer | None = None
        self.error: BaseException | None = None


@dataclass(frozen=True)
class Endpoint:
    """One method of one path, and what its handler takes. The OpenAPI document and the role table read this too."""

    method: str
    path: str
    door: Door
    handler: Callable[..., Any]
    status: int
    summary: str
    body: Any
    query: Any
    result: Any
    path_types: Mapping[str, Any]
    wants: frozenset[str]  # of: actor, request
    public: bool  # no token needed on any stage
    raw: bool  # the handler reads the body itself (multipart, signed bytes)
    limit: int  # of such a body, in bytes
    replays: bool  # obeys Idempotency-Key
    dependency: circuits.Dependency | None = None  # the circuit that every call goes through
    guard: Callable[[Request], None] | None = None  # asked first of all, of every call: may refuse it (a rate limit)

    @property
    def name(self) -> str:
        """How the role table calls it: `GET /users/{user_id}`."""
        return f"{self.method} {self.path}"

    def run(self, exchange: Exchange, params: Mapping[str, str]) -> Answer:
        """One call. Authenticates, validates everything at once, calls the handler; raises what is refused."""
        request, access = exchange.request, exchange.access
        if self.guard:
            self.guard(request)
        exchange.actor = authenticate(request.header("authorization"), access.account, public=self.public)
        if not self.public:
            access.check(exchange.actor, self.name)
        arguments = self._arguments(exchange, params)
        if self.replays and request.header(idempotency.HEADER) is not None:
            return idempotency.run_once(request, exchange.actor, lambda: self._answer(arguments))
        return self._answer(arguments)

    def _answer(self, arguments: Mapping[str, Any]) -> Answer:
        if self.dependency is None:
            return answer_of(self.handler(**arguments), self.status)
        with circuits.guard(self.dependency):
            return answer_of(self.handler(**arguments), self.status)

    def _arguments(self, exchange: Exchange, params: Mapping[str, str]) -> dict[str, Any]:
        """The handler's arguments; one Invalid with all that is wrong in path, query and body."""
        request = exchange.request
        problems: list[FieldProblem] = []
        arguments = read_path(self.path_types, params, problems)
        code = _code(problems)  # an id in the path that is none comes before all else
        if self.query is not None:
            arguments["query"] = read_query(self.query, request.query, problems)
        if self.raw:
            request.body(self.limit)
        elif self.method in _WRITES:
            value = request.json()  # also where no body is expected: rubbish is refused, not ignored
            if self.body is not None:
                arguments["body"] = read_body(self.body, value, problems)
        if problems:
            raise Invalid(fields=problems, code=code or _code(problems))
        available = {"actor": exchange.actor, "request": request}
        return {**arguments, **{name: available[name] for name in self.wants}}


def _code(problems: list[FieldProblem]) -> str | None:
    """The code of a refusal that is about ids alone."""
    ids = [problem["type"] == "uuid_parsing" for problem in problems]
    return "INVALID_UUID" if ids and all(ids) else None


def describe(
    handler: Callable[..., Any],
    *,
    method: str,
    path: str,
    door: Door,
    status: int,
    public: bool,
    raw: bool,
    limit: int,
    replays: bool,
    guard: Callable[[Request], None] | None,
    dependency: circuits.Dependency | None = None,
) -> Endpoint:
    """The endpoint of a handler, from its signature; a parameter that means nothing is an error at import."""
    hints = get_type_hints(handler)
    names = set(inspect.signature(handler).parameters)
    in_path = _PARAMETER.findall(path)
    unknown = names - {"actor", "request", "body", "query", *in_path}
    missing = set(in_path) - names
    strange = [name for name in in_path if name in names and hints.get(name) not in PATH_TYPES]
    wrong = unknown or missing or strange
    if wrong:
        raise TypeError(f"{method} {path}: {handler.__qualname__} does not fit its path: {wrong}")
    return Endpoint(
        method=method,
        path=path,
        door=door,
        handler=handler,
        status=status,
        summary=(inspect.getdoc(handler) or handler.__name__.replace("_", " ")).partition("\n")[0],
        body=hints.get("body") if "body" in names else None,
        query=hints.get("query") if "query" in names else None,
        result=hints.get("return"),
        path_types={name: hints[name] for name in in_path},
        wants=frozenset(names & {"actor", "request"}),
        public=public,
        raw=raw,
        limit=limit,
        replays=replays and method == "POST",
        dependency=dependency,
        guard=guard,
    )
