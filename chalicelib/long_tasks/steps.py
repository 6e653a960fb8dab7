"""The Lambda function of long_task.asl.json: what is done before the wait, after it, and when that breaks.

What is expected to go wrong is an answer, {"outcome": "failed"}; {"outcome": "stopped"} says that the run is no longer
wanted; an exception means try again, and after some attempts the machine ends the task with the step `break_off`.
"""

from typing import Any

from chalicelib.core.logs import note
from chalicelib.long_tasks import running


def run(event: dict[str, Any]) -> dict[str, Any]:
    """One step of a task, `{"step", "task_id", "user_id", "run"}`; the answer: its outcome, and the seconds to wait."""
    step, ids = str(event["step"]), (int(event["user_id"]), int(event["task_id"]), int(event["run"]))
    note(step=step, task_id=ids[1], run=ids[2])
    seconds = 0
    if step == "begin":
        outcome, seconds = running.begin(*ids)
    elif step == "finish":
        outcome = running.finish(*ids)
    elif step == "break_off":
        outcome = running.break_off(*ids)
    else:
        raise ValueError(f"unknown step {step}")
    note(outcome=outcome)
    return {"outcome": outcome, "seconds": seconds}
