"""The environment of a function as one typed object. Other modules read from os.environ only the
credentials and certificates of AWS, the trace id of a call, and what a child process gets.

A dataclass, since a pydantic model would make every function import pydantic at its start.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

RANGES = {
    "deferred_direct_seconds": range(901),
    "deferred_lead_seconds": range(901),
    "deferred_in_flight": range(1, 1_001),
    "long_wait_min": range(1, 86_401),
    "long_wait_max": range(1, 86_401),
    "listing_shards": range(1, 65),
    "counter_shards": range(1, 65),
    "migration_rate": range(1, 100_001),
}
_FLAGS = {"true": True, "false": False}


NO_ZONES = frozenset({"localtime", "Factory", "posixrules"})  # files of the time zone database that name no place


@dataclass(frozen=True)
class Settings:
    """The settings that the template gives every function. Their names are those of the environment, in lower case."""

    aws_lambda_function_name: str = ""  # set by Lambda; empty elsewhere
    stage: str = "prod"  # the strictest rules, where it is missing
    stack_name: str = "shopfloor-local"
    files_bucket: str = ""
    jwt_secret_arn: str = ""
    jwt_issuer: str = "shopfloor"
    report_saga_arn: str = ""
    aggregation_arn: str = ""
    long_task_arn: str = ""
    work_queue_url: str = ""
    deliveries_queue_url: str = ""
    deferred_queue_url: str = ""
    deferred_queue_arn: str = ""
    deferred_dlq_arn: str = ""
    outside_queue_url: str = ""
    deferred_in_flight: int = 3  # concurrent calls of the function run_outside for one user; a call runs up to 10 tasks
    deferred_direct_seconds: int = 900  # a task due sooner waits in the queue, a later one in the Scheduler
    deferred_lead_seconds: int = 120  # by which the Scheduler sends before the due time
    scheduler_role_arn: str = ""
    schedule_group: str = ""
    long_wait_min: int = 3  # seconds that the simulated work of a long task takes
    long_wait_max: int = 5
    mail_from: str = ""  # sender of emails; empty: none can be sent
    public_url: str = ""  # address of the API for links in emails, without a slash at the end
    base_path: str = ""  # of the domain of one's own, without slashes
    auth_required: bool = True
    registration: str = "closed"  # or `open`: anyone may register
    close_requires_aggregation: bool = False
    time_zone: str = "UTC"  # of the site, a name of the IANA database
    company_name: str = ""  # on reports; empty: Shopfloor
    company_logo: str = ""  # on reports: the key of a PNG or JPEG in the files bucket, below brand/
    daily_quotas: str = ""  # `emails=100,sms=20`: of a user and day; defaults in quotas/model.py
    cors_origins: str = ""  # origins whose pages may call, separated by commas; `*`: all, empty: none
    log_level: str = "INFO"
    aws_region: str = "us-east-1"
    aws_endpoint_url: str = ""  # of the emulator; empty on AWS
    console_folder: str = ""  # where the local stage builds the console; empty: it is in the package
    dynamodb_with_boto3: bool = False  # call DynamoDB by boto3's client instead of core/dynamo_transport.py
    listing_shards: int = 6  # a page of 100 reads all of them with up to 12 requests
    counter_shards: int = 16
    migration_rate: int = 200  # items that a migration changes in a second
    sync_aggregation_limit: int = 5_000
    inline_purge_limit: int = 1_000

    @property
    def allows_anonymous_admin(self) -> bool:
        """Whether a call without a token acts as the built-in administrator: on the stage `local` only."""
        return self.stage == "local" and not self.auth_required

    @property
    def function(self) -> str:
        """The function of app.py that this process is, e.g. `report_step`; empty in a test, a tool, the packaging."""
        return self.aws_lambda_function_name.removeprefix(f"{self.stack_name}-").replace("-", "_")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read once. Tests call `settings.cache_clear()` after changing the
    environment.
    """
    return read(os.environ)


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings in an environment; ValueError names a variable that is not valid."""
    values = {field.name: environment.get(field.name.upper()) for field in fields(Settings)}
    found = Settings(**{name: _value(name, text) for name, text in values.items() if text is not None})
    if not found.auth_required and found.stage != "local":
        raise ValueError(f"AUTH_REQUIRED is false, which only the stage local may have; this one is {found.stage!r}")
    if found.time_zone != "UTC":
        _check_zone(found.time_zone)
    return found


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # most sites outside UTC pay for it, the others do not

    try:
        ZoneInfo("" if name in NO_ZONES else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"TIME_ZONE is {name!r}, which is no time zone of the IANA database") from None


def _value(name: str, text: str) -> Any:
    kind = type(getattr(Settings, name))
    if kind is str:
        return text
    try:
        value = _FLAGS[text.lower()] if kind is bool else int(text)
    except (KeyError, ValueError):
        value = None
    if value is None or value not in RANGES.get(name, (value,)):
        raise ValueError(f"{name.upper()} is {text!r}, which is not valid")
    return value
