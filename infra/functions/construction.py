"""Sites and defects."""

from infra import rights
from infra.rights import Statement

FILES, UPLOADS = "defects/", "work/attachments/"


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return [
        # by the forms and links it signs, and to keep what was uploaded
        *(rights.files(["s3:GetObject", "s3:PutObject"], prefix) for prefix in (FILES, UPLOADS)),
        *(rights.look_up(prefix) for prefix in (FILES, UPLOADS)),
        rights.files(["s3:DeleteObject"], FILES),
    ]


def sweep_rights() -> list[Statement]:
    """What the sweep does: finds what is overdue, and notes that it was announced."""
    return [
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
        # files without a record
        rights.look_up(FILES),
        rights.files(["s3:DeleteObject"], FILES),
        rights.tables(["defect_records"], ["dynamodb:BatchGetItem"]),
    ]


def react_rights() -> list[Statement]:
    """What the listeners do: remove what belongs to deleted defects, hand defects over to another customer."""
    return [
        rights.tables(["defect_records"], ["dynamodb:Query", "dynamodb:DeleteItem"]),
        *(rights.files(["s3:DeleteObject"], prefix) for prefix in (FILES, UPLOADS)),
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]),
        rights.tables(["sites"], ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
    ]
