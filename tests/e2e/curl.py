"""Runs the curl commands of documents as they stand there, on machines that have no curl.

`python -m tests.e2e.curl` with the arguments of curl is a program that does what curl does with them.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
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
    return _request(_options().parse_args(words[1:]), folder)


def main(arguments: Sequence[str]) -> None:
    """What curl prints and writes for those arguments."""
    given = _options().parse_args(arguments)
    answer = _request(given, Path())
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason or ''}", *(f"{k}: {v}" for k, v in answer.headers.items())]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    if given.dump_header:
        Path(given.dump_header).write_bytes(head)
    printed = (head if given.include or given.head else b"") + (b"" if given.head else answer.content)
    if given.output:
        Path(given.output).write_bytes(printed)
    else:
        sys.stdout.buffer.write(printed)
    told = {"http_code": answer.status_code, "size_download": len(answer.content)}
    text = (given.write_out or "").replace("\\n", "\n")
    for name, value in {**told, "content_type": answer.headers.get("Content-Type", "")}.items():
        text = text.replace(f"%{{{name}}}", str(value))
    sys.stdout.buffer.write(text.encode())


def _request(given: argparse.Namespace, folder: Path) -> requests.Response:
    headers = dict(header.split(": ", 1) for header in given.header)
    data = given.data or given.data_binary
    return requests.request(
        given.request or ("HEAD" if given.head else "POST" if data or given.form else "GET"),
        given.url,
        headers={"Accept-Encoding": "identity", **headers},
        data=_data(data, folder) if data else None,
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
    parser.add_argument("--data-binary")
    parser.add_argument("-F", "--form", action="append", default=[])
    parser.add_argument("-L", "--location", action="store_true")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    parser.add_argument("-I", "--head", action="store_true")
    parser.add_argument("-D", "--dump-header")
    parser.add_argument("-o", "--output")
    parser.add_argument("-w", "--write-out")
    return parser


def _data(text: str, folder: Path) -> bytes:
    return (folder / text[1:]).read_bytes() if text.startswith("@") else text.encode()


def _field(text: str, folder: Path) -> tuple[str, tuple[str | None, bytes]]:
    """`name=value`, or `name=@file`."""
    name, _, value = text.partition("=")
    if value.startswith("@"):
        path = folder / value[1:]
        return name, (path.name, path.read_bytes())
    return name, (None, value.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
