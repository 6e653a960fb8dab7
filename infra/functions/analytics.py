"""Functions of analytics: dashboard and hours every five minutes, and the recount on demand."""

from chalicelib.core.listing import LISTINGS
from infra import rights
from infra.functions.function import Function, Makers, every

RECOUNT_TIMEOUT = 900  # the maximum of Lambda, because everything that is counted is read


def _refresh_analytics() -> Function:
    return Function(
        memory=256,
        timeout=30,
        statements=[
            rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
            rights.tables(["analytics"], ["dynamodb:GetItem", "dynamodb:BatchWriteItem"]),
            *rights.query_indexes(["products"]),
        ],
        events=every("5 minutes"),
    )


def _recount() -> Function:
    """The only function that scans: a counter of items that no longer exist cannot be found otherwise."""
    return Function(
        memory=1024,
        timeout=RECOUNT_TIMEOUT,
        statements=[
            rights.tables(["counters", "batch_totals", "defect_totals"], ["dynamodb:Scan", "dynamodb:UpdateItem"]),
            rights.tables(["order_totals"], ["dynamodb:Scan", "dynamodb:UpdateItem"]),
            rights.tables(["orders"], ["dynamodb:Scan"]),
            *rights.query_indexes(sorted(LISTINGS)),
            rights.tables(["batches"], ["dynamodb:Scan", "dynamodb:UpdateItem"]),
            rights.tables(["defects"], ["dynamodb:BatchGetItem"]),
            rights.tables(["products"], ["dynamodb:Query"]),  # the deleted batches, whose products are not counted
        ],
    )


MAKERS: Makers = {"refresh_analytics": _refresh_analytics, "recount": _recount}
