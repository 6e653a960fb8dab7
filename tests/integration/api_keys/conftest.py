"""Empty tables, and every call needs a token or a key."""

from tests.integration.users.conftest import locked, setting, shared_tables, tables_of_the_system

__all__ = ["shared_tables", "locked", "setting", "tables_of_the_system"]
