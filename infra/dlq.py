"""`python -m infra.dlq --stage dev`: list dead letters; `--queue work --replay` moves them back.

The same as `GET /api/v1/system/dead-letters/{queue}`, with the credentials of the account; see core/dead_letters.py.
"""

import argparse
import sys
from collections.abc import Iterator

from chalicelib.core.dead_letters import QUEUES, DeadLetters, size
from infra.deploying.failures import one_line_errors
from infra.names import Json
from infra.stages import client_arguments, stage_name

MAX_SHOWN_CHARACTERS = 200  # of a message


def lines(stack: str, names: tuple[str, ...], place: Json, replay: bool) -> Iterator[str]:
    """Return a line for each queue and its first messages; with `--replay` the number of messages moved."""
    import boto3

    sqs = boto3.client("sqs", **place)
    for name in names:
        dead_letters = DeadLetters(sqs, stack, name)
        if replay:
            yield f"{name:<12}{dead_letters.replay():>6} moved back"
            continue
        waiting = size(sqs, f"{stack}-{name}-dlq").waiting
        yield f"{name:<12}{waiting:>6}"
        shown = dead_letters.peek() if waiting else ()
        yield from (f"    {message['Body'][:MAX_SHOWN_CHARACTERS]}" for message in shown)


@one_line_errors()
def main() -> int:
    """List or move dead letters by the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra.dlq", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--queue", choices=QUEUES, help="this one only")
    parser.add_argument("--replay", action="store_true", help="move the messages back into their queue")
    arguments = parser.parse_args()
    if arguments.replay and not arguments.queue:
        parser.error("which one? make dlq REPLAY=work")
    place = client_arguments(arguments.stage)
    names = (arguments.queue,) if arguments.queue else QUEUES
    for line in lines(f"shopfloor-{arguments.stage}", names, place, arguments.replay):
        sys.stdout.write(line + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
