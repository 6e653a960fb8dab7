"""The change sets of one deployment, one after the other: indexes, code, migrations, indexes."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from infra.deploying import changes, index_steps
from infra.deploying.artifacts import Artifacts
from infra.deploying.failures import DeployFailed
from infra.deploying.index_steps import TABLE, Phase, Step, Tables
from infra.deploying.stack import ChangeSet, Stack
from infra.names import Json

Show = Callable[[str], None]
Ask = Callable[[], bool]


@dataclass(frozen=True)
class Template:
    """A template with the parameters that a change set by it has to send."""

    body: Json
    parameters: list[Json]


class Updater:
    """Makes and executes change sets of a stack. `ask` may refuse the changes before they begin."""

    def __init__(self, stack: Stack, artifacts: Artifacts, dynamodb: Any, poll: float, show: Show, ask: Ask) -> None:
        self._stack, self._artifacts, self._dynamodb = stack, artifacts, dynamodb
        self._poll, self._show, self._ask = poll, show, ask

    def create(self, wanted: Template, migrate: Callable[[], None]) -> None:
        """Create the stack; `migrate` notes that its data are up to date."""
        made = self._change_set(wanted, is_new=True)
        if made:
            self._confirm(made, ())
            self._stack.execute(made)
        migrate()

    def update(self, deployed: Template, wanted: Template, migrate: Callable[[], None], at_once: int) -> None:
        """Take the steps of the indexes, with the new code and the migrations at their places."""
        before = index_steps.indexes_of(deployed.body)
        self._wait_for_tables([name for name, indexes in before.items() if indexes])  # an interrupted run may fill one
        steps = index_steps.plan(before, index_steps.indexes_of(wanted.body), at_once)
        whole = self._change_set(wanted)
        if whole:
            self._confirm(whole, index_steps.lines(before, steps))
        if whole and len(steps) == 1:
            self._stack.execute(whole)
        elif whole:
            self._stack.drop(whole.name)
            self._take(before, [step for step in steps if step.phase is not Phase.AFTER], deployed, wanted)
        migrate()
        late = [step for step in steps if step.phase is Phase.AFTER]
        self._take(steps[-1 - len(late)].tables, late, deployed, wanted)

    def apply(self, template: Template) -> None:
        """Update the stack in one step, without asking."""
        made = self._change_set(template)
        if made:
            self._stack.execute(made)

    def _take(self, before: Tables, steps: list[Step], deployed: Template, wanted: Template) -> None:
        for step in steps:
            self._show(f"{step.phase.value}: {index_steps.line(before, step)}")
            base = deployed if step.phase is Phase.BEFORE else wanted
            body = index_steps.with_indexes(base.body, step.tables, [deployed.body, wanted.body])
            self.apply(Template(body, base.parameters))
            self._wait_for_tables([n for n in before if n in step.tables and before[n].keys() != step.tables[n].keys()])
            before = step.tables

    def _change_set(self, template: Template, *, is_new: bool = False) -> ChangeSet | None:
        """Make a change set; DeployFailed when it would lose data."""
        key = self._artifacts.upload_template(template.body)
        made = self._stack.change_set(self._artifacts.url(key), template.parameters, is_new=is_new)
        if made and (loss := changes.loss(made.changes)):
            self._stack.drop(made.name)
            raise DeployFailed(loss)
        return made

    def _confirm(self, made: ChangeSet, steps: Iterable[str]) -> None:
        self._show("\n".join([f"changes of {self._stack.name}:", *changes.lines(made.changes), *steps]))
        if not self._ask():
            self._stack.drop(made.name)
            raise DeployFailed("nothing was changed")

    def _wait_for_tables(self, tables: list[str]) -> None:
        """Wait until tables are at rest: CloudFormation goes on while DynamoDB fills a new index, and a table takes no
        other change until then.
        """
        names = self._stack.names(TABLE) if tables else {}
        for name in tables:
            told = ""
            while unready := self._unready(names[name]):
                if unready != told:
                    self._show(f"  waiting  {name}: {unready}")
                told = unready
                time.sleep(self._poll)

    def _unready(self, table: str) -> str:
        """Return which indexes of a table are not ready, or the state of the table; empty: all is ready."""
        found = self._dynamodb.describe_table(TableName=table)["Table"]
        busy = [one for one in found.get("GlobalSecondaryIndexes", ()) if one.get("IndexStatus", "ACTIVE") != "ACTIVE"]
        texts = [f"{one['IndexName']} {one['IndexStatus'].lower()}" for one in busy]
        return ", ".join(texts) or ("" if found["TableStatus"] == "ACTIVE" else found["TableStatus"].lower())
