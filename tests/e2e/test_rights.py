"""Least privilege, from the other side: take one right away from a function, and it fails.

The emulator enforces the roles' policies. Rights that Lambda itself uses on a function's behalf (reading the
stream, the queue, writing the log) are not enforced by it and not taken away here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import app
from infra.functions import functions
from infra.names import short_name
from infra.template import deployed_functions
from tests.e2e.probes import PROBES, denials
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_sweep")  # it would do a part of a function's work

_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
BY_LAMBDA = (*_STREAM, "sqs:", "logs:")
# What is needed only when an answer does not fit into an item or a file is downloaded, and when a saga has lost its
# execution: the tests of those would have to wait for minutes. A recount corrects in test_analytics.py.
UNPROBED = {
    *(("api", f"s3:{action}Object") for action in ("Get", "Put", "Delete")),
    *(("sweep", action) for action in ("s3:DeleteObject", "states:StartExecution", "states:DescribeExecution")),
    *(("sweep", f"dynamodb:{action}Item") for action in ("Get", "Put", "Update", "Delete")),
    ("recount", "dynamodb:UpdateItem"),
    *((name, "iam:PassRole") for name in ("api", "run-deferred")),  # the emulator does not ask for it
    ("run-outside", "dynamodb:GetItem"),  # when a task cannot be taken together with others
    *((name, "dynamodb:GetItem") for name in ("deliver", "fan-out", "recount")),  # after an update whose answer is lost
    ("batch-report", "dynamodb:ConditionCheckItem"),  # with If-Match: tests/integration/core/test_rights.py
    ("batch-report", "s3:GetObject"),  # of a logo: tests/integration/reports/test_branding.py
    ("sweep", "lambda:InvokeFunction"),  # when a migration was interrupted: tests/integration/migrations
    ("api", "s3:ListBucket"),  # the emulator says of anything that it is not there
}
# A step of a saga is tried again for a while before it fails, so not every right is taken away, only one of each kind.
SAGA = [
    *(("report-step", f"dynamodb:{action}") for action in ("GetItem", "PutItem", "UpdateItem", "Query")),
    *(("report-step", f"s3:{action}Object") for action in ("Get", "Put", "Delete")),
    ("report-compensate", "dynamodb:PutItem"),
]
UNKNOWN_TEMPLATE = 999_999


def rights() -> Iterator[tuple[str, str]]:
    """Every function with every action of its role."""
    for name, function in functions(deployed_functions(app.app)).items():
        short = short_name(name)
        actions = {action for statement in function.statements for action in statement["Action"]}
        for action in sorted(actions):
            if not action.startswith(BY_LAMBDA) and (short, action) not in UNPROBED and short in PROBES:
                yield short, action


@contextmanager
def without(stack: Stack, function: str, action: str) -> Iterator[None]:
    """The role of a function lacks one action, whatever the resource."""
    iam = stack.client("iam")
    role = {"RoleName": f"{stack.name}-{function}-us-east-1", "PolicyName": "rights"}
    policy = iam.get_role_policy(**role)["PolicyDocument"]
    left = [
        {**statement, "Action": [one for one in statement["Action"] if one != action]}
        for statement in policy["Statement"]
    ]
    poorer = {**policy, "Statement": [statement for statement in left if statement["Action"]]}
    iam.put_role_policy(**role, PolicyDocument=json.dumps(poorer))
    try:
        yield
    finally:
        iam.put_role_policy(**role, PolicyDocument=json.dumps(policy))


@pytest.mark.parametrize("function", PROBES)
def test_with_all_its_rights_a_function_works(stack: Stack, function: str) -> None:
    assert PROBES[function](stack), stack.log_lines(function)[-5:]


@pytest.mark.parametrize(("function", "action"), list(rights()))
def test_a_function_fails_without_any_one_of_its_rights(stack: Stack, function: str, action: str) -> None:
    with without(stack, function, action):
        assert not PROBES[function](stack)


@pytest.mark.parametrize(("function", "action"), SAGA)
def test_a_step_of_the_saga_fails_without_a_right(stack: Stack, function: str, action: str) -> None:
    template = UNKNOWN_TEMPLATE if function == "report-compensate" else 3
    batch = new_batch(stack)
    ok(stack, "POST", f"/api/batches/{batch['uuid']}/products", {"unique_code": "A"})
    before = denials(stack, function)
    with without(stack, function, action):
        report = {"name": "Отчет", "template_id": template, "parameters": {"batch_id": batch["uuid"]}}
        assert stack.call("POST", "/api/v1/reports/", json=report).status_code == 202
        wait_for(lambda: denials(stack, function) > before, timeout=60, every=0.3)
