"""Schemathesis finds nothing: no 5xx, every answer as described, bad data refused, good data taken.

The long form is `make fuzz`; here a seed is fixed and each operation is tried once or twice.
"""

from tests.e2e.fuzz import run
from tests.e2e.people import administrator
from tests.e2e.stack import Stack


def test_schemathesis_finds_nothing(stack: Stack) -> None:
    found = run(stack.url, seed=5, examples=1, phases="fuzzing")
    assert found.returncode == 0, found.stdout + found.stderr


def test_nor_where_every_call_needs_a_token(locked_stack: Stack) -> None:
    found = run(locked_stack.url, seed=5, examples=1, phases="examples", headers=administrator(locked_stack))
    assert found.returncode == 0, found.stdout + found.stderr
