"""A client of DynamoDB's JSON protocol for the operations that the service uses, in place of boto3's client.

boto3 reads the description of the whole API before its first call and compares each request and response with it, to
pass on the same dictionaries. Here they are sent directly. Retry rules, the parser of errors and the exceptions are
those of botocore. Every other operation, paginator or waiter is that of boto3's client. No table has binary attributes,
so they are not encoded: a call with one raises TypeError.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import count
from ssl import SSLContext
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zlib import crc32

from botocore.config import Config
from botocore.exceptions import ChecksumError, ClientError, ConnectionError, HTTPClientError
from botocore.parsers import create_parser
from botocore.retries.standard import register_retry_handler
from pydantic_core import from_json

from chalicelib.core.aws_signature import Signer
from chalicelib.core.connections import Connections, Reply

OPERATIONS = {
    "batch_get_item": "BatchGetItem",
    "batch_write_item": "BatchWriteItem",
    "delete_item": "DeleteItem",
    "get_item": "GetItem",
    "put_item": "PutItem",
    "query": "Query",
    "scan": "Scan",
    "transact_write_items": "TransactWriteItems",
    "update_item": "UpdateItem",
}
_ERRORS = (
    *("ConditionalCheckFailedException", "IdempotentParameterMismatchException", "InternalServerError"),
    *("ItemCollectionSizeLimitExceededException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"),
    *("ReplicatedWriteConflictException", "ResourceNotFoundException", "ThrottlingException"),
    *("TransactionCanceledException", "TransactionConflictException", "TransactionInProgressException"),
)
EXCEPTIONS = SimpleNamespace(ClientError=ClientError, **{name: type(name, (ClientError,), {}) for name in _ERRORS})
_ERROR_MEMBERS = ("message", "Message", "CancellationReasons", "Item", "ThrottlingReasons", "throttlingReasons")
_to_json = json.JSONEncoder(check_circular=False).encode  # arguments never contain themselves
# The parts of the API's description that the retry rules of botocore read.
_RETRYABLE = SimpleNamespace(name="ReplicatedWriteConflictException", metadata={"retryable": {"throttling": False}})
_SERVICE = SimpleNamespace(service_name="dynamodb", service_id=SimpleNamespace(hyphenize=lambda: "dynamodb"))
_MODEL = SimpleNamespace(service_model=_SERVICE, error_shapes=[_RETRYABLE])


class DynamoDBClient:
    """A client of DynamoDB with the methods, responses and exceptions of boto3's; safe to share between threads."""

    exceptions = EXCEPTIONS

    def __init__(self, url: str, session: Any, config: Config, tls: SSLContext | None, boto3_client: Callable[[], Any]):
        self.meta = SimpleNamespace(endpoint_url=url, region_name=config.region_name, config=config)
        self._connections, self._boto3_client = Connections(url, config, tls), cache(boto3_client)
        self._credentials, self._user_agent = session.get_credentials(), session.user_agent()
        self._signer = Signer(url, "dynamodb", config.region_name)
        self._parse, self._max_attempts = create_parser("json").parse, config.retries["total_max_attempts"]
        hooks: dict[str, Callable[..., None]] = {}
        events = SimpleNamespace(register=lambda event, hook, **_: hooks.update({event: hook}))
        client = SimpleNamespace(meta=SimpleNamespace(service_model=_SERVICE, events=events))
        self._needs_retry = register_retry_handler(client, self._max_attempts).needs_retry
        self._after_call = hooks["after-call.dynamodb"]

    def __getattr__(self, name: str) -> Any:
        if name not in OPERATIONS:
            return getattr(self._boto3_client(), name)
        method = partial(self._call_with, OPERATIONS[name])
        setattr(self, name, method)  # the next access does not call __getattr__
        return method

    def _call_with(self, operation: str, /, **arguments: Any) -> dict[str, Any]:
        return self.call(operation, arguments)

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation by its name in the API, and repeat it by the retry rules of botocore."""
        if operation == "TransactWriteItems" and "ClientRequestToken" not in arguments:
            arguments = {"ClientRequestToken": str(uuid4()), **arguments}
        body = _to_json(arguments).encode()
        context: dict[str, Any] = {}
        unsigned = {"User-Agent": self._user_agent, "amz-sdk-invocation-id": str(uuid4())}
        for attempt in count(1):
            unsigned["amz-sdk-request"] = f"attempt={attempt}; max={self._max_attempts}"
            reply, parsed, error = self._attempt({**self._signed(operation, body), **unsigned}, body)
            if reply and not error and reply.status_code < 300:
                self._after_call(context=context, http_response=reply)
                parsed["ResponseMetadata"]["RetryAttempts"] = attempt - 1
                return parsed
            delay = self._needs_retry(
                response=(reply, parsed) if reply else None,
                operation=_MODEL,
                attempts=attempt,
                caught_exception=error,
                request_dict={"context": context},
            )
            if delay is None and error:
                raise error
            if delay is None:
                parsed["ResponseMetadata"]["RetryAttempts"] = attempt - 1
                raise getattr(EXCEPTIONS, parsed["Error"]["Code"], ClientError)(parsed, operation)
            time.sleep(delay)
        raise AssertionError("unreachable")

    def _attempt(self, headers: dict[str, str], body: bytes) -> tuple[Reply | None, dict[str, Any], Exception | None]:
        """Send a request; returns the response, its parsed content, and the error of connection or content, if any."""
        try:
            reply = self._connections.post(headers, body)
        except (ConnectionError, HTTPClientError) as error:
            return None, {}, error
        actual = crc32(reply.content)
        if (expected := reply.headers.get("x-amz-crc32", str(actual))) != str(actual):
            return reply, {}, ChecksumError(checksum_type="crc32", expected_checksum=expected, actual_checksum=actual)
        if reply.status_code < 300:
            return reply, {**_decoded(reply.content or b"{}"), "ResponseMetadata": _metadata(reply)}, None
        given = {"headers": reply.headers, "body": reply.content, "status_code": reply.status_code}
        parsed: dict[str, Any] = self._parse(given, None)
        if parsed["Error"]["Code"] in _ERRORS:
            content = json.loads(reply.content)
            parsed |= {name: content[name] for name in _ERROR_MEMBERS if name in content}
        return reply, parsed, None

    def _signed(self, operation: str, body: bytes) -> dict[str, str]:
        """Return the headers of a request, signed with the current credentials."""
        own = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        credentials = self._credentials and self._credentials.get_frozen_credentials()
        headers = self._signer.headers(credentials, own, body)
        trace = os.environ.get("_X_AMZN_TRACE_ID") if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else None
        traced = {"X-Amzn-Trace-Id": quote(trace, safe="-=;:+&[]{}\"',")} if trace else {}
        return {**headers, **traced, "Accept-Encoding": "identity", "Content-Length": str(len(body))}


def _metadata(reply: Reply) -> dict[str, Any]:
    """Return the metadata that botocore's parser adds to a successful response."""
    request_id = reply.headers.get("x-amzn-requestid")
    about: dict[str, Any] = {} if request_id is None else {"RequestId": request_id}
    return {**about, "HTTPStatusCode": reply.status_code, "HTTPHeaders": reply.headers}


def _decoded(content: bytes) -> Any:
    try:
        return from_json(content)
    except ValueError:  # it refuses half of a surrogate pair, json does not
        return json.loads(content)
