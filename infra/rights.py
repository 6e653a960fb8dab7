"""The words of the permission table: each makes a statement of an IAM policy, with every resource spelled out."""

import json
from collections.abc import Sequence

from chalicelib.core.dynamo import TABLES
from infra.machines import Machine
from infra.names import Json, arn_of, function_name, ref, sub, table_id

Statement = Json

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
CHECK = ("dynamodb:ConditionCheckItem",)  # that an item is as it was read, in a transaction that does not write it
SEND = ("sqs:SendMessage", "sqs:SendMessageBatch")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


def allow(actions: Sequence[str], resources: Sequence[Json]) -> Statement:
    """One statement."""
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}


def merged(statements: Sequence[Statement]) -> list[Statement]:
    """Fewer statements that say the same: those on the same resources are one, those with the same actions are one, and
    what another one allows anyway is left out. A role's policies have 10,240 characters.
    """
    on_same = _joined(statements, "Action")
    alike = _joined(on_same, "Resource")
    return [one for one in alike if not any(_includes(other, one) for other in alike if other is not one)]


def _joined(statements: Sequence[Statement], joined: str) -> list[Statement]:
    """One statement of those that differ in one part only, which then has what each of them has."""
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
    """Actions on tables, not on their indexes. Who may update an item may read it: that is no more, since an update
    answers with the item, and a write whose answer was lost is looked for (`write_once` in core/repeats.py).
    """
    more = {"dynamodb:GetItem"} if "dynamodb:UpdateItem" in actions else set()
    return allow([*{*actions, *more}], [arn_of(table_id(name)) for name in names])


def query_indexes(names: Sequence[str]) -> list[Statement]:
    """Query on the indexes of the tables. One by one they would not fit: a role's policies have 10,240 characters."""
    arns = [sub(f"${{{table_id(name)}.Arn}}/index/*") for name in names if TABLES[name].indexes]
    return [allow(["dynamodb:Query"], arns)] if arns else []


def with_indexes(names: Sequence[str], actions: Sequence[str]) -> Statement:
    """Actions on tables and on their indexes: half as long as both told apart, for the function that has all tables."""
    return allow(actions, [sub(f"${{{table_id(name)}.Arn}}*") for name in names])


def files(actions: Sequence[str], prefix: str) -> Statement:
    """Actions on the objects under a prefix of the files bucket."""
    return allow(actions, [sub(f"${{FilesBucket.Arn}}/{prefix}*")])


def look_up(prefix: str) -> Statement:
    """Learn that an object under a prefix is not there: without this S3 says 403 of it, not 404."""
    under = {"StringLike": {"s3:prefix": f"{prefix}*"}}
    return {**allow(["s3:ListBucket"], [arn_of("FilesBucket")]), "Condition": under}


def read_secret() -> Statement:
    """The keys of the tokens."""
    return allow(["secretsmanager:GetSecretValue"], [{"Fn::GetAtt": ["JwtSecret", "Id"]}])


def write_secret() -> Statement:
    """Replace the keys of the tokens by a ring with a new one."""
    return allow(["secretsmanager:PutSecretValue"], [{"Fn::GetAtt": ["JwtSecret", "Id"]}])


def publish() -> Statement:
    """Put events on the bus."""
    return allow(["events:PutEvents"], [arn_of("EventBus")])


def invoke(function: str) -> Statement:
    """Call another function. By name: a reference would make one wait for the other."""
    place = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    return allow(["lambda:InvokeFunction"], [sub(place + function_name(function)["Fn::Sub"])])


def send_mail() -> Statement:
    """Send e-mail, as the sender of this deployment only.

    The sender is held by the condition, whichever identity, its address or its domain, is verified. SES always names
    the sender; the emulator names neither it nor the identity, hence `IfExists` and no resource.
    """
    own = {"StringEqualsIfExists": {"ses:FromAddress": ref("MailFrom")}}
    return {"Effect": "Allow", "Action": ["ses:SendRawEmail"], "Resource": ["*"], "Condition": own}


def circuits() -> Statement:
    """Asking a circuit breaker of the service itself and telling it what came of a call; every sender of mail does."""
    return tables(["breakers"], ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"])


def send_sms() -> Statement:
    """Send text messages. A phone number is no resource that could be named; there are no topics of this stack."""
    return {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": ["*"]}


def consume(queue: str) -> Statement:
    """What Lambda does with a queue on behalf of the function."""
    return allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [arn_of(queue)])


def send(*queues: str) -> Statement:
    """Put messages into queues; the emulator has a right of its own for many in one call."""
    return allow(SEND, [arn_of(queue) for queue in queues])


def read_stream(table: str) -> Statement:
    """What Lambda does with a table's stream on behalf of the function."""
    actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    return allow(actions, [{"Fn::GetAtt": [table_id(table), "StreamArn"]}])


def machine(machine: Machine, actions: Sequence[str]) -> Statement:
    """Actions on a state machine."""
    return allow(actions, [sub(machine.arn)])


def executions(machine: Machine, actions: Sequence[str]) -> Statement:
    """Actions on the executions of a state machine."""
    return allow(actions, [sub(machine.executions)])


def write_log(name: str) -> Statement:
    """The function's own log group."""
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"
    own = function_name(name)["Fn::Sub"]
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], [sub(f"{group}{own}:log-stream:*")])
