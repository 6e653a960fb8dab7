"""Deferred and recurring tasks."""

from infra import rights
from infra.functions.function import Function, Makers, from_queue
from infra.functions.people import owners_rights
from infra.functions.reports import saga_rights
from infra.machines import REPORT_SAGA
from infra.messaging import DEFERRED_TIMEOUT
from infra.names import arn_of
from infra.rights import Statement
from infra.schedules import ROLE_ID, schedule_arns


def waking_rights() -> list[Statement]:
    """Return the rights to send delayed messages and to create schedules with the role of the Scheduler."""
    for_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    return [
        rights.send("DeferredQueue", "OutsideQueue"),
        rights.allow(["scheduler:CreateSchedule"], schedule_arns()),
        {**rights.allow(["iam:PassRole"], [arn_of(ROLE_ID)]), "Condition": for_scheduler},
    ]


def api_rights() -> list[Statement]:
    """Return the rights of the API beside reading and writing tables."""
    return [*waking_rights(), rights.allow(["scheduler:DeleteSchedule"], schedule_arns())]


def sweep_rights() -> list[Statement]:
    """Return the rights of the sweep."""
    return [*rights.query_indexes(["deferred_tasks", "schedules"]), rights.send("DeferredQueue")]


def _run_deferred() -> Function:
    return Function(
        memory=512,
        timeout=DEFERRED_TIMEOUT,
        statements=[
            rights.consume("DeferredQueue"),
            *waking_rights(),
            rights.tables(["deferred_tasks", "schedules"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
            rights.tables(["deferred_tasks"], ["dynamodb:BatchGetItem"]),
            rights.tables(["quotas"], ["dynamodb:GetItem", "dynamodb:UpdateItem"]),
            rights.send_mail(),
            rights.circuits(),
            rights.send_sms(),
            rights.publish(),
            *_report_rights(),
        ],
        events=from_queue("DeferredQueue", batch=10, concurrency=10),
        sends_to_itself=True,
    )


def _run_outside() -> Function:
    """Many at a time: one that waits for a slow host holds its batch for as long. It hands back what is not its own."""
    return Function(
        memory=256,
        timeout=DEFERRED_TIMEOUT,
        statements=[
            rights.consume("OutsideQueue"),
            rights.send("OutsideQueue", "DeferredQueue"),
            rights.tables(["deferred_tasks"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]),
            rights.tables(["deferred_slots", "breakers"], ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
            rights.tables(["counters"], ["dynamodb:UpdateItem"]),
            rights.tables(["events"], ["dynamodb:PutItem"]),
            *owners_rights(),
        ],
        events=from_queue("OutsideQueue", batch=10, concurrency=20),
        sends_to_itself=True,
    )


def _report_rights() -> list[Statement]:
    """Return the rights to request a report for the owner of a task, with its counters and its event."""
    return [
        *saga_rights(),
        *owners_rights(),
        rights.tables(["claims"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.machine(REPORT_SAGA, ["states:StartExecution"]),
    ]


MAKERS: Makers = {"run_deferred": _run_deferred, "run_outside": _run_outside}
