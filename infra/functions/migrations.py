"""The migrations of a release."""

from chalicelib.core.listing import LISTINGS
from chalicelib.migrations.numbered import migrations
from infra import rights
from infra.functions.function import Function, Makers

MIGRATE_TIMEOUT = 900  # the maximum of Lambda; what is left is continued by the next call


def _migrate() -> Function:
    """It reads and changes every item of a list; with the recount it is the only function that scans."""
    tables = sorted({*LISTINGS, *(table for migration in migrations() for table in migration.changes())})
    return Function(
        memory=512,
        timeout=MIGRATE_TIMEOUT,
        statements=[
            rights.tables(tables, ["dynamodb:Scan", "dynamodb:UpdateItem"]),
            rights.tables(["counters"], ["dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
            rights.tables(["migrations"], ["dynamodb:UpdateItem"]),
            *rights.query_indexes(sorted(LISTINGS)),
        ],
    )


MAKERS: Makers = {"migrate": _migrate}
