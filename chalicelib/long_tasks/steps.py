"""The Lambda function of long_task.asl.json.

Outcomes: `failed` is a final error, `broken` an unforeseen one in all attempts, `stopped` means that the run is not the
current one. An exception makes the state machine repeat the step; after the last attempt it leaves the task to the
sweep.
"""

from typing import Any

from chalicelib.core.later_work import Broken, attempt
from chalicelib.core.logs import note
from chalicelib.long_tasks import model, running


def run(event: dict[str, Any]) -> dict[str, Any]:
    """Do one step of a task, `{"step", "task_id", "user_id", "run", "retries"}`; return outcome and seconds to wait."""
    step, ids = str(event["step"]), (int(event["user_id"]), int(event["task_id"]), int(event["run"]))
    note(step=step, task_id=ids[1], run=ids[2])
    seconds = 0
    outcome: str
    try:
        with attempt(event, model.BROKEN):
            if step == "begin":
                outcome, seconds = running.begin(*ids)
            else:
                outcome = running.finish(*ids)
    except Broken as broken:
        outcome = "stopped" if running.fail(*ids, broken.message) == "stopped" else "broken"
    note(outcome=outcome)
    return {"outcome": outcome, "seconds": seconds}
