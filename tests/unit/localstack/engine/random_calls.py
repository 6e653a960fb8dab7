"""Random requests to DynamoDB: most are right, some are spoiled at a random place."""

import copy
import json
from random import Random
from typing import Any

Json = dict[str, Any]

TEXTS = ["a", "ab", "abc", "b", "é", "z\U0010ffff", "z", "zz", "a\x1fb", "0", "01", "ü" * 40]
PARTITIONS = ["p", "q", "r"]
USUAL_NUMBERS = ["0", "1", "-1", "2", "10", "123456789012"]
NUMBERS = ["0", "1", "-1", "2", "10", "1.50", "007", "1E2", "123456789012345678", "0.1", "-0"]
BAD_NUMBERS = ["", "x", "1E200", "1 ", "NaN", "1" * 39]
ATTRIBUTES = ["h", "a", "b", "n", "m", "l", "tags", "flag", "note"]

HASH, RANGE = "HASH", "RANGE"


def _keys(*names: str) -> list[Json]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, (HASH, RANGE), strict=False)]


def index(name: str, *keys: str, include: list[str] | None = None, everything: bool = False) -> Json:
    """An index as CreateTable takes it."""
    projection: Json = {"ProjectionType": "ALL" if everything else "KEYS_ONLY"}
    if include:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": include}
    return {"IndexName": name, "KeySchema": _keys(*keys), "Projection": projection}


TABLES: dict[str, Json] = {
    "items": {
        "KeySchema": _keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            index("by_a", "h", "a", include=["note", "n"]), index("by_b", "h", "b"),
            index("by_sk", "h", "sk", everything=True), index("by_pk", "a", "pk"),
        ],
        "LocalSecondaryIndexes": [index("local_a", "pk", "a")],
    },
    "single": {
        "KeySchema": _keys("pk"),
        "GlobalSecondaryIndexes": [index("by_a", "h", "a", everything=True), index("by_h", "h")],
    },
    "numbers": {"KeySchema": _keys("pk", "n"), "GlobalSecondaryIndexes": [index("by_a", "h", "a")]},
}  # fmt: skip


def creation(name: str) -> Json:
    """The arguments of CreateTable for one of the tables; with a stream, so that changes can be compared."""
    table = TABLES[name]
    schemas = [table["KeySchema"], *(i["KeySchema"] for kind in ("Global", "Local") for i in _indexes(name, kind))]
    names = sorted({key["AttributeName"] for schema in schemas for key in schema})
    types = [{"AttributeName": n, "AttributeType": "N" if n == "n" else "S"} for n in names]
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": types,
            "StreamSpecification": stream, **copy.deepcopy(table)}  # fmt: skip


def _indexes(name: str, kind: str) -> list[Json]:
    found: list[Json] = TABLES[name].get(f"{kind}SecondaryIndexes", [])
    return found


class Calls:
    """Makes random requests."""

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
        return {name: self.attribute(name) for name in chosen} | self.key(table)

    def spoiled(self, request: Json, chance: float = 0.1) -> Json:
        """The request, now and then with something wrong in it."""
        if self.random.random() > chance:
            return request
        request = copy.deepcopy(request)
        at: Any = request
        while True:
            places = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not places:
                return request
            place = self.random.choice(places)
            if isinstance(at[place], dict | list) and at[place] and self.random.random() < 0.75:
                at = at[place]
                continue
            what = self.random.randrange(4)
            if what == 0:
                del at[place]
            elif what == 1 and isinstance(at, dict):
                at[self.random.choice(["zz", ":zz", "#zz", "S", "N", "Limit", "Select", "pk", "M"])] = at.pop(place)
            else:
                at[place] = self.random.choice(
                    [None, "", 0, -1, 7, True, {}, [], "zz", {"S": "a"}, {"N": "1"}, {"S": "é"}]
                )
            return request

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
        match self.random.randrange(9):
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

    # -- requests ----------------------------------------------------------------------------------------------------

    def query(self) -> Json:
        table = self.table()
        named = self.random.choice(["", "", *(i["IndexName"] for k in ("Global", "Local") for i in _indexes(table, k))])
        schema = next(
            (i["KeySchema"] for k in ("Global", "Local") for i in _indexes(table, k) if i["IndexName"] == named),
            TABLES[table]["KeySchema"],
        )
        request: Json = {"TableName": table} | ({"IndexName": named} if named else {})
        hash_name, range_name = schema[0]["AttributeName"], schema[1]["AttributeName"] if len(schema) > 1 else None
        value = self.text() if hash_name == "a" else {"S": self.random.choice(PARTITIONS)}
        text = f"{self.names(request, hash_name)} = {self.values(request, value)}"
        if range_name and self.random.random() < 0.7:
            text += f" AND {self._range(request, range_name)}"
        request["KeyConditionExpression"] = text
        if self.random.random() < 0.5:
            request["Limit"] = self.random.choice([1, 2, 3, 5, 100])
        if self.random.random() < 0.5:
            request["ScanIndexForward"] = self.random.random() < 0.5
        if self.random.random() < 0.2:
            request["ConsistentRead"] = not named or self.random.random() < 0.1
        if self.random.random() < 0.15:
            request["Select"] = self.random.choice(
                ["COUNT", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"]
            )
        if self.random.random() < 0.15:
            names = self.random.sample(["pk", "sk", "a", "m.x", "m", "l[0]", "note", "size", "n"], 2)
            request["ProjectionExpression"] = ", ".join(self.names(request, n) if n in ATTRIBUTES else n for n in names)
        if self.random.random() < 0.1:
            request["FilterExpression"] = self.condition(request)
        if self.random.random() < 0.15:
            key = {n: self.attribute(n) for n in ("h", "a", "b")} | self.key(table) | {hash_name: value}
            used = {
                "pk",
                "sk" if table == "items" else "pk",
                "n" if table == "numbers" else "pk",
                hash_name,
                range_name or "pk",
            }
            request["ExclusiveStartKey"] = {n: key[n] for n in sorted(used) if self.random.random() < 0.97}
        return self.capacity(request)

    def _range(self, request: Json, name: str) -> str:
        def operand() -> str:
            number = name == "n"
            return self.values(request, self.number() if number else self.text())

        shown = self.names(request, name)
        choice = self.random.randrange(5)
        if choice == 0:
            low, high = sorted([self.attribute(name), self.attribute(name)], key=lambda value: value.get("S", "0"))
            return f"{shown} BETWEEN {self.values(request, low)} AND {self.values(request, high)}"
        if choice == 1 and name != "n":
            return f"begins_with({shown}, {operand()})"
        return f"{shown} {self.random.choice(['=', '<', '<=', '>', '>='])} {operand()}"

    def write(self) -> tuple[str, Json]:
        """A write of one item."""
        table = self.table()
        request: Json = {"TableName": table}
        action = self.random.choice(["PutItem", "PutItem", "UpdateItem", "UpdateItem", "DeleteItem"])
        if action == "PutItem":
            request["Item"] = self.item(table)
        else:
            request["Key"] = self.key(table)
        if action == "UpdateItem":
            request["UpdateExpression"] = self.update(request)
            request["ReturnValues"] = self.random.choice(["NONE", "ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD"])
        elif self.random.random() < 0.3:
            request["ReturnValues"] = "ALL_OLD"
        return action, self.capacity(self.conditional(request))

    def read(self) -> tuple[str, Json]:
        table = self.table()
        choice = self.random.randrange(3)
        if choice == 0:
            return "GetItem", self.capacity({"TableName": table, "Key": self.key(table)})
        keys = [self.key(table) for _ in range(self.random.randrange(1, 6))]
        if choice == 1:
            keys = list({json.dumps(key): key for key in keys}.values())
            projected = {"ProjectionExpression": "pk, a, m.x"} if self.random.random() < 0.2 else {}
            return "BatchGetItem", {"RequestItems": {table: {"Keys": keys, "ConsistentRead": True} | projected}}
        return "TransactGetItems", self.capacity(
            {"TransactItems": [{"Get": {"TableName": table, "Key": k}} for k in keys]}
        )

    def batch_write(self) -> Json:
        table = self.table()
        writes: list[Json] = []
        for _ in range(self.random.randrange(1, 8)):
            put = self.random.random() < 0.7
            writes.append(
                {"PutRequest": {"Item": self.item(table)}} if put else {"DeleteRequest": {"Key": self.key(table)}}
            )
        if self.random.random() < 0.95:
            writes = self._different(table, writes)
        return self.capacity({"RequestItems": {table: writes}})

    @staticmethod
    def _different(table: str, members: list[Json]) -> list[Json]:
        """Of members with the same key the last."""
        names = {"items": ("pk", "sk"), "single": ("pk",), "numbers": ("pk", "n")}[table]
        found: dict[str, Json] = {}
        for member in members:
            (action,) = member.values()
            key = action.get("Key") or action["Item"]
            found[json.dumps([key[name] for name in names])] = member
        return list(found.values())

    def transaction(self) -> Json:
        members: list[Json] = []
        table = self.table()
        for _ in range(self.random.randrange(1, 7)):
            kind = self.random.choice(["Put", "Put", "Put", "Update", "Update", "Delete", "ConditionCheck"])
            request: Json = {"TableName": table}
            if kind == "Put":
                request["Item"] = self.item(table)
            else:
                request["Key"] = self.key(table)
            if kind == "Update":
                request["UpdateExpression"] = self.update(request)
            members.append({kind: self.conditional(request, 1.0 if kind == "ConditionCheck" else 0.15)})
        if self.random.random() < 0.9:
            members = self._different(table, members)
        if self.random.random() < 0.3:
            members.append({"Put": {"TableName": "single", "Item": {"pk": {"S": "of another table"}}}})
        request = {"TransactItems": members}
        if self.random.random() < 0.5:
            request["ClientRequestToken"] = self.random.choice(
                ["t1", "t2", *(str(self.random.random()) for _ in range(9))]
            )
        return self.capacity(request)
