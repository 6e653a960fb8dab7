"""Statements of IAM policies for the function table; each names every resource."""

import json
from collections.abc import Sequence

from chalicelib.core.dynamo import TABLES
from chalicelib.core.listing import LISTINGS
from infra.machines import Machine
from infra.names import Json, arn_of, function_name, ref, sub, table_id

Statement = Json

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
CHECK = ("dynamodb:ConditionCheckItem",)  # a transaction checks an unchanged item that it does not write
SEND = ("sqs:SendMessage", "sqs:SendMessageBatch")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


def allow(actions: Sequence[str], resources: Sequence[Json]) -> Statement:
    """Return one statement."""
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}


def merged(statements: Sequence[Statement]) -> list[Statement]:
    """Return fewer statements that allow the same: those on the same resources or with the same actions are joined,
    those that another one includes are removed. The policies of a role have at most 10,240 characters.
    """
    exceptions = [one for one in statements if "NotResource" in one]
    on_same = _joined([one for one in statements if one not in exceptions], "Action")
    alike = _joined(on_same, "Resource")
    return [one for one in alike if not any(_includes(other, one) for other in alike if other is not one)] + exceptions


def _joined(statements: Sequence[Statement], joined: str) -> list[Statement]:
    """Join statements that differ in one part only."""
    found: dict[str, Statement] = {}
    for one in statements:
        key = json.dumps({name: value for name, value in one.items() if name != joined}, sort_keys=True)
        before = found.setdefault(key, {**one, joined: []})
        before[joined] += [value for value in one[joined] if value not in before[joined]]
    return [{**one, "Action": sorted(one["Action"])} for one in found.values()]


def _includes(wide: Statement, narrow: Statement) -> bool:
    parts = all(all(value in wide[name] for value in narrow[name]) for name in ("Action", "Resource"))
    return parts and wide.get("Condition") == narrow.get("Condition")


def tables(names: Sequence[str], actions: Sequence[str]) -> Statement:
    """Allow actions on tables, without their indexes. The right to update an item includes reading it: an update
    returns the item, and `write_once` (core/repeats.py) reads an item when the answer to its write was lost.
    """
    more = {"dynamodb:GetItem"} if "dynamodb:UpdateItem" in actions else set()
    return allow([*{*actions, *more}], [arn_of(table_id(name)) for name in names])


def query_indexes(names: Sequence[str]) -> list[Statement]:
    """Allow queries on all indexes of tables; named one by one they would exceed the 10,240 characters of a role. Who
    reads a list reads whether its migrations are applied (core/readiness.py).
    """
    arns = [sub(f"${{{table_id(name)}.Arn}}/index/*") for name in names if TABLES[name].indexes]
    lists = [tables(["migrations"], ["dynamodb:GetItem"])] if any(name in LISTINGS for name in names) else []
    return [allow(["dynamodb:Query"], arns), *lists] if arns else []


def with_indexes(names: Sequence[str], actions: Sequence[str]) -> Statement:
    """Allow actions on tables and their indexes, in half as many characters as two statements."""
    return allow(actions, [sub(f"${{{table_id(name)}.Arn}}*") for name in names])


def files(actions: Sequence[str], prefix: str) -> Statement:
    """Allow actions on the objects under a prefix of the files bucket."""
    return allow(actions, [sub(f"${{FilesBucket.Arn}}/{prefix}*")])


def look_up(prefix: str) -> Statement:
    """Allow to see that an object under a prefix is missing: without this right S3 returns 403 instead of 404."""
    under = {"StringLike": {"s3:prefix": f"{prefix}*"}}
    return {**allow(["s3:ListBucket"], [arn_of("FilesBucket")]), "Condition": under}


def read_secret() -> Statement:
    """Allow to read the keys that sign tokens."""
    return allow(["secretsmanager:GetSecretValue"], [{"Fn::GetAtt": ["JwtSecret", "Id"]}])


def write_secret() -> Statement:
    """Allow to replace the keys that sign tokens."""
    return allow(["secretsmanager:PutSecretValue"], [{"Fn::GetAtt": ["JwtSecret", "Id"]}])


def publish() -> Statement:
    """Allow to put events on the bus."""
    return allow(["events:PutEvents"], [arn_of("EventBus")])


def invoke(function: str) -> Statement:
    """Allow to call another function, named by its text: a reference would create a dependency between the two."""
    place = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    return allow(["lambda:InvokeFunction"], [sub(place + function_name(function)["Fn::Sub"])])


def send_mail() -> Statement:
    """Allow to send email as the sender of this deployment only.

    The condition names the sender, whether its address or its domain is the verified identity. SES always passes the
    sender; the emulator passes neither sender nor identity, hence `IfExists` and no resource.
    """
    own = {"StringEqualsIfExists": {"ses:FromAddress": ref("MailFrom")}}
    return {"Effect": "Allow", "Action": ["ses:SendRawEmail"], "Resource": ["*"], "Condition": own}


def circuits() -> Statement:
    """Allow to read the circuit breaker of a dependency and to report results to it, as every sender of email does."""
    return tables(["breakers"], ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"])


def send_sms() -> Statement:
    """Allow to send text messages. A phone number is not a resource, so this is all but the topics of any account."""
    return {"Effect": "Allow", "Action": ["sns:Publish"], "NotResource": [sub("arn:${AWS::Partition}:sns:*:*:*")]}


def consume(queue: str) -> Statement:
    """Allow Lambda to read a queue for the function."""
    return allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [arn_of(queue)])


def deliver_again(queue: str) -> Statement:
    """Allow the function to say when a failed message of a queue comes again (core/queues.py)."""
    return allow(["sqs:ChangeMessageVisibility", "sqs:GetQueueUrl"], [arn_of(queue)])


def send(*queues: str) -> Statement:
    """Allow to send messages to queues; the emulator has a separate right for batches."""
    return allow(SEND, [arn_of(queue) for queue in queues])


def read_stream(table: str) -> Statement:
    """Allow Lambda to read a table's stream for the function."""
    actions = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"]
    return allow([f"dynamodb:{action}" for action in actions], [sub(f"${{{table_id(table)}.Arn}}/stream/*")])


def machine(machine: Machine, actions: Sequence[str]) -> Statement:
    """Allow actions on a state machine."""
    return allow(actions, [sub(machine.arn)])


def executions(machine: Machine, actions: Sequence[str]) -> Statement:
    """Allow actions on the executions of a state machine."""
    return allow(actions, [sub(machine.executions)])


def write_log(name: str) -> Statement:
    """Allow to write to the function's own log group."""
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
    own = function_name(name)["Fn::Sub"]
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], [sub(f"{group}{own}:log-stream:*")])
