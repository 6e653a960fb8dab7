"""The Lambda function that runs deferred tasks when they are due."""

from collections.abc import Mapping
from typing import Any


def work(queue_event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Messages of the queue `deferred`."""
    raise NotImplementedError
