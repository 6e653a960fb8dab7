"""The files of a saga in S3.

Every attempt of a step writes to a key of its own, so a step that lives on after its run was stopped can neither
replace nor mix what a later one wrote; and all keys a saga may ever have used are known from its attempts, so they can
be removed without a listing.
"""

from chalicelib.reports.model import Saga

COLLECT, GENERATE, STORE = 3, 4, 5


def data_key(saga: Saga, attempt: int) -> str:
    """The collected data."""
    return f"work/{saga.saga_id}/data-{attempt}.jsonl"


def draft_key(saga: Saga, attempt: int) -> str:
    """The rendered report."""
    return f"work/{saga.saga_id}/report-{attempt}.{saga.format}"


def report_key(saga: Saga, attempt: int) -> str:
    """The stored report."""
    return f"reports/report_{saga.report_id}/{attempt}.{saga.format}"


def keys_of(saga: Saga, *steps: int) -> list[str]:
    """All that these steps may have written in all their attempts."""
    return [make(saga, attempt) for step in steps for make in _KEYS.get(step, ()) for attempt in _attempts(saga, step)]


def every_key(saga: Saga) -> list[str]:
    """All that the saga may have written."""
    return keys_of(saga, *_KEYS)


def superfluous(saga: Saga) -> list[str]:
    """What a saga that has ended does not need: everything but the file of a completed report."""
    kept = saga.notes.get("file", {}).get("key") if saga.status == "completed" else None
    return [key for key in every_key(saga) if key != kept]


_KEYS = {COLLECT: (data_key,), GENERATE: (draft_key,), STORE: (report_key,)}


def _attempts(saga: Saga, step: int) -> range:
    return range(1, saga.step(step).attempts + 1)
