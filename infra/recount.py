"""`python -m infra.recount --stage dev`: check all counters against the items and repair them; prints the differences.

Calls the function `recount` of the stack and waits for it, up to 15 minutes. Exit code 1 when a difference is left.
"""

import argparse
import json
import sys
from collections.abc import Iterator

from infra.deploying.failures import one_line_errors
from infra.functions.analytics import RECOUNT_TIMEOUT
from infra.names import Json
from infra.stages import client_arguments, stage_name


class RecountFailed(Exception):
    """The function has failed."""


def call(stage: str, place: Json) -> Json:
    """Call the function once, without retries."""
    import boto3
    from botocore.config import Config

    config = Config(read_timeout=RECOUNT_TIMEOUT + 10, retries={"total_max_attempts": 1}, tcp_keepalive=True)
    answer = boto3.client("lambda", config=config, **place).invoke(FunctionName=f"shopfloor-{stage}-recount")
    result: Json = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RecountFailed(f"{result.get('errorType')}: {result.get('errorMessage')}")
    return result


def lines(result: Json) -> Iterator[str]:
    """Yield the table of differences, and one line for each kind of counts."""
    if result["differences"]:
        yield _row("where", "what", "kept", "actual", "outcome")
    for row in result["differences"]:
        yield _row(row["where"], row["what"], _amounts(row, "kept"), _amounts(row, "actual"), row["outcome"])
    if result["total"] > len(result["differences"]):
        yield f"... {result['total']} differences in all, see the log of the function"
    for where, count in result["checked"].items():
        moving = result["moving"].get(where, 0)
        later = f", {moving} in motion: ask again when it is quieter" if moving else ""
        yield f"{where:<24}{count:>9,} checked{later}"
    yield "not settled" if is_open(result) else "repaired" if result["total"] else "exact"


def is_open(result: Json) -> bool:
    """Return whether a difference is left, or a counter has changed in every round."""
    return bool(result["moving"]) or any(row["outcome"] == "left" for row in result["differences"])


def _row(where: str, what: str, kept: str, actual: str, outcome: str) -> str:
    return f"{where:<24}{what:<64}{kept:>24}{actual:>24}  {outcome}"


def _amounts(row: Json, side: str) -> str:
    """Return the amounts that differ."""
    differ = {name: value for name, value in row[side].items() if row["kept"][name] != row["actual"][name]}
    return " ".join(f"{name}={value}" if name != "n" else str(value) for name, value in differ.items())


@one_line_errors()
def main() -> int:
    """Read the arguments, call the function and print its result."""
    parser = argparse.ArgumentParser(prog="python -m infra.recount", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--endpoint", help="an emulator; without it: AWS, or the local stack for the stage local")
    arguments = parser.parse_args()
    place = client_arguments(arguments.stage, arguments.endpoint)
    try:
        result = call(arguments.stage, place)
    except RecountFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write("\n".join(lines(result)) + "\n")
    return int(is_open(result))


if __name__ == "__main__":
    sys.exit(main())
