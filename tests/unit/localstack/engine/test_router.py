"""Requests that are sent straight to their handler get the answers of MiniStack's own router."""

import asyncio
import json
import re
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack import app as ministack
from ministack.services import dynamodb, iam

from localstack.engine import router
from tests.unit.localstack.engine.ways import Ways, ask, auth

READER: list[str] = []
"""Key and secret of the user who may only read, once it is made."""
KEYS = ["test", "reader", "reader with another secret", "nobody", "account"]
HOSTS = [
    "127.0.0.1:4566",
    "localhost:4566",
    "localhost",
    "[::1]:4566",
    "dynamodb.localhost:4566",
    "bucket.localhost",
    "abc.execute-api.localhost:4566",
    "abc.lambda-url.us-east-1.localhost",
    "d1.cloudfront.net",
    "",
]
KEY = {"id": {"S": "1"}}
ITEM = {**KEY, "text": {"S": "ё"}}
CONDITION = {"KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "1"}}}
CALLS: list[tuple[str, Any]] = [
    ("DynamoDB_20120810.GetItem", {"TableName": "things", "Key": KEY}),
    ("DynamoDB_20120810.GetItem", {"TableName": "things", "Key": {"id": {"N": "1"}}}),
    ("DynamoDB_20120810.GetItem", {"TableName": "things", "Key": KEY, "ReturnConsumedCapacity": "TOTAL"}),
    ("DynamoDB_20120810.PutItem", {"TableName": "things", "Item": ITEM}),
    ("DynamoDB_20120810.PutItem", {"TableName": "nothing", "Item": ITEM}),
    ("DynamoDB_20120810.Query", {"TableName": "things", **CONDITION}),
    ("DynamoDB_20120810.TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "things", "Item": ITEM}}]}),
    ("DynamoDB_20120810.BatchGetItem", {"RequestItems": {"things": {"Keys": [KEY]}, "others": {"Keys": []}}}),
    ("DynamoDB_20120810.Nothing", {}),
    ("DynamoDB_20120810.GetItem", "not an object"),
    ("DynamoDBStreams_20120810.ListStreams", {}),
    ("AmazonSQS.ListQueues", {}),
    ("AmazonSQS.SendMessage", {"QueueUrl": "http://x/000000000000/nothing", "MessageBody": "1"}),
    ("AWSEvents.ListRules", {}),
    ("AWSStepFunctions.ListStateMachines", {}),
    ("Logs_20140328.DescribeLogGroups", {"logGroupNamePrefix": "/none"}),
    ("Nothing.Here", {}),
]
EXTRA = [
    ("x-amz-target", "AmazonSQS.ListQueues"),
    ("cookie", "a=1"),
    ("content-encoding", "gzip"),
    ("content-length", "1"),
    ("x-forwarded-proto", "https"),
    ("accept", "a"),
    ("accept", "b"),
]
PATHS = ["/", "/", "/", "/x", "//", "/_ministack/health", "/oauth2/token"]
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]}


@pytest.fixture(scope="module", autouse=True)
def table(ways: Ways) -> Iterator[None]:
    """A table, and a user who may only read it."""

    async def make() -> None:
        body = {
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }  # fmt: skip
        target = {"x-amz-target": "DynamoDB_20120810.CreateTable"}
        status, _, answer = await dynamodb.handle_request("POST", "/", target, json.dumps(body).encode(), {})
        assert status == 200, answer
        for query in (
            "Action=CreateUser&UserName=reader",
            "Action=CreateAccessKey&UserName=reader",
            "Action=PutUserPolicy&UserName=reader&PolicyName=read&PolicyDocument=" + json.dumps(POLICY),
        ):
            status, _, answer = await iam.handle_request("POST", "/", {}, query.encode(), {})
            assert status == 200, answer
            if "CreateAccessKey" in query:
                READER.extend(re.findall(r"<(?:AccessKeyId|SecretAccessKey)>([^<]+)<", answer.decode()))

    ways.runner.run(make())
    yield
    dynamodb.reset()
    iam.reset()


def credentials(name: str) -> Credentials:
    reader = Credentials(*READER)
    return {
        "test": Credentials("test", "test"),
        "reader": reader,
        "reader with another secret": Credentials(reader.access_key, "x"),
        "nobody": Credentials("AKIANOBODY0000000000", "x"),
        "account": Credentials("123456789012", "x"),
    }[name]


def signed(target: str, body: bytes, host: str, key: str, region: str, content: str) -> list[tuple[str, str]]:
    headers = {"X-Amz-Target": target, "Content-Type": content, "Content-Length": str(len(body))}
    request = AWSRequest("POST", f"http://{host or 'x'}/", data=body, headers=headers)
    SigV4Auth(credentials(key), target.split("_")[0].lower(), region).add_auth(request)
    return [("host", host), *((name, value) for name, value in request.headers.items() if name.lower() != "host")]


@settings(max_examples=300, deadline=None)
@given(
    call=st.sampled_from(CALLS),
    key=st.sampled_from(KEYS),
    host=st.sampled_from(HOSTS),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    content=st.sampled_from(["application/x-amz-json-1.0", "application/x-www-form-urlencoded", "text/plain"]),
    tampered=st.sampled_from([b"", b" ", b"}", b"\xff"]),
    extra=st.lists(st.sampled_from(EXTRA), max_size=2),
    path=st.sampled_from(PATHS),
    checked=st.booleans(),
)
def test_any_call_of_aws_is_answered_alike(
    ways: Ways,
    call: Any,
    key: Any,
    host: str,
    region: str,
    content: str,
    tampered: bytes,
    extra: Any,
    path: str,
    checked: bool,
) -> None:
    target, parameters = call
    body = json.dumps(parameters).encode()
    headers = signed(target, body, host, key, region, content) + extra
    with auth(checked):
        ways.both(path=path, method="POST", headers=headers, body=body + tampered)


@settings(max_examples=100, deadline=None)
@given(
    path=st.sampled_from(["/x", "", "/", "/@connections/1", "/oauth2/token", "/v2/", "/batches/1"]),
    stage=st.sampled_from(["api", "other", "", "$default"]),
    api=st.sampled_from(["", "nothing"]),
    method=st.sampled_from(["GET", "HEAD", "OPTIONS", "POST"]),
    host=st.sampled_from(HOSTS),
    key=st.sampled_from([None, *KEYS]),
    checked=st.booleans(),
)
def test_any_address_of_an_api_is_answered_alike(
    ways: Ways, path: str, stage: str, api: str, method: str, host: str, key: Any, checked: bool
) -> None:
    headers = [("host", host)] if key is None else signed("DynamoDB_x", b"", host, key, "us-east-1", "a/b")
    with auth(checked):
        ways.both(
            path=f"/_aws/execute-api/{api or ways.api}/{stage}{path}", method=method, headers=headers, query=b"a=1&a="
        )


def test_signatures_and_policies_are_checked_on_the_short_way(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    async def long_way(*_: Any) -> None:
        raise AssertionError("not this way")

    monkeypatch.setattr(router, "_plain_app", long_way)

    def status(call: tuple[str, Any], key: str, checked: bool) -> int:
        body = json.dumps(call[1]).encode()
        headers = signed(call[0], body, "127.0.0.1:4566", key, "us-east-1", "application/x-amz-json-1.0")
        with auth(checked):
            return ways.ask("fast", {"path": "/", "method": "POST", "headers": headers, "body": body})[0][0]

    read, write = CALLS[0], CALLS[3]
    assert (status(read, "reader", True), status(write, "reader", True)) == (200, 403)
    assert (status(write, "test", True), status(read, "reader with another secret", True)) == (200, 400)
    assert (status(write, "reader", False), status(read, "reader with another secret", False)) == (200, 200)


def test_a_client_that_leaves_before_its_body_is_there_gets_no_answer(ways: Ways) -> None:
    async def leave(app: Any) -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"localhost"), (b"x-amz-target", b"DynamoDB_20120810.GetItem")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "raw_path": b"/",
            "headers": headers,
            "query_string": b"",
        }
        await app(scope, receive, send)
        return sent

    assert [ways.runner.run(leave(app)) for app in (router.app, router._plain_app)] == [[], []]


def test_a_reset_that_goes_on_is_waited_for(ways: Ways) -> None:
    async def during_a_reset() -> bool:
        lock = ministack._get_reset_lock()
        await lock.acquire()
        request = asyncio.create_task(ask(router.app, "/", "POST", headers=[("x-amz-target", CALLS[0][0])], body=b"{}"))
        for _ in range(100):  # turns of the event loop, more than the request needs
            await asyncio.sleep(0)
        waited = not request.done()
        lock.release()
        await request
        return waited

    assert ways.runner.run(during_a_reset())


def test_each_answer_has_the_date_of_its_second(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = []
    for second in (1_000_000_000.2, 1_000_000_000.9, 1_000_000_001.0):
        monkeypatch.setattr("localstack.engine.router.time.time", lambda second=second: second)
        answer = ways.ask("fast", {"path": "/", "method": "POST", "headers": [("x-amz-target", CALLS[0][0])]})[0]
        dates.append(dict(answer[1])[b"date"].decode())
    assert dates == [formatdate(second, usegmt=True) for second in (1_000_000_000, 1_000_000_000, 1_000_000_001)]
