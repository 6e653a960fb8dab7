"""`python -m localstack.deploy`: package and deploy to the running emulator.

Runs in a child process of the launcher, whose memory is freed at its end. Prints a JSON line at the beginning of each
phase, and the outputs of the stack last.
"""

import base64
import fcntl
import hashlib
import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from chalicelib.core.logs import PING
from infra.console import FOLDER as CONSOLE_FOLDER
from infra.deploying.artifacts import bucket_name
from infra.deploying.deployment import Deployment
from infra.deploying.failures import one_line_errors
from infra.deploying.index_steps import MAX_INDEXES
from infra.deploying.parameters import given
from infra.package import CODE, fingerprint, package
from localstack.config import REGION, ROOT, STAGE, Config, read_config
from localstack.guard import own_origins

PACKAGES = ROOT / ".shopfloor" / "packages"
PACKAGES_KEPT = 4
UPDATED_AT_ONCE = 4
LIVE_CODE = "live.zip"  # in the bucket of the artifacts: one object, however often the code is changed
MAIL_FROM = "shopfloor@example.com"  # of no mailbox; the emulator keeps the emails


@one_line_errors()
def main() -> None:
    """Package while the emulator starts, then deploy."""
    config = read_config()
    _report(phase="package")
    out = packaged(PACKAGES)
    _report(phase="get ready to deploy")
    _wait_for(f"{config.aws_url}/_ministack/health")
    deployment = Deployment(STAGE, config.aws_url, poll=0.05, indexes_at_once=MAX_INDEXES, kept_days=0)
    _report(phase="deploy")
    outputs = deployment.deploy(out, {**_parameters(config), **given(config.parameters)})
    replace_code(out / CODE, config.aws_url)  # where the template does not name what was made live later
    boto3.client("ses", endpoint_url=config.aws_url).verify_email_identity(EmailAddress=MAIL_FROM)
    if config.demo:
        _start_workers(config.aws_url)
    _report(outputs=outputs)


def _parameters(config: Config) -> dict[str, str]:
    return {
        "AuthRequired": str(config.auth_required).lower(),
        "MailFrom": MAIL_FROM,
        "PublicUrl": config.api_url,
        "CorsOrigins": ",".join([*own_origins(config.port), *config.origins]),
        "ConsoleFolder": str(CONSOLE_FOLDER),
    }


def packaged(packages: Path) -> Path:
    """Return the folder with the package of this tree; the first stack that needs it makes it."""
    out = packages / fingerprint(STAGE, thin=True)[:16]
    with locked(packages):
        package(STAGE, out, thin=True)
        out.touch()
    return out


@contextmanager
def locked(packages: Path) -> Iterator[None]:
    """Lock the packages of this folder, for all stacks that use it; afterwards the oldest ones are removed."""
    packages.mkdir(parents=True, exist_ok=True)
    with (packages / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        others = sorted(packages.glob("*/"), key=lambda folder: folder.stat().st_mtime)
        for old in others[:-PACKAGES_KEPT]:
            shutil.rmtree(old)


def replace_code(archive: Path, aws_url: str) -> None:
    """Give this code to every function of the stack that has other code."""
    code = archive.read_bytes()
    digest = base64.b64encode(hashlib.sha256(code).digest()).decode()
    functions = boto3.client("lambda", endpoint_url=aws_url)
    found = [one for page in functions.get_paginator("list_functions").paginate() for one in page["Functions"]]
    other = [one for one in found if one["CodeSha256"] != digest]
    if not other:
        return
    place = {"S3Bucket": bucket_name(other[0]["FunctionArn"].split(":")[4], REGION), "S3Key": LIVE_CODE}
    boto3.client("s3", endpoint_url=aws_url).put_object(Bucket=place["S3Bucket"], Key=LIVE_CODE, Body=code)
    with ThreadPoolExecutor(UPDATED_AT_ONCE) as pool:
        list(pool.map(lambda one: functions.update_function_code(FunctionName=one["FunctionName"], **place), other))


def _start_workers(aws_url: str) -> None:
    """Start the workers of the report saga at once, so that the demo does not wait for one after the other."""
    functions = boto3.client("lambda", endpoint_url=aws_url)
    for function in functions.list_functions()["Functions"]:
        name: str = function["FunctionName"]
        if "-report-" in name and not name.endswith("-compensate"):
            payload = json.dumps(PING)
            functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)


def _report(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
