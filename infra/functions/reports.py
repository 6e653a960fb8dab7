"""Functions of the report saga, and of the report on a batch."""

from collections.abc import Iterable

from chalicelib.reports import branding
from chalicelib.reports.layouts import BATCH, LAYOUTS, Layout
from infra import rights
from infra.functions.function import Function, Makers
from infra.functions.people import directory_rights
from infra.rights import Statement

BATCH_REPORT_TIMEOUT = 26  # its own deadline is a second earlier; core.aws waits 27 s for it, the gateway 29 s


def saga_rights() -> list[Statement]:
    """The rights of all steps and of compensation: read and write the saga and its report, change the counters of their
    lists, write events.
    """
    return [
        rights.tables(["sagas", "reports"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.tables(["sagas", "counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _layout_rights(layouts: Iterable[Layout]) -> list[Statement]:
    """What the layouts read, as they declare it."""
    reads = [(table, action) for layout in layouts for table, actions in layout.reads.items() for action in actions]
    indexed = sorted({table for table, action in reads if action == "QueryIndex"})
    items = [(table, action) for table, action in reads if action != "QueryIndex"]
    return [
        *(rights.tables([table], [f"dynamodb:{action}"]) for table, action in items),
        *rights.query_indexes(indexed),
    ]


def _report_step() -> Function:
    """One function for all six steps: a report starts few processes, and other reports use them again.

    The memory size is chosen for the processor share that comes with it; a report itself needs about 100 MB.
    """
    return Function(
        memory=1024,
        timeout=170,
        statements=[
            *saga_rights(),
            *directory_rights(),
            rights.tables(["report_templates"], ["dynamodb:GetItem"]),
            *_layout_rights(LAYOUTS),
            rights.files(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "work/"),
            rights.files(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "reports/"),
            rights.files(["s3:GetObject"], branding.LOGO_FOLDER),
        ],
    )


def _report_compensate() -> Function:
    """Compensation deletes files."""
    removal = (rights.files(["s3:DeleteObject"], prefix) for prefix in ("reports/", "work/"))
    return Function(memory=256, timeout=50, statements=[*saga_rights(), *removal])


def _batch_report() -> Function:
    """The API waits for it, so its timeout is shorter; the memory size is chosen for the processor share."""
    return Function(
        memory=1769,
        timeout=BATCH_REPORT_TIMEOUT,
        statements=[
            *_layout_rights([BATCH]),
            rights.tables(["batches"], ["dynamodb:ConditionCheckItem"]),  # of a request with `If-Match`
            rights.tables(["files", "events"], ["dynamodb:PutItem"]),
            rights.tables(["quotas"], ["dynamodb:UpdateItem"]),
            rights.files(["s3:PutObject"], "files/7d/"),
            rights.files(["s3:GetObject"], branding.LOGO_FOLDER),
        ],
    )


MAKERS: Makers = {
    "batch_report": _batch_report,
    "report_step": _report_step,
    "report_compensate": _report_compensate,
}
