"""The fast paths of DynamoDB answer what plain MiniStack answers, byte for byte, whatever is asked in what order."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from localstack.engine import runs, texts
from tests.unit.localstack.engine.random_calls import TABLES, Calls, creation, index
from tests.unit.localstack.engine.two_engines import FAST_PATHS, TwoEngines

RANDOM = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def two() -> Iterator[TwoEngines]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "BLOCK_ENTRIES", 3)  # so that few items make several blocks
        patch.setattr(texts, "MAX_CHARACTERS", 3_000)  # and few answers fill what is kept
        engines = TwoEngines()
        yield engines
        engines.reset()


def fresh(two: TwoEngines) -> None:
    two.reset()
    two.region = "us-east-1"
    for name in TABLES:
        two.both(lambda engine, name=name: engine._create_table(creation(name)))


def fill(two: TwoEngines, calls: Calls, count: int) -> None:
    for _ in range(count):
        two.ask("BatchWriteItem", calls.batch_write())


@settings(RANDOM, max_examples=40)
@given(seed=SEEDS)
def test_queries_of_random_items_answer_the_same(two: TwoEngines, seed: int) -> None:
    calls = Calls(seed)
    fresh(two)
    fill(two, calls, 20)
    for _ in range(40):
        request = calls.spoiled(calls.query(), 0.15)
        answer = two.ask("Query", request)
        for _ in range(4):
            if answer.status != 200 or "LastEvaluatedKey" not in answer.json:
                break
            answer = two.ask("Query", {**request, "ExclusiveStartKey": answer.json["LastEvaluatedKey"]})
    two.compare_state()


@settings(RANDOM, max_examples=60)
@given(seed=SEEDS)
def test_random_writes_and_reads_answer_the_same(two: TwoEngines, seed: int) -> None:
    calls = Calls(seed)
    fresh(two)
    fill(two, calls, 6)
    for _ in range(40):
        match calls.random.randrange(8):
            case 0 | 1:
                action, request = calls.write()
                two.ask(action, calls.spoiled(request))
            case 2:
                action, request = calls.read()
                two.ask(action, calls.spoiled(request))
            case 3:
                two.ask("BatchWriteItem", calls.spoiled(calls.batch_write()))
            case 4 | 5:
                request = calls.spoiled(calls.transaction())
                two.ask("TransactWriteItems", request)
                if calls.random.random() < 0.3:
                    two.ask("TransactWriteItems", {**request, "ReturnConsumedCapacity": "TOTAL"})
            case 6:
                two.ask("Query", calls.spoiled(calls.query()))
            case 7:
                disturb(two, calls)
    two.compare_state()


@pytest.mark.parametrize("path", FAST_PATHS)
def test_each_fast_path_alone_answers_the_same(path: str) -> None:
    two = TwoEngines([path])
    for seed in range(4):
        calls = Calls(seed)
        fresh(two)
        fill(two, calls, 10)
        for _ in range(20):
            two.ask(*calls.write())
            two.ask(*calls.read())
            two.ask("Query", calls.query())
            two.ask("TransactWriteItems", calls.transaction())
        two.compare_state()


def test_pages_end_at_one_megabyte(two: TwoEngines) -> None:
    fresh(two)
    for number in range(5):
        for letter, length in (("x", 390_000), ("я", 150_000), ("\x1f", 60_000)):
            text = {"S": letter * (length - number * 7_000)}
            item = {"pk": {"S": "p"}, "sk": {"S": f"{letter}{number}"}, "h": {"S": "p"}, "a": {"S": "a"}, "note": text}
            two.ask("PutItem", {"TableName": "items", "Item": item})
    values = {":0": {"S": "p"}}
    for request in (
        {"KeyConditionExpression": "pk = :0"},
        {"KeyConditionExpression": "pk = :0", "Select": "COUNT"},
        {"KeyConditionExpression": "pk = :0", "ProjectionExpression": "sk"},
        {"KeyConditionExpression": "h = :0", "IndexName": "by_a"},
        {"KeyConditionExpression": "h = :0", "IndexName": "by_b"},
    ):
        for limit in ({}, {"Limit": 4}, {"Limit": 100}):
            whole = {"TableName": "items", "ExpressionAttributeValues": values, **request, **limit}
            answer = two.ask("Query", whole).json
            while "LastEvaluatedKey" in answer:
                answer = two.ask("Query", {**whole, "ExclusiveStartKey": answer["LastEvaluatedKey"]}).json


def test_limits_of_size_are_the_same(two: TwoEngines) -> None:
    fresh(two)

    def put(number: int, length: int, letter: str = "x") -> dict[str, Any]:
        item = {"pk": {"S": f"{number}"}, "note": {"S": letter * length}}
        return {"Put": {"TableName": "single", "Item": item}}

    for length in (409_580, 409_586, 409_587, 409_600, 409_601, 500_000):
        two.ask("TransactWriteItems", {"TransactItems": [put(1, length)]})
        two.ask("PutItem", {"TableName": "single", "Item": put(1, length)["Put"]["Item"]})
    for letter, length in (("x", 380_000), ("x", 381_200), ("x", 400_000), ("я", 65_000), ("\x01", 66_000)):
        two.ask("TransactWriteItems", {"TransactItems": [put(n, length, letter) for n in range(11)]})
    update = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "x" * 100_000}}}
    for key in ("1", "5", "x"):
        request = {"TableName": "single", "Key": {"pk": {"S": key}}, **update}
        two.ask("TransactWriteItems", {"TransactItems": [{"Update": request}]})
        two.ask("UpdateItem", {**request, "ReturnValues": "ALL_NEW"})
    several = ", ".join(f"x{n} = :a" for n in range(5))
    two.ask("UpdateItem", {**request, "UpdateExpression": f"SET {several}"})
    two.compare_state()


def test_a_transaction_of_a_hundred_is_repeated_with_its_token(two: TwoEngines) -> None:
    fresh(two)
    members = []
    for number in range(100):
        update = {"UpdateExpression": "ADD n :one SET a = :a", "Key": {"pk": {"S": str(number)}}}
        values = {":one": {"N": "1"}, ":a": {"S": "ä" * number}}
        members.append({"Update": {"TableName": "single", **update, "ExpressionAttributeValues": values}})
    members[0]["Update"]["ExpressionAttributeValues"][":a"] = {"S": "not empty"}
    for capacity in ({}, {"ReturnConsumedCapacity": "NONE"}, {"ReturnConsumedCapacity": "INDEXES"}):
        request = {"TransactItems": members, "ClientRequestToken": f"token {capacity}"[:36], **capacity}
        assert two.ask("TransactWriteItems", request).status == 200
        assert two.ask("TransactWriteItems", request).status == 200
        assert two.ask("TransactWriteItems", {**request, "ReturnConsumedCapacity": "TOTAL"}).status == 400
        assert two.ask("TransactWriteItems", {**request, "TransactItems": members[1:]}).status == 400
        two.compare_state()
    two.ask("TransactWriteItems", {"TransactItems": [*members, members[0]]})
    two.compare_state()


def put_if(key: str, expected: Any) -> dict[str, Any]:
    """A member that writes an item under a condition with this value."""
    condition = {"ConditionExpression": "attribute_not_exists(pk) OR #f = :f", "ExpressionAttributeNames": {"#f": "f"}}
    item = {"pk": {"S": key}, "f": {"BOOL": True}}
    return {"Put": {"TableName": "single", "Item": item, **condition, "ExpressionAttributeValues": {":f": expected}}}


def test_puts_with_one_condition_but_for_its_value_are_refused_the_same(two: TwoEngines) -> None:
    fresh(two)
    right: dict[str, Any] = {"BOOL": True}
    for wrong in ({"BOOL": 1}, {"BOOL": 1.0}, {"BOOL": "true"}, {"N": "x"}, {"BOOL": False}, {}, None):
        for members in ([put_if("a", right), put_if("b", right)], [put_if("a", right), put_if("b", wrong)]):
            two.ask("TransactWriteItems", {"TransactItems": members})
    two.compare_state()


def test_the_condition_of_many_puts_is_checked_once(two: TwoEngines, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(two)
    checked, plain = [], two.fast._validate_expression_attrs
    monkeypatch.setattr(two.fast, "_validate_expression_attrs", lambda *given: checked.append(given) or plain(*given))
    members = [put_if(str(number), {"BOOL": True}) for number in range(100)]
    assert two.ask("TransactWriteItems", {"TransactItems": members}).status == 200
    assert len(checked) <= 1  # none, when the last request ended with the same


def test_keys_of_a_batch_are_read_and_refused_the_same(two: TwoEngines) -> None:
    fresh(two)
    two.ask("PutItem", {"TableName": "single", "Item": KEY | {"note": {"S": "x"}}})
    other: dict[str, Any] = {"pk": {"S": "q"}}
    many = [{"pk": {"S": str(number)}} for number in range(101)]
    for keys in (
        [KEY],
        [KEY, other],
        [KEY, KEY],
        [other, other],
        [],
        many[:100],
        many,
        [{}],
        [KEY | {"a": {"S": "a"}}],
    ):
        two.ask("BatchGetItem", {"RequestItems": {"single": {"Keys": keys}}})
    assert two.ask("BatchGetItem", {"RequestItems": {"single": {"Keys": [KEY, KEY]}}}).status == 400


KEY: dict[str, Any] = {"pk": {"S": "p"}}
DEEP: dict[str, Any] = {"S": "x"}
for _ in range(40):
    DEEP = {"L": [DEEP]}


@pytest.mark.parametrize(
    "value",
    [
        {"SS": ["a", "a"]}, {"SS": []}, {"SS": ["a", 1]}, {"N": "1.0"}, {"N": "01"}, {"N": ""}, {"N": 1}, {"S": 1},
        {"NULL": False}, {"BOOL": 1}, {"L": {}}, {"M": []}, {"M": {"": {"S": "x"}}}, {"L": [{"N": "x"}]}, {"B": "%"},
        {"S": "a", "N": "1"}, {}, "a", None, DEEP, {"S": ""}, {"N": "1E130"}, {"N": "0.1000"}, {"N": "-0"},
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_values_are_refused_and_stored_the_same(two: TwoEngines, value: Any) -> None:
    fresh(two)
    for name in ("note", "a", "h", "pk", ""):
        item = {"TableName": "single", "Item": KEY | {name: value}}
        two.ask("PutItem", item)
        two.ask("TransactWriteItems", {"TransactItems": [{"Put": item}]})
        two.ask("BatchWriteItem", {"RequestItems": {"single": [{"PutRequest": {"Item": KEY | {name: value}}}]}})
        for text in (
            "SET #n = :v",
            "SET #n = if_not_exists(#n, :v)",
            "ADD #n :v",
            "SET x = :v REMOVE #n",
            "DELETE #n :v",
        ):
            names = {"ExpressionAttributeNames": {"#n": name}, "ExpressionAttributeValues": {":v": value}}
            update = {"TableName": "single", "Key": KEY, "UpdateExpression": text, **names}
            two.ask("UpdateItem", {**update, "ReturnValues": "ALL_NEW"})
            two.ask("TransactWriteItems", {"TransactItems": [{"Update": update}]})
        two.ask("GetItem", {"TableName": "single", "Key": KEY | {name: value}})
    two.compare_state()


@pytest.mark.parametrize("text", [
    "SET n = n - :v", "SET n = n + :v", "SET n = :v - n", "SET n = n - n", "SET n = (n - :v)", "SET a = n, n = :v",
    "SET M = :v", "SET n = n - :v ADD n :v", "REMOVE M", "SET n = :v SET h = :v", "n = :v", "SET n = :v,", "SET",
    "SET n.x = :v", "SET l[0] = :v", "SET l = list_append(l, l)", "SET n = size(n) + :v", "SET n == :v", "SET n = :v n",
    "set n = :v remove h", "ADD n :v, c :v", "SET pk = :v", "SET c = if_not_exists(c, :v) + :v", "SET n = n - :v - :v",
])  # fmt: skip
def test_updates_do_the_same(two: TwoEngines, text: str) -> None:
    fresh(two)
    for more in ({}, {"M": {"S": "as a name"}}, {"n": {"N": "5"}, "l": {"L": [{"S": "x"}]}}, {"n": {"S": "5"}}):
        two.ask("PutItem", {"TableName": "single", "Item": KEY | more})
        for value in ({":v": {"N": "3"}}, {":v": {"N": "-0.50"}}, {":v": {"S": "x"}}, {}):
            request = {"TableName": "single", "Key": KEY, "UpdateExpression": text, "ExpressionAttributeValues": value}
            two.ask("UpdateItem", {**request, "ReturnValues": "UPDATED_NEW"})
            two.ask("UpdateItem", {**request, "ReturnValues": "ALL_NEW"})
            two.ask("TransactWriteItems", {"TransactItems": [{"Update": request}]})
            two.compare_state()


def disturb(two: TwoEngines, calls: Calls) -> None:
    """Change items or tables in one of the ways that are no write of an item."""
    name = calls.table()
    match calls.random.randrange(9):
        case 0:
            two.restart()
        case 1:
            two.both(lambda engine: engine._delete_table({"TableName": name}))
            two.both(lambda engine: engine._create_table(creation(name)))
        case 2:
            update = {"Create": index("by_note", "note", "a", everything=calls.random.random() < 0.5)}
            definitions = [{"AttributeName": n, "AttributeType": "S"} for n in ("note", "a")]
            request = {"TableName": name, "AttributeDefinitions": definitions, "GlobalSecondaryIndexUpdates": [update]}
            two.both(lambda engine: engine._update_table(request))
            value = {":0": {"S": "a"}}
            query = {"TableName": name, "IndexName": "by_note", "KeyConditionExpression": "note = :0"}
            two.ask("Query", {**query, "ExpressionAttributeValues": value})
        case 3:
            drop = {"TableName": name, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_note"}}]}
            two.both(lambda engine: engine._update_table(drop))
        case 4:
            key = calls.key(name)
            sk = next((next(iter(value.values())) for part, value in key.items() if part != "pk"), "__no_sort__")
            two.both(lambda engine: engine._remove_item(engine._tables[name], key["pk"]["S"], sk))  # as TTL does
        case 5:
            two.region = "eu-west-1" if two.region == "us-east-1" else "us-east-1"
            for table in TABLES:
                two.both(lambda engine, t=table: t in engine._tables or engine._create_table(creation(t)))
        case 6:
            item = ", ".join(f"'{k}': '{v['S']}'" for k, v in calls.key("items").items())
            two.ask("ExecuteStatement", {"Statement": f"INSERT INTO \"items\" VALUE {{{item}, 'h': 'p', 'a': 'z'}}"})
        case 7:
            where = "pk = 'p' AND sk = 'a'"
            two.ask("ExecuteStatement", {"Statement": f"UPDATE \"items\" SET a = 'b' WHERE {where}"})
        case 8:
            two.both(lambda engine: replace_items(engine._tables[name]))


def replace_items(table: dict[str, Any]) -> None:
    """Other items as a whole, as a state that is loaded brings them: without those of one partition."""
    kept = {partition: dict(items) for partition, items in table["items"].items() if partition != "p"}
    table["items"] = defaultdict(dict, kept)
