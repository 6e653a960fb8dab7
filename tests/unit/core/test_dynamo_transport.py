"""The service's own client of DynamoDB against boto3's: the same requests, answers, exceptions and retries."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ChecksumError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
)
from botocore.loaders import create_loader
from botocore.session import Session

from chalicelib.core import aws
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.dynamo_transport import _ERROR_MEMBERS, _RETRYABLE, EXCEPTIONS, OPERATIONS, DynamoDBClient
from chalicelib.core.retries import DYNAMODB_CALL
from chalicelib.core.settings import settings
from tests.unit.core.dynamo_server import DROP, SILENT, DynamoServer, Half, reply

ATTEMPTS = DYNAMODB_CALL.max_attempts
LOADER = create_loader()  # reads each description of an API once
KEY = {"TableName": "t", "Key": {"id": {"S": "1"}}}
TRANSACTION = {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "партия"}, "n": {"N": "1.50"}}}}]}
CALLS = [
    ("get_item", {**KEY, "ConsistentRead": True}),
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [{"id": {"S": "1"}}]}}}),
    ("query", {"TableName": "t", "KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "я"}}}),
    ("scan", {"TableName": "t", "Limit": 5, "ExclusiveStartKey": {"id": {"S": "\ud800"}}}),
    ("put_item", {"TableName": "t", "Item": {"id": {"S": "1"}, "l": {"L": [{"M": {"a": {"NULL": True}}}]}}}),
    ("update_item", {**KEY, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}),
    ("delete_item", {**KEY, "ReturnValues": "ALL_OLD"}),
    ("batch_write_item", {"RequestItems": {"t": [{"DeleteRequest": {"Key": {"id": {"S": "1"}}}}]}}),
    ("transact_write_items", {**TRANSACTION, "ClientRequestToken": "given"}),
]
THROTTLED = reply({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slowly"}, 400)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One without a proxy; what a test sets is forgotten."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    yield
    monkeypatch.undo()
    settings.cache_clear()
    aws.client.cache_clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoServer]:
    """DynamoDB as the test wants it; without the pauses between attempts."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with DynamoServer() as made:
        made.waits = waits
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", made.url)
        yield made


def both() -> list[Any]:
    """The service's client and boto3's, both new."""
    settings.cache_clear()
    direct = aws._direct_client()
    assert isinstance(direct, DynamoDBClient)
    return [direct, aws._boto3_client("dynamodb")]


def outcome(client: Any, operation: str, arguments: dict[str, Any]) -> Any:
    """What comes of a call: its answer, or all that a caller can see of its exception."""
    try:
        return getattr(client, operation)(**arguments)
    except ClientError as error:
        return type(error).__name__, str(error), error.response, error.operation_name
    except BotoCoreError as error:
        return type(error).__mro__, re.sub(r"\('.*|Read timed.*|Connection .*|<.*|Remote.*", "", str(error))


@pytest.mark.parametrize(("operation", "arguments"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_request_is_the_one_of_boto3(server: DynamoServer, operation: str, arguments: dict[str, Any]) -> None:
    answer = {"Items": [{"id": {"S": "ё"}, "n": {"N": "1"}}], "Count": 1, "LastEvaluatedKey": {"id": {"S": "ё"}}}
    if operation in ("query", "scan"):
        server.script = [reply(answer)] * 2
    direct, real = (outcome(client, operation, arguments) for client in both())
    assert direct == real
    ours, theirs = server.requests
    assert json.loads(ours.body) == json.loads(theirs.body)
    assert ours.line == theirs.line
    same = {"x-amz-target", "content-type", "host", "accept-encoding", "content-length"}
    assert {name: ours.headers.get(name) for name in same} == {name: theirs.headers.get(name) for name in same}
    assert ours.headers["authorization"].split(", ")[:2] == theirs.headers["authorization"].split(", ")[:2]
    assert set(theirs.headers) <= set(ours.headers)


def test_a_transaction_has_one_token_for_all_its_attempts(server: DynamoServer) -> None:
    server.script = [THROTTLED, DROP]
    arguments = dict(TRANSACTION)
    both()[0].transact_write_items(**arguments)
    tokens = [json.loads(heard.body)["ClientRequestToken"] for heard in server.requests]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1
    assert len(tokens[0]) == 36
    assert arguments == TRANSACTION
    assert len({heard.headers["amz-sdk-invocation-id"] for heard in server.requests}) == 1
    attempts = [heard.headers["amz-sdk-request"].split(";")[0] for heard in server.requests]
    assert attempts == ["attempt=1", "attempt=2", "attempt=3"]


def failure(code: str, status: int = 400, **content: Any) -> bytes:
    return reply({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **content}, status)


CANCELLED = {
    "Message": "Transaction cancelled",
    "CancellationReasons": [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "no", "Item": {"a": {"S": "b"}}},
    ],
}
SCRIPTS = {
    "condition": [failure("ConditionalCheckFailedException", message="no", Item={"id": {"S": "1"}})],
    "cancelled": [failure("TransactionCanceledException", **CANCELLED)],
    "not there": [failure("ResourceNotFoundException", message="no table")],
    "validation": [failure("ValidationException", message="what?")],
    "validation of coral": [
        reply({"__type": "com.amazon.coral.validate#ValidationException", "message": "what?"}, 400)
    ],
    "denied": [failure("AccessDeniedException", Message="who are you")],
    "conflict": [failure("TransactionConflictException", message="busy")],
    "throttled once": [THROTTLED],
    "throughput 4 times": [failure("ProvisionedThroughputExceededException", message="slowly")] * 4,
    "throttled for ever": [THROTTLED] * ATTEMPTS,
    "in progress": [failure("TransactionInProgressException", Message="still")] * 2,
    "limit": [failure("RequestLimitExceeded", message="much")] * ATTEMPTS,
    "internal": [failure("InternalServerError", 500, message="sorry")] * ATTEMPTS,
    "internal once": [failure("InternalServerError", 500, message="sorry")],
    "unavailable": [reply(b"<html>no</html>", 503)] * ATTEMPTS,
    "unavailable, no content": [reply(b"", 503)] * ATTEMPTS,
    "bad gateway once": [reply(b"bad gateway", 502)],
    "forbidden by a stranger": [reply(b"go away", 403)],
    "type with a colon": [reply({"__type": "ThrottlingException:http://x", "message": "slowly"}, 400)] * 2,
    "dropped once": [DROP],
    "dropped 4 times": [DROP] * 4,
    "dropped for ever": [DROP] * ATTEMPTS,
    "half an answer once": [Half(reply({"Item": {}})[:-3])],
    "half a head for ever": [Half(b"HTTP/1.1 200 OK\r\nContent-Le")] * ATTEMPTS,
    "no HTTP": [b"nonsense\r\n\r\n"] * ATTEMPTS,
    "wrong checksum once": [reply({"Item": {"id": {"S": "x"}}}, checksum=1)],
}


REPLICATED = [failure("ReplicatedWriteConflictException", message="elsewhere")]  # never an answer to a read
BOTH_KINDS = ("get_item", "update_item")
FAILURES = [
    *((f"{operation}, {name}", operation, SCRIPTS[name]) for operation, name in product(BOTH_KINDS, SCRIPTS)),
    ("replicated", "update_item", REPLICATED),
    ("replicated for ever", "delete_item", REPLICATED * 5),
]


@pytest.mark.parametrize(("_name", "operation", "script"), FAILURES, ids=[name for name, *_ in FAILURES])
def test_what_fails_is_repeated_and_reported_as_by_boto3(
    server: DynamoServer, _name: str, operation: str, script: list[bytes]
) -> None:
    found = []
    for client in both():
        server.script, seen, waited = list(script), len(server.requests), len(server.waits)
        answer = outcome(client, operation, KEY)
        if isinstance(answer, dict):  # boto3 says so of a success as well, if it was the last attempt
            answer["ResponseMetadata"].pop("MaxAttemptsReached", None)
        found.append((answer, len(server.requests) - seen, len(server.waits) - waited, len(server.script)))
    assert found[0] == found[1]


def test_it_waits_longer_after_each_failure_and_at_random(server: DynamoServer) -> None:
    for _ in range(10):
        server.script = [THROTTLED] * ATTEMPTS
        with pytest.raises(ClientError, match=r"reached max retries: 3"):
            both()[0].get_item(**KEY)
    by_attempt = [server.waits[number::3] for number in range(3)]
    assert all(0 <= wait <= 2**number for number, waits in enumerate(by_attempt) for wait in waits)
    assert len(set(server.waits)) == 30


def test_a_budget_of_retries_is_shared_by_all_calls_and_filled_again_by_successes(server: DynamoServer) -> None:
    for client in both():
        server.script, seen = [THROTTLED] * 500, len(server.requests)
        for _ in range(40):
            outcome(client, "get_item", KEY)
        assert len(server.requests) - seen == 40 + 500 // 5
        server.script = []
        for _ in range(5):
            client.get_item(**KEY)
        server.script, seen = [THROTTLED] * ATTEMPTS, len(server.requests)
        outcome(client, "get_item", KEY)
        assert len(server.requests) - seen == 2


def test_a_wrong_checksum_for_ever_is_an_error(server: DynamoServer) -> None:
    server.script = [reply({"Item": {"id": {"S": "x"}}}, checksum=1)] * ATTEMPTS
    with pytest.raises(ChecksumError):
        both()[0].get_item(**KEY)
    assert len(server.requests) == ATTEMPTS


def test_a_connection_is_kept_and_one_that_the_server_closed_is_not_used(server: DynamoServer) -> None:
    client = both()[0]
    for _ in range(3):
        client.get_item(**KEY)
    server.script = [THROTTLED, reply({}, 200, "Connection: close")]
    client.get_item(**KEY)
    client.get_item(**KEY)
    server.hang_up()
    client.update_item(**KEY)
    assert [heard.connection for heard in server.requests] == [1, 1, 1, 1, 1, 2, 3]
    assert len(server.waits) == 1


def test_threads_have_a_connection_each_and_their_own_answers(server: DynamoServer) -> None:
    client, together, wrong = both()[0], threading.Barrier(8), []

    def read(number: int) -> None:
        together.wait()
        for turn in range(20):
            key = f"{number}-{turn}"
            server_says = client.query(TableName="echo", ExpressionAttributeValues={":k": {"S": key}})
            if server_says["Items"] != [{"k": {"S": key}}]:
                wrong.append(key)

    server.echo = lambda body: {"Items": [{"k": body["ExpressionAttributeValues"][":k"]}]}
    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(server.requests) == 160
    assert len({heard.connection for heard in server.requests}) <= 8


def test_a_call_that_is_interrupted_leaves_no_answer_to_the_next_one(server: DynamoServer) -> None:
    client = both()[0]
    server.script = [SILENT]
    with pytest.raises(DeadlineExceeded), deadline(0.1):
        client.get_item(**KEY)
    server.script = [reply({"Item": {"id": {"S": "second"}}})]
    assert client.get_item(**KEY)["Item"] == {"id": {"S": "second"}}


@pytest.mark.parametrize(("script", "patience"), [([SILENT] * ATTEMPTS, 0.05), ([SILENT], 1)], ids=["for ever", "once"])
def test_a_server_that_says_nothing_is_a_timeout(
    server: DynamoServer, script: list[bytes], patience: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = aws._config("dynamodb").merge(Config(read_timeout=patience))
    monkeypatch.setattr(aws, "_config", lambda service: slow)
    found = []
    for client in both():
        server.script = list(script)
        found.append(outcome(client, "get_item", KEY))
    assert found[0] == found[1]


def test_where_nobody_listens_it_is_the_exception_of_boto3(
    server: DynamoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        found = [outcome(client, "get_item", KEY) for client in both()]
    assert found[0] == found[1]
    assert EndpointConnectionError in found[0][0]
    assert len(server.waits) == 2 * (ATTEMPTS - 1)


def test_a_host_that_takes_no_connection_is_a_timeout(monkeypatch: pytest.MonkeyPatch, server: DynamoServer) -> None:
    def never(*_: Any) -> None:
        raise TimeoutError("timed out")

    client = both()[0]
    monkeypatch.setattr("chalicelib.core.connections.create_connection", never)
    with pytest.raises(ConnectTimeoutError):
        client.get_item(**KEY)


def test_credentials_are_asked_for_at_each_call_and_renewed(
    server: DynamoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def fetch() -> dict[str, str]:
        made.append(1)
        expiry = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()  # so it is renewed by every call
        number = len(made)
        return {"access_key": f"key{number}", "secret_key": "s", "token": f"token{number}", "expiry_time": expiry}

    credentials = RefreshableCredentials.create_from_metadata(fetch(), fetch, "test")
    monkeypatch.setattr(Session, "get_credentials", lambda self: credentials)
    client = both()[0]
    for _ in range(2):
        client.get_item(**KEY)
    first, second = server.requests
    assert first.headers["x-amz-security-token"] != second.headers["x-amz-security-token"]
    number = second.headers["x-amz-security-token"].removeprefix("token")
    assert f"Credential=key{number}/" in second.headers["authorization"]
    assert "x-amz-security-token" in second.headers["authorization"]


def test_signatures_are_those_that_botocore_makes(server: DynamoServer) -> None:
    client = both()[0]
    client.put_item(TableName="t", Item={"id": {"S": "партия"}})
    (heard,) = server.requests
    again = AWSRequest("POST", server.url, data=heard.body)
    for name in ("host", "content-type", "x-amz-target"):
        again.headers[name] = heard.headers[name]
    then = datetime.strptime(heard.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: then)
        SigV4Auth(Credentials("test", "test"), "dynamodb", "us-east-1").add_auth(again)
    assert heard.headers["authorization"] == again.headers["Authorization"]


def test_without_credentials_nothing_is_sent(server: DynamoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "get_credentials", lambda self: None)
    found = [outcome(client, "get_item", KEY) for client in both()]
    assert found[0] == found[1]
    assert NoCredentialsError in found[0][0]
    assert server.requests == []


def test_on_lambda_a_request_says_by_which_call_it_was_caused(
    server: DynamoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shopfloor-test-api")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988;Parent=53995c3f;Sampled=1;Lineage=a:1\r\nx")
    for client in both():
        client.get_item(**KEY)
    ours, theirs = (heard.headers["x-amzn-trace-id"] for heard in server.requests)
    assert ours == theirs


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1"])
def test_it_is_sent_where_boto3_would_send_it(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = None
    custom = ("", "http://localhost:8000", "https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com/path/")
    for fips, dual, account, url in product(("true", "false"), ("true", "false"), ("", "123456789012"), custom):
        monkeypatch.setenv("AWS_REGION", region)
        monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", fips)
        monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", dual)
        monkeypatch.setenv("AWS_ACCOUNT_ID", account)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        settings.cache_clear()
        session = Session()
        session.register_component("data_loader", LOADER)
        real = session.create_client("dynamodb", region_name=region)
        operation = operation or real.meta.service_model.operation_model("GetItem")
        try:
            expected = real._resolve_endpoint_ruleset(operation, {"TableName": "t"}, {"client_region": region})[0]
        except BotoCoreError:
            with pytest.raises(BotoCoreError):
                aws._dynamodb_url(Session())
        else:
            assert aws._dynamodb_url(Session()) == expected


def test_configured_urls_may_be_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:8000")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert aws._dynamodb_url(Session()) == "https://dynamodb.us-east-1.amazonaws.com"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_through_a_proxy_it_is_boto3s_client(server: DynamoServer, variable: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(variable, "http://localhost:3128")
    monkeypatch.setenv("NO_PROXY", "")
    assert type(aws._direct_client()).__name__ == "DynamoDB"
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert isinstance(aws._direct_client(), DynamoDBClient)


def test_the_setting_goes_back_to_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, kind in (("true", "DynamoDB"), ("false", "DynamoDBClient")):
        monkeypatch.setenv("DYNAMODB_WITH_BOTO3", text)
        settings.cache_clear()
        aws.client.cache_clear()
        assert type(aws.client("dynamodb")).__name__ == kind


def test_the_certificate_of_the_server_is_checked(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with DynamoServer(context) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
        found = [outcome(client, "get_item", KEY)[0] for client in both()]
        assert found[0] == found[1]
        assert SSLError in found[0]
        assert server.requests == []
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        assert all("ResponseMetadata" in outcome(client, "get_item", KEY) for client in both())
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url.replace("localhost", "127.0.0.1"))
        assert SSLError in outcome(both()[0], "get_item", KEY)[0]


def test_what_it_knows_of_the_api_is_what_its_description_says() -> None:
    model = Session().get_service_model("dynamodb")
    operations = [model.operation_model(name) for name in OPERATIONS.values()]
    tokens = {operation.name: operation.idempotent_members for operation in operations if operation.idempotent_members}
    assert tokens == {"TransactWriteItems": ["ClientRequestToken"]}
    shapes = {shape.name: shape for operation in operations for shape in operation.error_shapes}
    assert {name for name in vars(EXCEPTIONS) if name != "ClientError"} == set(shapes)
    assert {name for name, shape in shapes.items() if "retryable" in shape.metadata} == {_RETRYABLE.name}
    assert {member for shape in shapes.values() for member in shape.members} == set(_ERROR_MEMBERS)


def test_all_else_is_done_by_boto3s_client(server: DynamoServer) -> None:
    client = both()[0]
    server.script = [reply({"TableNames": ["a"]}), reply({"Items": [{"id": {"S": "1"}}]})]
    assert client.list_tables()["TableNames"] == ["a"]
    assert [page["Items"] for page in client.get_paginator("scan").paginate(TableName="t")] == [[{"id": {"S": "1"}}]]
    with pytest.raises(AttributeError):
        client.no_such_operation()
