"""Empty tables, and every call needs a token or a key."""

from tests.integration.users.conftest import house, locked, setting, tables_of_the_system

__all__ = ["house", "locked", "setting", "tables_of_the_system"]
