"""The service's own signatures against botocore's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

from chalicelib.core import aws_signature
from chalicelib.core.aws_signature import Signer

URLS = (
    "https://dynamodb.us-east-1.amazonaws.com",
    "http://127.0.0.1:4566/",
    "https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com/a path/../~other//x/",
)
CREDENTIALS = (ReadOnlyCredentials("test", "test", None), ReadOnlyCredentials("AKIA", "ключ/+", "token  of  two"))
MOMENTS = (datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 0, 0, 0, tzinfo=UTC))


def at(moment: datetime, patch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment

    patch.setattr(aws_signature, "datetime", Clock)
    patch.setattr("botocore.auth.get_current_datetime", lambda: moment.replace(tzinfo=None))


@pytest.mark.parametrize("url", URLS)
def test_signature_is_the_one_of_botocore(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer(url, "dynamodb", "us-east-1")
    own = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": " DynamoDB_20120810.GetItem"}
    seen = set()
    for moment in MOMENTS:  # the key of a day and of credentials is not used for others
        at(moment, monkeypatch)
        for credentials in CREDENTIALS:
            for body in (b"{}", "партия".encode()):
                request = AWSRequest("POST", url, {"Host": url.split("/")[2], **own}, body)
                SigV4Auth(credentials, "dynamodb", "us-east-1").add_auth(request)
                headers = signer.headers(credentials, own, body)
                assert headers == dict(request.headers)
                seen.add(headers["Authorization"])
    assert len(seen) == 8


def test_without_credentials_it_is_botocores_exception() -> None:
    with pytest.raises(NoCredentialsError):
        Signer(URLS[0], "dynamodb", "us-east-1").headers(None, {}, b"{}")
