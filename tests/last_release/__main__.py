"""`python -m tests.last_release COMMIT`: name the last release, and store the tables of its template."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from localstack.config import ROOT
from tests.last_release import COMMIT, TABLES, tables_of, unpack


def main() -> None:
    """Write both files."""
    command = ["git", "rev-parse", "--verify", f"{sys.argv[1]}^{{commit}}"]
    revision = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    with TemporaryDirectory() as folder:
        tables = tables_of(unpack(revision, Path(folder)))
    rows = (f"{json.dumps(name)}: {json.dumps(table)}" for name, table in tables.items())
    TABLES.write_text("{\n" + ",\n".join(rows) + "\n}\n")
    COMMIT.write_text(f"{revision}\n")


if __name__ == "__main__":
    main()
