"""Prints the log lines of the functions, read from CloudWatch Logs of the emulator."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from localstack.config import CREDENTIALS, REGION, STAGE, Config

PREFIX = f"/aws/lambda/shopfloor-{STAGE}-"
BACK_SECONDS = 600
Line = tuple[int, str, str]


def follow(config: Config) -> int:
    """Print the lines of the last ten minutes, oldest first, then new lines until interrupted."""
    import boto3
    from botocore.exceptions import EndpointConnectionError

    os.environ.update(CREDENTIALS)
    logs = boto3.client("logs", endpoint_url=config.aws_url, region_name=REGION)
    since = int((time.time() - BACK_SECONDS) * 1000)
    seen: set[Line] = set()
    try:
        while True:
            lines = set(_lines(logs, since))
            for line in sorted(lines - seen):
                print(f"{line[1]:<24} {line[2]}", flush=True)
            seen = lines
            since = max([since, *(moment - 5000 for moment, _, _ in lines)])
            time.sleep(1)
    except EndpointConnectionError:
        sys.stderr.write(f"nothing answers at {config.aws_url}; is it running (make run), on another AWS_PORT?\n")
        return 1
    except (KeyboardInterrupt, BrokenPipeError):  # Ctrl-C, or the end of `make logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _lines(logs: Any, since: int) -> Iterator[Line]:
    """Return the structured lines, without those of the runtime."""
    for group in logs.describe_log_groups(logGroupNamePrefix=PREFIX)["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name, startTime=since):
            for event in page["events"]:
                if event["message"].startswith("{"):
                    yield event["timestamp"], name.removeprefix(PREFIX), event["message"].rstrip()
