"""Whose report it is: the company in the settings, and its logo, an object of the files bucket."""

from botocore.exceptions import ClientError

from chalicelib.core import objects
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.reports.render import BRAND

LOGO_FOLDER = "brand/"  # whose files the functions that make reports may read
MAX_LOGO_BYTES = 1_000_000
STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # of a PNG, of a JPEG


def company() -> str:
    """Return the name on reports."""
    return settings().company_name or BRAND


def logo() -> bytes | None:
    """Return the logo; None without one. A logo that cannot be read is left out: the report is more important."""
    key = settings().company_logo
    if not key:
        return None
    try:
        content = objects.read(key)
    except ClientError as error:
        log.warning("the logo cannot be read", extra={"key": key, "reason": error.response["Error"]["Code"]})
        return None
    if len(content) <= MAX_LOGO_BYTES and content.startswith(STARTS):
        return content
    log.warning("the logo is no PNG or JPEG of at most 1 MB", extra={"key": key})
    return None
