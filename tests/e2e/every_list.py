"""Every list of the API, in every order and by every filter that its description names: what to ask, and the answers.

Paths, orders and filters come from the OpenAPI document of a stack, values of filters from the items of its lists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, product
from typing import Any
from urllib.parse import quote, urlencode

from tests.e2e.production import ok
from tests.e2e.stack import Stack

PAGE = 100
VALUES = 3  # of a filter
ORDER = ("sort_field", "sort_direction")
PAGING = {"limit", "offset", "page", "cursor", "with_products", *ORDER}
IDS = ("uuid", "id", "task_id", "saga_id", "product_id", "user_id", "number")
OF_THE_MOMENT = {"running", "overdue"}  # filters whose answer changes with the time
PARENTS = {"/tasks/{user_id}": ("/users", "number")}  # other lists of one owner stand under the list of owners
SOURCES = {
    ("/orders", "userId"): ("/orders", "user_id"),
    ("/api/trace", "code"): ("/api/products", "unique_code"),
    ("/api/v1/defects", "due"): ("/api/v1/defects", "due_date"),
    ("/api/v1/defects", "reporter_id"): ("/api/v1/defects", "reporter"),
    ("/api/v1/defects", "assignee_id"): ("/api/v1/defects", "assignee"),
}
"""Where the values of a filter are, unless its name is that of a field: a list, and a field of its items."""


class NotNow(Exception):
    """A list is not readable now; it says when to ask again."""


@dataclass(frozen=True)
class Answer:
    """All items of a list, in order; `total` is None where the list has none."""

    items: list[Any]
    total: int | None

    @property
    def ids(self) -> list[str]:
        """What names the items."""
        return [id_of(item) for item in self.items]

    def of_known(self, known: set[str]) -> "Answer":
        """The same without the items that are not known; they are not counted either."""
        items = [item for item in self.items if id_of(item) in known]
        return Answer(items, None if self.total is None else self.total - len(self.items) + len(items))


def id_of(item: Any) -> str:
    """The value that names an item of a list; an operation is named by its kind too."""
    own = next(str(item[name]) for name in IDS if name in item)
    return f"{item['kind']} {own}" if "kind" in item else own


def read(stack: Stack, query: str) -> Answer:
    """Read a list page by page; NotNow when a page is answered 503, AssertionError unless every other one is 200."""
    items: list[Any] = []
    path, total, following = query.partition("?")[0], None, query
    while following:
        answer = stack.call("GET", following)
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
            raise NotNow
        assert answer.status_code == 200, f"{following}: {answer.text}"
        found, total = _contents(answer.json())
        items += found
        following = path + answer.links["next"]["url"] if "next" in answer.links else ""
    return Answer(items, total)


def _contents(body: Any) -> tuple[list[Any], int | None]:
    """The items and the total of a page."""
    if isinstance(body, list):
        return body, None
    items = next(value for value in body.values() if isinstance(value, list))
    return items, (body.get("meta") or body).get("total")


class Lists:
    """The lists of a stack, with what they have now."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._document = ok(stack, "GET", "/openapi.json")
        self._gets = {path: methods["get"] for path, methods in self._document["paths"].items() if "get" in methods}
        listed = {path: self._parameters(path) for path in self._gets if "limit" in self._parameters(path)}
        self.full: dict[str, Answer] = {}
        self._described: dict[str, Mapping[str, Any]] = {}
        for template, parameters in sorted(listed.items(), key=lambda pair: pair[0].count("{")):
            for path in self._paths(template):
                self._described[path] = parameters
                self.full[path] = read(stack, self._query(path))

    def queries(self) -> dict[str, str]:
        """What can be asked: the query, and the path of the list."""
        return {query: path for path in self._described for query in self._queries(path)}

    def items(self, most: int = 5) -> Iterator[str]:
        """The paths of the first and last items of each list."""
        for template in self._gets:
            parent = template.rpartition("/")[0]
            if template.count("{") == 1 and template.endswith("}") and parent in self.full:
                ids = self.full[parent].ids
                yield from (f"{parent}/{quote(one)}" for one in dict.fromkeys(ids[:most] + ids[-most:]))

    def _paths(self, template: str) -> Iterator[str]:
        """The path of a list; of lists with an owner: the paths of all owners."""
        before, brace, rest = template.partition("{")
        if not brace:
            yield template
            return
        after = rest.partition("}")[2]
        parent, field = PARENTS.get(template, (before.rstrip("/"), ""))
        for item in self.full[parent].items[: None if template in PARENTS else 3]:
            yield f"{before}{item[field] if field else id_of(item)}{after}"

    def _query(self, path: str, **arguments: Any) -> str:
        limit = min(PAGE, self._described[path]["limit"]["schema"].get("maximum", PAGE))
        return f"{path}?{urlencode({'limit': limit, **self._required(path), **arguments})}"

    def _required(self, path: str) -> dict[str, Any]:
        required = [name for name, parameter in self._described[path].items() if parameter.get("required")]
        return {name: self._values(path, name)[0] for name in required}

    def _queries(self, path: str) -> Iterator[str]:
        """Each order, each filter with some values, and each filter in one of the orders."""
        described = self._described[path]
        orders = [[(name, value) for value in self._choices(path, name)] for name in ORDER]
        sorts = [dict(order) for order in product(*filter(None, orders))]
        yield from (self._query(path, **sort) for sort in sorts)
        changing = OF_THE_MOMENT | ({"status"} if path.endswith("/deliveries") else set())
        filters = {name: self._values(path, name) for name in described.keys() - PAGING - changing}
        yield from (self._query(path, **{name: value}) for name, values in filters.items() for value in values)
        for (name, values), sort in zip(sorted(filters.items()), cycle(sorts), strict=False):
            yield from (self._query(path, **{name: value}, **sort) for value in values[:1])

    def _choices(self, path: str, name: str) -> list[Any]:
        """The values that a parameter may have, if the description names them."""
        schema = self._described[path].get(name, {}).get("schema", {})
        kinds = [self._resolved(kind) for kind in (*schema.get("anyOf", ()), schema, schema.get("items", {}))]
        if any(kind.get("type") == "boolean" for kind in kinds):
            return ["true", "false"]
        return [value for kind in kinds for value in kind.get("enum", ())]

    def _values(self, path: str, name: str) -> list[Any]:
        """Values for a filter: some that items have, or all that the description names."""
        bound = name.removesuffix("_from").removesuffix("_to")
        source, field = SOURCES.get((path, bound), (path, bound))
        found = [item.get(field, item.get(f"{field}_at")) for item in self.full[source].items]
        values = {value["id"] if isinstance(value, dict) else value for value in found if value is not None}
        chosen = self._choices(path, name)
        assert chosen or values or not found, f"{path}: no item has a value for the filter {name}"
        some = sorted(values)[:: max(1, len(values) // 3)][:VALUES]
        return chosen if "true" in chosen else some or chosen[:VALUES]

    def _parameters(self, path: str) -> dict[str, Any]:
        """The parameters of the query of a path."""
        parameters = map(self._resolved, self._gets[path].get("parameters", ()))
        return {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}

    def _resolved(self, found: Any) -> Any:
        while "$ref" in found:
            _, *names = found["$ref"].split("/")
            found = self._document
            for name in names:
                found = found[name]
        return found
