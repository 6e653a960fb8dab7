"""The configuration of the local stack: ports, state folder and options, from the environment."""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from infra import local_stack

ROOT, HOST = local_stack.ROOT, local_stack.HOST
REGION = "us-east-1"
STAGE = "local"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class PortTaken(Exception):
    """Another process listens on a port; the text names the setting to change."""


@dataclass(frozen=True)
class Config:
    """The settings of one local stack."""

    port: int
    aws_port: int
    state: Path
    demo: bool
    auth: bool
    auth_required: bool
    origins: tuple[str, ...] = ()  # of pages that may call both ports, beside the stack's own
    memory_mb: int = 600
    watch: bool = True  # make a change of the code live
    console: bool = True  # build the console if it has changed
    engine_fast: str = "1"  # fast paths of `localstack/engine`: 1, 0 or names
    parameters: str = ""  # of the stack, as `SET` of `make deploy`

    @property
    def api_url(self) -> str:
        """The address of the API, without a stage prefix."""
        return f"http://{HOST}:{self.port}"

    @property
    def aws_url(self) -> str:
        """The address of the emulated AWS."""
        return f"http://{HOST}:{self.aws_port}"

    @property
    def stack_file(self) -> Path:
        """The deployed version in the saved state: written with the state, removed before the state changes."""
        return self.state / "stack.json"


class Variable(NamedTuple):
    """A variable of the environment of `make run`: its default, and what it is for (docs/configuration.md)."""

    default: str
    meaning: str


VARIABLES = {
    "PORT": Variable("8000", "the port of the API and the console"),
    "AWS_PORT": Variable("4566", "the port of the emulated AWS: region us-east-1, key and secret `test`"),
    "STATE_DIR": Variable(".shopfloor/state", "the folder of the state; one stack at a time uses it"),
    "DEMO": Variable("1", "load the demo data that are missing, with the days since the last start; 0: start empty"),
    "WATCH": Variable("1", "0: a change of the code is live only after the next start"),
    "CONSOLE": Variable("1", "0: the start does not build the console; `make console` builds it at any time"),
    "SET": Variable("", "parameters of the stack, as for `make deploy`: `SET='TimeZone=Europe/Moscow'`"),
    "AUTH_REQUIRED": Variable("false", "true: the API requires a token, as on every other stage"),
    "AUTH": Variable("0", "1: the emulator enforces the functions' IAM policies, as in the end-to-end tests"),
    "CORS_ORIGINS": Variable("", "origins of pages that may call both ports, with commas between"),
    "MEMORY_MB": Variable("600", "memory of all processes together; above it idle workers of functions are ended"),
    "ENGINE_FAST": Variable("1", "0: the emulator without the fast paths of `localstack/engine/`; or names of them"),
}
"""The configuration of the local stack."""


def read_config() -> Config:
    """Read the configuration from the environment."""
    found = {name: os.environ.get(name, variable.default) for name, variable in VARIABLES.items()}
    return Config(
        port=int(found["PORT"]),
        aws_port=int(found["AWS_PORT"]),
        state=local_stack.state_folder(),
        demo=_flag(found["DEMO"]),
        auth=_flag(found["AUTH"]),
        auth_required=_flag(found["AUTH_REQUIRED"]),
        origins=tuple(origin.strip() for origin in found["CORS_ORIGINS"].split(",") if origin.strip()),
        memory_mb=int(found["MEMORY_MB"]),
        console=_flag(found["CONSOLE"]),
        watch=_flag(found["WATCH"]),
        engine_fast=found["ENGINE_FAST"],
        parameters=found["SET"],
    )


def open_ports(config: Config) -> list[socket.socket]:
    """Return sockets that listen on the ports: clients wait until they are served. PortTaken when one is in use."""
    opened: list[socket.socket] = []
    for variable, port in (("PORT", config.port), ("AWS_PORT", config.aws_port)):
        try:
            opened.append(socket.create_server((HOST, port)))
        except OSError as error:
            close_ports(opened)
            raise PortTaken(
                f"port {port} is taken ({os.strerror(error.errno or 0)}); stop its process (`make stop` if it is this "
                f"stack) or choose another: make run {variable}={port + 1}"
            ) from error
    return opened


def close_ports(sockets: Iterable[socket.socket]) -> None:
    """Close sockets; clients that wait for an answer fail."""
    for one in sockets:
        one.close()


def _flag(text: str) -> bool:
    return text.lower() in ("1", "true", "yes", "on")


KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT")


def emulator_environment(config: Config) -> dict[str, str]:
    """Return the whole environment of the emulator; functions inherit it, so it has nothing of the shell."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        **CREDENTIALS,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AUTH": str(config.auth).lower(),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(config.aws_port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(config.state / "emulator"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(config.state / "s3"),
        "TMPDIR": str(config.state / "tmp"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",  # nothing here runs in containers
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "MALLOC_ARENA_MAX": "2",
        "LOG_LEVEL": "WARNING",
    }
