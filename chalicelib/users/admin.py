"""The Lambda function behind `make admin`."""

from typing import Any


def make(event: dict[str, Any]) -> dict[str, Any]:
    """Make the first administrator."""
    raise NotImplementedError
