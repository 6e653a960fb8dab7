"""`python -m infra.deploy --stage dev`: create or update the stack, on AWS or on an emulator (`--endpoint`).

The template and the code go to an artifacts bucket, named by content, as `aws cloudformation package` does it. That
bucket is the only resource outside the stack; the first deployment creates it. docs/operations.md lists the rights
that the deployer needs.
"""

import argparse
import hashlib
import json
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra import shards
from infra.names import Json
from infra.package import ROOT, load, package
from infra.template import STAGES

BUILD = ROOT / ".shopfloor" / "build"
POLL_SECONDS = 0.1
MAX_WAIT_SECONDS = 3_600
UNUSABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")  # can only be deleted
PROTECTION = "DeletionProtection"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class DeployFailed(Exception):
    """CloudFormation refused or rolled back; the text has its reasons."""


class Deployment:
    """Deploys one stack: artifacts to S3, then a change set."""

    def __init__(self, stage: str, endpoint: str | None = None, poll: float = POLL_SECONDS) -> None:
        import boto3

        session = boto3.Session()
        place: dict[str, Any] = {"endpoint_url": endpoint} if endpoint else {}
        self._cloudformation = session.client("cloudformation", **place)
        self._s3 = session.client("s3", **place)
        self._lambda = session.client("lambda", **place)
        self._account = session.client("sts", **place).get_caller_identity()["Account"]
        self._region: str = session.region_name
        self._waiter_config = {"Delay": poll, "MaxAttempts": round(MAX_WAIT_SECONDS / poll)}
        self.stack = f"shopfloor-{stage}"

    def deploy(self, package_dir: Path, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create or update the stack by the packaged template; return its outputs."""
        bucket = self._artifacts_bucket()
        code = self._upload(bucket, (package_dir / "deployment.zip").read_bytes(), "zip")
        template = _with_code(load(package_dir), f"s3://{bucket}/{code}")
        key = self._upload(bucket, json.dumps(template, ensure_ascii=False).encode(), "json")
        request: Json = {
            "StackName": self.stack,
            "TemplateURL": f"https://s3.{self._region}.amazonaws.com/{bucket}/{key}",
            "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            "Capabilities": CAPABILITIES,
        }
        if self._is_new() and parameters.get(PROTECTION, template["Parameters"][PROTECTION]["Default"]) == "true":
            # Protected tables would stay when the creation fails, and be in the way of the next one.
            given, parameter = request["Parameters"], {"ParameterKey": PROTECTION}
            others = [one for one in given if one["ParameterKey"] != PROTECTION]
            self._apply({**request, "Parameters": [*others, {**parameter, "ParameterValue": "false"}]})
            request = {**request, "Parameters": [*others, {**parameter, "ParameterValue": "true"}]}
        return self._apply(request)

    def _is_new(self) -> bool:
        """Return whether the next change set creates the stack."""
        stack = self._describe()
        return stack is None or stack["StackStatus"] in ("REVIEW_IN_PROGRESS", *UNUSABLE)

    def refresh(self) -> None:
        """Start the count of the dashboard now; the schedule repeats it."""
        self._lambda.invoke(FunctionName=f"{self.stack}-refresh-analytics", InvocationType="Event")

    def _apply(self, request: Json) -> dict[str, str]:
        """Create and execute a change set; return the outputs of the stack."""
        stack = self._describe()
        if stack and stack["StackStatus"] in UNUSABLE:
            self._cloudformation.delete_stack(StackName=self.stack)
            self._wait("stack_delete_complete")
            stack = None
        is_new = stack is None or stack["StackStatus"] == "REVIEW_IN_PROGRESS"
        name = f"deploy-{uuid.uuid4()}"
        try:
            if stack and not is_new:
                given = {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in request["Parameters"]}
                request = {**request, "Parameters": [*request["Parameters"], *shards.for_update(stack, given)]}
            change_set_type = "CREATE" if is_new else "UPDATE"
            self._cloudformation.create_change_set(**request, ChangeSetName=name, ChangeSetType=change_set_type)
            if self._has_changes(name):
                self._cloudformation.execute_change_set(StackName=self.stack, ChangeSetName=name)
                self._wait(f"stack_{change_set_type.lower()}_complete")
        except shards.TooFewShards as error:
            raise DeployFailed(str(error)) from error
        except self._cloudformation.exceptions.ClientError as error:
            raise DeployFailed(str(error)) from error
        outputs = (self._describe() or {}).get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def _has_changes(self, name: str) -> bool:
        """Wait until a change set can be executed; delete it and return False when it is empty."""
        from botocore.exceptions import WaiterError

        waiter = self._cloudformation.get_waiter("change_set_create_complete")
        try:
            waiter.wait(StackName=self.stack, ChangeSetName=name, WaiterConfig=self._waiter_config)
        except WaiterError as error:
            reason = str(error.last_response.get("StatusReason", error))
            self._cloudformation.delete_change_set(StackName=self.stack, ChangeSetName=name)
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return False
            raise DeployFailed(reason) from error
        return True

    def _describe(self) -> Json | None:
        try:
            stacks: list[Json] = self._cloudformation.describe_stacks(StackName=self.stack)["Stacks"]
        except self._cloudformation.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return stacks[0] if stacks[0]["StackStatus"] != "DELETE_COMPLETE" else None

    def _wait(self, waiter: str) -> None:
        """Wait by a waiter of boto3 for the end of an operation; DeployFailed names the resources that failed."""
        from botocore.exceptions import WaiterError

        try:
            self._cloudformation.get_waiter(waiter).wait(StackName=self.stack, WaiterConfig=self._waiter_config)
        except WaiterError as error:
            status = (self._describe() or {}).get("StackStatus", error)
            raise DeployFailed(f"{self.stack}: {status}\n{self._reasons()}") from error

    def _reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        return "\n".join(f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', '')}" for e in failed)

    def _artifacts_bucket(self) -> str:
        name = f"shopfloor-artifacts-{self._account}-{self._region}"
        place = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        try:
            self._s3.head_bucket(Bucket=name)
        except self._s3.exceptions.ClientError:
            self._s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
        return name

    def _upload(self, bucket: str, body: bytes, suffix: str) -> str:
        key = f"{self.stack}/{hashlib.sha256(body).hexdigest()}.{suffix}"
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        return key


def _with_code(template: Json, code: str) -> Json:
    """Return the template with the address of the uploaded code, as `aws cloudformation package` writes it."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    return template


def main() -> None:
    """Package and deploy one stage."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=__doc__)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--endpoint", help="an emulator; without it: AWS")
    parser.add_argument("--thin", action="store_true", help="code only, without the requirements")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    out = BUILD / (f"{arguments.stage}-thin" if arguments.thin else arguments.stage)
    package(arguments.stage, out, thin=arguments.thin)
    parameters = dict(item.partition("=")[::2] for item in arguments.parameter)
    try:
        deployment = Deployment(arguments.stage, arguments.endpoint, poll=3)
        outputs = deployment.deploy(out, parameters)
        deployment.refresh()
    except DeployFailed as failure:
        sys.exit(str(failure))
    sys.stdout.write(json.dumps(outputs, indent=2) + "\n")


if __name__ == "__main__":
    main()
