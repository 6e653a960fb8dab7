"""Ids of what a report belongs to: the batch in its parameters, and the request that it is made by only once."""

import uuid
from collections.abc import Mapping
from typing import Any

NAMESPACE = uuid.UUID("0b6f2c56-53b0-5c1e-9a55-6d0d5ad6f7b4")  # of saga ids that are made from a key


def batch_id_in(parameters: Mapping[str, Any]) -> str | None:
    """Return the id of the batch in the parameters of a report, or None."""
    try:
        return str(uuid.UUID(parameters["batch_id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def claim_of_request(key: str) -> str:
    """Return the unique value that a request with this key claims, so that its repetition makes no second report."""
    return f"reports#request={key}"


def saga_id_of(key: str) -> str:
    """Return the id of the saga of the report that a request with this key makes."""
    return str(uuid.uuid5(NAMESPACE, key))
