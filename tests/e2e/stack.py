"""A local stack of one's own: started as a child process, on free ports, with its own state."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from random import SystemRandom
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import boto3
import requests

from localstack.config import ROOT
from localstack.process import STOP_SECONDS

PORTS = range(20_000, 32_000)  # below those that systems give to clients, who might take one before it is used
MAX_START_SECONDS = 240
MAX_STOP_SECONDS = STOP_SECONDS + 30  # before that, `make stop` would have killed it


@dataclass
class Stack:
    """A running local stack; `headers` stand on every call."""

    process: "subprocess.Popen[str]"
    url: str
    aws_url: str
    state: Path
    output: str
    name: str = "shopfloor-local"
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_seen_by(self, headers: Mapping[str, str]) -> "Stack":
        """The same for a user who has a token."""
        return replace(self, headers=headers)

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client of its AWS, as the administrator unless other credentials are given."""
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", **credentials}
        return boto3.client(service, endpoint_url=self.aws_url, region_name="us-east-1", **keys)

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """One request to the API; a redirect is not followed."""
        headers = {**self.headers, **(arguments.pop("headers", None) or {})}
        return requests.request(
            method, self.url + path, headers=headers, timeout=35, allow_redirects=False, **arguments
        )

    def outputs(self) -> dict[str, str]:
        """The outputs of the deployed stack."""
        stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def environment(self, function: str) -> dict[str, str]:
        """The environment that a function is deployed with."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=f"{self.name}-{function}")
        variables: dict[str, str] = configuration["Environment"]["Variables"]
        return variables

    def shards(self) -> dict[str, str]:
        """Over how many partitions its lists and counters are spread, as settings of who writes its tables."""
        environment = self.environment("api")
        return {name: environment[name] for name in ("LISTING_SHARDS", "COUNTER_SHARDS")}

    def log_lines(self, function: str) -> list[dict[str, Any]]:
        """The structured lines in the log of a function, e.g. `api`."""
        group = f"/aws/lambda/{self.name}-{function}"
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        texts = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(text) for text in texts if text.startswith("{")]

    def stop(self) -> int:
        """End it as `make stop` does; returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=MAX_STOP_SECONDS)


def start(
    state: Path, settings: Mapping[str, str] | None = None, *, again: Stack | None = None, tree: Path = ROOT
) -> Stack:
    """Start the stack of a tree on free ports, or where an earlier one was, and return when it is ready."""
    port, aws_port = [urlsplit(url).port for url in (again.url, again.aws_url)] if again else free_ports(2)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "ENGINE_FAST") if name in os.environ}
    environment |= {"PORT": str(port), "AWS_PORT": str(aws_port), "STATE_DIR": str(state), "DEMO": "0", "AUTH": "true"}
    environment["PYTHONFAULTHANDLER"] = "1"
    environment |= {"CONSOLE": "0", "WATCH": "0"}  # the fixture `console` builds it, where it is needed
    environment["MEMORY_MB"] = str(max(600, _physical_mb() // 12))  # as many warm functions as there is room for
    environment["CORS_ORIGINS"] = f"http://127.0.0.1:{aws_port}"  # of pages behind the prefix of the stage
    environment |= settings or {}
    process = launch("up", environment, tree)
    assert process.stdout is not None
    limit = Timer(MAX_START_SECONDS, process.send_signal, [signal.SIGABRT])  # prints what its threads do, and ends it
    limit.start()
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("ready: "):
                urls = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{aws_port}"
                return Stack(process, *urls, state, "".join(lines))
    finally:
        limit.cancel()
    raise AssertionError(f"the stack did not come up: {''.join(lines)}")


def _physical_mb() -> int:
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20)


def launch(command: str, environment: Mapping[str, str], tree: Path = ROOT) -> "subprocess.Popen[str]":
    """`python -m localstack <command>` in a tree, with stderr in stdout."""
    return subprocess.Popen(
        [sys.executable, "-m", "localstack", command],
        cwd=tree,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    return list(islice(filter(_is_free, SystemRandom().sample(PORTS, len(PORTS))), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
