"""The names of stages. `local` is the local stack; every other stage is the same configuration under its own name."""

import argparse
import re
from typing import Any

from infra.local_stack import aws_url

LOCAL = "local"
EMULATOR = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
MAX_LENGTH = 20  # the name of every role, with stage and region, fits into 64 characters
EXAMPLES = (LOCAL, "dev", "prod", "x" * MAX_LENGTH)  # whose templates the tests check
_NAME = re.compile(rf"[a-z][a-z0-9]{{1,{MAX_LENGTH - 1}}}")


def stage_name(text: str) -> str:
    """Return a valid name; for argparse."""
    if not _NAME.fullmatch(text):
        rule = f"2 to {MAX_LENGTH} small letters and digits, a letter first"
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a stage: {rule}")
    return text


def client_arguments(stage: str, endpoint: str | None = None) -> dict[str, Any]:
    """Return what boto3.client needs to reach a stage: of an emulator at `endpoint`, else of the running local stack
    for the stage `local`, else of AWS, for which boto3 finds everything itself. DeployFailed: no local stack answers.
    """
    url = endpoint or (aws_url() if stage == LOCAL else None)
    return {"endpoint_url": url, **EMULATOR} if url else {}
