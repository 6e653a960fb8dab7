"""A run keeps its entries in order, whatever is added and removed, and finds every interval."""

from random import Random

import pytest

from localstack.engine import runs
from localstack.engine.runs import Entry, Run


def entry(random: Random) -> Entry:
    return (random.choice("abcdé"), random.choice("pq"), str(random.randrange(60)))


@pytest.mark.parametrize("seed", range(6))
def test_run_is_a_sorted_list(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BLOCK_ENTRIES", 4)
    random = Random(seed)
    expected = {entry(random) for _ in range(random.choice([0, 1, 50]))}
    run = Run(list(expected))
    for _ in range(800):
        changed = entry(random)
        if random.random() < 0.5:
            run.add(changed)
            expected.add(changed)
        else:
            run.remove(changed)
            expected.discard(changed)
        low, high = (random.choice("abcdez"),), random.choice([None, (random.choice("abcdez"),), entry(random)])
        inside = sorted(each for each in expected if low <= each and (high is None or each < high))
        assert list(run.between(low, high, forward=True)) == inside
        assert list(run.between(low, high, forward=False)) == inside[::-1]
        assert bool(run) == bool(expected)
