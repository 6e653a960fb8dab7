"""What goes wrong between this machine and AWS, in one line each."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure")
_WRONG_SECRET = ("SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignatureException")
_ABSENT = ("ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_NO_STACK = re.compile(r"Stack .*does not exist")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403")
NO_REGION = "no AWS region is set: `aws configure set region eu-central-1`, or AWS_DEFAULT_REGION"
_HOW_TO_LOG_IN = "log in (`aws sso login`, `aws configure`) or set AWS_PROFILE"
_ACTION = re.compile(r"not authorized to perform: ([\w:-]+\w)(?: on resource: (\S+))?")
_UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError")
_BY_TYPE = {
    "NoCredentialsError": f"no AWS credentials were found: {_HOW_TO_LOG_IN}",
    "PartialCredentialsError": f"the AWS credentials are incomplete: {_HOW_TO_LOG_IN}",
    "NoRegionError": NO_REGION,
    "SSOTokenLoadError": "the session with AWS has expired: aws sso login",
    "TokenRetrievalError": "the session with AWS has expired: aws sso login",
    "UnauthorizedSSOTokenError": "the session with AWS has expired: aws sso login",
    "EndpointConnectionError": "AWS cannot be reached: check the network, proxies and the region",
    "ConnectTimeoutError": "AWS cannot be reached: check the network, proxies and the region",
    "ProxyConnectionError": "AWS cannot be reached through the proxy: check HTTPS_PROXY",
    "ReadTimeoutError": "AWS did not answer in time: repeat the command",
    "ConnectionClosedError": "AWS ended the connection: repeat the command",
    "SSLError": "the certificate of AWS was refused: check the clock of this machine, proxies and AWS_CA_BUNDLE",
}


class DeployFailed(Exception):
    """The command cannot do what it was asked; the text says why and what to do."""


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End the program with one line, instead of a stack trace, where AWS or this machine is not ready. Also a
    decorator, for the `main` of a command.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except DeployFailed as error:
        sys.exit(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.exit(in_words(error))
    except KeyboardInterrupt:
        sys.exit("interrupted: what AWS has begun goes on, and the same command follows it")


def no_local_stack(url: str) -> str:
    """Return what to tell who calls a local stack that does not run."""
    return f"no local stack answers at {url}: start it with `make run`, or name its port with AWS_PORT=..."


def in_words(error: Exception) -> str:
    """Return what an error of boto3 means for the operator."""
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    if code in _EXPIRED:
        return f"the AWS credentials have expired: {_HOW_TO_LOG_IN}"
    if code in _UNKNOWN_KEY:
        return f"AWS does not know these credentials: {_HOW_TO_LOG_IN}"
    if code in _WRONG_SECRET:
        return f"AWS refuses the secret of these credentials, or the clock of this machine is wrong: {_HOW_TO_LOG_IN}"
    if code in _DENIED:
        return _denied(error)
    if code in _ABSENT or _NO_STACK.search(str(error)):
        return "this stage is not deployed in this account and region: check STAGE and AWS_DEFAULT_REGION"
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    if type(error).__name__ in _UNREACHABLE and urlsplit(url).hostname in ("127.0.0.1", "localhost"):
        return no_local_stack(url)
    return _BY_TYPE.get(type(error).__name__, str(error))


def _denied(error: Exception) -> str:
    found = _ACTION.search(str(error))
    operation = getattr(error, "operation_name", "")
    what = f"{found[1]} on {found[2]}" if found and found[2] else found[1] if found else operation
    return f"AWS denies {what}: the caller needs this right (docs/deploying.md has the policy)"
