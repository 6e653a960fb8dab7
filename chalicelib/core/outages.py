"""Which errors mean that AWS is overloaded or out of reach: 503, with retries. Other unforeseen errors are 500."""

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from chalicelib.core.errors import AppError, Busy

THROTTLED = frozenset(
    (
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    )
)
OVERLOADED = THROTTLED | {
    "InternalFailure",
    "InternalServerError",
    "RequestTimeout",
    "ServiceUnavailable",
    "TransactionInProgressException",
}
_MAX_CAUSES = 5


def is_outage(error: BaseException) -> bool:
    """Return whether an exception, or one of its causes, means that AWS is overloaded or out of reach."""
    link: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if isinstance(link, (ConnectionError, HTTPClientError)):
            return True
        if isinstance(link, ClientError):
            status = link.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return link.response.get("Error", {}).get("Code") in OVERLOADED or status >= 500
        link = link.__cause__ if link else None
    return False


def is_temporary(error: BaseException) -> bool:
    """Return whether the same work may succeed later: it was refused temporarily, or this is an outage."""
    return (isinstance(error, AppError) and error.temporary) or is_outage(error)


def is_overload(error: BaseException) -> bool:
    """Return whether an exception means too many requests at once: AWS responds, and asks to retry later."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return isinstance(error, Busy) or code in THROTTLED
