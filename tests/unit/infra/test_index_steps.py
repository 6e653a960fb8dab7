"""Updates of indexes in steps that DynamoDB takes, from every state in which an earlier run may have stopped."""

import json
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.deploying.artifacts import Artifacts
from infra.deploying.failures import DeployFailed
from infra.deploying.index_steps import MAX_INDEXES, MAX_PROJECTED, Phase, Tables, indexes_of, lines, plan
from infra.deploying.stack import Stack
from infra.deploying.updating import Template, Updater
from tests.unit.infra.fake_cloudformation import FakeAws, Interrupted

Json = dict[str, Any]

WIDE = [f"i{number}" for number in range(14)]  # these project as many attributes as the lists of the first release


def projected(names: Iterable[str]) -> int:
    """How many attributes these indexes project."""
    return sum(9 if name in WIDE else 1 for name in names)


def has_room(names: Collection[str]) -> bool:
    """Whether a table may have these indexes."""
    return len(names) <= MAX_INDEXES and projected(names) <= MAX_PROJECTED


indexes = (
    st.sets(st.integers(0, 26), max_size=MAX_INDEXES).map(lambda found: {f"i{one}" for one in found}).filter(has_room)
)
tables = st.dictionaries(st.sampled_from(["A", "B", "C"]), indexes, max_size=3)


def definition(name: str) -> Json:
    """An index over an attribute of its own."""
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": f"k_{name}", "KeyType": "HASH"}],
        "Projection": {
            "ProjectionType": "INCLUDE",
            "NonKeyAttributes": [f"value{number}" for number in range(projected([name]))],
        },
    }


def template(spec: dict[str, set[str]], code: str) -> Json:
    """A function, and tables with these indexes."""
    made: Json = {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": code, "Text": "ошибка"}}}
    for table, names in spec.items():
        keys = ["id", *(f"k_{name}" for name in names)]
        properties: Json = {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
        }
        if names:
            properties["GlobalSecondaryIndexes"] = [definition(name) for name in sorted(names)]
        made[table] = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
    return {"Resources": made}


def of(spec: dict[str, set[str]]) -> Tables:
    """The indexes of such a template."""
    return indexes_of(template(spec, ""))


def assert_legal(before: Tables, after: Tables, at_once: int) -> None:
    """One update."""
    for name in before.keys() & after.keys():
        assert len(before[name].keys() ^ after[name].keys()) <= at_once
    assert all(has_room(found) for found in after.values())


@given(tables, tables, st.integers(1, 3))
def test_every_step_is_legal_and_the_last_one_ends_at_what_is_wanted(old: Any, new: Any, at_once: int) -> None:
    current, wanted = of(old), of(new)
    steps = plan(current, wanted, at_once)
    assert [step.phase for step in steps] == sorted((step.phase for step in steps), key=list(Phase).index)
    assert [step.phase for step in steps].count(Phase.CODE) == 1
    before = current
    for step in steps:
        assert_legal(before, step.tables, at_once)
        assert step.phase is Phase.BEFORE or step.tables.keys() == wanted.keys()
        before = step.tables
    assert before == wanted


@given(tables, tables)
def test_the_old_code_keeps_its_indexes_and_the_new_one_has_all_where_there_is_room(old: Any, new: Any) -> None:
    current, wanted = of(old), of(new)
    for step in plan(current, wanted):
        for name, found in step.tables.items():
            if step.phase is Phase.BEFORE:
                assert current[name].keys() <= found.keys()
            elif has_room(current.get(name, {}).keys() | wanted[name].keys()) or step.phase is Phase.AFTER:
                assert wanted[name].keys() <= found.keys()


@given(tables, tables, st.integers(0, 60))
def test_a_plan_from_every_intermediate_state_ends_at_what_is_wanted_too(old: Any, new: Any, stopped: int) -> None:
    wanted = of(new)
    steps = plan(of(old), wanted)
    state = steps[stopped % len(steps)].tables
    rest = plan(state, wanted)
    assert rest[-1].tables == wanted
    # The new code is a step of every plan, and divides what tables would have exchanged at the same time.
    assert len(rest) <= 2 * (len(steps) - stopped % len(steps)) + 1


def deploy(aws: FakeAws, wanted: Json) -> list[str]:
    """One run of the tool; returns the names that the migrations found."""
    migrated: list[str] = []

    def migrate() -> None:
        assert not any(aws.filling.values())
        assert aws.deployed and aws.deployed["Resources"]["F"] == wanted["Resources"]["F"]
        migrated.append(json.dumps({name: sorted(found) for name, found in indexes_of(aws.deployed).items()}))

    artifacts = Artifacts(aws, "123456789012", "eu-central-1", "shopfloor-x")
    updater = Updater(Stack(aws, "shopfloor-x", 0), artifacts, aws, 0, lambda _: None, lambda: True)
    deployed = Template(artifacts.template(Stack(aws, "shopfloor-x", 0).template()), [])
    updater.update(deployed, Template(wanted, []), migrate, 1)
    return migrated


@settings(deadline=None)
@given(tables, tables, st.integers(1, 70))
def test_a_deployment_that_is_interrupted_anywhere_is_ended_by_the_next_one(old: Any, new: Any, stop: int) -> None:
    aws, wanted = FakeAws(template(old, "old")), template(new, "new")
    aws.interrupt_at = stop
    try:
        migrated = deploy(aws, wanted)
    except Interrupted:
        migrated = deploy(aws, wanted)
    assert aws.deployed and aws.deployed["Resources"] == wanted["Resources"]
    for found in migrated:
        assert all(names <= set(json.loads(found)[table]) for table, names in new.items())
    codes = [one["Resources"]["F"]["Properties"]["CodeUri"] for one in aws.executed]
    assert codes == sorted(codes, reverse=True)  # "old" before "new"


def test_the_old_template_is_deployed_again_letter_by_letter() -> None:
    """CloudFormation returns question marks for the letters of gateway responses."""
    aws = FakeAws(None)
    first, second = template({"A": set()}, "old"), template({"A": {"i1"}}, "new")
    artifacts = Artifacts(aws, "123456789012", "eu-central-1", "shopfloor-x")
    aws.deployed = json.loads(aws.objects[artifacts.upload_template(first)])
    mangled = json.loads(json.dumps(aws.deployed, ensure_ascii=False).replace("ошибка", "??????"))
    aws.deployed = mangled
    deploy(aws, second)
    assert [one["Resources"]["F"]["Properties"]["Text"] for one in aws.executed] == ["ошибка"] * 2


def test_an_index_under_its_name_never_changes() -> None:
    before, after = template({"A": {"i1"}}, ""), template({"A": {"i1"}}, "")
    after["Resources"]["A"]["Properties"]["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"] = ["more"]
    with pytest.raises(DeployFailed, match="A: the keys or the projection of i1 differ"):
        plan(indexes_of(before), indexes_of(after))


def test_more_than_twenty_indexes_are_refused() -> None:
    with pytest.raises(DeployFailed, match="A has 21 indexes"):
        plan({}, of({"A": {f"i{number}" for number in range(21)}}))


def test_indexes_that_project_too_much_are_refused() -> None:
    with pytest.raises(DeployFailed, match="A has indexes that project 108 attributes"):
        plan({}, of({"A": set(WIDE[:12])}))


def test_indexes_whose_attributes_leave_no_room_for_new_ones_are_exchanged() -> None:
    """Sixteen indexes, but eleven of them project 99 attributes."""
    old, new = of({"A": set(WIDE[:11])}), of({"A": {f"i{number}" for number in range(14, 19)}})
    steps = plan(old, new)
    phases = [step.phase for step in steps]
    assert (phases.count(Phase.BEFORE), phases.count(Phase.EXCHANGE)) == (1, 5)  # one goes, then there is room
    for before, step in pairwise([old, *(step.tables for step in steps)]):
        assert_legal(before, step, 1)


def test_the_steps_are_told_in_words() -> None:
    steps = plan(of({"A": {"i1"}}), of({"A": {"i2"}}))
    assert [line.split(None, 1)[-1] for line in lines(of({"A": {"i1"}}), steps)][1:] == [
        "before the new code: A +i2",
        "the new code: functions and all the rest",
        "after the migrations: A -i1",
    ]
