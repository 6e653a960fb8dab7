"""Sites and defects."""

from infra import rights
from infra.rights import Statement

FILES, UPLOADS = "defects/", "work/attachments/"


def api_rights() -> list[Statement]:
    """Return the rights of the API beside reading and writing tables."""
    return [
        # for the forms and links that it signs, and to copy uploaded files
        *(rights.files(["s3:GetObject", "s3:PutObject"], prefix) for prefix in (FILES, UPLOADS)),
        *(rights.look_up(prefix) for prefix in (FILES, UPLOADS)),
        rights.files(["s3:DeleteObject"], FILES),
    ]


def sweep_rights() -> list[Statement]:
    """Return the rights of the sweep: find overdue defects and mark them as announced."""
    return [
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        # files without a record
        rights.look_up(FILES),
        rights.files(["s3:DeleteObject"], FILES),
        rights.tables(["defect_records"], ["dynamodb:BatchGetItem"]),
    ]


def react_rights() -> list[Statement]:
    """Return the rights of the listeners: remove data of deleted defects, give defects to another customer."""
    return [
        rights.tables(["defect_records"], ["dynamodb:Query", "dynamodb:DeleteItem"]),
        *(rights.files(["s3:DeleteObject"], prefix) for prefix in (FILES, UPLOADS)),
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]),
        rights.tables(["sites"], ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
    ]
