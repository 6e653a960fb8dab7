"""The environment of a function as one typed object; nothing else reads os.environ."""

import os
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ShardCount = Annotated[int, Field(ge=1, le=64)]


class Settings(BaseModel):
    """What the template gives every function. Names are those of the environment, in lower case."""

    model_config = ConfigDict(frozen=True)

    aws_lambda_function_name: str = ""  # by Lambda itself; elsewhere empty
    stage: str = "local"
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
    deferred_direct_seconds: Annotated[int, Field(ge=0, le=900)] = 900  # ahead that the queue's delay is enough for
    deferred_lead_seconds: Annotated[int, Field(ge=0, le=900)] = 120  # ahead of the time that the Scheduler wakes
    scheduler_role_arn: str = ""
    schedule_group: str = ""
    long_wait_min: Annotated[int, Field(ge=1)] = 3  # seconds that the simulated work of a long task takes
    long_wait_max: Annotated[int, Field(ge=1)] = 5
    mail_from: str = ""  # empty: no e-mail can be sent
    auth_required: bool = True
    close_requires_aggregation: bool = False
    rate_limit: Annotated[int, Field(ge=1)] = 60_000  # calls a minute of one client, at each instance
    cors_origins: str = ""  # whose pages may call: origins with commas between, `*` for all, empty for none
    log_level: str = "INFO"
    aws_region: str = "us-east-1"
    listing_shards: ShardCount = 6  # a page of 100 asks all of them, and stays within 12 requests
    counter_shards: ShardCount = 16
    sync_aggregation_limit: int = 5_000
    inline_purge_limit: int = 1_000

    @property
    def serves_api(self) -> bool:
        """Whether this is the api function, or no function at all: a test, a tool, the packaging."""
        return self.aws_lambda_function_name in ("", f"{self.stack_name}-api")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Tests call `settings.cache_clear()` after changing the environment."""
    known = {name.upper(): name for name in Settings.model_fields}
    return Settings.model_validate({known[key]: value for key, value in os.environ.items() if key in known})
