"""Users, orders and what they stand behind."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.rights import Statement


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return [rights.tables(["breakers"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"])]


def directory_rights() -> list[Statement]:
    """Looking a user up by number."""
    return [rights.tables(["users", "claims"], ["dynamodb:GetItem"])]


def _make_admin() -> Function:
    return Function(memory=256, timeout=30, statements=[])


MAKERS: Makers = {"make_admin": _make_admin}
