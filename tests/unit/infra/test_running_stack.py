"""Pausing a stack and letting it go on: afterwards everything is set as it was before, done once or twice."""

# ruff: noqa: N803 - arguments have the names that boto3 gives them

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from infra import running_stack
from infra.running_stack import TAG, RunningStack

RESOURCES = [
    ("AWS::Lambda::Function", "s-api"),
    ("AWS::Lambda::Function", "s-relay"),
    ("AWS::Lambda::EventSourceMapping", "m-1"),
    ("AWS::StepFunctions::StateMachine", "arn:machine"),
    ("AWS::DynamoDB::Table", "s-orders"),
    ("AWS::DynamoDB::Table", "s-batches"),
]


class Account:
    """So much of an account as a pause touches; a mapping needs two looks to change its state."""

    def __init__(self) -> None:
        self.limits: dict[str, int] = {"s-relay": 5}
        self.tags: dict[str, dict[str, str]] = defaultdict(dict)
        self.mapping, self.looks = "Enabled", 0
        self.rules = {"s-sweep": "ENABLED", "s-pattern": "ENABLED"}
        self.executions = ["arn:execution"]

    def client(self, service: str) -> Any:
        """A client of any service."""
        return self

    def get_paginator(self, operation: str) -> Any:
        """The pages of a list."""
        return SimpleNamespace(paginate=lambda **arguments: [getattr(self, operation)(**arguments)])

    def list_stack_resources(self, StackName: str) -> Any:
        kinds = [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in RESOURCES]
        return {"StackResourceSummaries": [{**one, "ResourceStatus": "CREATE_COMPLETE"} for one in kinds]}

    def list_rules(self, NamePrefix: str) -> Any:
        assert NamePrefix == "s-"
        return {"Rules": [{"Name": "s-sweep", "ScheduleExpression": "rate(1 minute)"}, {"Name": "s-pattern"}]}

    def list_executions(self, **_: Any) -> Any:
        return {"executions": [{"executionArn": arn} for arn in self.executions]}

    def stop_execution(self, executionArn: str, error: str, cause: str) -> None:
        self.executions.remove(executionArn)

    def disable_rule(self, Name: str) -> None:
        self.rules[Name] = "DISABLED"

    def enable_rule(self, Name: str) -> None:
        self.rules[Name] = "ENABLED"

    def get_function_configuration(self, FunctionName: str) -> Any:
        return {"FunctionArn": f"arn:{FunctionName}", "Timeout": 29 if FunctionName == "s-api" else 900}

    def get_function_concurrency(self, FunctionName: str) -> Any:
        limit = self.limits.get(FunctionName)
        return {} if limit is None else {"ReservedConcurrentExecutions": limit}

    def put_function_concurrency(self, FunctionName: str, ReservedConcurrentExecutions: int) -> None:
        self.limits[FunctionName] = ReservedConcurrentExecutions

    def delete_function_concurrency(self, FunctionName: str) -> None:
        del self.limits[FunctionName]

    def list_tags(self, Resource: str) -> Any:
        return {"Tags": dict(self.tags[Resource])}

    def tag_resource(self, Resource: str, Tags: dict[str, str]) -> None:
        self.tags[Resource].update(Tags)

    def untag_resource(self, Resource: str, TagKeys: list[str]) -> None:
        for key in TagKeys:
            del self.tags[Resource][key]

    def get_event_source_mapping(self, UUID: str) -> Any:
        self.looks += 1
        if self.mapping.endswith("ing") and self.looks % 2 == 0:
            self.mapping = {"Enabling": "Enabled", "Disabling": "Disabled"}[self.mapping]
        return {"State": self.mapping}

    def update_event_source_mapping(self, UUID: str, Enabled: bool) -> None:
        assert not self.mapping.endswith("ing")  # AWS: ResourceInUseException
        self.mapping = "Enabling" if Enabled else "Disabling"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with one running stack, named `s`."""
    monkeypatch.setattr(running_stack.time, "sleep", lambda seconds: None)
    return Account()


def test_a_pause_stops_all_that_writes(account: Account) -> None:
    assert RunningStack("s", account.client).pause() == 900
    assert account.limits == {"s-api": 0, "s-relay": 0}
    assert account.mapping == "Disabled"
    assert account.rules == {"s-sweep": "DISABLED", "s-pattern": "ENABLED"}
    assert account.executions == []


@pytest.mark.parametrize("times", [1, 2])
def test_afterwards_all_is_as_it_was(account: Account, times: int) -> None:
    for _ in range(times):  # another machine goes on with what one began
        RunningStack("s", account.client).pause()
    assert account.tags == {"arn:s-api": {TAG: "none"}, "arn:s-relay": {TAG: "5"}}
    for _ in range(times):
        RunningStack("s", account.client).resume()
    assert account.limits == {"s-relay": 5}
    assert account.mapping == "Enabled"
    assert account.rules == {"s-sweep": "ENABLED", "s-pattern": "ENABLED"}
    assert not any(account.tags.values())


def test_the_tables_are_those_of_the_stack(account: Account) -> None:
    assert RunningStack("s", account.client).tables() == ["s-batches", "s-orders"]
