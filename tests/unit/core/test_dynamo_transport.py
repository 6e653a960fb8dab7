"""The service's own client of DynamoDB against boto3's: the same requests, answers, exceptions and retries."""

import json
import signal
import socket
import threading
from itertools import product
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ChecksumError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from chalicelib.core import aws
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.retries import DYNAMODB_CALL
from tests.unit.core.dynamo_clients import KEY, both, environment, outcome, server
from tests.unit.core.dynamo_server import DROP, SILENT, DynamoServer, Half, reply
from tests.waiting import wait_for

__all__ = ["environment", "server"]
ATTEMPTS = DYNAMODB_CALL.max_attempts
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
    client, caller = both()[0], threading.get_ident()
    server.script, server.while_silent = [SILENT], lambda: signal.pthread_kill(caller, signal.SIGALRM)
    with pytest.raises(DeadlineExceeded), deadline(60):
        client.get_item(**KEY)
    server.script = [reply({"Item": {"id": {"S": "second"}}})]
    assert client.get_item(**KEY)["Item"] == {"id": {"S": "second"}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "requests", "timeout_seconds"),
    [([SILENT] * ATTEMPTS, ATTEMPTS, 0.05), ([SILENT], 2, 3)],  # 3 s: within them the second request is answered
    ids=["for ever", "once"],
)
def test_a_server_that_says_nothing_is_a_timeout(
    server: DynamoServer, script: list[bytes], requests: int, timeout_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = aws._config("dynamodb").merge(Config(read_timeout=timeout_seconds))
    monkeypatch.setattr(aws, "_config", lambda service: slow)
    found = []
    for number, client in enumerate(both(), 1):
        server.script = list(script)
        found.append(outcome(client, "get_item", KEY))
        heard = number * requests  # a request that is read after its caller has gone takes no answer of the next client
        wait_for(lambda heard=heard: len(server.requests) >= heard)  # type: ignore[misc]
    assert found[0] == found[1]
    assert len(server.requests) == 2 * requests


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
