"""Each rule of AWS holds for the template of every stage, and refuses a template that breaks it."""

import pytest

from tests.contract.aws_rules import RULES, Rule, Stack, new_stack
from tests.contract.aws_rules.limits import LIMITS, Limit
from tests.stages import STAGES

of_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.faults.__name__ for rule in RULES])


@pytest.fixture(scope="module", params=STAGES)
def stack(request: pytest.FixtureRequest) -> Stack:
    """Of each stage, to be read only."""
    return new_stack(request.param)


@of_rule
def test_the_template_of_a_stage_is_what_aws_takes(stack: Stack, rule: Rule) -> None:
    assert [*rule.faults(stack)] == [], f"{rule.says}: {rule.source}"


@of_rule
def test_a_template_that_breaks_a_rule_is_refused_by_it(rule: Rule) -> None:
    broken = new_stack("prod")
    rule.breaks(broken)
    assert [*rule.faults(broken)] != []


def test_no_rule_is_there_twice() -> None:
    assert len({rule.faults.__name__ for rule in RULES}) == len({rule.says for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("limit", LIMITS, ids=[limit.of.replace(" ", "_") for limit in LIMITS])
def test_a_limit_of_the_code_lies_below_that_of_aws(limit: Limit) -> None:
    assert limit.ours <= limit.theirs, f"{limit.of}: https://docs.aws.amazon.com/{limit.source}"
