"""A deployment: artifacts to S3, then the stack in as many steps as its tables need."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.deploying import parameters
from infra.deploying.artifacts import KEPT_DAYS, Artifacts, key_of
from infra.deploying.failures import NO_REGION, DeployFailed
from infra.deploying.leftovers import Data
from infra.deploying.stack import CREATED, FAILED_CREATIONS, Stack
from infra.deploying.updating import Ask, Show, Template, Updater
from infra.names import Json
from infra.package import load

POLL_SECONDS = 3.0


class Deployment:
    """Deploys one stack. `show` gets lines of progress; `ask` may refuse the changes before they begin;
    `indexes_at_once` is the number of indexes of a table that one update may change: more than one on an emulator;
    `kept_days` is how long artifacts stay that are not used any more.
    """

    def __init__(
        self,
        stage: str,
        endpoint: str | None = None,
        *,
        poll: float = POLL_SECONDS,
        show: Show | None = None,
        ask: Ask = lambda: True,
        indexes_at_once: int = 1,
        kept_days: int = KEPT_DAYS,
    ) -> None:
        import boto3

        self._session = boto3.Session()
        if not self._session.region_name:
            raise DeployFailed(NO_REGION)
        self._place: dict[str, Any] = {"endpoint_url": endpoint} if endpoint else {}
        self._poll, self._show, self._ask, self._at_once = poll, show, ask, indexes_at_once
        self.caller: Json = self._client("sts").get_caller_identity()
        self.region: str = self._session.region_name
        self.stage = stage
        self.stack = Stack(self._client("cloudformation"), f"shopfloor-{stage}", poll, show)
        self.artifacts = Artifacts(self._client("s3"), self.caller["Account"], self.region, self.stack.name, kept_days)

    def deploy(
        self, package_dir: Path, given: Mapping[str, str], migrate: Callable[[], None] = lambda: None
    ) -> dict[str, str]:
        """Create or update the stack by the packaged template; return its outputs. `migrate` is called between the new
        code and the removal of indexes that only the old one read; also when nothing else changes.
        """
        stack = self.settled()
        wanted = load(package_dir)
        sent = parameters.to_send(wanted, stack, given)
        if stack is None:
            self._refuse_leftovers()
        self.artifacts.prepare()
        code = self.artifacts.upload((package_dir / "deployment.zip").read_bytes(), "zip")
        wanted = _with_code(wanted, f"s3://{self.artifacts.bucket}/{code}")
        deployed = self.artifacts.template(self.stack.template()) if stack else wanted
        if stack:
            kept = Template(deployed, parameters.to_send(deployed, stack, {}))
            self._updater().update(kept, Template(wanted, sent), migrate, self._at_once)
        else:
            self._create(wanted, given, migrate)
        self.artifacts.prune({*_keys(deployed), *_keys(wanted), *_keys(self.stack.template())})
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the stack."""
        found = (self.stack.describe() or {}).get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def refresh(self) -> None:
        """Start the count of the dashboard now; the schedule repeats it."""
        function = f"{self.stack.name}-refresh-analytics"
        self._client("lambda").invoke(FunctionName=function, InvocationType="Event")

    def settled(self) -> Json | None:
        """Return the stack when it can be updated, None when it is to be created. Waits for a running operation, and
        removes what a failed creation has left. DeployFailed: the operator has to mend it first.
        """
        stack = self.stack.describe()
        status = stack["StackStatus"] if stack else CREATED
        if status.endswith("_IN_PROGRESS") and status != CREATED:
            self._tell(f"{self.stack.name} is being changed ({status}): waiting for the end")
            status = self.stack.wait()
            stack = self.stack.describe()
        if status in FAILED_CREATIONS:
            self._tell(f"{self.stack.name}: its creation failed earlier ({status}); what is left of it is deleted")
            self.stack.delete()
        elif status == "UPDATE_ROLLBACK_FAILED":
            raise DeployFailed(
                f"{self.stack.name}: an update failed, and so did going back ({status}). Mend what its events name, "
                f"then: aws cloudformation continue-update-rollback --stack-name {self.stack.name}"
            )
        elif status == "DELETE_FAILED":
            raise DeployFailed(f"{self.stack.name} is half deleted ({status}): `make destroy` goes on with that")
        return None if status in (CREATED, "DELETE_COMPLETE", *FAILED_CREATIONS) else stack

    @cached_property
    def data(self) -> Data:
        """Return the tables, buckets and queues that outlive the stack."""
        return Data(self._client, self.caller["Account"], self.stack.name, self._poll)

    def _client(self, service: str) -> Any:
        return self._session.client(service, **self._place)

    def _updater(self) -> Updater:
        return Updater(self.stack, self.artifacts, self._client("dynamodb"), self._poll, self._tell, self._ask)

    def _tell(self, text: str) -> None:
        if self._show:
            self._show(text)

    def _create(self, wanted: Json, given: Mapping[str, str], migrate: Callable[[], None]) -> None:
        """Create the stack, and protect its tables afterwards: protected ones would stay when the creation fails, in
        the way of the next one.
        """
        updater = self._updater()
        bare, protected = parameters.protection(wanted, given)
        updater.create(Template(wanted, parameters.to_send(wanted, None, bare)), migrate)
        if protected:
            updater.apply(Template(wanted, parameters.to_send(wanted, self.stack.describe(), protected)))

    def _refuse_leftovers(self) -> None:
        found = self.data.find()
        if found.tables or found.queues:
            raise DeployFailed(
                f"an earlier {self.stack.name} has left {found}, whose names the new one needs. Delete them with "
                f"`make destroy STAGE={self.stage} DATA=1`, or take another stage"
            )


def _with_code(template: Json, code: str) -> Json:
    """Return the template with the address of the uploaded code, as `aws cloudformation package` writes it."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    return template


def _keys(template: Json) -> set[str]:
    """Return the keys of the artifacts that a deployed template uses."""
    found = {
        str(resource["Properties"]["CodeUri"]).split("/", 3)[-1]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    return found | ({key_of(template)} if "Metadata" in template else set())
