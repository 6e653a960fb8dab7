"""The full package, unpacked into an empty folder and run with nothing else on the path: every function starts, and
real events are worked on, against the AWS of the local stack.

The Python is that of the runtime where there is one; otherwise this one, with the package built for it by the same
steps. What only Lambda's own system could show is read from the files: the wheels' tags, and the symbols they need.
"""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests
from packaging.tags import Tag, compatible_tags, cpython_tags, parse_tag

from chalicelib.core.logs import PING
from infra import package
from infra.functions import MAKERS
from infra.names import RUNTIME, short_name
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack
from tests.exchange import IMPORT, form, row, xlsx_rows
from tests.http_events import event

MAX_UNZIPPED = 250 * 2**20  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
GLIBC = 34  # 2.34, of Amazon Linux 2023: https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html
LAMBDA = [f"manylinux_2_{minor}_x86_64" for minor in range(5, GLIBC + 1)] + ["manylinux2014_x86_64"]
# Calls functions, each in a process of its own as Lambda does; they share what the first import of the libraries took.
PROGRAM = """
import json, os, sys
from types import SimpleNamespace
folder, library = sys.argv[1], os.path.dirname(os.__file__)
sys.path.insert(0, folder)
import boto3.session, botocore.httpsession, chalice, jwt, pydantic.networks, pydantic.root_model
import pynamodb.models, pynamodb.transactions, urllib3

def is_foreign(file):
    return not file.startswith(folder + "/") and (not file.startswith(library) or "site-packages" in file)

def answer(name, environment, event):
    os.environ.update(environment)
    import app
    context = SimpleNamespace(aws_request_id="package", get_remaining_time_in_millis=lambda: 600_000)
    result = (app.app if name == "api_handler" else getattr(app, name))(event, context)
    modules = [module for module in sys.modules.values() if getattr(module, "__file__", None)]
    return {
        "result": result,
        "foreign": sorted(module.__file__ for module in modules if is_foreign(module.__file__)),
        "compiled": all(map(os.path.exists, (m.__cached__ for m in modules if getattr(m, "__cached__", None)))),
    }

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        print(json.dumps(answer(*json.loads(line))), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("{}", flush=True)
"""


@dataclass
class Functions:
    """The functions of an unpacked package, with the environment of the deployed ones."""

    folder: Path
    stack: Stack
    process: "subprocess.Popen[str]"
    work_queue: str

    def call(self, name: str, event: Any) -> Any:
        """Call a function in a new process and return its result."""
        function = short_name(name)
        environment = self.stack.environment(function) | {
            "AWS_LAMBDA_FUNCTION_NAME": f"{self.stack.name}-{function}",
            "AWS_ENDPOINT_URL": self.stack.aws_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "WORK_QUEUE_URL": self.work_queue,
        }
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([name, environment, event]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer, f"{name} failed, see stderr"
        assert (answer["foreign"], answer["compiled"]) == ([], True), name
        return answer["result"]

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Call the function `api` and return the JSON of its answer."""
        answer = self.call("api_handler", event(method, path, body, headers))
        assert answer["statusCode"] < 300, answer
        return json.loads(answer["body"])


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, without the console, in an empty folder."""
    built, python = tmp_path_factory.mktemp("built"), package.runtime_python()
    package.copy_code(built / "code")
    package.install_requirements(built / "code", package.FOR_LAMBDA if python else ())
    package.write_bytecode(built / "code", python or sys.executable)
    package.write_zip(built / "code", built / package.CODE)
    folder = tmp_path_factory.mktemp("task").resolve()
    with ZipFile(built / package.CODE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def functions(stack: Stack, unpacked: Path) -> Iterator[Functions]:
    """A Python that sees the package and its own standard library only."""
    queue = stack.client("sqs").create_queue(QueueName=f"package-{uuid.uuid4()}")["QueueUrl"]
    command = [package.runtime_python() or sys.executable, "-I", "-S", "-B", "-c", PROGRAM, str(unpacked)]
    with subprocess.Popen(command, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Functions(unpacked, stack, process, queue)


@pytest.fixture(scope="module")
def for_lambda(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The requirements as they are deployed."""
    if package.runtime_python():
        return unpacked
    folder = tmp_path_factory.mktemp("wheels")
    package.install_requirements(folder, package.FOR_LAMBDA)
    return folder


def test_every_function_starts(functions: Functions) -> None:
    for name in MAKERS:
        if name != "api_handler":
            assert functions.call(name, PING) is None
    assert functions.ask("GET", "/api/healthcheck/database") == {"status": "ok"}


def test_a_spreadsheet_is_imported(functions: Functions) -> None:
    number = uuid.uuid4().int % 10**8 + 10**8
    file = xlsx_rows([row(batch_number=number, work_center_identifier="WC-PACKAGE", products=["A", "B"])])
    task = functions.ask("POST", IMPORT, *form(file, "batches.xlsx"))["task_id"]
    sqs = functions.stack.client("sqs")
    [message] = sqs.receive_message(QueueUrl=functions.work_queue, WaitTimeSeconds=10)["Messages"]
    record = {"messageId": "1", "body": message["Body"], "eventSource": "aws:sqs", "attributes": {}}
    assert functions.call("work", {"Records": [record]}) == {"batchItemFailures": []}
    done = functions.ask("GET", f"/api/background_tasks/{task}")
    assert (done["status"], done["result"]["created"], done["result"]["failed"]) == ("SUCCESS", 1, 0)


def test_a_pdf_is_made(functions: Functions) -> None:
    batch = new_batch(functions.stack)
    asked = {"batch_id": batch["uuid"], "format": "pdf", "user_email": None, "file_id": str(uuid.uuid4())}
    asker = {"user_id": 1, "user_name": "Администратор", "user_roles": ["admin"]}
    made = functions.call("batch_report", asked | asker)
    link = functions.call("api_handler", event("GET", made["download_url"]))["headers"]["Location"]
    assert requests.get(link, timeout=20).content.startswith(b"%PDF")


def test_streams_schedules_and_state_machines_are_answered(functions: Functions) -> None:
    batch = new_batch(functions.stack)
    asked = {
        "TableName": f"{functions.stack.name}-events",
        "KeyConditionExpression": "#aggregate = :it",
        "ExpressionAttributeNames": {"#aggregate": "aggregate"},
        "ExpressionAttributeValues": {":it": {"S": f"batch#{batch['uuid']}"}},
    }
    item = functions.stack.client("dynamodb").query(**asked)["Items"][0]
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": item, "SequenceNumber": "1"}}
    assert functions.call("relay", {"Records": [record]}) == {"batchItemFailures": []}
    assert functions.call("refresh_analytics", {}) is None
    body = {"name": "Смена", "template_id": 2, "parameters": {"date": "2025-01-20"}, "format": "csv"}
    report = ok(functions.stack, "POST", "/api/v1/reports/", body)
    late = {"saga_id": report["saga_id"], "run": 9, "step": 1}
    assert functions.call("report_step", late) == {"outcome": "stopped"}


def test_every_wheel_fits_the_runtime(for_lambda: Path) -> None:
    version = tuple(map(int, RUNTIME.removeprefix("python").split(".")))
    fitting = {*cpython_tags(version, platforms=LAMBDA), *compatible_tags(version, platforms=LAMBDA)}
    for wheel in for_lambda.glob("*.dist-info/WHEEL"):
        tags: set[Tag] = set()
        for text in re.findall(r"^Tag: (\S+)", wheel.read_text(), re.M):
            tags |= parse_tag(text)
        assert tags & fitting, wheel


def test_every_compiled_module_fits_the_system_of_the_runtime(for_lambda: Path) -> None:
    suffix = f".cpython-{RUNTIME.removeprefix('python').replace('.', '')}-x86_64-linux-gnu.so"
    modules = [path for path in for_lambda.rglob("*.so*") if ".libs" not in path.parent.name]
    assert modules
    assert [path for path in modules if not path.name.endswith((suffix, ".abi3.so"))] == []
    for library in for_lambda.rglob("*.so*"):
        needed = {int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", library.read_bytes())}
        assert max(needed, default=0) <= GLIBC, library


def test_the_package_has_what_is_locked_and_fits_into_a_function(for_lambda: Path) -> None:
    locked = set(re.findall(r"^(\S+)==(\S+)", (package.ROOT / package.LOCK).read_text(), re.M))
    found = {tuple(path.stem.rsplit("-", 1)) for path in for_lambda.glob("*.dist-info")}
    assert {(name.lower().replace("_", "-"), version) for name, version in found} == locked
    assert not {"openpyxl", "pytest", "moto", "ministack"} & {path.name for path in for_lambda.iterdir()}
    assert sum(path.stat().st_size for path in for_lambda.rglob("*")) < MAX_UNZIPPED * 0.8
