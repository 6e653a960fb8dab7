"""The service's own client of DynamoDB signs its requests and finds its endpoint as boto3 does."""

import ssl
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    NoCredentialsError,
    SSLError,
)
from botocore.loaders import create_loader
from botocore.session import Session

from chalicelib.core import aws
from chalicelib.core.dynamo_transport import _ERROR_MEMBERS, _RETRYABLE, EXCEPTIONS, OPERATIONS, DynamoDBClient
from chalicelib.core.settings import settings
from tests.unit.core.dynamo_clients import KEY, both, environment, outcome, server
from tests.unit.core.dynamo_server import DynamoServer, reply

__all__ = ["environment", "server"]
LOADER = create_loader()  # reads each description of an API once


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


@pytest.mark.slow
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
