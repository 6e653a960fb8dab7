"""Between the code and AWS: moto in place of it, and what a test wants to see, change or let fail on the way there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient
from moto.core.models import botocore_stubber

from chalicelib.core.connections import Connections, Reply
from chalicelib.core.dynamo_transport import DynamoDBClient
from tests import quick_moto

Call = Callable[[Any, str, Any], Any]
"""Makes a call of AWS: the client, the name of the operation, its arguments."""


@contextmanager
def mock_aws() -> Iterator[None]:
    """moto, for boto3's clients and for the service's own of DynamoDB."""
    with pytest.MonkeyPatch.context() as patch, quick_moto.mock_aws():
        patch.setattr(Connections, "post", _ask_moto)
        yield


def _ask_moto(self: Connections, headers: Mapping[str, str], body: bytes) -> Reply:
    request = AWSPreparedRequest("POST", self.url, dict(headers), body, stream_output=False)
    answer = botocore_stubber.process_request(request)
    assert answer, self.url
    status, given, content = answer
    lowered = {name.lower(): value for name, value in given.items()}
    return Reply(status, lowered, content.encode() if isinstance(content, str) else content)


def patch_calls(patch: pytest.MonkeyPatch, around: Callable[[Call], Call]) -> None:
    """Put a function into the way of every call of AWS: `around` gets the real one and returns what is done instead."""
    for client, method in ((BaseClient, "_make_api_call"), (DynamoDBClient, "call")):
        patch.setattr(client, method, around(getattr(client, method)))


def record_calls(patch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """The calls of AWS from now on: operation and arguments."""
    seen: list[tuple[str, Any]] = []

    def around(real: Call) -> Call:
        def call(client: Any, operation: str, arguments: Any) -> Any:
            seen.append((operation, arguments))
            return real(client, operation, arguments)

        return call

    patch_calls(patch, around)
    return seen
