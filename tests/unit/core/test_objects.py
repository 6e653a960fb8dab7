"""Presigned links and forms lead to the endpoint of the bucket's own region, on every stage but the emulator's."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.core import aws, objects
from chalicelib.core.settings import settings

REGIONS = ("us-east-1", "eu-central-1", "eu-south-1", "me-south-1", "ap-east-1", "il-central-1", "us-gov-west-1")


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    given = {"STAGE": "prod", "AUTH_REQUIRED": "true", "AWS_REGION": request.param, "FILES_BUCKET": "files-1a2b"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in (given | keys).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings.cache_clear()
    aws.client.cache_clear()
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()
    aws.client.cache_clear()


def test_a_link_names_the_region_of_the_bucket(region: str) -> None:
    link = urlsplit(objects.link("reports/1.pdf", "Отчет", "pdf", plain="report"))
    assert link.hostname in host_names(region)
    assert f"/{region}/s3/aws4_request" in parse_qs(link.query)["X-Amz-Credential"][0]


def test_a_form_names_the_region_of_the_bucket(region: str) -> None:
    url, _ = objects.upload_form("imports/1", limit=1000, seconds=60, metadata={})
    assert urlsplit(url).hostname in host_names(region)


def host_names(region: str) -> set[str]:
    """Return the host names of the bucket; in us-east-1 the global name is that of the regional endpoint."""
    host_of_region = f"files-1a2b.s3.{region}.amazonaws.com"
    return {host_of_region, "files-1a2b.s3.amazonaws.com"} if region == "us-east-1" else {host_of_region}
