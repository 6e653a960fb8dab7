"""What `make restore` checks before it changes anything, how it waits for AWS, and what is asked of the operator."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.core.aws import client
from infra import restore as restoring
from infra.restore import Restore, RestoreRefused, TableState, instant
from infra.running_stack import RunningStack
from tests.aws_calls import Call, patch_calls

NAMES = ["shopfloor-test-batches", "shopfloor-test-orders"]
AT = datetime(2026, 11, 29, 5, 15, tzinfo=UTC)
SUFFIX = "-restored-20261129T051500Z"
WINDOW = {
    "PointInTimeRecoveryStatus": "ENABLED",
    "EarliestRestorableDateTime": AT - timedelta(days=3),
    "LatestRestorableDateTime": AT + timedelta(hours=1),
}


@pytest.fixture(autouse=True)
def stack(tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tables of a stack, older than the time."""
    tables("batches", "orders")
    monkeypatch.setattr(RunningStack, "__init__", lambda self, stack, client: None)
    monkeypatch.setattr(RunningStack, "tables", lambda self: NAMES)
    monkeypatch.setattr(RunningStack, "pause", lambda self: 0)
    monkeypatch.setattr(RunningStack, "resume", lambda self: None)


def aws_with(patch: pytest.MonkeyPatch, window: dict[str, Any] = WINDOW, created: datetime = AT - timedelta(1)) -> None:
    """The answers of AWS that the engine does not give: the window, the age and the origin of a table."""

    def around(real: Call) -> Call:
        def call(this: Any, operation: str, arguments: Any) -> Any:
            if operation == "DescribeContinuousBackups":
                return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": window}}
            answer = real(this, operation, arguments)
            if operation == "DescribeTable":
                name = arguments["TableName"]
                answer["Table"]["CreationDateTime"] = created
                if name.endswith(SUFFIX):
                    arn = f"arn:aws:dynamodb:us-east-1:1:table/{name.removesuffix(SUFFIX)}"
                    answer["Table"]["RestoreSummary"] = {"SourceTableArn": arn}
            return answer

        return call

    patch_calls(patch, around)


def restore(at: datetime = AT) -> tuple[Restore, list[str]]:
    """The restore of the stack, and what it tells."""
    told: list[str] = []
    return Restore("shopfloor-test", at, client, told.append, emulated=False), told


def put(table: str, uuid: str) -> None:
    """An item with a key alone."""
    client("dynamodb").put_item(TableName=table, Item={"uuid": {"S": uuid}})


def ids(table: str) -> set[str]:
    """The keys of a table's items."""
    return {item["uuid"]["S"] for item in client("dynamodb").scan(TableName=table)["Items"]}


def test_all_tables_end_as_they_were_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch)
    put(NAMES[1], "old")
    run, told = restore()
    assert list(run.plan()) == ["2 tables to 2026-11-29T05:15:00Z, now about 1 items, 0.00 GB"]
    monkeypatch.setattr(RunningStack, "pause", lambda self: put(NAMES[1], "new") or 0)  # written while AWS restored
    run.run(poll=0)
    assert ids(NAMES[1]) == {"old"}
    assert told[-2:] == ["all tables compared: 0 items differed", "the work of the stack goes on"]
    run.clean_up()
    assert client("dynamodb").list_tables()["TableNames"] == NAMES


def test_it_compares_again_when_the_last_call_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch)
    slept: list[float] = []
    moments = iter(range(0, 9_000, 100))
    monkeypatch.setattr(restoring.time, "monotonic", lambda: float(next(moments)))

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            put(NAMES[0], "late")  # by a call that had begun before the pause

    run, _ = restore()
    run.run(poll=0)
    monkeypatch.setattr(RunningStack, "pause", lambda self: 900)
    monkeypatch.setattr(restoring.time, "sleep", sleep)
    run.run(poll=0)
    assert slept
    assert ids(NAMES[0]) == set()


def test_a_time_outside_of_the_window_is_refused_with_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch)
    for at in (AT - timedelta(hours=23), AT + timedelta(hours=2)):
        aws_with(monkeypatch, {**WINDOW, "EarliestRestorableDateTime": AT - timedelta(hours=1)})
        with pytest.raises(RestoreRefused, match="from 2026-11-29T04:15:00Z to 2026-11-29T06:15:00Z"):
            restore(at)


def test_a_table_without_backups_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch, {"PointInTimeRecoveryStatus": "DISABLED"})
    with pytest.raises(RestoreRefused, match="no point-in-time recovery"):
        restore()


def test_a_table_younger_than_the_time_ends_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch, created=AT + timedelta(minutes=1))
    put(NAMES[0], "new")
    run, _ = restore()
    assert f"{NAMES[0]} is younger than that: it will be empty" in list(run.plan())
    run.run(poll=0)
    assert ids(NAMES[0]) == set()
    assert client("dynamodb").list_tables()["TableNames"] == NAMES


def test_a_table_that_has_the_name_by_accident_is_neither_copied_nor_taken_for_a_restored_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws_with(monkeypatch)
    run, _ = restore()
    table = TableState(NAMES[0], {}, existed=True)
    with pytest.raises(RestoreRefused, match="was not restored from"):
        run._check_origin({"RestoreSummary": {"SourceTableArn": "arn:aws:dynamodb:::table/other"}}, table)
    with pytest.raises(RestoreRefused, match="was not restored from"):
        run._check_origin({}, table)


def test_a_restore_that_aws_has_no_room_for_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    aws_with(monkeypatch)
    refused: list[str] = []

    def around(real: Call) -> Call:
        def call(this: Any, operation: str, arguments: Any) -> Any:
            if operation == "RestoreTableToPointInTime":
                assert arguments["RestoreDateTime"] == AT  # the same second for all
                if arguments["TargetTableName"] not in refused:
                    refused.append(arguments["TargetTableName"])
                    raise this.exceptions.LimitExceededException(
                        {"Error": {"Code": "LimitExceededException"}}, operation
                    )
            return real(this, operation, arguments)

        return call

    patch_calls(monkeypatch, around)
    run, told = restore()
    run.run(poll=0)
    assert refused == [name + SUFFIX for name in NAMES]
    assert told[0].startswith("0 of 2 tables restored")


def test_the_time_needs_an_offset() -> None:
    assert instant("2026-11-29T08:15:00+03:00") == instant("2026-11-29T05:15:00Z") == AT
    with pytest.raises(argparse.ArgumentTypeError, match="needs an offset"):
        instant("2026-11-29T08:15:00")
    with pytest.raises(ValueError, match="Invalid isoformat"):
        instant("yesterday")


@pytest.mark.parametrize(("yes", "confirmed"), [("prod", True), ("1", False), (None, False), ("", False)])
def test_without_a_terminal_the_stage_has_to_be_repeated(
    yes: str | None, confirmed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring.sys.stdin, "isatty", lambda: False, raising=False)
    assert restoring._confirmed(argparse.Namespace(stage="prod", yes=yes)) is confirmed
