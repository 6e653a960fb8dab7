"""Follows the functions' log lines, read from CloudWatch Logs of the emulator."""

import os
import time

from localstack.config import CREDENTIALS, REGION, STAGE, Config

PREFIX = f"/aws/lambda/shopfloor-{STAGE}-"


def follow(config: Config) -> int:
    """Print every line of every function, oldest first, until interrupted."""
    import boto3

    os.environ.update(CREDENTIALS)
    logs = boto3.client("logs", endpoint_url=config.aws_url, region_name=REGION)
    since = int((time.time() - 600) * 1000)
    seen: set[str] = set()
    try:
        while True:
            groups = logs.describe_log_groups(logGroupNamePrefix=PREFIX)["logGroups"]
            events = []
            for group in groups:
                name = group["logGroupName"]
                found = logs.filter_log_events(logGroupName=name, startTime=since)["events"]
                events += [(event["timestamp"], name.removeprefix(PREFIX), event) for event in found]
            for _, name, event in sorted(events, key=lambda item: item[:2]):
                if event["eventId"] not in seen:
                    seen.add(event["eventId"])
                    print(f"{name:<20} {event['message'].rstrip()}", flush=True)
            time.sleep(1)
    except KeyboardInterrupt:
        return 0
