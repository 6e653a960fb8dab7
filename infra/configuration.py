"""`python -m infra.configuration` prints docs/configuration.md: every setting, with its default and its meaning.

Sources: the parameters of the template, the variables of the local stack and of the targets of make, the environment of
the functions.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import app
from infra import lambdas
from infra.names import Json
from infra.template import merge_template
from localstack.config import VARIABLES

ROOT = Path(__file__).parent.parent
INTRODUCTION = """# Configuration

Every setting, from the code by `make configuration`. A deployment is changed by the parameters of its stack, and
nothing else: no file and no variable is read from the machine of a user.

## Parameters of the stack

`make deploy STAGE=prod SET="Name=value Name=value"` sets them; a value with blanks: `SET='Name="two words"'`. A
parameter that is not given keeps its value, `SET="MailFrom="` empties one. `make run SET=...` sets them on the
local stack, but those that only AWS has. How to choose them is in [deploying](deploying.md) and
[operations](operations.md).

| parameter | default | values | meaning |
|---|---|---|---|
"""
LOCAL_STACK = """
## The local stack

Given to make: `make run PORT=8001 AWS_PORT=4567`. Commands on the same stack, such as `make logs`, find its ports by
the state; give them `STATE_DIR`, or `AWS_PORT`, where it is another one.

| variable | default | meaning |
|---|---|---|
"""
COMMANDS = """
## Commands

Variables that a target takes, as `make dlq STAGE=prod`. `STAGE` is `dev` for `deploy`, `destroy`, `restore` and
`policies`, else `local`.

| target | variables |
|---|---|
"""
FUNCTIONS = """
## Environment of the functions

The template sets the variables of every function, and `chalicelib/core/settings.py` reads them; a function whose
environment is not valid names the variable in its log and ends. A parameter has the same name there: `TimeZone` is
`TIME_ZONE`. The others are not to be changed:

"""
_MAX_VALUES = 60


def document() -> str:
    """Return the page."""
    parts = (INTRODUCTION, _parameters(), LOCAL_STACK, _variables(), COMMANDS, _targets(), FUNCTIONS, _environment())
    return "".join(part if isinstance(part, str) else "".join(f"{row}\n" for row in part) for part in parts)


def _parameters() -> Iterator[str]:
    local, deployed = (merge_template(app.app, stage)["Parameters"] for stage in ("local", "prod"))
    other: Json = merge_template(app.app, "dev")["Parameters"]
    for name in sorted(deployed, key=str.lower):
        parameter = deployed[name]
        defaults = {"prod": parameter["Default"], "": other[name]["Default"]}
        if name in local:
            defaults["local"] = local[name]["Default"]
        only = "" if name in local else " Not on the stage `local`."
        yield _row(f"`{name}`", _default(defaults), _values(parameter), f"{parameter['Description']}.{only}")


def _default(by_stage: dict[str, object]) -> str:
    """Return the default, and that of the stages that have another one."""
    usual = by_stage[""]
    others = [f"{stage}: {_text(value)}" for stage, value in by_stage.items() if stage and value != usual]
    return _text(usual) + (f" ({', '.join(others)})" if others else "")


def _values(parameter: Json) -> str:
    if allowed := parameter.get("AllowedValues"):
        return ", ".join(f"`{value}`" for value in allowed)
    if parameter["Type"] == "Number":
        least, most = parameter.get("MinValue", 0), parameter.get("MaxValue")
        return f"{least:,} to {most:,}" if most else f"from {least:,}"
    return ""


def _text(value: object) -> str:
    if value == "":
        return "none"
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text if len(text) <= _MAX_VALUES else text.replace(",", ", ")


def _variables() -> Iterator[str]:
    for name, variable in VARIABLES.items():
        yield _row(f"`{name}`", _text(variable.default), variable.meaning)


def _targets() -> Iterator[str]:
    """Yield the targets of make whose help names variables."""
    for target, help_text in re.findall(r"^([a-z-]+):.*## (.+)$", (ROOT / "Makefile").read_text(), re.M):
        _, colon, variables = help_text.partition(": ")
        if target != "run" and colon and re.search(r"\b[A-Z]{3,}\b", variables):
            yield _row(f"`make {target}`", variables)


def _environment() -> Iterator[str]:
    local, deployed = lambdas.environment("local"), lambdas.environment("prod")
    names = [name for name in deployed if name not in lambdas.SETTINGS and name not in ("PUBLIC_URL", "BASE_PATH")]
    fixed = [name for name in names if isinstance(deployed[name], str)]
    yield f"- {', '.join(f'`{name}` {deployed[name]} (local: {local[name]})' for name in fixed)};"
    yield f"- identifiers of the stack: {', '.join(f'`{name}`' for name in names if name not in fixed)}."


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(document())
