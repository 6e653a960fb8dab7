"""What happens when a defect is not fixed in time."""


def sweep() -> int:
    """Announce the defects that are overdue since the last look."""
    return 0
