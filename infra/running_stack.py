"""Stopping the work of a deployed stack, and letting it go on: nobody writes to its tables meanwhile.

Schedules, queues and the stream no longer call functions (their messages stay where they are), no function starts
(its concurrency is 0; the number it had is kept in a tag), running executions are ended; the sweep begins again what
they were doing. Each part may be done twice, and by another machine than the one that began.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from infra.names import Json

TAG = "shopfloor:concurrency-before-pause"
NO_LIMIT = "none"


class RunningStack:
    """The functions of one stack and what calls them; `client` makes a client of AWS by the name of its service."""

    def __init__(self, stack: str, client: Callable[[str], Any]) -> None:
        self._name = stack
        self._lambda, self._events, self._machines = client("lambda"), client("events"), client("stepfunctions")
        pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        self._resources = [one for page in pages for one in page["StackResourceSummaries"]]

    def pause(self) -> int:
        """Stop all work; return for how many seconds a call that runs already may still write."""
        for rule in self._schedules():
            self._events.disable_rule(Name=rule)
        self._switch_mappings(enabled=False)
        longest = 0
        for name in self._of("AWS::Lambda::Function"):
            configuration = self._lambda.get_function_configuration(FunctionName=name)
            longest = max(longest, configuration["Timeout"])
            self._stop_function(name, configuration["FunctionArn"])
        for execution in self._running():
            self._machines.stop_execution(executionArn=execution, error="Restore", cause="the tables are restored")
        return longest

    def resume(self) -> None:
        """Let all work go on as it was."""
        for name in self._of("AWS::Lambda::Function"):
            arn = self._lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
            self._start_function(name, arn)
        self._switch_mappings(enabled=True)
        for rule in self._schedules():
            self._events.enable_rule(Name=rule)

    def _stop_function(self, name: str, arn: str) -> None:
        if TAG not in self._lambda.list_tags(Resource=arn)["Tags"]:
            before = self._lambda.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
            self._lambda.tag_resource(Resource=arn, Tags={TAG: NO_LIMIT if before is None else str(before)})
        self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    def _start_function(self, name: str, arn: str) -> None:
        before = self._lambda.list_tags(Resource=arn)["Tags"].get(TAG)
        if before is None:
            return
        if before == NO_LIMIT:
            self._lambda.delete_function_concurrency(FunctionName=name)
        else:
            self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(before))
        self._lambda.untag_resource(Resource=arn, TagKeys=[TAG])

    def _switch_mappings(self, *, enabled: bool) -> None:
        """Switch the queues and the stream, and wait until each is: a mapping that changes takes no other change."""
        mappings = list(self._of("AWS::Lambda::EventSourceMapping"))
        for mapping in mappings:
            if self._settled(mapping) != ("Enabled" if enabled else "Disabled"):
                self._lambda.update_event_source_mapping(UUID=mapping, Enabled=enabled)
        for mapping in mappings:
            self._settled(mapping)

    def _settled(self, mapping: str) -> str:
        """Wait until no change of a mapping is under way; return its state."""
        while True:
            state: str = self._lambda.get_event_source_mapping(UUID=mapping)["State"]
            if not state.endswith("ing"):
                return state
            time.sleep(1)

    def _schedules(self) -> Iterator[str]:
        """Yield the names of the rules that call by the clock; they are on the default bus."""
        for page in self._events.get_paginator("list_rules").paginate(NamePrefix=f"{self._name}-"):
            yield from (rule["Name"] for rule in page["Rules"] if "ScheduleExpression" in rule)

    def _running(self) -> Iterator[str]:
        for machine in self._of("AWS::StepFunctions::StateMachine"):
            pages = self._machines.get_paginator("list_executions").paginate(
                stateMachineArn=machine, statusFilter="RUNNING"
            )
            yield from (one["executionArn"] for page in pages for one in page["executions"])

    def tables(self) -> list[str]:
        """Return the names of the stack's tables."""
        return sorted(self._of("AWS::DynamoDB::Table"))

    def _of(self, kind: str) -> Iterator[str]:
        return (one["PhysicalResourceId"] for one in self._resources if _is(one, kind))


def _is(resource: Json, kind: str) -> bool:
    return bool(resource["ResourceType"] == kind and not resource["ResourceStatus"].startswith("DELETE"))
