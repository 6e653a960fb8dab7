"""Limits that the code knows: each of ours lies below that of AWS, or of what waits for it."""

from dataclasses import dataclass

from chalicelib.background_tasks import runs
from chalicelib.core import (
    answers,
    aws,
    compression,
    dead_letters,
    deadline,
    dynamo,
    idempotency,
    mail,
    paging,
    queues,
    reads,
    transactions,
)
from chalicelib.core.settings import RANGES
from chalicelib.deferred_tasks import model as deferred_tasks
from chalicelib.deferred_tasks import types
from chalicelib.events import relay
from infra import messaging
from infra.functions.api import MAKERS
from infra.functions.reports import BATCH_REPORT_TIMEOUT
from infra.names import API_FUNCTION

KB, MB = 1_024, 1_048_576
HEADERS = 16 * KB
"""Of a call or an answer, in the JSON that Lambda gets and gives."""
IN_BASE64 = 4 / 3
IN_JSON = 6
"""Bytes of `\\u0000`, the longest form of a character of one byte."""
PER_CHARACTER = 4
"""Bytes of the longest character in UTF-8."""
LAMBDA_QUOTAS = "lambda/latest/dg/gettingstarted-limits.html"
DYNAMODB_LIMITS = "amazondynamodb/latest/developerguide/Constraints.html"
BATCH_GET = "amazondynamodb/latest/APIReference/API_BatchGetItem.html"
BATCH_WRITE = "amazondynamodb/latest/APIReference/API_BatchWriteItem.html"
TRANSACT = "amazondynamodb/latest/APIReference/API_TransactWriteItems.html"
PUT_EVENTS = "eventbridge/latest/userguide/eb-putevents.html"
SQS_MESSAGES = "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"
GATEWAY_QUOTAS = "apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"


@dataclass(frozen=True)
class Limit:
    """What is limited, the most that we let through, the most that AWS does, and the page that says so."""

    of: str
    ours: float
    theirs: float
    source: str


LIMITS = (
    Limit("writes of a transaction", transactions.MAX_WRITES, 100, TRANSACT),
    Limit("keys of a BatchGetItem", reads.MAX_KEYS, 100, BATCH_GET),
    Limit("writes of a BatchWriteItem", dynamo.MAX_WRITES_PER_CALL, 25, BATCH_WRITE),
    Limit("bytes of a sort key", paging.MAX_KEY_BYTES, 1_024, DYNAMODB_LIMITS),
    Limit("an item with an answer", idempotency.MAX_BODY_LENGTH + HEADERS, 400 * KB, DYNAMODB_LIMITS),
    Limit(
        "an item with a deferred task and its attempts",
        deferred_tasks.MAX_PAYLOAD_BYTES
        + deferred_tasks.MAX_LOG_LENGTH * deferred_tasks.MAX_ERROR_LENGTH * PER_CHARACTER,
        400 * KB,
        DYNAMODB_LIMITS,
    ),
    Limit("entries of a PutEvents", relay.MAX_ENTRIES, 10, PUT_EVENTS),
    Limit("bytes of a PutEvents", relay.MAX_BYTES + relay.MAX_ENTRIES * KB, 256 * KB, PUT_EVENTS),
    Limit("messages of a request", dead_letters.MESSAGES_PER_REQUEST, 10, SQS_MESSAGES),
    Limit("seconds a message is delayed", queues.MAX_DELAY_SECONDS, 900, SQS_MESSAGES),
    Limit("seconds a task waits in a queue", max(RANGES["deferred_direct_seconds"]), 900, SQS_MESSAGES),
    Limit("an answer in base64", answers.MAX_BODY_BYTES * IN_BASE64 + HEADERS, 6 * MB, LAMBDA_QUOTAS),
    Limit("an answer as JSON text", compression.MAX_TEXT_BYTES * IN_JSON + HEADERS, 6 * MB, LAMBDA_QUOTAS),
    Limit(
        "an email with a file",
        mail.MAX_FILE_BYTES * IN_BASE64 * 78 / 76 + 100 * KB,
        10 * MB,
        "ses/latest/dg/quotas.html",
    ),
    Limit("seconds of the API's function", MAKERS[API_FUNCTION]().timeout, 29, GATEWAY_QUOTAS),
    Limit("seconds of a request", deadline.MAX_REQUEST_SECONDS, 29 - deadline.MARGIN_SECONDS, GATEWAY_QUOTAS),
    Limit("seconds that a request waits for a function", aws.LAMBDA_SECONDS, 28, GATEWAY_QUOTAS),
    Limit("seconds of the function that it waits for", BATCH_REPORT_TIMEOUT, aws.LAMBDA_SECONDS - 1, LAMBDA_QUOTAS),
    Limit("seconds of a deferred call", types.MAX_TIMEOUT_SECONDS, messaging.DEFERRED_TIMEOUT - 10, LAMBDA_QUOTAS),
    Limit("seconds that a run leaves unused", runs.SPARE_SECONDS, messaging.WORK_TIMEOUT / 2, LAMBDA_QUOTAS),
)
