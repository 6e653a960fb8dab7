"""The steps in which an update changes the global secondary indexes of tables.

DynamoDB creates or deletes one index of a table per update, a table has 20 at most that project 100 attributes in all,
and an index never changes
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html, property
GlobalSecondaryIndexes, and https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html). So new
indexes are added to the deployed template first, then comes the new code, and old indexes are removed last. Where there
is no room for both, some are exchanged between the code and the migrations; lists answer 503 until they are filled.

The plan follows from what is deployed and what is wanted, so an interrupted deployment goes on by planning again.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from infra.deploying.failures import DeployFailed
from infra.names import Json

MAX_INDEXES = 20  # of a table
MAX_PROJECTED = 100  # attributes by name, of all indexes of a table; the same one in two of them counts twice
TABLE = "AWS::DynamoDB::Table"

Indexes = Mapping[str, str]  # definition as JSON, by the name of the index
Tables = Mapping[str, Indexes]  # by logical id
Change = Callable[[Indexes, Indexes, int], dict[str, str]]


class Phase(Enum):
    """What a step belongs to."""

    BEFORE = "before the new code"
    CODE = "the new code"
    EXCHANGE = "no room for both: lists in these orders answer 503 until migrated"
    AFTER = "after the migrations"


@dataclass(frozen=True)
class Step:
    """One update of the stack, and the indexes that the tables have after it."""

    phase: Phase
    tables: Tables


def indexes_of(template: Json) -> dict[str, Indexes]:
    """Return the indexes of all tables of a template."""
    return {name: _indexes(table) for name, table in _tables(template).items()}


def plan(current: Tables, wanted: Tables, at_once: int = 1) -> list[Step]:
    """Return the steps from the current indexes to the wanted ones; one of them is the new code.

    `at_once` is the number of indexes of a table that one update may change. DeployFailed: an index would change, or a
    table would have too many.
    """
    _refuse_impossible(current, wanted)
    now: dict[str, dict[str, str]] = {name: dict(indexes) for name, indexes in current.items()}
    steps: list[Step] = []

    def follow(phase: Phase, change: Change) -> None:
        while (after := {name: change(now[name], wanted.get(name, now[name]), at_once) for name in now}) != now:
            now.update(after)
            steps.append(Step(phase, after))

    follow(Phase.BEFORE, _with_more)
    now = {name: now.get(name, dict(indexes)) for name, indexes in wanted.items()}
    steps.append(Step(Phase.CODE, dict(now)))
    follow(Phase.EXCHANGE, _exchanged)
    follow(Phase.AFTER, _with_less)
    return steps


def with_indexes(template: Json, tables: Tables, sources: list[Json]) -> Json:
    """Return a template whose tables have these indexes. `sources` are templates that define the attributes of keys."""
    made = copy.deepcopy(template)
    for name, table in _tables(made).items():
        if tables[name].keys() == _indexes(table).keys():
            continue
        properties = table["Properties"]
        properties.pop("GlobalSecondaryIndexes", None)
        indexes = [json.loads(text) for text in tables[name].values()]
        if indexes:
            properties["GlobalSecondaryIndexes"] = indexes
        keys = {key["AttributeName"] for one in [properties, *indexes] for key in one["KeySchema"]}
        types = _attribute_types(name, sources)
        properties["AttributeDefinitions"] = [
            {"AttributeName": key, "AttributeType": types[key]} for key in sorted(keys)
        ]
    return made


def lines(before: Tables, steps: Sequence[Step]) -> Iterator[str]:
    """Yield the steps in words, when there are several."""
    if len(steps) == 1:
        return
    yield f"  in {len(steps)} steps, since DynamoDB adds or removes one index of a table at a time:"
    for number, step in enumerate(steps, 1):
        yield f"  {number:>4}  {step.phase.value}: {line(before, step)}"
        before = step.tables


def line(before: Tables, step: Step) -> str:
    """Return what a step changes."""
    changed = [
        f"{name} {' '.join([*(f'+{one}' for one in added), *(f'-{one}' for one in removed)])}"
        for name in sorted(before.keys() & step.tables.keys())
        if (added := sorted(step.tables[name].keys() - before[name].keys()))
        + (removed := sorted(before[name].keys() - step.tables[name].keys()))
    ]
    return "; ".join(changed) or "functions and all the rest"


def _with_more(now: Indexes, wanted: Indexes, at_once: int) -> dict[str, str]:
    after = dict(now)
    for name in (name for name in wanted if name not in now):
        more = {**after, name: wanted[name]}
        if len(more) <= len(now) + at_once and not _excess(more):
            after = more
    return after


def _with_less(now: Indexes, wanted: Indexes, at_once: int) -> dict[str, str]:
    old = [name for name in now if name not in wanted][:at_once]
    return {name: text for name, text in now.items() if name not in old}


def _exchanged(now: Indexes, wanted: Indexes, at_once: int) -> dict[str, str]:
    """Return the indexes with one more wanted one, or with a free place for it."""
    if wanted.keys() <= now.keys():
        return dict(now)
    more = _with_more(now, wanted, at_once)
    return more if more != now else _with_less(now, wanted, at_once)


def _refuse_impossible(current: Tables, wanted: Tables) -> None:
    for name, indexes in wanted.items():
        if excess := _excess(indexes):
            raise DeployFailed(f"{name} has {excess}")
        before = current.get(name, {})
        common = indexes.keys() & before.keys()
        changed = sorted(one for one in common if _canonical(indexes[one]) != _canonical(before[one]))
        if changed:
            raise DeployFailed(
                f"{name}: the keys or the projection of {', '.join(changed)} differ from what is deployed. DynamoDB "
                "never changes an index: under another name it is added and filled, then the old one is removed"
            )


def _excess(indexes: Indexes) -> str:
    """Return what of these indexes is more than a table may have; empty: nothing."""
    if len(indexes) > MAX_INDEXES:
        return f"{len(indexes)} indexes; a table has {MAX_INDEXES} at most"
    projected = sum(len(json.loads(text)["Projection"].get("NonKeyAttributes", ())) for text in indexes.values())
    too_many = f"indexes that project {projected} attributes; those of a table project {MAX_PROJECTED} at most"
    return too_many if projected > MAX_PROJECTED else ""


def _tables(template: Json) -> dict[str, Json]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == TABLE}


def _indexes(table: Json) -> dict[str, str]:
    found = table["Properties"].get("GlobalSecondaryIndexes", [])
    return {index["IndexName"]: json.dumps(index) for index in found}


def _canonical(definition: str) -> Json:
    """Return what of a definition cannot change; the order of projected attributes does not matter."""
    index: Json = json.loads(definition)
    projection = index["Projection"]
    return {
        "keys": index["KeySchema"],
        "type": projection["ProjectionType"],
        "attributes": sorted(projection.get("NonKeyAttributes", ())),
    }


def _attribute_types(table: str, sources: list[Json]) -> dict[str, str]:
    defined = [_tables(source)[table]["Properties"] for source in sources if table in _tables(source)]
    found: dict[str, str] = {}
    for one in (one for properties in defined for one in properties["AttributeDefinitions"]):
        name, kind = one["AttributeName"], one["AttributeType"]
        if found.setdefault(name, kind) != kind:
            raise DeployFailed(f"{table}: the type of {name} cannot change from {found[name]} to {kind}")
    return found
