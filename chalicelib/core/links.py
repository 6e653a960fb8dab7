"""The header `Link: <…>; rel="next"` of lists (RFC 8288): the query of the request for another page.

Links are relative to the request, so they are valid behind a stage prefix and every proxy.
"""

from typing import Any
from urllib.parse import urlencode

from chalicelib.core.answers import ListPage
from chalicelib.core.request import Request


def link_header(request: Request, query: Any, result: Any) -> str | None:
    """Return the header for a page of a list; None for an answer that is no list, or a list on one page.

    A full page links its next page by number or offset, where the query has them. A page that was cut, and one that was
    found by a cursor, link it by cursor.
    """
    if not isinstance(result, ListPage):
        return None
    sources = (getattr(result, "page", None), result, getattr(result, "meta", None), query)
    total, limit = _first("total", sources), _first("limit", sources)
    page, offset, cursor = (_first(name, sources) for name in ("page", "offset", "next_cursor"))
    links: dict[str, dict[str, Any] | None] = {}
    if _first("cursor", (query,)) is None and total is not None and limit:
        if type(page) is int:
            links["prev"] = {"page": page - 1} if page > 1 else None
            links["next"] = {"page": page + 1} if page * limit < total else None
        elif offset is not None:
            links["prev"] = {"offset": max(0, offset - limit)} if offset else None
            links["next"] = {"offset": offset + limit} if offset + limit < total else None
    if "next" not in links or (cursor and len(result.shown) < limit):
        links["next"] = {"cursor": cursor} if cursor else None
    return ", ".join(f'<{_query(request, change)}>; rel="{rel}"' for rel, change in links.items() if change) or None


def _first(name: str, sources: tuple[Any, ...]) -> Any:
    return next((value for source in sources if (value := getattr(source, name, None)) is not None), None)


def _query(request: Request, change: dict[str, Any]) -> str:
    dropped = {"page", "offset", *change} if "cursor" in change else change
    values = {name: texts for name, texts in request.query.items() if name not in dropped}
    return "?" + urlencode({**values, **change}, doseq=True)
