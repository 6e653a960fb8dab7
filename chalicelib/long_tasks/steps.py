"""The Lambda function of long_task.asl.json: what is done before the wait, after it, and when that breaks.

What goes wrong for good is an answer, {"outcome": "failed"}, or "broken" after an unforeseen error; {"outcome":
"stopped"} says that the run is no longer wanted. An exception means try again; after some attempts the machine leaves
the task to the sweep.
"""

from typing import Any

from chalicelib.core.later_work import Broken, attempt
from chalicelib.core.logs import note
from chalicelib.long_tasks import model, running


def run(event: dict[str, Any]) -> dict[str, Any]:
    """One step of a task, `{"step", "task_id", "user_id", "run", "retries"}`: its outcome, and the seconds to wait."""
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
