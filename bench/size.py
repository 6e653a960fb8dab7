"""Print the size of the code: lines by package and kind, modules, functions, types, and tests per line of product."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("app.py", "chalicelib", "infra", "localstack")
KINDS = ("code", "import", "docstring", "comment", "blank")
MAX_FUNCTION_LINES = 30
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class FunctionSize:
    """A function's lines from `def` to its end, without its docstring, and whether its signature is typed."""

    lines: int
    name: str
    is_typed: bool


@dataclass(frozen=True)
class Module:
    """A Python file: its number of lines of each kind and its functions."""

    path: Path
    kinds: Counter[str]
    functions: list[FunctionSize]

    @property
    def lines(self) -> int:
        return self.kinds.total()


def lines_of(node: ast.AST) -> range:
    """Return the numbers of the lines of a node, without decorators."""
    return range(node.lineno, node.end_lineno + 1)  # type: ignore[attr-defined]


def docstring_lines(node: ast.AST) -> range:
    """Return the numbers of the lines of a node's docstring."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return lines_of(first) if first and is_text else range(0)


def is_typed(function: Function) -> bool:
    """Return whether the result and every parameter but self and cls have an annotation."""
    spec = function.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return bool(function.returns) and all(arg.annotation or arg.arg in ("self", "cls") for arg in named if arg)


def read_module(path: Path) -> Module:
    """Count the lines of a Python file, and list its functions."""
    text = path.read_text()
    nodes = list(ast.walk(ast.parse(text)))
    imports = {line for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for line in lines_of(node)}
    docstrings = {line for node in nodes for line in docstring_lines(node)}

    def kind(number: int, line: str) -> str:
        if number in docstrings:
            return "docstring"
        if number in imports:
            return "import"
        return "blank" if not line.strip() else "comment" if line.lstrip().startswith("#") else "code"

    functions = [
        FunctionSize(
            len(lines_of(node)) - len(docstring_lines(node)), f"{path.relative_to(ROOT)}:{node.name}", is_typed(node)
        )
        for node in nodes
        if isinstance(node, Function)
    ]
    return Module(path, Counter(kind(number, line) for number, line in enumerate(text.splitlines(), 1)), functions)


def read_package(name: str) -> list[Module]:
    """Read the Python files of a package, or the one file of that name."""
    path = ROOT / name
    return [read_module(file) for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]


def packages(name: str) -> Iterator[tuple[str, list[Module]]]:
    """Yield the subpackages of a package with their modules, and the package's own modules."""
    modules = read_package(name)
    for folder in sorted({module.path.relative_to(ROOT).parts[:-1][:2] for module in modules}):
        yield "/".join(folder) or name, [m for m in modules if m.path.relative_to(ROOT).parts[:-1][:2] == folder]


def console_lines() -> int:
    """Return the number of lines of the console's TypeScript, without the generated types of the API."""
    files = [file for file in (ROOT / "console/src").rglob("*.ts*") if file.name != "schema.d.ts"]
    return sum(len(file.read_text().splitlines()) for file in files)


def print_row(name: str, modules: list[Module]) -> None:
    kinds = sum((module.kinds for module in modules), Counter[str]())
    print(f"{name:32}{kinds.total():>8}" + "".join(f"{kinds[kind]:>11}" for kind in KINDS))


def print_shape(title: str, modules: list[Module]) -> None:
    """Print the median and the longest of modules and functions, and the share of typed functions."""
    functions = [function for module in modules for function in module.functions]
    module = max(modules, key=lambda module: module.lines)
    longest = max(functions, key=lambda function: function.lines)
    sizes = [module.lines for module in modules if module.lines]
    print(f"\n{title}")
    print(
        f"  modules    {len(sizes)}, median {median(sizes):g}, longest {module.lines} {module.path.relative_to(ROOT)}"
    )
    middle = median(function.lines for function in functions)
    print(f"  functions  {len(functions)}, median {middle:g}, longest {longest.lines} {longest.name}")
    print(f"  typed      {sum(function.is_typed for function in functions) / len(functions):.1%}")
    for function in sorted(functions, key=lambda function: -function.lines):
        if function.lines > MAX_FUNCTION_LINES:
            print(f"  over {MAX_FUNCTION_LINES} lines: {function.lines} {function.name}")


def main() -> None:
    print(f"{'lines':32}{'all':>8}" + "".join(f"{kind:>11}" for kind in KINDS))
    product: list[Module] = []
    for name in PRODUCT:
        for package, modules in packages(name):
            print_row(package, modules)
            product += modules
    print_row("product", product)
    others = {name: read_package(name) for name in ("tests", "bench")}
    for name, modules in others.items():
        print_row(name, modules)
    print(f"{'console/src':32}{console_lines():>8}")
    print_shape("product", product)
    print_shape("tests", others["tests"])
    ratio = sum(module.lines for module in others["tests"]) / sum(module.lines for module in product)
    print(f"\ntest lines per product line: {ratio:.2f}")


if __name__ == "__main__":
    main()
