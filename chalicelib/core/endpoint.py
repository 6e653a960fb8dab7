"""An endpoint: a handler's signature read once, then for each call: actor, path, query and body in, the answer out."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from chalicelib.core import circuits, conditional, guards, idempotency, unknown_names
from chalicelib.core.answers import Answer, JsonOf, Raw, Redirect, answer_of
from chalicelib.core.areas import Area
from chalicelib.core.auth import ANONYMOUS, Access, Actor, authenticate
from chalicelib.core.errors import AppError, FieldProblem, Invalid, NotFound, PreconditionFailed
from chalicelib.core.links import link_header
from chalicelib.core.quota import Quota
from chalicelib.core.repeats import back_off
from chalicelib.core.request import RAW_LIMIT, Request
from chalicelib.core.retries import USE_CASE
from chalicelib.core.transactions import Changed
from chalicelib.core.validation import PATH_TYPES, read_body, read_path, read_query

_PARAMETER = re.compile(r"\{(\w+)\}")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Exchange:
    """What is known of a call while it runs, for its log line: grows as the call gets on."""

    def __init__(self, request: Request, area: Area, access: Access) -> None:
        self.request = request
        self.area = area
        self.access = access
        self.pattern: str | None = None
        self.actor: Actor = ANONYMOUS
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self.quota: Quota | None = None


@dataclass(frozen=True)
class Endpoint:
    """One method of one path, and what its handler takes. The OpenAPI document and the role table read this too."""

    method: str
    path: str
    area: Area
    handler: Callable[..., Any]
    summary: str
    body: Any
    query: Any
    result: Any
    path_types: Mapping[str, Any]
    wants: frozenset[str]  # of: actor, request
    status: int = 200
    public: bool = False  # no token needed on any stage
    raw: bool = False  # the handler reads the body itself (multipart, signed bytes)
    limit: int = RAW_LIMIT  # of such a body, in bytes
    replays: bool = False  # obeys Idempotency-Key
    lasts: int | None = None  # seconds that an answer may be replayed, where it is good for less than a day
    dependency: circuits.Dependency | None = None  # the circuit that every call goes through
    guard: Callable[[Request], None] | None = None  # asked first of all, of every call: may refuse it (a rate limit)
    accepts: Mapping[str, Any] = field(default_factory=dict)  # of a raw body: content type -> model
    refuses: tuple[type[AppError], ...] = ()  # what it may raise beside what every endpoint of its kind may
    media: str = ""  # the content type of an answer that is no JSON
    is_thing: bool = True  # of a GET endpoint with an id at its end: whether `If-Match` may name its ETag
    about: str = ""  # the path of the GET endpoint of the thing that this one is about, where its own path misleads

    @property
    def name(self) -> str:
        """How the role table calls it: `GET /users/{user_id}`."""
        return f"{self.method} {self.path}"

    @property
    def model(self) -> Any:
        """What the JSON of a success is; None where there is none."""
        kinds = get_args(self.result) if get_origin(self.result) is UnionType else (self.result,)
        models = tuple(kind for kind in kinds if kind not in (None, type(None), Raw, Redirect))
        return Union[models] if models else None  # noqa: UP007 - as many as there are

    @property
    def returns_json(self) -> bool:
        """Whether a success has a body of JSON."""
        return self.model is not None

    def writes_to(self, resource: "Endpoint | None") -> bool:
        """Whether it changes a thing that is there: its id is in the path."""
        return self.method in WRITES and resource is not None and resource.path_types.keys() <= self.path_types.keys()

    def is_tagged(self, resource: "Endpoint | None") -> bool:
        """Whether its answers have an ETag: all JSON that GET answers, and what a write answers as GET would."""
        return self.returns_json and (self.method == "GET" or (resource is not None and self.result == resource.result))

    @property
    def returns_text(self) -> bool:
        """Whether a success may be something else."""
        return Raw in (self.result, *get_args(self.result))

    def run(self, exchange: Exchange, params: Mapping[str, str], resource: "Endpoint | None" = None) -> Answer:
        """One call. Authenticates, validates everything at once, calls the handler; raises what is refused.

        `resource` is the GET endpoint of the thing that this one is about, or makes: what ETags are made of.
        """
        request, access = exchange.request, exchange.access
        if self.guard:
            self.guard(request)
        exchange.actor = authenticate(request, access, public=self.public)
        if not self.public:
            access.check(exchange.actor, self.name)
        arguments = self._arguments(exchange, params)
        if self.replays and request.header(idempotency.HEADER) is not None:
            work = partial(self._conditionally, exchange, arguments, resource)
            return idempotency.run_once(request, exchange.actor, work, self.lasts)
        return self._conditionally(exchange, arguments, resource)

    def _conditionally(self, exchange: Exchange, arguments: Mapping[str, Any], resource: "Endpoint | None") -> Answer:
        """The answer, if what the client has seen is still there; see conditional.py."""
        request = exchange.request
        wanted = request.header("if-match") if self.writes_to(resource) else None
        if resource is None or wanted is None:
            answer = self._answer(request, arguments)
        else:
            answer = self._answer_if_matches(exchange, arguments, resource, wanted)
        return self._tagged(request, answer) if self.is_tagged(resource) else answer

    def _answer_if_matches(
        self, exchange: Exchange, arguments: Mapping[str, Any], resource: "Endpoint", wanted: str
    ) -> Answer:
        """The answer of a request with `If-Match`. Tried again while only what no client sees has changed."""
        for attempt in range(USE_CASE.max_attempts):
            with conditional.read_snapshot() as snapshot:
                try:
                    there = resource._answer(exchange.request, resource._same(exchange.actor, arguments))
                except NotFound:
                    if attempt:  # it was there a moment ago
                        raise PreconditionFailed from None
                    raise
                if not conditional.etag_matches(wanted, conditional.tag_of(there.body, there.lasting)):
                    raise PreconditionFailed
                snapshot.is_open = False
                try:
                    with guards.checked_at_the_end(snapshot):
                        return self._answer(exchange.request, arguments)
                except conditional.Outdated:
                    back_off(attempt)
        raise Changed

    def _same(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a look at the thing that a request with these is about."""
        same: dict[str, Any] = {name: arguments[name] for name in self.path_types}
        if "actor" in self.wants:
            same["actor"] = actor
        if self.query is not None:
            same["query"] = self.query()
        return same

    def _tagged(self, request: Request, answer: Answer) -> Answer:
        """The answer with its ETag; 304 when the client has it already."""
        if answer.status not in (200, 201):
            return answer
        answer.headers["ETag"] = tag = conditional.tag_of(answer.body, answer.lasting)
        known = request.header("if-none-match") if self.method == "GET" else None
        return Answer(304, {"ETag": tag}) if known and conditional.etag_matches(known, tag, weak=True) else answer

    def _answer(self, request: Request, arguments: Mapping[str, Any]) -> Answer:
        with circuits.guard(self.dependency) if self.dependency else nullcontext():
            result = self.handler(**arguments)
        answer = answer_of(result, self.status)
        answer.headers.update(unknown_names.headers())  # here, so that a replay under an Idempotency-Key has them too
        link = link_header(request, arguments["query"], answer.page) if self.method == "GET" and self.query else None
        if link:
            answer.headers["Link"] = link
        return answer

    def _arguments(self, exchange: Exchange, params: Mapping[str, str]) -> dict[str, Any]:
        """The handler's arguments; one Invalid with all that is wrong in path, query and body."""
        request = exchange.request
        problems: list[FieldProblem] = []
        arguments = read_path(self.path_types, params, problems)
        code = _code(problems)  # an id in the path that is none comes before all else
        unknown_names.check_query(self.query, request.query, problems)
        if self.query is not None:
            arguments["query"] = read_query(self.query, request.query, problems)
        if self.raw:
            request.body(self.limit)
        elif self.method in WRITES:
            value = request.json(absent={})  # also where no body is expected: rubbish is refused, not ignored
            if self.body is not None:
                arguments["body"] = read_body(self.body, value, problems)
            else:
                unknown_names.inspect_body(None, value, problems)
        if problems:
            raise Invalid(fields=problems, code=code or _code(problems))
        available = {"actor": exchange.actor, "request": request}
        return {**arguments, **{name: available[name] for name in self.wants}}


def resource_of(endpoint: Endpoint, registry: Sequence[Endpoint]) -> Endpoint | None:
    """The GET endpoint of the thing an endpoint is about: the thing it makes (`/orders/{order_id}` for POST `/orders`),
    that of its own path, or of the nearest one above that names a thing (for `/orders/{order_id}/status`).
    """
    by_id = (one for one in registry if one.method == "GET" and one.path.endswith("}") and one.is_thing)
    things = {one.path: one for one in by_id if one.returns_json}
    if endpoint.about:
        return things[endpoint.about]
    if endpoint.status == 201:
        for path, thing in things.items():
            if path.rpartition("/")[0] == endpoint.path and thing.result == endpoint.result:
                return thing
    parts = endpoint.path.split("/")
    paths = ("/".join(parts[:length]) for length in range(len(parts), 1, -1))
    return next((things[path] for path in paths if path in things), None)


def _model_of(result: Any) -> Any:
    """What is answered: the model, where its JSON is made without it."""
    return get_args(result)[0] if get_origin(result) is JsonOf else result


def _code(problems: list[FieldProblem]) -> str | None:
    """The code of a refusal that is about ids alone."""
    ids = [problem["type"] == "uuid_parsing" for problem in problems]
    return "INVALID_UUID" if ids and all(ids) else None


def describe(handler: Callable[..., Any], *, method: str, path: str, area: Area, **declared: Any) -> Endpoint:
    """The endpoint of a handler, from its signature and what its route declares, see `Endpoint`; a parameter that means
    nothing is an error at import.
    """
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
        area=area,
        handler=handler,
        summary=(inspect.getdoc(handler) or handler.__name__.replace("_", " ")).partition("\n")[0],
        body=hints.get("body") if "body" in names else None,
        query=hints.get("query") if "query" in names else None,
        result=_model_of(hints.get("return")),
        path_types={name: hints[name] for name in in_path},
        wants=frozenset(names & {"actor", "request"}),
        **declared,
    )
