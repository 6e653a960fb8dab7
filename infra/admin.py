"""`python -m infra.admin --stage dev --email ...`: create an administrator, or promote a user (`--existing`).

Calls the function `make_admin` of the stack. The password is taken from the environment (PASSWORD), from the terminal
(`--ask`), or generated and shown once. It is sent to the function, printed here, and written to no log. An existing
account is refused without `--existing`, because anyone may have registered it. With `--existing` the account gets the
password too; `--keep-password` leaves the one it has.
"""

import argparse
import getpass
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from infra.deploying.failures import one_line_errors
from infra.functions.people import MAKE_ADMIN_TIMEOUT
from infra.names import Json
from infra.stages import client_arguments, stage_name

RANDOM_BYTES = 15  # 20 characters


class AdminFailed(Exception):
    """The function refused the call, or failed."""


def call(stage: str, place: Json, request: Mapping[str, Any]) -> Json:
    """Call the function once; a retry could find the password already set."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=MAKE_ADMIN_TIMEOUT + 10, retries={"total_max_attempts": 1})
    function, payload = f"shopfloor-{stage}-make-admin", json.dumps(request).encode()
    answer = boto3.client("lambda", config=config, **place).invoke(FunctionName=function, Payload=payload)
    result: Json = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise AdminFailed(f"{result.get('errorType')}: see the log of the function")
    if "error" in result:
        raise AdminFailed(result["error"])
    return result


def lines(result: Json, made_up: str | None) -> Iterator[str]:
    """Return the text to print; it has the password when that was generated."""
    who = f"{result['email']} (number {result['number']})"
    if result["created"]:
        yield f"{who} is a new administrator"
    elif result["granted"]:
        yield f"{who} is an administrator now"
    else:
        yield f"{who} is an administrator already"
    if result["password_set"] and made_up:
        yield f"password: {made_up}"
        yield "It is shown this once: log in and change it with PUT /v1/users/password."
    elif result["password_set"]:
        yield "the password is set; every earlier token has ended"
    else:
        yield "the password stays as it was"
    if not result["created"] and not result["email_confirmed"]:
        yield "the email was never confirmed: make sure that the account belongs to the one you mean"


@one_line_errors()
def main() -> int:
    """Create the administrator by the arguments of the command line, and print the result."""
    parser = argparse.ArgumentParser(prog="python -m infra.admin", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--email", required=True)
    parser.add_argument("--name", help="of a new user; without it: what stands before the @")
    parser.add_argument("--ask", action="store_true", help="ask for the password")
    parser.add_argument("--existing", action="store_true", help="the account may be there already (EXISTING=1)")
    parser.add_argument("--keep-password", action="store_true", help="and keeps the password it has (KEEP_PASSWORD=1)")
    parser.add_argument("--endpoint", help="an emulator; without it: AWS, or the local stack for the stage local")
    arguments = parser.parse_args()
    if not arguments.email:
        parser.error("an email is needed: make admin EMAIL=...")
    place = client_arguments(arguments.stage, arguments.endpoint)
    given = getpass.getpass("password: ") if arguments.ask else os.environ.get("PASSWORD")
    password = given or secrets.token_urlsafe(RANDOM_BYTES)
    request = {"email": arguments.email, "name": arguments.name or None, "password": password}
    request |= {"existing": arguments.existing, "keep_password": arguments.keep_password}
    try:
        result = call(arguments.stage, place, request)
    except AdminFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write("\n".join(lines(result, None if given else password)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
