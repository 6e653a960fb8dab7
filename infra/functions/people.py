"""Users and orders."""

from infra import rights
from infra.functions.function import Function, Makers
from infra.rights import Statement

MAKE_ADMIN_TIMEOUT = 30
ROTATE_KEY_TIMEOUT = 30


def api_rights() -> list[Statement]:
    """Return the rights of the API beside reading and writing tables."""
    return [
        rights.tables(["breakers"], ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"]),
        rights.tables(["limits"], ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]),
    ]


def directory_rights() -> list[Statement]:
    """Return the rights to read a user by number."""
    return [rights.tables(["users", "claims"], ["dynamodb:GetItem"])]


def owners_rights() -> list[Statement]:
    """Return the rights to check that owners of tasks exist and which roles they have."""
    return [rights.tables(["users", "claims"], ["dynamodb:BatchGetItem"])]


def _make_admin() -> Function:
    """Called by `make admin` alone."""
    return Function(
        memory=512,  # Argon2 is then as quick as at a login
        timeout=MAKE_ADMIN_TIMEOUT,
        statements=[
            rights.tables(["users", "claims"], ["dynamodb:GetItem", "dynamodb:PutItem"]),
            rights.tables(["counters"], ["dynamodb:UpdateItem"]),
            rights.tables(["events"], ["dynamodb:PutItem"]),
        ],
    )


def _rotate_key() -> Function:
    """Called by `make rotate-key` alone."""
    return Function(memory=512, timeout=ROTATE_KEY_TIMEOUT, statements=[rights.read_secret(), rights.write_secret()])


MAKERS: Makers = {"make_admin": _make_admin, "rotate_key": _rotate_key}
