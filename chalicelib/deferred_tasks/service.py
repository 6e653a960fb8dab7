"""Use cases of deferred tasks."""


def sweep() -> int:
    """Find tasks that lost their message."""
    return 0
