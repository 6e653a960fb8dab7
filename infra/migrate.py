"""`python -m infra.migrate --stage dev`: apply the migrations of the deployed release, and print their progress.

`--dry` changes nothing and prints what would change; `--again` applies all once more, after a restore of older items.
"""

import argparse
import json
import sys

from infra.deploying.failures import one_line_errors
from infra.functions.migrations import MIGRATE_TIMEOUT
from infra.migrating import Call, MigrationFailed, dry_run, migrate
from infra.names import Json
from infra.stages import client_arguments, stage_name


def caller(stack: str, place: Json) -> Call:
    """Return a function that calls the function of a stack once, and waits as long as it may take."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=MIGRATE_TIMEOUT + 10, retries={"total_max_attempts": 1}, tcp_keepalive=True)
    functions = boto3.client("lambda", config=config, **place)

    def call(event: Json) -> Json:
        answer = functions.invoke(FunctionName=f"{stack}-migrate", Payload=json.dumps(event).encode())
        result: Json = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise MigrationFailed(result)
        return result

    return call


@one_line_errors()
def main() -> int:
    """Apply migrations by the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.migrate", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--dry", action="store_true", help="change nothing, print what would change (DRY=1)")
    parser.add_argument("--again", action="store_true", help="apply all migrations once more (AGAIN=1)")
    parser.add_argument("--endpoint", help="an emulator; without it: AWS, or the local stack for the stage local")
    arguments = parser.parse_args()
    place = client_arguments(arguments.stage, arguments.endpoint)
    call = caller(f"shopfloor-{arguments.stage}", place)

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    try:
        if arguments.dry:
            dry_run(call, say)
        else:
            migrate(call, say, again=arguments.again)
            say("all migrations are applied")
    except MigrationFailed as failure:
        sys.exit(str(failure))
    return 0


if __name__ == "__main__":
    sys.exit(main())
