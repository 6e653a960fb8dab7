"""One stack of CloudFormation: its state, its change sets, and what happens to it while it is changed."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from infra.deploying.failures import DeployFailed
from infra.names import Json

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
CREATED = "REVIEW_IN_PROGRESS"  # a stack that has a first change set, and nothing else
FAILED_CREATIONS = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_EMPTY = ("didn't contain changes", "No updates are to be performed")
_WORDS = {"CREATE": "added", "UPDATE": "changed", "DELETE": "deleted", "IMPORT": "imported"}
_STARTS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
_CONSEQUENCE = ("cancelled", "The following resource(s) failed")  # in reasons that only follow from another one


@dataclass(frozen=True)
class ChangeSet:
    """What an update would do."""

    name: str
    changes: list[Json]  # `ResourceChange` of each change


class Stack:
    """A stack by its name. `show` gets a line for each resource that is done; None: nothing is shown."""

    def __init__(self, cloudformation: Any, name: str, poll: float, show: Callable[[str], None] | None = None) -> None:
        self._cloudformation = cloudformation
        self._poll = poll
        self._show = show
        self._seen: set[str] = set()  # ids of events
        self._news = False
        self._id: str | None = None
        self.name = name

    def describe(self) -> Json | None:
        """Return what DescribeStacks says; None when the stack does not exist."""
        try:
            stacks: list[Json] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except self._cloudformation.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        self._id = stacks[0]["StackId"]
        return stacks[0] if stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None

    def template(self) -> Json:
        """Return the deployed template; CloudFormation may have `?` for letters beyond ASCII."""
        body = self._cloudformation.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]
        template: Json = json.loads(body if isinstance(body, str) else json.dumps(body))
        return template

    def names(self, kind: str) -> dict[str, str]:
        """Return the physical names of the resources of a type, by logical id."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [one for page in pages for one in page["StackResourceSummaries"] if one["ResourceType"] == kind]
        return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found}

    def change_set(self, url: str, parameters: list[Json], *, is_new: bool) -> ChangeSet | None:
        """Make a change set; None when it would change nothing."""
        name = f"deploy-{uuid.uuid4()}"
        self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateURL=url,
            Parameters=parameters,
            Capabilities=CAPABILITIES,
        )
        found = self._described(name)
        if found["Status"] == "FAILED":
            reason = str(found.get("StatusReason", ""))
            self.drop(name)
            if any(text in reason for text in _EMPTY):
                return None
            raise DeployFailed(reason)
        return ChangeSet(name, found["Changes"])

    def drop(self, name: str) -> None:
        """Delete a change set, and with the first one the stack, which has nothing yet."""
        self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=name)
        stack = self.describe()
        if stack and stack["StackStatus"] == CREATED:
            self._cloudformation.delete_stack(StackName=self.name)

    def execute(self, change_set: ChangeSet) -> None:
        """Execute a change set and wait for its end; DeployFailed names the resources that failed."""
        self._skip_events()
        self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=change_set.name)
        status = self.wait(started=True)
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeployFailed(f"{self.name}: {status}\n{self._reasons()}")

    def delete(self) -> None:
        """Delete the stack and wait for its end."""
        self._skip_events()
        self._cloudformation.delete_stack(StackName=self.name)
        status = self.wait(started=True)
        if status != "DELETE_COMPLETE":
            raise DeployFailed(f"{self.name}: {status}\n{self._reasons()}")

    def wait(self, *, started: bool = False) -> str:
        """Wait for the end of the running operation and return the status of the stack. `started`: an operation has
        just been asked for, and a stack that still waits for it counts as running.
        """
        if not started:
            self._skip_events()
        while True:
            stack = self.describe()
            self._show_events()
            status: str = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            running = status.endswith("_IN_PROGRESS") and (started or status != CREATED)
            if not running and (not started or self._began(stack)):
                return status
            time.sleep(self._poll)

    def _described(self, name: str) -> Json:
        """Return a change set with all of its changes, as soon as it is made."""
        while True:
            page: Json = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name)
            if page["Status"] in ("CREATE_COMPLETE", "FAILED"):
                break
            time.sleep(self._poll)
        found = {**page, "Changes": [one["ResourceChange"] for one in page.get("Changes", ())]}
        while token := page.get("NextToken"):
            page = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=name, NextToken=token)
            found["Changes"] += [one["ResourceChange"] for one in page.get("Changes", ())]
        return found

    def _began(self, stack: Json | None) -> bool:
        """Return whether the operation has left an event: just after the request the status may be the old one."""
        return stack is None or self._show is None or self._news

    def _events(self) -> Iterator[Json]:
        """Yield the events of the stack, the newest first."""
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self._id or self.name)
        for page in pages:
            yield from page["StackEvents"]

    def _skip_events(self) -> None:
        self._news = False
        if self._show and self.describe():
            self._seen |= {event["EventId"] for event in self._events()}

    def _show_events(self) -> None:
        if self._show is None or self._id is None:
            return
        new = list(takewhile(lambda event: event["EventId"] not in self._seen, self._events()))
        for event in reversed(new):
            self._seen.add(event["EventId"])
            self._news = True
            if line := _line(event):
                self._show(line)

    def _reasons(self) -> str:
        """Return why resources failed in the last operation, without failures that only follow from others."""
        found = []
        for event in self._events():
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and not any(text in reason for text in _CONSEQUENCE):
                found.append(f"{event['LogicalResourceId']}: {reason}")
            if event.get("PhysicalResourceId") == event["StackId"] and event["ResourceStatus"] in _STARTS:
                break
        return "\n".join(reversed(found))


def _line(event: Json) -> str | None:
    """Return a line for a resource that is done or failed, and for each status of the stack itself."""
    status: str = event["ResourceStatus"]
    if event.get("PhysicalResourceId") == event["StackId"]:
        return f"  {event['LogicalResourceId']}: {status}"
    what = f"{event['LogicalResourceId']} ({event['ResourceType'].removeprefix('AWS::')})"
    if status.endswith("_FAILED"):
        return f"  failed   {what}: {event.get('ResourceStatusReason', '')}"
    word = _WORDS.get(status.removesuffix("_COMPLETE"))
    return f"  {word:<8} {what}" if word else None
