"""A function to invoke in both ways: it logs, answers or fails as its event says."""

import io
import textwrap
import zipfile
from typing import Any

ARN = "arn:aws:lambda:us-east-1:000000000000:function:echo"
CODE = """
    import os, sys, time
    print("imported")
    def handler(event, context):
        if not isinstance(event, dict):
            return event
        for line in event.get("log", []):
            sys.stderr.write(line)
        if "stdout" in event:
            os.write(1, event["stdout"].encode())
        time.sleep(event.get("sleep", 0))
        if "raise" in event:
            raise ValueError(event["raise"])
        if "exit" in event:
            sys.exit(event["exit"])
        if "unserializable" in event:
            return {1, 2}
        if "context" in event:
            names = ["function_name", "function_version", "memory_limit_in_mb", "invoked_function_arn"]
            found = {name: getattr(context, name) for name in [*names, "aws_request_id", "log_group_name"]}
            names = ["_X_AMZN_TRACE_ID", "_MINISTACK_INVOKE_DEPTH", "COLOUR", "_LAMBDA_TIMEOUT"]
            return {**found, "environment": {name: os.environ.get(name) for name in names}}
        return event.get("answer")
"""


def code(text: str = CODE) -> bytes:
    """The deployment package."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("echo.py", textwrap.dedent(text))
    return file.getvalue()


def config(**changes: Any) -> dict[str, Any]:
    """The configuration of the function."""
    found = {"FunctionName": "echo", "FunctionArn": ARN, "Runtime": "python3.11", "Handler": "echo.handler"}
    return {**found, "Timeout": 20, "MemorySize": 256, "Environment": {"Variables": {"COLOUR": "red"}}, **changes}
