"""Runs the curl commands of documents as they stand there, on machines that have no curl."""

import argparse
import shlex
from pathlib import Path

import requests

HOSTS = ("http://localhost:8000", "http://localhost:8080", "http://arch.homework:8083")


def curl(command: str, api_url: str, folder: Path, **filled_in: str) -> requests.Response:
    """One documented command, with host, placeholders (`{batch_id}`) and texts filled in; files lie in `folder`."""
    for name, value in filled_in.items():
        command = command.replace(f"{{{name}}}", value)
    assert "{" not in command.partition(" -d ")[0], f"a placeholder is left: {command}"
    for host in HOSTS:
        command = command.replace(host, api_url)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "curl", command
    given = _options().parse_args(words[1:])
    headers = dict(header.split(": ", 1) for header in given.header)
    return requests.request(
        given.request or ("POST" if given.data or given.form else "GET"),
        given.url,
        headers=headers,
        data=given.data.encode() if given.data else None,
        files=dict(_field(text, folder) for text in given.form) or None,
        allow_redirects=given.location,
        timeout=35,
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("-L", "--location", action="store_true")
    parser.add_argument("-s", "--silent", action="store_true")
    return parser


def _field(text: str, folder: Path) -> tuple[str, tuple[str | None, bytes]]:
    """`name=value`, or `name=@file`."""
    name, _, value = text.partition("=")
    if value.startswith("@"):
        path = folder / value[1:]
        return name, (path.name, path.read_bytes())
    return name, (None, value.encode())
