"""The pages of the documentation, read and run: commands by a shell, answers and programs compared.

A page is a list of fenced blocks. What stands in ```bash is run, all of a page by one shell, so variables last; a block
of ```json, ```http or ```text right behind it is what it prints. Ids, times, hashes, ports and figures of four digits
are as they come; `…` stands for anything; of headers only those that are shown have to be there. A program (```python,
```js, ```go) follows `<!-- file: path -->` and is that file. A ```text that follows no command is a figure. A ```diff
follows the name of a change, which tests/contract/test_changes.py compares. Nothing else may stand in a fence. `make
docs` writes the answers of a run into the pages. Commands that need an AWS account stand in ```sh and are not run;
tests/contract/test_docs.py checks their syntax, targets, variables and parameters.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from localstack.config import ROOT
from tests.e2e.stack import Stack, free_ports

_addresses = (f"127.0.6.{number}" for number in count(1))  # of who reads a page: logins of an address are limited

COMMANDS, ON_AWS, CHANGE, ANSWERS, PROGRAMS = "bash", "sh", "diff", ("json", "http", "text"), ("python", "js", "go")
URL, AWS_URL, STATE = "http://127.0.0.1:8000", "http://127.0.0.1:4566", ".shopfloor/state"
LISTENS = re.compile(r"\b900[0-9]\b")  # ports of the receivers that pages start
VARIES = ("id", "number", "user_id", "userId", "report_id", "file_size", "ms", "next_cursor", "failures", "successes")
NOISE = re.compile(  # headers of every answer, which would hide those of this one
    "date|server|connection|content-length|cache-control|referrer-policy|content-security-policy|x-.*|ratelimit.*"
    "|access-control-(allow-origin|expose-headers)"
)
WIDTH = 120
_FENCE = re.compile(r"^(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<language>\S*)\n(?P<text>.*?)^```$", re.M | re.S)
_AS_IT_COMES = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+\d\d:\d\d)?)?"), "<time>"),
    (re.compile(r"[0-9a-f]{32,}"), "<hash>"),
    (re.compile(r'("(?:id|number|user_?[iI]d)": ?|\breport[ _]|№ |deferred-task-|\bid )\d+'), r"\1<number>"),
    (re.compile(r"\d{4,}(\.\d+)?|\d+\.\d{2,}|\d+(?= (MB|processes|bytes))"), "<figure>"),
)
# What a page may not do for real, it does dry: make says whether the target is there and what it would run.
PRELUDE = """
set -eE -o pipefail
DRY=' run test check fix openapi deploy destroy stop logs reset clean fuzz docs localstack-package '
DRY="$DRY console console-dev console-check console-test "
make() {
  local target=
  for word in "$@"; do [[ $word == *=* ]] || target=$word; done
  if [[ $DRY == *" $target "* || $target == bench-* ]]; then
    command make -C "$ROOT" -n -o .venv/.installed "$@" > dry-run
    [[ $target != run ]] || cat "$STARTED"
  else
    command make --no-print-directory -C "$ROOT" -o .venv/.installed "$@"
  fi
}
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
"""


@dataclass(frozen=True)
class Block:
    """A fence: its language and text, the line it begins at, the file that is named before it."""

    page: Path
    line: int
    language: str
    text: str
    file: str | None
    span: tuple[int, int]
    follows: "Block | None"  # the block right before it, with nothing but blank lines between

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.page.name}:{self.line}"

    @property
    def answers(self) -> "Block | None":
        """The commands whose output it is."""
        before = self.follows
        return before if self.language in ANSWERS and before and before.language == COMMANDS else None


def blocks(page: Path) -> list[Block]:
    """The fences of a page, in order."""
    text, found = page.read_text(), []
    for match in _FENCE.finditer(text):
        last = found[-1] if found else None
        adjacent = last if last and not text[last.span[1] : match.start()].strip().strip("`") else None
        line = text.count("\n", 0, match.start("language")) + 1
        span = (match.start("text"), match.end("text"))
        found.append(Block(page, line, match["language"], match["text"], match["file"], span, adjacent))
    return found


def faults(page: Path) -> Iterator[str]:
    """The fences that would be neither run nor compared."""
    for block in blocks(page):
        if block.language in PROGRAMS:
            if block.text != _program(block):
                yield f"{block.place}: a program that is not the file named before it: {block.file}"
        elif block.language not in (COMMANDS, ON_AWS, CHANGE, *ANSWERS):
            yield f"{block.place}: a fence of the language {block.language!r}"
        elif block.language in ("json", "http") and block.answers is None:
            yield f"{block.place}: an answer to no command"


def _program(block: Block) -> str | None:
    """The file that is named before a block."""
    file = ROOT / block.file if block.file else None
    return file.read_text() if file and file.is_file() else None


class Shell:
    """A user who types what pages say, in a folder of his own, to one stack; `known` are variables he has set."""

    def __init__(self, stack: Stack, folder: Path, **known: str) -> None:
        self._stack = stack
        self._folder = folder
        self._known = known
        self._replaced: dict[str, str] = {}
        self._left: set[int] = set()
        self.missed: set[str] = set()  # tools that the page uses and this machine does not have

    def runs(self, page: Path) -> dict[int, str]:
        """Run all commands of a page; what each block printed, by its line."""
        listed = [block for block in blocks(page) if block.language == COMMANDS]
        self._replaced = self._ports(listed)
        script = [PRELUDE]
        for block in listed:
            script += [
                f"exec > '{self._folder}/{block.line}.out' 2> '{self._folder}/{block.line}.err'",
                self._typed(block),
            ]
        self._prepare()
        (self._folder / "script").write_text("\n".join(script))
        done = subprocess.run(["bash", "script"], cwd=self._folder, env=self._environment(), timeout=300)
        printed = {block.line: self._folder / f"{block.line}.out" for block in listed}
        begun = [block for block in listed if printed[block.line].exists()]
        if done.returncode or len(begun) < len(listed):
            last = begun[-1]
            out, error = printed[last.line].read_text(), (self._folder / f"{last.line}.err").read_text()
            raise AssertionError(f"{last.place} failed ({done.returncode}):\n{last.text}\n{out}\n{error}")
        return {line: self._as_documented(path.read_text()) for line, path in printed.items() if line not in self._left}

    def _typed(self, block: Block) -> str:
        """The commands as they are typed here; those of a tool that is missing are left out."""
        text = block.text
        for tool in ("node", "go"):
            if re.search(rf"^{tool} ", text, re.M) and not shutil.which(tool):
                self._left.add(block.line)
                self.missed.add(tool)
                return ":"
        for documented, here in self._replaced.items():
            text = text.replace(documented, here)
        return text

    def _ports(self, listed: Sequence[Block]) -> dict[str, str]:
        wanted = sorted({port for block in listed for port in LISTENS.findall(block.text)})
        found = dict(zip(wanted, map(str, free_ports(len(wanted))), strict=True))
        return {URL: self._stack.url, AWS_URL: self._stack.aws_url, **found}

    def _prepare(self) -> None:
        """The folder looks like the repository, with the state of this stack."""
        for name in ("clients", "docs", "localstack", "infra", ".venv"):
            (self._folder / name).symlink_to(ROOT / name)
        (self._folder / ".shopfloor").mkdir()
        (self._folder / STATE).symlink_to(self._stack.state)
        (self._folder / "started").write_text(self._stack.output)
        (self._folder / ".curlrc").write_text(f"interface = {next(_addresses)}\n")
        programs = self._folder / "programs"
        programs.mkdir()
        for name in ("aws", *(() if shutil.which("curl") else ("curl",))):
            command = f'PYTHONPATH={ROOT} exec {sys.executable} -m tests.e2e.{name} "$@"'
            (programs / name).write_text(f"#!/bin/sh\n{command}\n")
            (programs / name).chmod(0o755)

    def _environment(self) -> dict[str, str]:
        ports = {"PORT": self._stack.url.rpartition(":")[2], "AWS_PORT": self._stack.aws_url.rpartition(":")[2]}
        path = f"{self._folder}/programs:{Path(sys.executable).parent}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        files = {"ROOT": str(ROOT), "STARTED": str(self._folder / "started"), "STATE_DIR": str(self._stack.state)}
        return {**kept, **ports, **files, "CURL_HOME": str(self._folder), "PATH": path, **self._known}

    def _as_documented(self, printed: str) -> str:
        for documented, here in (*self._replaced.items(), (STATE, str(self._stack.state))):
            printed = printed.replace(here, documented)
        return printed


def differs(block: Block, printed: str) -> str | None:
    """What is documented and was not printed, as a sentence; None when it is all there."""
    try:
        if block.language == "json":
            _same(_values(printed), _values(block.text), "answer")
        elif block.language == "http":
            _same_http(printed, block.text)
        else:
            _same_text(printed.strip(), block.text.strip())
    except (AssertionError, ValueError, IndexError) as error:
        return f"{block.place}: {error}\ndocumented:\n{block.text}\nprinted:\n{printed}"
    return None


def _values(text: str) -> list[Any]:
    """The JSON values that follow one another in a text."""
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def _same(shown: Any, documented: Any, where: str) -> None:
    """`…` as a field, an element or part of a text stands for whatever is there."""
    if isinstance(documented, dict):
        assert isinstance(shown, dict), where
        names = [name for name in documented if name != "…"]
        held = [name for name in shown if name in documented] if "…" in documented else list(shown)
        assert held == names, f"{where} has {list(shown)}"
        for name in names:
            if name not in VARIES or type(shown[name]) is not type(documented[name]):
                _same(shown[name], documented[name], f"{where}.{name}")
    elif isinstance(documented, list):
        assert isinstance(shown, list), where
        whole = documented[-1:] != ["…"]
        wanted = [one for one in documented if one != "…"]
        assert len(shown) == len(wanted) if whole else len(shown) >= len(wanted), f"{where} has {len(shown)}"
        for index, (one, other) in enumerate(zip(shown, wanted, strict=False)):
            _same(one, other, f"{where}.{index}")
    elif isinstance(documented, str) and documented != "…":
        assert isinstance(shown, str), f"{where} is {shown!r}"
        _same_text(shown, documented)
    elif documented != "…" and not (type(documented) is type(shown) is int and min(documented, shown) >= 1_000):
        assert (type(shown), shown) == (type(documented), documented), f"{where} is {shown!r}"


def _same_http(printed: str, documented: str) -> None:
    (shown_head, shown_body), (head, body) = _parted(printed), _parted(documented)
    assert shown_head[0].split()[1] == head[0].split()[1], shown_head[0]
    shown = [_header(line) for line in shown_head[1:]]
    for line in head[1:]:
        name, value = _header(line)
        values = [given for named, given in shown if named == name]
        assert any(_pattern(value).fullmatch(_plain(given)) for given in values), f"{line} and not {values}"
    if body:
        _same(_values(shown_body), _values(body), "body") if body[0] in "{[" else _same_text(shown_body, body)


def _parted(text: str) -> tuple[list[str], str]:
    head, _, body = text.replace("\r\n", "\n").strip().partition("\n\n")
    return head.splitlines(), body.strip()


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()


def _same_text(printed: str, documented: str) -> None:
    assert _pattern(documented).fullmatch(_plain(printed)), f"not {documented!r} but {printed!r}"


def _plain(text: str) -> str:
    for pattern, name in _AS_IT_COMES:
        text = pattern.sub(name, text)
    return re.sub(r"[ \t]+", " ", text)


def _pattern(documented: str) -> re.Pattern[str]:
    return re.compile(".*?".join(re.escape(part) for part in _plain(documented).split("…")), re.S)


# -- writing answers into pages ------------------------------------------------------------------------------------


def written(page: Path, printed: Mapping[int, str]) -> str:
    """The page with those answers replaced that differ from what was printed, and with its programs."""
    text = page.read_text()
    for block in reversed(blocks(page)):
        new = _program(block) if block.language in PROGRAMS else None
        if block.answers and block.answers.line in printed and differs(block, printed[block.answers.line]):
            new = _shown(block, printed[block.answers.line])
        text = text[: block.span[0]] + (new or block.text) + text[block.span[1] :]
    return text


def _shown(block: Block, printed: str) -> str:
    if block.language == "json":
        return "".join(_folded(json.dumps(value, ensure_ascii=False)) + "\n" for value in _values(printed))
    if block.language == "http":
        head, body = _parted(printed)
        kept = [line.strip() for line in head if not NOISE.fullmatch(_header(line)[0])]
        return "\n".join([*kept, *(["", _folded(body)] if body else [])]) + "\n"
    return printed.strip() + "\n"


def _folded(line: str) -> str:
    """Lines that fit, broken behind commas."""
    lines = [""]
    for part in re.findall(r'(?:"(?:\\.|[^"\\])*"|[^,"])+,? ?', line):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > WIDTH:
            lines[-1] = lines[-1].rstrip()
            lines.append(" ")
        lines[-1] += part
    return "\n".join(lines)
