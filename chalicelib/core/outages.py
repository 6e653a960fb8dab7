"""Telling an outage from a bug: AWS overloaded or out of reach is 503 and worth a retry, all else unforeseen is 500."""

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
_LONGEST_CHAIN = 5


def is_outage(error: BaseException) -> bool:
    """Whether an exception, or what it was raised from, is AWS being overloaded or out of reach."""
    link: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if isinstance(link, (ConnectionError, HTTPClientError)):
            return True
        if isinstance(link, ClientError):
            status = link.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            return link.response.get("Error", {}).get("Code") in OVERLOADED or status >= 500
        link = link.__cause__ if link else None
    return False


def is_temporary(error: BaseException) -> bool:
    """Whether the same work may succeed later, because it was refused only for now or AWS is out of order."""
    return (isinstance(error, AppError) and error.temporary) or is_outage(error)


def is_contention(error: BaseException) -> bool:
    """Whether an exception means no more than that too much is asked at once: AWS answers, and says: later."""
    code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
    return isinstance(error, Busy) or code in THROTTLED
