"""The company on a report: its name and its logo, which never keep a report from being made."""

import io
from collections.abc import Iterator

import pypdf
import pytest
from PIL import Image

from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.integration.reports.api_client import ApiClient

KEY = "brand/logo.png"


def picture() -> bytes:
    """Return a small PNG."""
    kept = io.BytesIO()
    Image.new("RGB", (90, 30), "#1F4E79").save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def branded(api: ApiClient) -> Iterator[None]:
    """Have a company with a logo."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPANY_NAME", "АО «Завод»")
        patch.setenv("COMPANY_LOGO", KEY)
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.mark.usefixtures("branded")
@pytest.mark.parametrize("content", [picture(), picture()[:60], b"no picture", None])
def test_a_report_has_the_company_and_a_readable_logo(api: ApiClient, content: bytes | None) -> None:
    if content is not None:
        client("s3").put_object(Bucket=settings().files_bucket, Key=KEY, Body=content)
    report = api.make(1, {"period": "2024-01"})
    assert report["status"] == "completed"
    page = pypdf.PdfReader(io.BytesIO(api.download(report))).pages[0]
    assert page.extract_text().count("АО «Завод»") == 2
    assert len(page.images) == (content == picture())


def test_a_report_of_a_nameless_company_has_the_name_of_the_product(api: ApiClient) -> None:
    page = pypdf.PdfReader(io.BytesIO(api.download(api.make(1, {"period": "2024-01"})))).pages[0]
    assert "Shopfloor" in page.extract_text() and not page.images
