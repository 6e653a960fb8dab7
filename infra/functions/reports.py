"""The steps of the report saga."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.functions.people import directory_rights
from infra.rights import Statement

BATCH_REPORT_TIMEOUT = 26  # its own deadline is a second earlier; core.aws waits 27 s for it, the gateway 29 s


def saga_rights() -> list[Statement]:
    """What every step and the undoing do: read and change the saga and its report, count, record events."""
    return [
        rights.tables(["sagas", "reports"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.tables(["sagas", "counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _report_step() -> Function:
    """All steps: their processes are started once for a report, and shared by reports that are made at once.

    The memory is for the processor that comes with it: a report itself needs about 100 MB.
    """
    return Function(
        memory=1024,
        timeout=170,
        statements=[
            *saga_rights(),
            *directory_rights(),
            rights.tables(["report_templates", "work_centers"], ["dynamodb:GetItem"]),
            rights.tables(["batches"], ["dynamodb:GetItem", "dynamodb:BatchGetItem"]),
            rights.tables(["products"], ["dynamodb:Query"]),
            rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
            *rights.query_indexes(["batches", "orders", "defects", "deferred_tasks", "long_tasks"]),
            rights.tables(["orders"], ["dynamodb:BatchGetItem"]),
            rights.tables(["defects", "sites", "deferred_tasks", "long_tasks"], ["dynamodb:BatchGetItem"]),
            rights.tables(["long_tasks"], ["dynamodb:Query"]),  # of one user
            rights.tables(["users"], ["dynamodb:BatchGetItem"]),
            rights.files(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "work/"),
            rights.files(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "reports/"),
        ],
    )


def _report_compensate() -> Function:
    """The undoing removes files."""
    removal = (rights.files(["s3:DeleteObject"], prefix) for prefix in ("reports/", "work/"))
    return Function(memory=256, timeout=50, statements=[*saga_rights(), *removal])


def _batch_report() -> Function:
    """The API waits for it: its time ends before that of the API, and the memory is for the processor."""
    return Function(
        memory=1769,
        timeout=BATCH_REPORT_TIMEOUT,
        statements=[
            rights.tables(["batches", "work_centers"], ["dynamodb:GetItem"]),
            rights.tables(["batches"], ["dynamodb:ConditionCheckItem"]),  # of a request with `If-Match`
            rights.tables(["products"], ["dynamodb:Query"]),
            rights.tables(["files", "events"], ["dynamodb:PutItem"]),
            rights.tables(["quotas"], ["dynamodb:UpdateItem"]),
            rights.files(["s3:PutObject"], "files/7d/"),
        ],
    )


MAKERS: Makers = {
    "batch_report": _batch_report,
    "report_step": _report_step,
    "report_compensate": _report_compensate,
}
