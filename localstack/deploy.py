"""`python -m localstack.deploy`: package and deploy to the running emulator.

A child of the launcher, so that the memory of what it loads goes with it. Prints one JSON line per phase, and the
stack's outputs last.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path

import boto3

from chalicelib.core.logs import PING
from infra.deploy import Deployment
from infra.package import package
from localstack.config import STAGE, read_config


def main() -> None:
    """Package while the emulator boots, then deploy."""
    config = read_config()
    out = Path(config.state / "package")
    started = time.perf_counter()
    package(STAGE, out, thin=True)
    started = _report("package", started)
    _wait_for(f"{config.aws_url}/_ministack/health")
    deployment = Deployment(STAGE, config.aws_url, poll=0.05)
    started = _report("wait for emulator", started)
    outputs = deployment.deploy(out, {"AuthRequired": str(config.auth_required).lower()})
    _report("deploy", started)
    sys.stdout.write(json.dumps({"outputs": outputs}) + "\n")
    if config.demo:
        _start_workers(config.aws_url)


def _start_workers(aws_url: str) -> None:
    """Start the workers of the report saga all at once: one by one, as the demo needs them, takes far longer."""
    functions = boto3.client("lambda", endpoint_url=aws_url)
    for function in functions.list_functions()["Functions"]:
        if "-report-" in function["FunctionName"]:
            payload = json.dumps(PING)
            functions.invoke(FunctionName=function["FunctionName"], InvocationType="Event", Payload=payload)


def _report(phase: str, started: float) -> float:
    now = time.perf_counter()
    sys.stdout.write(json.dumps({"phase": phase, "seconds": now - started}) + "\n")
    return now


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
