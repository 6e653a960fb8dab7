"""Use cases of recurring tasks."""


def sweep() -> int:
    """Start what is due."""
    return 0
