"""Unknown names: an unknown query parameter is refused, an unknown field of a body is ignored and reported.

The header `X-Ignored-Fields` of every answer reports the fields; with `Prefer: handling=strict` (RFC 7240) they are
refused. Fields of free JSON are not inspected.
"""

import re
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import chain, islice
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin
from urllib.parse import quote

from chalicelib.core.errors import FieldProblem
from chalicelib.core.texts import text

HEADER = "X-Ignored-Fields"
FREE_PREFIXES = ("_", "utm_")  # of query parameters that proxies, browsers and advertisements add
MAX_NAMES = 20  # reported in one answer
MAX_NAME_LENGTH = 100  # characters of a name in the header
_STRICT = re.compile(r'(?:^|[,;])\s*handling\s*=\s*"?strict"?\s*(?:[,;]|$)', re.IGNORECASE)

Place = tuple[str | int, ...]


class BodyNames:
    """The unknown fields in the body of one request."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.inspected = False
        self.ignored: list[Place] = []

    @property
    def headers(self) -> dict[str, str]:
        """The headers that report them."""
        if not self.inspected:
            return {}
        if self.strict:
            return {"Preference-Applied": "handling=strict"}
        shown = [".".join(map(_in_header, place)) for place in self.ignored[:MAX_NAMES]]
        if len(self.ignored) > MAX_NAMES:
            shown.append("...")
        return {HEADER: ", ".join(name[:MAX_NAME_LENGTH] for name in shown)} if shown else {}


_body_names: ContextVar[BodyNames | None] = ContextVar("body_names", default=None)


@contextmanager
def of_request(prefer: str | None) -> Generator[None, None, None]:
    """Collect the unknown fields of a body in the block, for a request with this `Prefer` header."""
    token = _body_names.set(BodyNames(strict=bool(prefer and _STRICT.search(prefer))))
    try:
        yield
    finally:
        _body_names.reset(token)


def headers() -> dict[str, str]:
    """Return the headers that report the unknown fields of the current request."""
    names = _body_names.get()
    return names.headers if names else {}


def inspect_body(model: Any, value: Any, problems: list[FieldProblem]) -> None:
    """Report the fields of a body that its model does not have; with `handling=strict` refuse them.

    Outside a request (the payload of a task that runs) nothing is inspected. `model` None has no fields.
    """
    names = _body_names.get()
    if names is None:
        return
    names.inspected = True
    shape, every = _shape(model), ((name,) for name in value if model is None) if isinstance(value, dict) else ()
    found: list[Place] = list(islice(chain(every, _unknown(shape, value, ())), MAX_NAMES + 1))
    names.ignored += found
    if names.strict:
        for *parents, name in found[:MAX_NAMES]:
            reason = _with_suggestion("неизвестное поле", str(name), _names_at(shape, parents))
            problems.append({"loc": ["body", *map(_shown, [*parents, name])], "msg": reason, "type": "extra_forbidden"})


def check_query(model: Any, query: Collection[str], problems: list[FieldProblem]) -> None:
    """Refuse query parameters that the model does not have, and suggest the nearest name. `model` None has none."""
    known = _fields(model) if model is not None else {}
    for name in islice((name for name in query if name not in known), MAX_NAMES):
        if not name.startswith(FREE_PREFIXES):
            reason = _with_suggestion("неизвестный параметр", name, known)
            problems.append({"loc": ["query", _shown(name)], "msg": reason, "type": "extra_forbidden"})


def _with_suggestion(reason: str, name: str, known: Collection[str]) -> str:
    import difflib  # imported for mistyped names only

    by_lower = {name.lower(): name for name in known}
    nearest = difflib.get_close_matches(name[:MAX_NAME_LENGTH].lower(), by_lower, n=1, cutoff=0.5)
    if not nearest:
        return text(reason)
    return text("{reason}, возможно, имелось в виду {name}", reason=text(reason), name=by_lower[nearest[0]])


def _shown(part: str | int) -> str | int:
    return part if isinstance(part, int) else part[:MAX_NAME_LENGTH].encode(errors="replace").decode()


def _in_header(part: str | int) -> str:
    """Return a name without characters that have a meaning in a header or are not allowed there."""
    return quote(str(part)[:MAX_NAME_LENGTH].encode(errors="replace"), safe="!$&*+-^_`|~@:[]")


class _Shape(NamedTuple):
    """The named parts of a type: the models that a value may be, and the shape of its elements if it may be a list."""

    models: tuple[Any, ...] = ()
    elements: "_Shape | None" = None

    @property
    def fields(self) -> Mapping[str, "_Shape"]:
        """The shapes of the fields of an object, by the names that clients send."""
        found: dict[str, _Shape] = {}
        for model in self.models:
            found |= _fields(model)
        return found


@cache
def _fields(model: Any) -> Mapping[str, _Shape]:
    return {str(field.alias or name): _shape(field.annotation) for name, field in model.model_fields.items()}


def _shape(kind: Any) -> _Shape:
    from pydantic import BaseModel  # the start of the function `api` needs no models

    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _Shape((kind,))
    inner = [_shape(part) for part in get_args(kind)]
    if get_origin(kind) is list:
        return _Shape((), inner[0] if any(inner[0]) else None)
    if get_origin(kind) in (Union, UnionType):
        models = tuple(model for shape in inner for model in shape.models)
        return _Shape(models, next((shape.elements for shape in inner if shape.elements), None))
    return inner[0] if get_origin(kind) is Annotated else _Shape()


def _unknown(shape: _Shape, value: Any, place: Place) -> Iterator[Place]:
    if isinstance(value, dict) and shape.models:
        fields = shape.fields
        for name, inner in value.items():
            if name in fields:
                yield from _unknown(fields[name], inner, (*place, name))
            else:
                yield (*place, name)
    elif isinstance(value, list) and shape.elements:
        for number, inner in enumerate(value):
            yield from _unknown(shape.elements, inner, (*place, number))


def _names_at(shape: _Shape, parents: Sequence[str | int]) -> Collection[str]:
    """Return the known names at a location of a body."""
    for part in parents:
        shape = (shape.elements or _Shape()) if isinstance(part, int) else shape.fields[part]
    return shape.fields
