"""The only place that makes boto3 clients: made when first asked for, one per service and process."""

from functools import cache
from typing import Any

from chalicelib.core.settings import settings

LAMBDA_SECONDS = 27  # a function that is waited for answers within this, or too late for the gateway


@cache
def client(service: str) -> Any:
    """The cached client of an AWS service, e.g. `client("dynamodb")`; safe to share between threads."""
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1 if service == "lambda" else 5},
        max_pool_connections=32,
        parameter_validation=service != "dynamodb",  # pynamodb has typed it: a quarter of what a large write costs
        connect_timeout=3,
        read_timeout=LAMBDA_SECONDS if service == "lambda" else 20,
        signature_version="s3v4" if service == "s3" else None,  # what presigned links need everywhere but in us-east-1
        s3={"addressing_style": "path"} if settings().stage == "local" else None,
    )
    return boto3.client(service, region_name=settings().aws_region, config=config)
