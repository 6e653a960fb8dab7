"""The Lambda function that the state machine of a long task calls."""

from typing import Any


def run(event: dict[str, Any]) -> dict[str, Any]:
    """One step of a long task."""
    raise NotImplementedError
