"""Rights of operators by the API: read the queues and dead letter queues, and move dead letters back."""

from chalicelib.core.dead_letters import QUEUES
from infra import rights
from infra.names import arn_of, camel
from infra.rights import Statement

MEASURE = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")


def api_rights() -> list[Statement]:
    """Return the rights: queues are measured and sent to; only dead letters are received and deleted."""
    queues = [arn_of(f"{camel(name)}Queue") for name in QUEUES]
    dead_letter_queues = [arn_of(f"{camel(name)}Dlq") for name in QUEUES]
    return [
        rights.allow([*MEASURE, *rights.SEND], queues),
        rights.allow([*MEASURE, "sqs:ReceiveMessage", "sqs:DeleteMessage"], dead_letter_queues),
    ]
