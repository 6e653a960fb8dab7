"""`python -m infra.deploy --stage dev`: create or update the stack, on AWS or on an emulator (`--endpoint`).

Shows what would change and asks; says what happens, and at the end where everything is. The environment variable `SET`
has the parameters that change. docs/deploying.md lists the rights that the caller needs.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping

from infra.deploying import parameters
from infra.deploying.deployment import Deployment
from infra.deploying.failures import DeployFailed, one_line_errors
from infra.migrate import caller
from infra.migrating import MigrationFailed, migrate
from infra.package import ROOT, package
from infra.stages import LOCAL, stage_name

BUILD = ROOT / ".shopfloor" / "build"


def main() -> None:
    """Package and deploy one stage."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    parser.add_argument("--stage", type=stage_name, required=True)
    parser.add_argument("--endpoint", help="an emulator; without it: AWS")
    parser.add_argument("--thin", action="store_true", help="code only, without the requirements")
    parser.add_argument("--yes", action="store_true", help="do not ask (YES=1)")
    parser.add_argument("--without-alarms", action="store_true", help="prod may have no AlarmTopicArn (ALARMS=0)")
    arguments = parser.parse_args()
    with one_line_errors():
        refuse_local(arguments.stage, arguments.endpoint, "make run")
        given = parameters.given(os.environ.get("SET", ""))
        agree = (lambda: True) if arguments.yes else ask
        deployment = Deployment(arguments.stage, arguments.endpoint, show=show, ask=agree)
        show(f"account {deployment.caller['Account']}, region {deployment.region}, as {deployment.caller['Arn']}")
        if not arguments.without_alarms:
            parameters.refuse_without_alarms(arguments.stage, deployment.stack.describe(), given)
        out = BUILD / (f"{arguments.stage}-thin" if arguments.thin else arguments.stage)
        package(arguments.stage, out, thin=arguments.thin)
        outputs = deployment.deploy(out, given, lambda: _migrate(deployment.stack.name, arguments.endpoint))
        deployment.refresh()
        show("\n".join(summary(arguments.stage, outputs, parameters.present(deployment.stack.describe()))))


def show(text: str) -> None:
    """Print a line of progress at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def ask() -> bool:
    """Ask on the terminal whether to go on; DeployFailed without one."""
    if not sys.stdin.isatty():
        raise DeployFailed("there is no terminal to ask on: YES=1 goes on without")
    return input("go on? [y/N] ").strip().lower() in ("y", "yes")


def refuse_local(stage: str, endpoint: str | None, instead: str) -> None:
    """DeployFailed: the stage `local` is for an emulator only."""
    if stage == LOCAL and not endpoint:
        raise DeployFailed(f"the stage {LOCAL} is the stack of this computer: {instead}")


def summary(stage: str, outputs: Mapping[str, str], given: Mapping[str, str]) -> Iterator[str]:
    """Yield the addresses, and what is to be done next."""
    url = outputs.get("Url") or outputs["ApiUrl"]
    yield f"deployed  {url}"
    yield f"console   {url}/console"
    yield f"docs      {url}/docs"
    if target := outputs.get("DomainTarget"):
        yield f"domain    {given.get('DomainName')} is to be a CNAME of {target}, unless HostedZoneId makes it"
    if stage != LOCAL:
        yield from _to_do(stage, given)


def _migrate(stack: str, endpoint: str | None) -> None:
    try:
        migrate(caller(stack, {"endpoint_url": endpoint} if endpoint else {}), show)
    except MigrationFailed as error:
        raise DeployFailed(f"the new code is deployed, but not migrated: {error}. Repeat the command then") from error


def _to_do(stage: str, given: Mapping[str, str]) -> Iterator[str]:
    yield "next:"
    yield f"  make admin STAGE={stage} EMAIL=...   the first administrator"
    if not given.get(parameters.TOPIC):
        yield f'  SET="{parameters.TOPIC}=..."   no one hears the alarms'
    if not given.get("MailFrom"):
        yield '  SET="MailFrom=..."   no emails are sent'
    if stage == "prod" and given.get(parameters.PROTECTION) != "true":
        yield f'  SET="{parameters.PROTECTION}=true"   a mistake can delete tables'
    yield f"  make dlq STAGE={stage}   shows nothing, a few minutes later"


if __name__ == "__main__":
    main()
