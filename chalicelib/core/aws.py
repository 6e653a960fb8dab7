"""Clients of AWS, made at their first use, one for each service and process. No other module makes one."""

import os
from functools import cache, partial
from typing import Any

from chalicelib.core.retries import AWS_CALL, DYNAMODB_CALL, LAMBDA_CALL
from chalicelib.core.settings import settings

LAMBDA_SECONDS = 27  # for a function that is invoked synchronously: API Gateway waits 29 s
DYNAMODB_SECONDS = 3  # for one response, which takes milliseconds, so that a lost one can be repeated


@cache
def client(service: str) -> Any:
    """Return the cached client of an AWS service, e.g. `client("dynamodb")`; safe to share between threads."""
    if service == "dynamodb" and not settings().dynamodb_with_boto3:
        return _direct_client()
    return _boto3_client(service)


def make_clients(*services: str) -> None:
    """Make the client of DynamoDB and those of other services at the start of a function, before its first call."""
    for service in ("dynamodb", *services):
        client(service)


def _config(service: str) -> Any:
    from botocore.config import Config

    attempts = {"lambda": LAMBDA_CALL, "dynamodb": DYNAMODB_CALL}.get(service, AWS_CALL).max_attempts
    waits = {"lambda": LAMBDA_SECONDS}
    if settings().stage != "local":  # the emulator shares its processors with its clients
        waits["dynamodb"] = DYNAMODB_SECONDS
    return Config(
        region_name=settings().aws_region,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=32,
        parameter_validation=service != "dynamodb",  # the types come from pynamodb; it takes a quarter of a large write
        connect_timeout=3,
        read_timeout=waits.get(service, 20),
        signature_version="s3v4" if service == "s3" else None,  # required by presigned links outside of us-east-1
        # Only so a presigned link has the region of the bucket: the global endpoint refuses it for other regions.
        s3={"addressing_style": "path" if settings().stage == "local" else "virtual"},
    )


def _boto3_client(service: str) -> Any:
    import boto3

    return boto3.client(service, config=_config(service))


def _direct_client() -> Any:
    """Make the direct client of DynamoDB; behind a proxy boto3's client."""
    from ssl import CERT_REQUIRED

    from botocore.httpsession import create_urllib3_context, get_cert_path
    from botocore.session import Session
    from botocore.utils import get_environ_proxies

    from chalicelib.core.dynamo_transport import DynamoDBClient

    # Handlers take half of the time of a session; keys in the environment are read without them.
    session = Session(include_builtin_handlers="AWS_ACCESS_KEY_ID" not in os.environ)
    url = _dynamodb_url(session)
    if get_environ_proxies(url):
        return _boto3_client("dynamodb")
    tls = None
    if url.startswith("https:"):
        tls = create_urllib3_context(cert_reqs=CERT_REQUIRED)
        tls.check_hostname = True  # urllib3 does it itself
        ca_bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE", True)
        tls.load_verify_locations(get_cert_path(ca_bundle))
    return DynamoDBClient(url, session, _config("dynamodb"), tls, partial(_boto3_client, "dynamodb"))


def _dynamodb_url(session: Any) -> str:
    """Return the URL that boto3 would use: a configured one, else by the endpoint rules of botocore."""
    from botocore.configprovider import ConfiguredEndpointProvider
    from botocore.endpoint_provider import EndpointProvider

    loader, setting = session.get_component("data_loader"), session.get_config_variable
    configured = ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), "dynamodb").provide()
    if configured and not setting("ignore_configured_endpoint_urls"):
        return str(configured)
    parameters: dict[str, Any] = {"Region": settings().aws_region}
    parameters |= {"UseFIPS": setting("use_fips_endpoint"), "UseDualStack": setting("use_dualstack_endpoint")}
    parameters["AccountIdEndpointMode"] = setting("account_id_endpoint_mode")
    if credentials := session.get_credentials():
        parameters["AccountId"] = credentials.get_frozen_credentials().account_id
    rules = loader.load_data("dynamodb/2012-08-10/endpoint-rule-set-1")
    return str(EndpointProvider(rules, loader.load_data("partitions")).resolve_endpoint(**parameters).url)
