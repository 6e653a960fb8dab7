"""The functions that run each kind of background task."""

from chalicelib.background_tasks.service import Runner
from chalicelib.batches import aggregation, bulk
from chalicelib.batches.exchange import exporting, importing

RUNNERS: dict[str, Runner] = {
    "products": bulk.run,
    "aggregation": aggregation.run,
    "import": importing.run,
    "export": exporting.run,
}
"""Kind of a background task -> the function that runs it. It may be killed and called again."""

UNDOERS: dict[str, Runner] = {"products": bulk.undo, "aggregation": aggregation.undo}
"""Kind of a background task -> the function that cleans up after a cancelled one. It may be killed and called again."""
