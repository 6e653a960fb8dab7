"""Sites and defects."""

from infra import rights
from infra.rights import Statement

FILES = "defects/"


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return [
        rights.tables(["sites"], ["dynamodb:ConditionCheckItem"]),
        rights.files(["s3:GetObject", "s3:PutObject"], FILES),  # by the forms and links it signs, and to see sizes
        rights.look_up(FILES),
    ]


def sweep_rights() -> list[Statement]:
    """What the sweep does: finds what is overdue, and notes that it was announced."""
    return [
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
    ]


def react_rights() -> list[Statement]:
    """What the listeners do: remove what belongs to deleted defects, hand defects over to another customer."""
    return [
        rights.tables(["defect_records"], ["dynamodb:Query", "dynamodb:DeleteItem"]),
        rights.files(["s3:DeleteObject"], FILES),
        *rights.query_indexes(["defects"]),
        rights.tables(["defects"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]),
        rights.tables(["sites"], ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"]),
        rights.tables(["counters"], ["dynamodb:BatchGetItem"]),
    ]
