"""What the api asks of DynamoDB when it writes, with `If-Match` and an Idempotency-Key, is allowed to its role.

moto allows everything. A function that is called runs in the same process here, and has a role of its own.
"""

import json
from typing import Any

import pytest

from chalicelib.core.dynamo import TABLES, table_name
from chalicelib.reports.batch_report import making
from infra.functions import MAKERS
from infra.names import API_FUNCTION, table_id
from tests.aws_calls import Call, patch_calls
from tests.integration.core.writing_routes import ROUTES, body_of, request
from tests.production import ask

pytestmark = pytest.mark.usefixtures("empty_after_test")

Right = tuple[str, str]  # action, table
SINGLE = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
BATCHES = {"BatchGetItem", "BatchWriteItem"}
IN_TRANSACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
CHECK = "ConditionCheckItem"


def needed(operation: str, arguments: Any) -> set[Right]:
    """The rights that a call needs."""
    if operation in SINGLE:
        return {(operation, arguments["TableName"])}
    if operation in BATCHES:
        return {(operation, table) for table in arguments["RequestItems"]}
    if operation == "TransactWriteItems":
        writes = [write for item in arguments["TransactItems"] for write in item.items()]
        return {(IN_TRANSACTIONS.get(kind, CHECK), write["TableName"]) for kind, write in writes}
    return set()


def granted(function: str) -> set[Right]:
    """The rights on tables that a function has."""
    rights = set[Right]()
    for statement in MAKERS[function]().statements:
        resources = json.dumps(statement["Resource"])
        for name in TABLES:
            if f'"{table_id(name)}"' in resources or f"{{{table_id(name)}.Arn}}" in resources:
                rights |= {(action.removeprefix("dynamodb:"), table_name(name)) for action in statement["Action"]}
    return rights


@pytest.mark.parametrize("name", ROUTES)
def test_a_conditional_write_needs_no_right_that_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    things, body = ROUTES[name].make(), body_of(name)
    tag = ask("GET", things.thing).headers["ETag"]
    functions, asked = [API_FUNCTION], dict[str, set[Right]]()
    make = making.make

    def elsewhere(*arguments: Any) -> Any:
        functions.append("batch_report")
        try:
            return make(*arguments)
        finally:
            functions.pop()

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            asked.setdefault(functions[-1], set()).update(needed(operation, arguments))
            return real(client, operation, arguments)

        return call

    monkeypatch.setattr(making, "make", elsewhere)
    patch_calls(monkeypatch, around)
    assert request(name.split()[0], things.asked, body, tag).status < 300
    assert {function: rights - granted(function) for function, rights in asked.items()} == dict.fromkeys(asked, set())
