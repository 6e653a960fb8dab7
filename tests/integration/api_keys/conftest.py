"""Empty tables, and every call needs a token or a key."""

from tests.integration.users.conftest import house, locked, tables_of_the_system

__all__ = ["house", "locked", "tables_of_the_system"]
