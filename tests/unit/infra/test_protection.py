"""A stack is created without protected tables: when the creation fails, none is left in the way of the next one."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import PROTECTION, Deployment

Json = dict[str, Any]


class OneDeployment(Deployment):
    """Notes what would be applied."""

    def __init__(self, status: str | None) -> None:
        self.stack, self._region, self._status = "shopfloor-prod", "eu-central-1", status
        self.applied: list[dict[str, str]] = []

    def _artifacts_bucket(self) -> str:
        return "artifacts"

    def _upload(self, bucket: str, body: bytes, suffix: str) -> str:
        return f"{len(body)}.{suffix}"

    def _describe(self) -> Json | None:
        return {"StackStatus": self._status} if self._status else None

    def _apply(self, request: Json) -> dict[str, str]:
        self.applied.append({one["ParameterKey"]: one["ParameterValue"] for one in request["Parameters"]})
        return {"step": str(len(self.applied))}


@pytest.mark.parametrize(
    ("status", "default", "given", "steps"),
    [
        (None, "true", {}, ["false", "true"]),
        ("REVIEW_IN_PROGRESS", "true", {}, ["false", "true"]),
        ("ROLLBACK_COMPLETE", "false", {PROTECTION: "true"}, ["false", "true"]),
        (None, "true", {PROTECTION: "false"}, ["false"]),
        (None, "false", {}, [None]),
        ("UPDATE_COMPLETE", "true", {}, [None]),
    ],
)
def test_only_a_stack_that_is_there_gets_protected_tables(
    status: str | None, default: str, given: dict[str, str], steps: list[str | None], tmp_path: Path
) -> None:
    template = {"Resources": {}, "Parameters": {PROTECTION: {"Default": default}}}
    (tmp_path / "sam.json").write_text(json.dumps(template))
    (tmp_path / "deployment.zip").write_bytes(b"code")
    deployment = OneDeployment(status)
    outputs = deployment.deploy(tmp_path, {"LogLevel": "INFO", **given})
    assert [applied.get(PROTECTION) for applied in deployment.applied] == steps
    assert all(applied["LogLevel"] == "INFO" for applied in deployment.applied)
    assert outputs == {"step": str(len(steps))}
