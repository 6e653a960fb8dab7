"""Every text for people has an English translation with the same placeholders, and no translation is left over."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from chalicelib.core import texts
from localstack.config import ROOT

CYRILLIC = re.compile("[А-Яа-яЁё]")
# Russian that is data: words of files that are read, names and examples.
DATA = {
    "chalicelib/batches/exchange/headings.py": {"HEADINGS", "CENTRES", "CODES", "SPELLINGS"},
    "chalicelib/batches/exchange/marks.py": {"ERRORS"},
    "chalicelib/batches/exchange/rows.py": {"EXAMPLES"},
    "chalicelib/batches/exchange/template.py": {"FLAGS"},
    "chalicelib/batches/exchange/values.py": {"_FLAGS", "_MONTHS", "_WEEKDAY", "_WORD", "_DAYS", "_MOMENTS", "_FIRST"},
    "chalicelib/core/actor.py": {"ADMINISTRATOR"},
    "chalicelib/core/encodings.py": {"_LETTERS", "_VOWELS", "_pair_likelihood"},
    "chalicelib/events/types.py": {"EXAMPLES"},
    "chalicelib/openapi/examples.py": {"EXAMPLES"},
    "chalicelib/reports/render/hyphens.py": {"_VOWEL", "_CONSONANT", "_LETTER"},
}
DOCUMENT = "openapi/"  # test_openapi_texts.py checks the texts of the OpenAPI document


class Finder(ast.NodeVisitor):
    """Finds the Russian of a module: texts, and those in f-strings, which cannot be translated."""

    def __init__(self, data: set[str]) -> None:
        self.data, self.texts, self.formatted = data, dict[str, int](), list[int]()

    def visit(self, node: ast.AST) -> None:
        if _is_data(node, self.data):
            return
        if isinstance(node, ast.JoinedStr) and any(map(_is_russian, node.values)):
            self.formatted.append(node.lineno)
        elif isinstance(node, ast.Constant) and _is_russian(node):
            self.texts.setdefault(str(node.value), node.lineno)
        self.generic_visit(node)


def _is_russian(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(CYRILLIC.search(node.value))


def _is_data(node: ast.AST, names: set[str]) -> bool:
    """Return whether a node has no texts for people: docstrings, patterns, examples, and what DATA names."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "re.compile"
    if isinstance(node, ast.keyword):
        return node.arg in ("examples", "example", "description")
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    assigned = {part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)}
    return bool(names & (assigned | {getattr(node, "name", "")}))


@cache
def russian(path: Path) -> Finder:
    """Return the Russian of a module."""
    found = Finder(DATA.get(str(path.relative_to(ROOT)), set()))
    found.visit(ast.parse(path.read_text()))
    return found


def modules() -> Iterator[Path]:
    yield from sorted((ROOT / "chalicelib").rglob("*.py"))


def has_messages(path: Path) -> bool:
    return not str(path.relative_to(ROOT / "chalicelib")).startswith(DOCUMENT)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_text_has_a_translation() -> None:
    english = texts.entries(document=False)
    missing = {
        f"{path.relative_to(ROOT)}:{line}": russian_text
        for path in modules()
        if has_messages(path)
        for russian_text, line in russian(path).texts.items()
        if russian_text not in english
    }
    assert not missing


def test_no_text_is_put_together_before_it_is_translated() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules()
        for line in russian(path).formatted
        if has_messages(path)
    ]
    assert not found, 'write text("... {name}", name=...) instead of an f-string'


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    english = texts.entries(document=False)
    assert not {key for key, value in english.items() if placeholders(key) != placeholders(value)}
    assert not {value for value in english.values() if CYRILLIC.search(value)}


def test_no_translation_is_left_over() -> None:
    used = {found for path in modules() for found in russian(path).texts}
    assert not set(texts.entries(document=False)) - used


@pytest.mark.parametrize("document", [False, True])
def test_a_text_is_translated_once(document: bool) -> None:
    paths = [path for path in texts.FOLDER.glob("*.toml") if path.name.startswith(texts.DOCUMENT) == document]
    seen = [key for path in paths for key in tomllib.loads(path.read_text())]
    assert len(seen) == len(set(seen)), sorted({key for key in seen if seen.count(key) > 1})
