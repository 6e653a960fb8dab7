"""A stack keeps the shards that its data was written with, whatever the template's defaults are."""

from typing import Any

import pytest

from infra import shards

NEW_STACK = {"Parameters": [{"ParameterKey": name, "ParameterValue": "1"} for name in shards.PARAMETERS]}
KEPT = [{"ParameterKey": name, "UsePreviousValue": True} for name in shards.PARAMETERS]


def test_a_new_local_stack_has_one_of_each_and_one_on_aws_has_many() -> None:
    defaults = {
        stage: [one["Default"] for one in shards.parameters(stage).values()] for stage in ("local", "dev", "prod")
    }
    assert defaults == {"local": [1, 1], "dev": [6, 16], "prod": [6, 16]}


def test_an_update_keeps_the_values_of_the_stack() -> None:
    assert shards.for_update(NEW_STACK, {"LogLevel": "INFO"}) == KEPT


@pytest.mark.parametrize("stack", [{}, {"Parameters": [{"ParameterKey": "LogLevel", "ParameterValue": "INFO"}]}])
def test_an_update_of_a_stack_without_the_parameters_sends_what_its_data_was_written_with(stack: Any) -> None:
    assert shards.for_update(stack, {}) == [
        {"ParameterKey": "ListingShards", "ParameterValue": "6"},
        {"ParameterKey": "CounterShards", "ParameterValue": "16"},
    ]


def test_more_shards_are_taken() -> None:
    assert shards.for_update(NEW_STACK, {"ListingShards": "8"}) == KEPT[1:]


@pytest.mark.parametrize(("stack", "given"), [(NEW_STACK, {"CounterShards": "0"}), ({}, {"ListingShards": "5"})])
def test_fewer_shards_are_refused(stack: Any, given: dict[str, str]) -> None:
    with pytest.raises(shards.TooFewShards, match=next(iter(given))):
        shards.for_update(stack, given)
