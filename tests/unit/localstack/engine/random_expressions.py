"""Random values, items and expressions of DynamoDB; now and then one that is refused."""

from random import Random
from typing import Any

Json = dict[str, Any]

TEXTS = ["a", "ab", "abc", "b", "é", "z\U0010ffff", "z", "zz", "a\x1fb", "0", "01", "ü" * 40]
PARTITIONS = ["p", "q", "r"]
USUAL_NUMBERS = ["0", "1", "-1", "2", "10", "123456789012"]
NUMBERS = ["0", "1", "-1", "2", "10", "1.50", "007", "1E2", "123456789012345678", "0.1", "-0"]
BAD_NUMBERS = ["", "x", "1E200", "1 ", "NaN", "1" * 39]
ATTRIBUTES = ["h", "a", "b", "n", "m", "l", "tags", "flag", "note"]


class Expressions:
    """Makes random values, items and expressions."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.usual = self.random.random() < 0.6  # values and expressions as programs have them

    # -- values ------------------------------------------------------------------------------------------------------

    def text(self) -> Json:
        return {"S": self.random.choice(TEXTS)}

    def number(self) -> Json:
        return {"N": self.random.choice(USUAL_NUMBERS if self.usual else NUMBERS)}

    def value(self, depth: int = 0) -> Json:
        """Any attribute value; now and then one that is refused."""
        choice = self.random.random()
        if self.usual and 0.65 < choice < 0.85:
            return self.random.choice([{"BOOL": True}, {"NULL": True}, {"SS": ["x", "y"]}, {"S": ""}])
        if choice < 0.4:
            return self.text()
        if choice < 0.65:
            return self.number()
        if choice < 0.652:
            return self.random.choice(
                [{"N": self.random.choice(BAD_NUMBERS)}, {"SS": []}, {"SS": ["a", "a"]}, {"Q": 1}, {}]
            )
        if choice < 0.75:
            return self.random.choice([{"BOOL": True}, {"BOOL": False}, {"NULL": True}, {"B": "YWI="}, {"S": ""}])
        if choice < 0.82:
            return {self.random.choice(["SS", "BS"]): self.random.sample(["YQ==", "YWI=", "YWJj"], 2)}
        if choice < 0.85:
            return {"NS": self.random.sample(NUMBERS, 2)}
        if depth > 2:
            return self.text()
        if choice < 0.92:
            return {"L": [self.value(depth + 1) for _ in range(self.random.randrange(3))]}
        return {"M": {name: self.value(depth + 1) for name in self.random.sample(["x", "y", "M"], 2)}}

    def attribute(self, name: str) -> Json:
        """A value of an attribute, of its type where it is a key."""
        if name in ("h", "a", "b", "note") and self.random.random() < 0.995:
            return {"S": self.random.choice(PARTITIONS)} if name == "h" else self.text()
        if name == "n":
            return self.number()
        if name == "l" and self.random.random() < 0.8:
            return {"L": [self.value(1) for _ in range(2)]}
        if name == "m" and self.random.random() < 0.8:
            return {"M": {"x": self.value(1), "y": self.text()}}
        return self.value()

    def table(self) -> str:
        return self.random.choice(["items", "items", "items", "single", "single" if self.usual else "numbers"])

    def key(self, table: str) -> Json:
        key = {"pk": {"S": self.random.choice(PARTITIONS)}}
        if table == "items":
            key["sk"] = self.text()
        if table == "numbers":
            key["n"] = self.number()
        return key

    def item(self, table: str) -> Json:
        chosen = self.random.sample(ATTRIBUTES, self.random.randrange(2, 8))
        quirk = {"M": self.text()} if self.random.random() < 0.02 else {}  # MiniStack takes such an item for a map
        return {name: self.attribute(name) for name in chosen} | quirk | self.key(table)

    # -- expressions -------------------------------------------------------------------------------------------------

    def names(self, request: Json, name: str) -> str:
        """An attribute in an expression: as it is, or by a placeholder that is put into the request."""
        if self.random.random() < 0.5 and name != "note":
            return name
        placeholder = f"#{name}"
        request.setdefault("ExpressionAttributeNames", {})[placeholder] = name
        return placeholder

    def values(self, request: Json, value: Json) -> str:
        given = request.setdefault("ExpressionAttributeValues", {})
        placeholder = f":{len(given)}"
        given[placeholder] = value
        return placeholder

    def condition(self, request: Json, depth: int = 0) -> str:
        attribute = self.random.choice(ATTRIBUTES)
        choice = self.random.randrange(-2, 14 if depth < 2 else 9)
        if self.usual and self.random.random() < 0.5:
            function = self.random.choice(["attribute_exists", "attribute_not_exists"])
            return f"{function}({self.names(request, self.random.choice(['pk', 'l']))})"
        if choice in (2, 3):
            return f"attribute_not_exists ({self.names(request, 'pk')})"
        if choice == 13:
            paths = [lambda: f"{self.names(request, 'm')}.x", lambda: f"{self.names(request, 'l')}[0]", lambda: "m.y.z"]
            return f"{self.random.choice(paths)()} = {self.values(request, self.value())}"
        if choice in (9, 10):
            return f"{self.condition(request, depth + 1)} AND {self.condition(request, depth + 1)}"
        if choice == 11:
            return f"({self.condition(request, depth + 1)} OR {self.condition(request, depth + 1)})"
        if choice == 12:
            return f"NOT {self.condition(request, depth + 1)}"
        name = self.names(request, attribute)
        match choice:
            case 4:
                sign = self.random.choice(["=", "<>", "<", "<=", ">", ">="])
                return f"{name} {sign} {self.values(request, self.attribute(attribute))}"
            case 5:
                return f"begins_with({name}, {self.values(request, self.random.choice([self.text(), {'N': '1'}]))})"
            case 6:
                lists = ", ".join(self.values(request, self.attribute(attribute)) for _ in range(2))
                return f"{name} IN ({lists})"
            case 7:
                function = self.random.choice(["contains({0}, {1})", "attribute_type({0}, {1})", "size({0}) > {1}"])
                return function.format(name, self.values(request, self.random.choice([self.text(), {"N": "1"}])))
            case 8:
                low, high = sorted([self.text(), self.text()], key=lambda value: value["S"])
                return f"{name} BETWEEN {self.values(request, low)} AND {self.values(request, high)}"
        return f"attribute_exists({name})"

    def update(self, request: Json) -> str:
        clauses = []
        chosen = self.random.sample(ATTRIBUTES, self.random.randrange(1, 4))
        sets = [f"{self.names(request, name)} = {self._assigned(request, name)}" for name in chosen]
        if self.random.random() < 0.75:
            clauses.append(f"SET {', '.join(sets)}")
        else:
            request.pop("ExpressionAttributeValues", None)
            request.pop("ExpressionAttributeNames", None)
            chosen = []
        if self.random.random() < 0.3:
            left = [name for name in ATTRIBUTES if name not in chosen]
            clauses.append(f"REMOVE {', '.join(self.names(request, name) for name in self.random.sample(left, 2))}")
        if self.random.random() < 0.4 or not clauses:
            name, value = self.random.choice(
                [
                    ("count", {"N": "1"}),
                    ("n", self.number()),
                    *([] if self.usual else [("tags", {"SS": ["x"]}), ("note", {"S": "a"})]),
                ]
            )
            clauses.append(
                f"ADD {self.names(request, name) if name != 'count' else '#c'} {self.values(request, value)}"
            )
            if name == "count":
                request.setdefault("ExpressionAttributeNames", {})["#c"] = "count"
        if self.random.random() < 0.1 and not self.usual:
            clauses.append(f"DELETE tags {self.values(request, {'SS': ['x', 'YQ==']})}")
        self.random.shuffle(clauses)
        return " ".join(clauses)

    def _assigned(self, request: Json, name: str) -> str:
        if name in ("h", "a", "b", "note") and self.random.random() < 0.9:
            return self.values(request, self.attribute(name))
        match self.random.choice([0, 1, 1, 1, 2, 3, 4, 5, 6]):
            case 0:
                return f"if_not_exists({self.names(request, name)}, {self.values(request, self.attribute(name))})"
            case 1:
                first = self.names(request, self.random.choice(["n", "n", "n", "a"]))
                return f"{first} {self.random.choice('+-')} {self.values(request, {'N': self.random.choice(NUMBERS)})}"
            case 2:
                zero = self.values(request, {"N": "0"})
                return f"if_not_exists ({self.names(request, 'n')}, {zero}) + {self.values(request, {'N': '1'})}"
            case 3:
                return self.names(request, self.random.choice(["a", "h", "h", "n", "m"]))
            case 4 if self.random.random() < 0.5:
                return f"list_append({self.names(request, 'l')}, {self.values(request, {'L': [self.value(1)]})})"
        return self.values(request, self.attribute(name))

    def conditional(self, request: Json, chance: float = 0.4) -> Json:
        if self.random.random() < chance:
            request["ConditionExpression"] = self.condition(request)
        if self.random.random() < 0.2:
            request["ReturnValuesOnConditionCheckFailure"] = self.random.choice(["ALL_OLD", "NONE"])
        return request

    def capacity(self, request: Json) -> Json:
        if self.random.random() < 0.25:
            request["ReturnConsumedCapacity"] = self.random.choice(["NONE", "TOTAL", "INDEXES"])
        return request
