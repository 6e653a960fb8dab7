"""The fast paths of DynamoDB answer what plain MiniStack answers, byte for byte, whatever is asked in what order."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.unit.localstack.engine.random_calls import TABLES, Calls, creation, index
from tests.unit.localstack.engine.two_engines import TwoEngines

RANDOM = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def two() -> Iterator[TwoEngines]:
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


def disturb(two: TwoEngines, calls: Calls) -> None:
    """Change items or tables in one of the ways that are no write of an item."""
    name = calls.table()
    match calls.random.randrange(8):
        case 0:
            two.restart()
        case 1:
            two.both(lambda engine: engine._delete_table({"TableName": name}))
            two.both(lambda engine: engine._create_table(creation(name)))
        case 2:
            update = {"Create": index("by_note", "note", "a", everything=True)}
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
