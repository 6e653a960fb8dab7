"""`python -m infra.destroy --stage dev`: delete the stack; its data only with `--data`.

Tables, files and dead letters are kept, and it says what they cost. `--data` deletes them too, also those of a stack
that was deleted before. Interrupted, the same command goes on.
"""

import argparse
import sys

from infra.deploy import ask, refuse_local, show
from infra.deploying.deployment import Deployment
from infra.deploying.failures import DeployFailed, one_line_errors
from infra.deploying.leftovers import Leftovers
from infra.stages import stage_name

# Of the region us-east-1, in USD by gigabyte and month: https://aws.amazon.com/dynamodb/pricing/on-demand/ and
# https://aws.amazon.com/s3/pricing/
_COSTS = "a table 0.25 and its recovery 0.20, files 0.023 USD a month for each gigabyte; queues nothing"


def main() -> None:
    """Delete one stage."""
    parser = argparse.ArgumentParser(prog="python -m infra.destroy", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--endpoint", help="an emulator; without it: AWS")
    parser.add_argument("--data", action="store_true", help="delete tables, files and dead letters too (DATA=1)")
    parser.add_argument("--yes", default="", metavar="1|STAGE", help="do not ask; --data wants the name of the stage")
    arguments = parser.parse_args()
    with one_line_errors():
        refuse_local(arguments.stage, arguments.endpoint, "make reset")
        deployment = Deployment(arguments.stage, arguments.endpoint, show=show)
        show(f"account {deployment.caller['Account']}, region {deployment.region}, as {deployment.caller['Arn']}")
        destroy(deployment, data=arguments.data, yes=arguments.yes)


def destroy(deployment: Deployment, *, data: bool, yes: str) -> None:
    """Delete the stack of a deployment, and its data if told; DeployFailed: there is nothing, or the answer is no."""
    stack, found = deployment.stack.describe(), deployment.data.find()
    if stack is None and not (data and found):
        raise DeployFailed(_nothing(deployment, found))
    show(f"deletes {deployment.stack.name if stack else found}{f' with its data: {found}' if data and stack else ''}")
    _confirm(deployment.stage, data, yes)
    if stack:
        deployment.stack.wait()
        deployment.stack.delete()
    deployment.artifacts.delete()
    found = deployment.data.find()
    if data:
        for line in deployment.data.delete(found):
            show(line)
        show("nothing is left; the names of queues are free again in a minute")
    elif found:
        show(f"kept: {found}\n  they cost: {_COSTS}\n  make destroy STAGE={deployment.stage} DATA=1 deletes them")


def _nothing(deployment: Deployment, found: Leftovers) -> str:
    where = f"in the account {deployment.caller['Account']}, region {deployment.region}"
    kept = f"; of an earlier one there are {found}: DATA=1 deletes them" if found else ""
    return f"there is no stack {deployment.stack.name} {where}{kept}"


def _confirm(stage: str, data: bool, yes: str) -> None:
    """DeployFailed unless the caller agrees; data are deleted only when the name of the stage was typed."""
    if data and yes:
        agreed = yes == stage
    elif data and sys.stdin.isatty():
        agreed = input(f"all data will be lost; type the name of the stage ({stage}): ").strip() == stage
    elif data:
        raise DeployFailed(f"there is no terminal to ask on: YES={stage} confirms that all data will be lost")
    else:
        agreed = bool(yes) or ask()
    if not agreed:
        raise DeployFailed(f"nothing was deleted{f': DATA=1 needs YES={stage}' if data and yes else ''}")


if __name__ == "__main__":
    main()
