"""The stack itself: what the gateway hands on and what it answers, logs, ports, and what a restart keeps."""

import socket
from pathlib import Path

import pytest

from tests.e2e.stack import MAX_STOP_SECONDS, Stack, free_ports, launch, start
from tests.waiting import wait_for

HEALTH = "/api/healthcheck/service"
LONG_TASKS = 4
SNAPSHOTS = {"ENGINE_FAST": "1"}  # MiniStack by itself saves at a clean stop only


@pytest.mark.parametrize(
    ("path", "shape"),
    [("/api/nothing", "detail"), ("/api/v1/reports/x/y/z", "error"), ("/orders/x/y/z", "success"), ("/x", "error")],
)
def test_an_unknown_path_is_404_in_the_shape_of_its_area(stack: Stack, path: str, shape: str) -> None:
    answer = stack.call("GET", path)
    assert answer.status_code == 404
    assert shape in answer.json()
    assert answer.headers["X-Request-Id"]


def test_the_root_tells_a_client_of_the_api_where_everything_is(stack: Stack) -> None:
    answer = stack.call("GET", "/")
    assert (answer.status_code, list(answer.json())) == (
        200,
        ["name", "version", "console", "docs", "openapi", "health"],
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_405_with_the_allowed_ones(stack: Stack, method: str) -> None:
    answer = stack.call(method, HEALTH)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "detail" in answer.json()


def test_head_is_get_without_a_body(stack: Stack) -> None:
    answer = stack.call("HEAD", HEALTH)
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_encoded_slash_stays_an_error_of_the_door(stack: Stack) -> None:
    answer = stack.call("GET", "/api/batches/a%2Fb")
    assert answer.status_code in (404, 422)
    assert "detail" in answer.json()


def test_a_body_over_the_gateways_limit_is_413(stack: Stack) -> None:
    answer = stack.call("POST", "/api/batches", data=b"x" * (11 * 1024 * 1024))
    assert answer.status_code == 413
    assert "detail" in answer.json()


def test_problem_details_are_served_to_those_who_ask(stack: Stack) -> None:
    answer = stack.call("GET", "/api/nothing", headers={"Accept": "application/problem+json"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_every_request_leaves_one_json_line_with_its_id(stack: Stack) -> None:
    answer = stack.call("GET", HEALTH, headers={"Authorization": "Bearer aaaaaaaa.bbbbbbbb.cccccccc"})
    number = answer.headers["X-Request-Id"]
    lines = wait_for(lambda: [line for line in stack.log_lines("api") if line.get("request_id") == number])
    assert len(lines) == 1
    assert {"area", "status", "ms", "user", "method", "path"} <= set(lines[0])
    assert "bbbbbbbb" not in str(lines[0])


def test_the_secret_is_in_no_environment(stack: Stack) -> None:
    arn = stack.environment("api")["JWT_SECRET_ARN"]
    secret = stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    functions = stack.client("lambda").list_functions()["Functions"]
    assert len(secret) >= 32
    assert all(secret not in str(function) for function in functions)


def test_a_taken_port_is_named_and_nothing_starts(tmp_path: Path) -> None:
    taken, free = free_ports(2)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", taken))
        squatter.listen()
        for ports in ({"PORT": taken, "AWS_PORT": free}, {"PORT": free, "AWS_PORT": taken}):
            environment = {name: str(port) for name, port in ports.items()}
            process = launch("up", {**environment, "STATE_DIR": str(tmp_path / "state")})
            output = process.communicate(timeout=MAX_STOP_SECONDS)[0]
            assert process.returncode == 1
            assert str(taken) in output
    assert not (tmp_path / "state").exists()


def test_a_restart_keeps_state_skips_the_deployment_and_loses_no_long_task(tmp_path: Path) -> None:
    first = start(tmp_path)
    item = {"key": {"S": "seq#kept"}, "n": {"N": "7"}}
    table = f"{first.name}-counters"
    first.client("dynamodb").put_item(TableName=table, Item=item)
    bucket = first.outputs()["FilesBucketName"]
    first.client("s3").put_object(Bucket=bucket, Key="reports/kept", Body=b"kept")
    for _ in range(LONG_TASKS):
        assert first.call("POST", "/task/1", json={"task": "Обработка данных"}).status_code == 200
    assert first.stop() == 0

    second = start(tmp_path, again=first)
    try:
        assert "deploy" not in second.output
        assert second.call("GET", HEALTH).status_code == 200
        kept = second.client("dynamodb").get_item(TableName=table, Key={"key": item["key"]})
        assert kept["Item"] == item
        assert second.client("s3").get_object(Bucket=bucket, Key="reports/kept")["Body"].read() == b"kept"
        wait_for(lambda: _done(second) == list(range(1, LONG_TASKS + 1)), timeout=60, every=1)
    finally:
        assert second.stop() == 0


def test_a_killed_stack_starts_quickly_with_all_that_it_has_saved(tmp_path: Path) -> None:
    first = start(tmp_path, SNAPSHOTS)
    wait_for((tmp_path / "stack.json").exists)
    center = first.call("POST", "/api/work_centers", json={"identifier": "WC-KILL", "name": "Цех"}).json()
    queues = first.client("sqs")
    url = queues.get_queue_url(QueueName=f"{first.name}-deferred-dlq")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="kept", DelaySeconds=900)
    first.client("scheduler").create_schedule(
        Name="task-kept",
        ScheduleExpression="at(2099-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:sqs:us-east-1:000000000000:x", "RoleArn": "arn:aws:iam::000000000000:role/x"},
    )
    wait_for(lambda: _is_saved(tmp_path, center["uuid"], "kept"), every=0.2)
    first.process.kill()
    first.process.wait()

    second = start(tmp_path, SNAPSHOTS, again=first)
    try:
        assert "deploy" not in second.output
        assert second.call("GET", "/api/work_centers?identifier=WC-KILL").json()["items"] == [center]
        waiting = second.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert waiting["ApproximateNumberOfMessagesDelayed"] == "1"
        assert second.client("scheduler").get_schedule(Name="task-kept")["State"] == "ENABLED"
    finally:
        assert second.stop() == 0


def _is_saved(state: Path, in_tables: str, in_queues: str) -> bool:
    """Whether the files of the state hold these texts."""
    files = {path.name: path.read_bytes() for path in (state / "emulator").iterdir() if path.is_file()}
    items = b"".join(content for name, content in files.items() if name.startswith("dynamodb-items"))
    others = files.get("sqs.json", b""), files.get("scheduler.json", b"")
    return in_tables.encode() in items and all(in_queues.encode() in content for content in others)


def _done(stack: Stack) -> list[int]:
    """The long tasks that are done; the sweep, which comes every minute, finds those that lost their execution."""
    stack.client("lambda").invoke(FunctionName=f"{stack.name}-sweep")
    tasks = stack.call("GET", "/tasks/1").json()
    assert len(tasks) == LONG_TASKS
    return [task["id"] for task in tasks if task["status"] == "done"]
