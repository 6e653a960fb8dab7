"""The steps of the report saga."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.functions.people import directory_rights
from infra.rights import Statement

BATCH_REPORT_TIMEOUT = 26  # its own deadline is a second earlier; core.aws waits 27 s for it, the gateway 29 s


def saga_rights() -> list[Statement]:
    """What every step does: read and change the saga and its report, count, record events."""
    return [
        rights.tables(["sagas", "reports"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        rights.tables(["sagas", "counters"], ["dynamodb:UpdateItem"]),
        rights.tables(["events"], ["dynamodb:PutItem"]),
    ]


def _step(*extra: Statement, memory: int = 256, timeout: int = 20) -> Function:
    return Function(memory=memory, timeout=timeout, statements=[*saga_rights(), *extra])


def _report_validate_user() -> Function:
    return _step(*directory_rights())


def _report_validate_template() -> Function:
    return _step(*directory_rights(), rights.tables(["report_templates", "batches"], ["dynamodb:GetItem"]))


def _report_collect_data() -> Function:
    return _step(
        rights.tables(["batches"], ["dynamodb:GetItem", "dynamodb:BatchGetItem"]),
        rights.tables(["work_centers"], ["dynamodb:GetItem"]),
        rights.tables(["products"], ["dynamodb:Query"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
        *rights.query_indexes(["batches", "orders", "defects", "deferred_tasks", "long_tasks"]),
        rights.tables(["orders"], ["dynamodb:BatchGetItem"]),
        rights.tables(["defects", "sites", "deferred_tasks", "long_tasks"], ["dynamodb:BatchGetItem"]),
        rights.tables(["long_tasks"], ["dynamodb:Query"]),  # of one user
        rights.tables(["users"], ["dynamodb:BatchGetItem"]),
        *directory_rights(),
        rights.files(["s3:PutObject"], "work/"),
        memory=512,
        timeout=170,
    )


def _report_generate() -> Function:
    # the memory is for the processor that comes with it: the report itself needs about 100 MB
    work = rights.files(["s3:GetObject", "s3:PutObject"], "work/")
    return _step(work, *directory_rights(), memory=1024, timeout=170)


def _report_store_file() -> Function:
    return _step(
        rights.files(["s3:GetObject"], "work/"),
        rights.files(["s3:GetObject", "s3:PutObject"], "reports/"),
        timeout=50,
    )


def _report_tidy() -> Function:
    """The last step and the undoing: both remove files."""
    removal = (rights.files(["s3:DeleteObject"], prefix) for prefix in ("reports/", "work/"))
    return _step(*removal, timeout=50)


def _batch_report() -> Function:
    """The API waits for it: its time ends before that of the API, and the memory is for the processor."""
    return Function(
        memory=1769,
        timeout=BATCH_REPORT_TIMEOUT,
        statements=[
            rights.tables(["batches", "work_centers"], ["dynamodb:GetItem"]),
            rights.tables(["products"], ["dynamodb:Query"]),
            rights.tables(["files", "events"], ["dynamodb:PutItem"]),
            rights.files(["s3:PutObject"], "files/7d/"),
        ],
    )


MAKERS: Makers = {
    "batch_report": _batch_report,
    "report_validate_user": _report_validate_user,
    "report_validate_template": _report_validate_template,
    "report_collect_data": _report_collect_data,
    "report_generate": _report_generate,
    "report_store_file": _report_store_file,
    "report_notify": _report_tidy,
    "report_compensate": _report_tidy,
}
