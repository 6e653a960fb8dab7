"""What the launcher prints when the stack is ready: where everything is, and how to go on."""

from collections.abc import Iterator
from pathlib import Path

from localstack import administrator
from localstack.administrator import Administrator
from localstack.config import Config
from localstack.demo.people import DOMAIN, PEOPLE
from localstack.process import memory_mb


def lines(config: Config, engine: str, console: str, report: str | None, admin: Administrator | None) -> Iterator[str]:
    """Yield the lines: the last one is what programs wait for. `report` is the address of a report of the demo."""
    processes, megabytes = memory_mb()
    state = shown(config.state)
    yield f"memory  {megabytes} MB in {processes} processes"
    yield f"console {console}"
    yield f"API     {config.api_url}"
    yield f"docs    {config.api_url}/docs"
    yield f"AWS     {config.aws_url}  (region us-east-1, key and secret: test)"
    yield f"engine  {engine}"
    yield f"mailbox {state}/mail  (emails are stored there, none is sent)"
    yield f"logs    make logs    state   {state}"
    if admin:
        yield f"admin   {admin.email}  password {admin.password}  (POST /v1/users/login)"
    if admin and report:
        logins = ", ".join(person.login for person in PEOPLE)
        yield f"people  {logins} @{DOMAIN}  password {administrator.password_of_people(config)}"
    if report:
        signed = '-H "Authorization: Bearer $TOKEN" ' if admin else ""
        yield f"report  curl -L {signed}-o report.pdf {report}"
    yield f"ready: {config.api_url}"


def shown(path: Path) -> str:
    """Return a path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
