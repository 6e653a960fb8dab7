"""An endpoint: one method of one path. It checks each call of it and answers by its handler."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import UnionType
from typing import Any, Union, get_args, get_origin

from chalicelib.core import circuits, conditional, guards, idempotency, ids, texts, unknown_names
from chalicelib.core.answers import Answer, JsonPart, Raw, Redirect, answer_of
from chalicelib.core.areas import Area
from chalicelib.core.auth import ANONYMOUS, Access, Actor, authenticate
from chalicelib.core.errors import AppError, FieldProblem, Invalid, NotFound, PreconditionFailed
from chalicelib.core.links import link_header
from chalicelib.core.repeats import back_off
from chalicelib.core.request import IDEMPOTENCY_KEY, MAX_RAW_BYTES, Request
from chalicelib.core.retries import USE_CASE
from chalicelib.core.transactions import Changed
from chalicelib.core.validation import read_body, read_path, read_query

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(slots=True)
class Exchange:
    """One call while it runs: the request, and what is found out about it for its log line."""

    request: Request
    area: Area
    endpoint: "Endpoint | None" = None
    actor: Actor = ANONYMOUS
    error: BaseException | None = None


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
    parameters: frozenset[str]  # of the handler, beside body, query and those of the path: actor, request
    registry: "Sequence[Endpoint]" = field(default=(), repr=False, compare=False)  # all endpoints: for `resource`
    status: int = 200
    public: bool = False  # no token needed on any stage
    raw: bool = False  # the handler reads the body itself (multipart, signed bytes)
    limit: int = MAX_RAW_BYTES  # of a raw body, in bytes
    replays: bool = False  # obeys Idempotency-Key
    replay_seconds: int | None = None  # seconds that an answer may be replayed, where it is valid for less than a day
    dependency: circuits.Dependency | None = None  # the circuit that every call goes through
    precheck: Callable[[Request], None] | None = None  # called first, with each request; may refuse it (a rate limit)
    accepts: Mapping[str, Any] = field(default_factory=dict)  # of a raw body: content type -> model
    refuses: tuple[type[AppError], ...] = ()  # further errors, for the OpenAPI document
    media: str = ""  # the content type of an answer that is not JSON
    is_resource: bool = True  # of a GET endpoint with an id at its end: whether `If-Match` may name its ETag
    resource_path: str = ""  # the path of the GET endpoint of its resource, where its own path misleads

    @cached_property
    def name(self) -> str:
        """The name in the role table: `GET /users/{user_id}`."""
        return f"{self.method} {self.path}"

    @property
    def model(self) -> Any:
        """The model of the JSON of a success; None where there is none."""
        kinds = get_args(self.result) if get_origin(self.result) is UnionType else (self.result,)
        models = tuple(kind for kind in kinds if kind not in (None, type(None), Raw, Redirect))
        return Union[models] if models else None  # noqa: UP007 - as many as there are

    @property
    def returns_json(self) -> bool:
        """Whether a success has a body of JSON."""
        return self.model is not None

    @property
    def returns_text(self) -> bool:
        """Whether a success may have a body that is not JSON."""
        return Raw in (self.result, *get_args(self.result))

    @cached_property
    def resource(self) -> "Endpoint | None":
        """The GET endpoint of the resource that this one reads, changes or makes: ETags are made of its answers."""
        return resource_of(self, self.registry)

    @cached_property
    def changes_resource(self) -> bool:
        """Whether it changes a resource that exists: its id is in the path."""
        resource = self.resource
        return self.method in WRITES and resource is not None and resource.path_types.keys() <= self.path_types.keys()

    @cached_property
    def is_tagged(self) -> bool:
        """Whether its answers have an ETag: all JSON that GET answers, and what a write answers as GET would."""
        resource = self.resource
        return self.returns_json and (self.method == "GET" or (resource is not None and self.result == resource.result))

    def run(self, exchange: Exchange, path_values: Mapping[str, str], access: Access) -> Answer:
        """Return the answer to one call: authenticate, validate, call the handler. Raises AppErrors."""
        request = exchange.request
        if self.precheck:
            self.precheck(request)
        exchange.actor = authenticate(request, access, public=self.public)
        if not self.public:
            access.check(exchange.actor, self.name)
        arguments = self._arguments(request, exchange.actor, path_values)
        work = partial(self._answer, request, exchange.actor, arguments)
        if self.replays and request.header(IDEMPOTENCY_KEY) is not None:
            return idempotency.run_once(request, exchange.actor, work, self.replay_seconds)
        return work()

    def _arguments(self, request: Request, actor: Actor, path_values: Mapping[str, str]) -> dict[str, Any]:
        """Return the handler's arguments; one Invalid names all that is wrong in path, query and body."""
        problems: list[FieldProblem] = []
        arguments = read_path(self.path_types, path_values, problems)
        code = _code(problems)  # of a bad id in the path, whatever else is wrong
        unknown_names.check_query(self.query, request.query, problems)
        if self.query is not None:
            arguments["query"] = read_query(self.query, request.query, problems)
        if self.raw:
            request.body(self.limit)
        elif self.method in WRITES:
            value = request.json(absent={})  # a body that is not expected is refused where it is malformed
            if self.body is not None:
                arguments["body"] = read_body(self.body, value, problems)
            else:
                unknown_names.inspect_body(None, value, problems)
        if problems:
            raise Invalid(fields=problems, code=code or _code(problems))
        if "actor" in self.parameters:
            arguments["actor"] = actor
        if "request" in self.parameters:
            arguments["request"] = request
        return arguments

    def _answer(self, request: Request, actor: Actor, arguments: Mapping[str, Any]) -> Answer:
        """Call the handler, with `If-Match` only if the resource is as the client has seen it; add the ETag."""
        call = partial(self._call, request, arguments)
        expected = request.header("if-match") if self.changes_resource else None
        if expected is None or self.resource is None:
            answer = call()
        else:
            read = partial(self.resource._call, request, self.resource._own_arguments(actor, arguments))
            answer = _call_if_matches(expected, read, call)
        return self._tagged(request, answer) if self.is_tagged else answer

    def _own_arguments(self, actor: Actor, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return this endpoint's arguments for the resource that another endpoint is called about with `arguments`."""
        own: dict[str, Any] = {name: arguments[name] for name in self.path_types}
        if "actor" in self.parameters:
            own["actor"] = actor
        if self.query is not None:
            own["query"] = self.query()
        return own

    def _call(self, request: Request, arguments: Mapping[str, Any]) -> Answer:
        with circuits.through_circuit(self.dependency) if self.dependency else nullcontext():
            result = self.handler(**arguments)
        answer = answer_of(result, self.status)
        # Here, so that a replay under an Idempotency-Key has them too.
        answer.headers.update({**unknown_names.headers(), **texts.headers()})
        link = link_header(request, arguments["query"], answer.page) if self.method == "GET" and self.query else None
        if link:
            answer.headers["Link"] = link
        return answer

    def _tagged(self, request: Request, answer: Answer) -> Answer:
        """Return the answer with its ETag; 304 when the client has it already."""
        if answer.status not in (200, 201) or isinstance(answer.page, JsonPart):
            return answer
        answer.headers["ETag"] = tag = conditional.tag_of(answer.body, answer.stable_body)
        known = request.header("if-none-match") if self.method == "GET" else None
        if known and conditional.etag_matches(known, tag, weak=True):
            kept = ("ETag", "Vary", "Content-Language")  # RFC 9110, 15.4.5: those of the 200 that caches update by it
            return Answer(304, {name: value for name, value in answer.headers.items() if name in kept})
        return answer


def _call_if_matches(expected: str, read: Callable[[], Answer], change: Callable[[], Answer]) -> Answer:
    """Call `change` if the ETag of what `read` answers is an expected one (conditional.py).

    Tried again when only attributes have changed that the client does not see.
    """
    for attempt in range(USE_CASE.max_attempts):
        with conditional.read_snapshot() as snapshot:
            try:
                current = read()
            except NotFound:
                if attempt:  # the attempt before has found it
                    raise PreconditionFailed from None
                raise
            if not conditional.etag_matches(expected, conditional.tag_of(current.body, current.stable_body)):
                if not ids.has_changed():
                    raise PreconditionFailed
                conditional.release()
                return change()
            snapshot.is_recording = False
            try:
                with guards.assert_unchanged_at_end(snapshot):
                    return change()
            except conditional.Outdated:
                back_off(attempt)
    raise Changed


def resource_of(endpoint: Endpoint, registry: Sequence[Endpoint]) -> Endpoint | None:
    """Return the GET endpoint of an endpoint's resource: of what it makes (`/orders/{order_id}` for POST `/orders`), of
    its own path, or of the nearest path above it that ends with an id (for `/orders/{order_id}/status`).
    """
    by_id = (other for other in registry if other.method == "GET" and other.path.endswith("}") and other.is_resource)
    resources = {other.path: other for other in by_id if other.returns_json}
    if endpoint.resource_path:
        return resources[endpoint.resource_path]
    if endpoint.status == 201:
        for path, resource in resources.items():
            if path.rpartition("/")[0] == endpoint.path and resource.result == endpoint.result:
                return resource
    parts = endpoint.path.split("/")
    paths = ("/".join(parts[:length]) for length in range(len(parts), 1, -1))
    return next((resources[path] for path in paths if path in resources), None)


def _code(problems: list[FieldProblem]) -> str | None:
    """Return the code of a refusal whose problems are all bad ids."""
    are_ids = [problem["type"] == "uuid_parsing" for problem in problems]
    return "INVALID_UUID" if are_ids and all(are_ids) else None
