"""A state of the first release, written with 6 and 16 shards, loses nothing where new local stacks have one."""

import json
from pathlib import Path
from typing import Any

from infra.deploying.deployment import Deployment
from infra.package import load, package
from infra.shards import PARAMETERS, WITHOUT_PARAMETERS
from tests.e2e.stack import Stack, start
from tests.production import batch_body

BATCHES = 12


def test_a_state_written_with_many_shards_is_listed_and_counted_after_an_update(
    tmp_path: Path, monkeypatch: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    state = tmp_path / "state"
    stack = start(state)
    try:
        assert _shards(stack) == ["1", "1"]
        _deploy_as_the_first_release(stack, tmp_path / "package")
        assert _shards(stack) == ["6", "16"]
        made = _make_batches(stack)
    finally:
        assert stack.stop() == 0
    (state / "stack.json").unlink()  # as after an upgrade: the deployed code is not that of the folder

    stack = start(state)
    try:
        assert _shards(stack) == ["6", "16"]
        page = stack.call("GET", "/api/batches?limit=100").json()
        assert {one["uuid"] for one in page["items"]} == made
        assert page["total"] == BATCHES
        assert stack.call("GET", "/api/batches?shift=1&sort_field=batch_number").json()["total"] == BATCHES
        _assert_a_deployment_without_changes_does_nothing(stack, tmp_path / "package")
    finally:
        assert stack.stop() == 0


def _shards(stack: Stack) -> list[str]:
    return list(stack.shards().values())


def _deploy_as_the_first_release(stack: Stack, folder: Path) -> None:
    """The same code, from a template without the parameters: the numbers stand in the environment of the functions."""
    package("local", folder, thin=True)
    template = load(folder)
    for name in PARAMETERS:
        del template["Parameters"][name]
    text = json.dumps(template)
    for name, value in WITHOUT_PARAMETERS.items():
        text = text.replace(json.dumps({"Ref": name}), json.dumps(str(value)))
    (folder / "sam.json").write_text(text)
    Deployment("local", stack.aws_url).deploy(folder, {"AuthRequired": "false"})


def _assert_a_deployment_without_changes_does_nothing(stack: Stack, folder: Path) -> None:
    package("local", folder, thin=True)
    deployment = Deployment("local", stack.aws_url)
    outputs = deployment.deploy(folder, {})
    change_sets = stack.client("cloudformation").list_change_sets(StackName=stack.name)["Summaries"]
    assert deployment.deploy(folder, {}) == outputs == stack.outputs()
    assert stack.client("cloudformation").list_change_sets(StackName=stack.name)["Summaries"] == change_sets


def _make_batches(stack: Stack) -> set[str]:
    center = stack.call("POST", "/api/work_centers", json={"identifier": "WC-1", "name": "Цех"}).json()["uuid"]
    answers = [stack.call("POST", "/api/batches", json=batch_body(center)) for _ in range(BATCHES)]
    assert [answer.status_code for answer in answers] == [201] * BATCHES
    return {answer.json()["uuid"] for answer in answers}
