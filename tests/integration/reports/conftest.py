"""Tables, bucket and state machine in moto, emptied before each test."""

from collections.abc import Iterator

import pytest

from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.integration.reports.api_client import ACCOUNT, ApiClient, forget_executions, objects
from tests.production import empty_tables, production


@pytest.fixture(scope="module")
def shared_tables() -> Iterator[None]:
    """Set up moto with everything that reports need."""
    name = "shopfloor-test-report-saga"
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setenv("REPORT_SAGA_ARN", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{name}")
        patch.setenv("JWT_SECRET_ARN", client("secretsmanager").create_secret(Name="jwt", SecretString="s" * 64)["ARN"])
        settings.cache_clear()
        client("s3").create_bucket(Bucket=settings().files_bucket)
        role = f"arn:aws:iam::{ACCOUNT}:role/saga"
        client("stepfunctions").create_state_machine(name=name, definition="{}", roleArn=role)
        yield
    settings.cache_clear()


@pytest.fixture
def api(shared_tables: None) -> ApiClient:
    """Return a client of the API; tables, bucket and executions are empty."""
    empty_tables()
    forget_executions()
    for key in objects():
        client("s3").delete_object(Bucket=settings().files_bucket, Key=key)
    return ApiClient()
