"""`python -m localstack.update <package>`: make the code of this folder live in the running stack.

Runs in a child process of the launcher, with the environment of `localstack.deploy`, and is told which package is live.
Where the template stays as it is, only the code of the functions is replaced, which takes a
second; else the stack is deployed. Prints a JSON line last: `live`, the name of the package, `outputs` of a deployment,
or `error`, for who has changed the code.
"""

import json
import py_compile
import shutil
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

from infra.package import CODE, FINGERPRINT, MERGED, ROOT, TEMPLATE, fingerprint, write_members
from localstack import deploy
from localstack.config import STAGE, read_config

Members = Mapping[str, bytes]  # of a zip file


class NotLive(Exception):
    """The code cannot be made live; the text says where it is broken."""


def main() -> None:
    """Make the code live, by the shorter way where that is possible."""
    live = deploy.PACKAGES / sys.argv[1]
    tree = fingerprint(STAGE, thin=True)
    try:
        before = read_members(live / CODE) if (live / FINGERPRINT).exists() else {}
        after = members(before)
        if before and has_same_template(live):
            package = store(live, deploy.PACKAGES, tree, after)
            deploy.replace_code(package / CODE, read_config().aws_url)
            _report(live=tree)
        else:
            deploy.main()
    except NotLive as error:
        _report(error=str(error))


def read_members(archive: Path) -> Members:
    """Return the files of a zip file."""
    with ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def members(before: Members) -> Members:
    """Return the files of the package of this tree: compiled anew where they differ. NotLive at an error of syntax."""
    sources = [path for path in (ROOT / "chalicelib").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    contents = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in [ROOT / "app.py", *sources]}
    after = {name: content for name, content in before.items() if name.startswith("chalice/")} | contents
    for name, content in contents.items():
        if name.endswith(".py"):
            path = Path(name)
            compiled = (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()
            is_same = before.get(name) == content and compiled in before
            after[compiled] = before[compiled] if is_same else _bytecode(name)
    return after


def _bytecode(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file, mode = Path(folder, "pyc"), py_compile.PycInvalidationMode.UNCHECKED_HASH
        try:
            py_compile.compile(str(ROOT / name), str(file), name, doraise=True, invalidation_mode=mode)
        except py_compile.PyCompileError as error:
            raise NotLive(_broken(error.exc_value)) from None
        return file.read_bytes()


def _broken(error: BaseException) -> str:
    """Return the place of an error in this tree, and the error."""
    if isinstance(error, SyntaxError):
        name = str(error.filename)
        return f"{Path(name).relative_to(ROOT) if name.startswith(str(ROOT)) else name}:{error.lineno}: {error.msg}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).is_relative_to(ROOT)]
    place = f"{Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].lineno}: " if frames else ""
    return f"{place}{type(error).__name__}: {error}"


def has_same_template(live: Path) -> bool:
    """Whether the template of this tree is that of a package; NotLive when the code cannot be imported."""
    try:
        import app
        from infra.template import merge_template

        merge = json.loads(json.dumps(merge_template(app.app, STAGE)))
    except Exception as error:
        raise NotLive(_broken(error)) from None
    packaged = json.loads((live / TEMPLATE).read_text("utf-8"))["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    known = {
        path: {name for name in methods if not name.startswith("x-")} for path, methods in packaged["paths"].items()
    }
    routes = {path: {name.lower() for name in methods} for path, methods in app.app.routes.items()}
    before = json.loads((live / MERGED).read_text("utf-8"))
    return bool(merge == before) and all(known.get(path, set()) >= methods for path, methods in routes.items())


def store(live: Path, packages: Path, tree: str, files: Members) -> Path:
    """Store the package of a tree, which has the template of the live one; return its folder."""
    out = packages / tree[:16]
    with deploy.locked(packages):
        if not (out / FINGERPRINT).exists():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            for name in (TEMPLATE, MERGED):
                shutil.copy(live / name, out)
            write_members(files, out / CODE)
            if fingerprint(STAGE, thin=True) == tree:  # else it has changed again, and the launcher calls again
                (out / FINGERPRINT).write_text(tree)
        out.touch()
    return out


def _report(**what: str) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
