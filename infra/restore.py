"""`python -m infra.restore --stage prod --at 2026-11-29T08:15:00+03:00`: all tables as they were at one second.

AWS restores each table into a new one beside it. Then the work of the stack is paused, the items that differ are copied
back, until a whole reading finds none, and the work goes on; last the counters are checked. Killed anywhere, the same
command goes on from there. Why so: docs/decisions/0028-restore-by-copying-back.md; what it leaves: docs/deploying.md.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalicelib.core.retries import OPERATOR_CALL
from infra import recount
from infra.copy_back import WORKERS, Copy, make_equal, segments
from infra.deploying.failures import one_line_errors
from infra.migrate import caller
from infra.migrating import MigrationFailed, migrate
from infra.names import Json
from infra.running_stack import RunningStack
from infra.stages import client_arguments, stage_name

POLL_SECONDS = 15.0
Tell = Callable[[str], None]
T = TypeVar("T")


class RestoreRefused(Exception):
    """Nothing was changed; the text says why."""


@dataclass(frozen=True)
class TableState:
    """A table of the stack, and whether it has data of that time: a younger one had none."""

    name: str
    description: Json
    existed: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """The attributes of its key."""
        return tuple(key["AttributeName"] for key in self.description["KeySchema"])


class Restore:
    """Restores the tables of one stack; `client` makes a client of AWS by the name of its service."""

    def __init__(self, stack: str, at: datetime, client: Callable[[str], Any], tell: Tell, *, emulated: bool) -> None:
        self._dynamodb = client("dynamodb")
        self._running = RunningStack(stack, client)
        self._at, self._tell, self._emulated = at, tell, emulated
        self._suffix = f"-restored-{at:%Y%m%dT%H%M%SZ}"
        self._tables = [self._look_at(name) for name in self._running.tables()]

    def plan(self) -> Iterator[str]:
        """Yield what will be done; RestoreRefused when a table cannot be restored to that time."""
        if not self._tables:
            raise RestoreRefused("the stack has no tables")
        size = sum(one.description["TableSizeBytes"] for one in self._tables)
        items = sum(one.description["ItemCount"] for one in self._tables)
        now = f"now about {items:,} items, {size / 1e9:.2f} GB"
        yield f"{len(self._tables)} tables to {_utc(self._at)}, {now}"
        yield from (f"{one.name} is younger than that: it will be empty" for one in self._tables if not one.existed)
        begun = sum(self._describe(one.name + self._suffix) is not None for one in self._tables)
        if begun:
            yield f"{begun} of them are restored already by an earlier run of this command, which goes on from there"

    def run(self, poll: float = POLL_SECONDS, settle: float | None = None) -> None:
        """Restore, pause, copy back, go on; `settle` instead of the time that running calls may take."""
        self._restore_beside(poll)
        longest = self._running.pause()
        self._tell("the work of the stack is paused; if this command is interrupted now, run it again")
        self._copy_back(time.monotonic() + (longest if settle is None else settle))
        self._running.resume()
        self._tell("the work of the stack goes on")

    def clean_up(self) -> None:
        """Delete the tables that were restored beside those of the stack."""
        for table in self._tables:
            if self._describe(table.name + self._suffix):
                self._dynamodb.delete_table(TableName=table.name + self._suffix)

    # -- AWS restores ----------------------------------------------------------------------------------------------

    def _restore_beside(self, poll: float) -> None:
        """Have AWS restore every table beside the present one, as many at once as it allows: fifty of an account.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
        """
        begun = time.monotonic()
        while True:
            wanted = [table for table in self._tables if table.existed]
            waiting = [table for table in wanted if self._state(table) != "ACTIVE"]
            minutes = (time.monotonic() - begun) / 60
            self._tell(f"{len(wanted) - len(waiting)} of {len(wanted)} tables restored beside, {minutes:.0f} min")
            if not waiting:
                return
            time.sleep(poll)

    def _state(self, table: TableState) -> str:
        """Return the state of the restored table; begin the restore when there is none and AWS has room for it."""
        restored = self._describe(table.name + self._suffix)
        if restored:
            self._check_origin(restored, table)
            return str(restored["TableStatus"])
        try:
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=table.name,
                TargetTableName=table.name + self._suffix,
                RestoreDateTime=self._at,
                GlobalSecondaryIndexOverride=[],  # nobody asks it by an index: sooner ready, and cheaper
            )
        except self._dynamodb.exceptions.ClientError as error:
            return _expected(error, "LimitExceededException", "WAITING")
        return "CREATING"

    def _check_origin(self, restored: Json, table: TableState) -> None:
        """RestoreRefused when a table has the name by accident; emulators do not tell the origin."""
        origin = restored.get("RestoreSummary", {}).get("SourceTableArn", "")
        if not origin.endswith(f"/{table.name}") and not (self._emulated and not origin):
            raise RestoreRefused(f"{table.name}{self._suffix} was not restored from {table.name}: delete or rename it")

    # -- and its items are copied back -----------------------------------------------------------------------------

    def _copy_back(self, quiet: float) -> None:
        """Copy until a reading that began when all earlier calls had ended finds no difference."""
        copies = [self._copy(table) for table in self._tables]
        while True:
            is_quiet = time.monotonic() >= quiet
            changed = make_equal(self._dynamodb, copies, self._tell)
            self._tell(f"all tables compared: {changed:,} items differed")
            if is_quiet and not changed:
                return
            if (left := quiet - time.monotonic()) > 0:
                self._tell(f"waiting {left:.0f} s until the last running call has ended, then comparing again")
                time.sleep(left)

    def _copy(self, table: TableState) -> Copy:
        source = table.name + self._suffix if table.existed else None
        return Copy(table.name, source, table.keys, segments(table.description["TableSizeBytes"]))

    # -- what is there ---------------------------------------------------------------------------------------------

    def _look_at(self, name: str) -> TableState:
        """Describe a table of the stack; RestoreRefused when it cannot be restored to that time."""
        description = self._describe(name)
        if description is None:
            raise RestoreRefused(f"{name} does not exist: deploy first")
        if self._emulated:  # it keeps no history: it restores what is there
            return TableState(name, description, existed=True)
        if description["CreationDateTime"] > self._at:
            return TableState(name, description, existed=False)
        backups = self._dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        window = backups.get("PointInTimeRecoveryDescription", {})
        if window.get("PointInTimeRecoveryStatus") != "ENABLED":
            raise RestoreRefused(f"{name} has no point-in-time recovery")
        earliest, latest = window["EarliestRestorableDateTime"], window["LatestRestorableDateTime"]
        if not earliest <= self._at <= latest:
            raise RestoreRefused(f"{name} can be restored to a time from {_utc(earliest)} to {_utc(latest)}")
        return TableState(name, description, existed=True)

    def _describe(self, name: str) -> Json | None:
        try:
            table: Json = self._dynamodb.describe_table(TableName=name)["Table"]
        except self._dynamodb.exceptions.ClientError as error:
            return _expected(error, "ResourceNotFoundException", None)
        return table


def instant(text: str) -> datetime:
    """Return a time as it is given, `2026-11-29T08:15:00+03:00`; it needs an offset and has whole seconds."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} needs an offset from UTC: {text}+03:00, or {text}Z")
    return at.astimezone(UTC).replace(microsecond=0)


def _expected(error: Any, code: str, instead: T) -> T:
    """Return `instead` for an error with that code, and raise any other."""
    if error.response["Error"]["Code"] != code:
        raise error
    return instead


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.restore", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--at", type=instant, required=True, help="2026-11-29T08:15:00+03:00")
    parser.add_argument("--yes", help="the stage again, instead of typing it: YES=prod")
    parser.add_argument("--dry", action="store_true", help="say what would be done, and do nothing (DRY=1)")
    parser.add_argument("--keep", action="store_true", help="keep the restored tables beside (KEEP=1)")
    parser.add_argument(
        "--settle", type=float, help="seconds that running calls may take; default: the longest timeout"
    )
    parser.add_argument("--endpoint", help="an emulator; without it: AWS, or the local stack for the stage local")
    return parser.parse_args(arguments)


@one_line_errors()
def main(given: Sequence[str] | None = None) -> int:
    """Restore a stage by the arguments of the command line."""
    arguments = _arguments(given)
    place = client_arguments(arguments.stage, arguments.endpoint)
    is_emulated = bool(place)
    stack = f"shopfloor-{arguments.stage}"
    _check_access(stack, place)
    try:
        restore = Restore(stack, arguments.at, lambda name: _client(name, place), _tell, emulated=is_emulated)
        for line in restore.plan():
            _tell(line)
        if arguments.dry or not _confirmed(arguments):
            return 0 if arguments.dry else 1
        restore.run(poll=1 if is_emulated else POLL_SECONDS, settle=arguments.settle)
        migrate(caller(stack, place), _tell)  # of a release that came after that time
        result = recount.call(arguments.stage, place)
    except (RestoreRefused, MigrationFailed, recount.RecountFailed) as failure:
        sys.exit(str(failure))
    for line in recount.lines(result):
        _tell(line)
    if not arguments.keep:
        restore.clean_up()
    return int(recount.is_open(result))


def _confirmed(arguments: argparse.Namespace) -> bool:
    """Ask for the name of the stage; everything since that time will be gone."""
    if arguments.yes is None and sys.stdin.isatty():
        arguments.yes = input(f"What was written since then will be gone. Type {arguments.stage} to go on: ")
    if arguments.yes == arguments.stage:
        return True
    _tell(f"not confirmed: type {arguments.stage}, or give YES={arguments.stage}")
    return False


def _check_access(stack: str, place: Json) -> None:
    """Fail soon without network or stack: the calls that follow are repeated for minutes."""
    import boto3

    boto3.client("cloudformation", **place).describe_stacks(StackName=stack)


def _client(service: str, place: Json) -> Any:
    import boto3
    from botocore.config import Config

    # Throttling of a table or of Lambda's control plane is normal here, and waited for.
    retries = {"mode": "adaptive", "total_max_attempts": OPERATOR_CALL.max_attempts}
    config = Config(retries=retries, max_pool_connections=2 * WORKERS)
    return boto3.client(service, config=config, **place)


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
