"""Calls that the tests of long tasks share."""

from typing import Any

from chalicelib.core.settings import settings
from infra.machines import LONG_TASK
from tests.machine import run_executions
from tests.production import ok

TEXT = "Обработка данных"


def start(text: str = TEXT, user: int = 1) -> int:
    """A new task of a user; its number."""
    message = ok("POST", f"/task/{user}", {"task": text})["message"]
    number = int(message.removeprefix("Таск с id ").removesuffix(" создан"))
    assert message == f"Таск с id {number} создан"
    return number


def task(number: int) -> dict[str, Any]:
    """A task as clients see it."""
    found: dict[str, Any] = ok("GET", f"/task/{number}")
    return found


def work() -> list[str]:
    """Run the executions that were started; the states they went through."""
    return run_executions(LONG_TASK)


def forget_executions() -> None:
    """moto forgets all executions, so that names are free again."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.stepfunctions.models import stepfunctions_backends

    for machine in stepfunctions_backends[DEFAULT_ACCOUNT_ID][settings().aws_region].state_machines:
        machine.executions.clear()
