"""Sites and defects."""

from infra.rights import Statement


def api_rights() -> list[Statement]:
    """What the api does beside reading and writing tables."""
    return []


def sweep_rights() -> list[Statement]:
    """What the sweep does."""
    return []
