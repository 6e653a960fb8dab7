"""Settings of a stage, for as long as a test needs them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.core.settings import settings
from infra.stages import EXAMPLES

OFTEN = ("local", "prod")  # in `make check` too
STAGES = [stage if stage in OFTEN else pytest.param(stage, marks=pytest.mark.slow) for stage in EXAMPLES]
"""Parameters of a test of the template of every stage."""


def deploy_to_prod(patch: pytest.MonkeyPatch) -> None:
    """The settings of a deployed stage, until the patch is undone and `settings` forgotten."""
    patch.setenv("STAGE", "prod")
    patch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()


@contextmanager
def stage_with(shards: tuple[int, int]) -> Iterator[pytest.MonkeyPatch]:
    """So many shards of lists, and of counters."""
    with pytest.MonkeyPatch.context() as patch:
        for name, number in zip(("LISTING_SHARDS", "COUNTER_SHARDS"), shards, strict=True):
            patch.setenv(name, str(number))
        settings.cache_clear()
        yield patch
    settings.cache_clear()
