"""Deferred and recurring tasks."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.messaging import DEFERRED_TIMEOUT
from infra.rights import Statement


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return [rights.send("DeferredQueue")]


def sweep_rights() -> list[Statement]:
    """What the sweep does."""
    return [rights.send("DeferredQueue")]


def _run_deferred() -> Function:
    return Function(
        memory=256,
        timeout=DEFERRED_TIMEOUT,
        statements=[rights.consume("DeferredQueue")],
        events=from_queue("DeferredQueue", batch=10, concurrency=10),
    )


MAKERS: Makers = {"run_deferred": _run_deferred}
