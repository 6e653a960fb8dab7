"""The phases of the start are told while they run."""

import io
import re
import sys

import pytest

from localstack.timing import Phases


class Output(io.StringIO):
    """A standard output that is a terminal, or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_on_a_terminal_a_phase_is_seen_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output(terminal=True)
    monkeypatch.setattr(sys, "stdout", out)
    phases = Phases()
    phases.begin("package")
    assert out.getvalue() == "package …"
    phases.begin("deploy")
    assert re.fullmatch(r"package …\rpackage +\d+\.\d\d s\ndeploy …", out.getvalue())


def test_elsewhere_a_phase_is_a_whole_line_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Output(terminal=False)
    monkeypatch.setattr(sys, "stdout", out)
    phases = Phases()
    phases.begin("package")
    assert out.getvalue() == ""
    phases.end()
    assert re.fullmatch(r"package +\d+\.\d\d s\ntogether +\d+\.\d\d s\n", out.getvalue())
