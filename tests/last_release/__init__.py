"""The last release: the commit that was published last (file `commit`), and the tables of its template (`tables.json`).

Upgrades from there are tested: tests/contract/test_last_release.py compares the tables, tests/e2e/test_upgrade.py
deploys the current stack over the one of that commit. `make last-release COMMIT=...` writes both files.
"""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from infra.package import TEMPLATE
from localstack.config import ROOT

FOLDER = Path(__file__).parent
COMMIT, TABLES = FOLDER / "commit", FOLDER / "tables.json"
TABLE = "AWS::DynamoDB::Table"


class NoHistory(Exception):
    """The repository does not have the commit, or there is no git; the text says it."""


def commit() -> str:
    """Return the commit of the last release."""
    return COMMIT.read_text().strip()


def unpack(revision: str, folder: Path) -> Path:
    """Write the files of a commit into a folder, and return the folder."""
    try:
        archive = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True)
    except FileNotFoundError as error:
        raise NoHistory("this machine has no git") from error
    if archive.returncode:
        raise NoHistory(f"the history has no {revision} (git fetch --unshallow)")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def tables_of(tree: Path) -> dict[str, Any]:
    """Return the tables of the template of a tree, by their logical ids."""
    made = tree / ".shopfloor" / "build" / "tables"
    command = [sys.executable, "-m", "infra", "--stage", "prod", "--thin", "--out", str(made)]
    subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return layouts(json.loads((made / TEMPLATE).read_text())["Resources"])


def layouts(resources: dict[str, Any]) -> dict[str, Any]:
    """Return what an update may not change of each table: name, keys with types, indexes, stream, time to live."""
    found = {name: one["Properties"] for name, one in resources.items() if one.get("Type") == TABLE}
    return {name: _layout(properties) for name, properties in sorted(found.items())}


def _layout(table: dict[str, Any]) -> dict[str, Any]:
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}

    def keys(schema: list[dict[str, str]]) -> list[str]:
        return [f"{key['KeyType']} {key['AttributeName']} {types[key['AttributeName']]}" for key in schema]

    indexes = {
        index["IndexName"]: [*keys(index["KeySchema"]), index["Projection"]["ProjectionType"]]
        + sorted(index["Projection"].get("NonKeyAttributes", ()))
        for index in table.get("GlobalSecondaryIndexes", ())
    }
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    expiry = table.get("TimeToLiveSpecification", {}).get("AttributeName")
    name = table["TableName"]["Fn::Sub"]
    return {"name": name, "keys": keys(table["KeySchema"]), "stream": stream, "ttl": expiry, "indexes": indexes}
