"""Keys of the files of a saga in S3.

Each attempt of a step writes to a key of its own, so an attempt that still runs after its run was stopped cannot
overwrite the file of a later one. All keys that a saga may have used follow from its attempts, so deleting needs no
listing.
"""

from chalicelib.reports.model import COLLECT, GENERATE, STORE, Saga


def data_key(saga: Saga, attempt: int) -> str:
    """Return the key of the collected data."""
    return f"work/{saga.saga_id}/data-{attempt}.jsonl"


def draft_key(saga: Saga, attempt: int) -> str:
    """Return the key of the rendered report."""
    return f"work/{saga.saga_id}/report-{attempt}.{saga.format}"


def report_key(saga: Saga, attempt: int) -> str:
    """Return the key of the stored report."""
    return f"reports/report_{saga.report_id}/{attempt}.{saga.format}"


def step_keys(saga: Saga, *steps: int) -> list[str]:
    """Return the keys that the steps of these numbers may have written in all attempts."""
    return [_KEYS[step](saga, attempt) for step in steps if step in _KEYS for attempt in _attempts(saga, step)]


def all_keys(saga: Saga) -> list[str]:
    """Return the keys that the saga may have written."""
    return step_keys(saga, *_KEYS)


def superfluous_keys(saga: Saga) -> list[str]:
    """Return the keys that an ended saga does not need: all but the file of a completed report."""
    needed = saga.notes.get("file", {}).get("key") if saga.status == "completed" else None
    return [key for key in all_keys(saga) if key != needed]


_KEYS = {COLLECT: data_key, GENERATE: draft_key, STORE: report_key}


def _attempts(saga: Saga, step: int) -> range:
    return range(1, saga.step(step).attempts + 1)
