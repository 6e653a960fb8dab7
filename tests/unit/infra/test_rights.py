"""A role's statements, made fewer: they allow the same."""

from itertools import product
from typing import Any

from infra.functions.api import MAKERS
from infra.names import API_FUNCTION
from infra.rights import Statement, allow, merged

A, B, C = ({"Ref": name} for name in "ABC")


def allowed(statements: list[Statement]) -> set[tuple[Any, ...]]:
    """Every action on every resource under every condition."""
    return {
        (action, str(resource), str(one.get("Condition")))
        for one in statements
        for action, resource in product(one["Action"], one["Resource"])
    }


def test_what_is_on_the_same_resources_or_has_the_same_actions_is_one() -> None:
    assert merged([allow(["s:Get"], [A]), allow(["s:Put"], [A]), allow(["s:Get", "s:Put"], [B])]) == [
        allow(["s:Get", "s:Put"], [A, B])
    ]


def test_what_another_statement_allows_is_left_out() -> None:
    assert merged([allow(["s:Put"], [A, B]), allow(["s:Get", "s:Put"], [A, B, C])]) == [
        allow(["s:Get", "s:Put"], [A, B, C])
    ]


def test_a_condition_is_kept_apart() -> None:
    bound = {**allow(["s:Get"], [A]), "Condition": {"StringLike": {"s:prefix": "x"}}}
    assert merged([bound, allow(["s:Get"], [B])]) == [bound, allow(["s:Get"], [B])]


def test_the_rights_of_the_api_are_the_same_in_fewer_statements() -> None:
    told = MAKERS[API_FUNCTION]().statements
    assert allowed(merged(told)) == allowed(told)
    assert len(merged(told)) < len(told)
