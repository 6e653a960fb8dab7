"""`python -m infra.rotate_key --stage prod`: create a new key for tokens; the old one stays until its tokens expire.

Calls the function `rotate_key` of the stack. No key reaches this machine. `--revoke` removes all other keys
and so ends every token: use it when a key may be known to others.
"""

import argparse
import json
import sys
from collections.abc import Iterator

from infra.deploying.failures import one_line_errors
from infra.functions.people import ROTATE_KEY_TIMEOUT
from infra.names import Json
from infra.stages import client_arguments, stage_name


class RotationFailed(Exception):
    """The function failed."""


def call(stage: str, place: Json, *, revoke: bool) -> Json:
    """Call the function once, without retries."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=ROTATE_KEY_TIMEOUT + 10, retries={"total_max_attempts": 1})
    function, payload = f"shopfloor-{stage}-rotate-key", json.dumps({"revoke": revoke}).encode()
    answer = boto3.client("lambda", config=config, **place).invoke(FunctionName=function, Payload=payload)
    result: Json = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RotationFailed(f"{result.get('errorType')}: see the log of the function")
    return result


def lines(result: Json) -> Iterator[str]:
    """Return the text to print: the change, and how long present tokens are valid."""
    yield f"key {result['kid']} signs from {result['signs_from']}"
    if result["kept"]:
        yield f"valid until their tokens have run out: {', '.join(result['kept'])}"
    else:
        yield "every earlier token ends within a minute: log in again"


@one_line_errors()
def main() -> int:
    """Rotate the key by the arguments of the command line, and print the result."""
    parser = argparse.ArgumentParser(prog="python -m infra.rotate_key", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--revoke", action="store_true", help="end all other keys, and every token, at once")
    parser.add_argument("--endpoint", help="an emulator; without it: AWS, or the local stack for the stage local")
    arguments = parser.parse_args()
    place = client_arguments(arguments.stage, arguments.endpoint)
    try:
        result = call(arguments.stage, place, revoke=arguments.revoke)
    except RotationFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write("\n".join(lines(result)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
