"""Finds the endpoint of a path. API Gateway sends every path to one function, so the path is resolved here.

A trailing slash is ignored; each segment is percent-decoded once, after splitting, so an encoded slash never splits;
an empty segment matches nothing; a literal segment wins over a parameter.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

from chalicelib.core.endpoint import Endpoint
from chalicelib.core.errors import MethodNotAllowed, NotFound

MAX_SEGMENTS = 16


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    endpoints: dict[str, Endpoint] = field(default_factory=dict)  # by method


class Router:
    """A tree over the path segments of all endpoints. Two methods of one path may name a parameter differently."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, endpoint: Endpoint) -> None:
        """Add an endpoint; ValueError when another one has the same method and path."""
        node = self._root
        for segment in _split(endpoint.path):
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        present = node.endpoints.setdefault(endpoint.method, endpoint)
        if present.path != endpoint.path:
            raise ValueError(f"{endpoint.name} and {present.path} are the same path")

    def match(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """Return the endpoint of a call and the parameters of its path; GET serves HEAD.

        Raises NotFound, or MethodNotAllowed with the header `Allow`.
        """
        segments = [unquote(segment) for segment in _split(path)]
        node = _find(self._root, segments) if len(segments) <= MAX_SEGMENTS else None
        if node is None or not path.startswith("/"):
            raise NotFound("Путь не найден", headers=_link_to_docs(path))
        endpoint = node.endpoints.get(method) or (node.endpoints.get("GET") if method == "HEAD" else None)
        if endpoint is None:
            raise MethodNotAllowed(headers={"Allow": ", ".join(_allowed_methods(node))})
        names = zip(_split(endpoint.path), segments, strict=True)
        return endpoint, {name[1:-1]: value for name, value in names if name.startswith("{")}


def _split(path: str) -> list[str]:
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def _link_to_docs(path: str) -> dict[str, str]:
    """Return the header with where the API is described (RFC 8631), relative to the path, because a stage may stand
    before it. None for a path that nobody means: headers are limited (API Gateway takes 10,240 bytes in all).
    """
    parents = path.count("/") - 1
    return {"Link": f'<{"../" * parents}docs>; rel="service-doc"'} if parents <= MAX_SEGMENTS else {}


def _find(node: _Node, segments: list[str]) -> _Node | None:
    if not segments:
        return node if node.endpoints else None
    first, rest = segments[0], segments[1:]
    if not first:
        return None
    literal = node.literals.get(first)
    found = _find(literal, rest) if literal else None
    if found is None and node.parameter:
        found = _find(node.parameter, rest)
    return found


def _allowed_methods(node: _Node) -> list[str]:
    extra = {"OPTIONS"} | ({"HEAD"} if "GET" in node.endpoints else set())
    return sorted(set(node.endpoints) | extra)
