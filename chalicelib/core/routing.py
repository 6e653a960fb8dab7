"""Which route a path means. API Gateway hands everything to one function, so the path is resolved here.

A trailing slash counts as none; each segment is percent-decoded once, after splitting, so an encoded slash never
splits; empty segments match nothing; a literal segment wins over a parameter.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from chalicelib.core.errors import MethodNotAllowed, NotFound

MAX_SEGMENTS = 16


@dataclass(frozen=True, slots=True)
class Match:
    """A route found: its pattern as registered, and the parameters by the names of that pattern."""

    pattern: str
    params: Mapping[str, str]


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    patterns: dict[str, str] = field(default_factory=dict)  # method -> pattern


class Router:
    """A tree over the segments of all patterns; two methods of one path may name its parameter differently."""

    def __init__(self, routes: Iterable[tuple[str, str]]) -> None:
        """`routes` are pairs of method and pattern."""
        self._root = _Node()
        for method, pattern in routes:
            self._add(method, pattern)

    def _add(self, method: str, pattern: str) -> None:
        node = self._root
        for segment in _split(pattern):
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        if node.patterns.setdefault(method, pattern) != pattern:
            raise ValueError(f"{method} {pattern} and {node.patterns[method]} are the same path")

    def match(self, method: str, path: str) -> Match:
        """The route for a call; HEAD is served by GET. NotFound, or MethodNotAllowed with `Allow`."""
        segments = [unquote(segment) for segment in _split(path)]
        node = _find(self._root, segments) if len(segments) <= MAX_SEGMENTS else None
        if node is None or not path.startswith("/"):
            raise NotFound("Путь не найден")
        pattern = node.patterns.get(method) or (node.patterns.get("GET") if method == "HEAD" else None)
        if pattern is None:
            raise MethodNotAllowed(headers={"Allow": ", ".join(_allowed(node.patterns))})
        names = zip(_split(pattern), segments, strict=True)
        return Match(pattern, {name[1:-1]: value for name, value in names if name.startswith("{")})


def place_of(path: str, places: Collection[str]) -> str | None:
    """The longest prefix, of whole segments, that a path falls under; the root is a prefix of itself alone."""
    if path == "/":
        return path if path in places else None
    segments = [unquote(segment) for segment in _split(path)[:MAX_SEGMENTS]]
    prefixes = ("/" + "/".join(segments[:length]) for length in range(len(segments), 0, -1))
    return next((prefix for prefix in prefixes if prefix in places), None)


def _split(path: str) -> list[str]:
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def _find(node: _Node, segments: list[str]) -> _Node | None:
    if not segments:
        return node if node.patterns else None
    first, rest = segments[0], segments[1:]
    if not first:
        return None
    literal = node.literals.get(first)
    found = _find(literal, rest) if literal else None
    if found is None and node.parameter:
        found = _find(node.parameter, rest)
    return found


def _allowed(patterns: Mapping[str, str]) -> list[str]:
    extra = {"OPTIONS"} | ({"HEAD"} if "GET" in patterns else set())
    return sorted(set(patterns) | extra)
