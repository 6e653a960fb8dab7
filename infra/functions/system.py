"""Rights of operators by the API: read the queues and dead letter queues, and move dead letters back."""

from chalicelib.core.dead_letters import QUEUES
from infra import rights
from infra.names import arn_of, camel
from infra.rights import Statement

LOOK = ("sqs:GetQueueUrl", "sqs:GetQueueAttributes")


def api_rights() -> list[Statement]:
    """Return the rights: queues are measured and sent to; only dead letters are received and deleted."""
    queues = [arn_of(f"{camel(name)}Queue") for name in QUEUES]
    letters = [arn_of(f"{camel(name)}Dlq") for name in QUEUES]
    return [
        rights.allow([*LOOK, *rights.SEND], queues),
        rights.allow([*LOOK, "sqs:ReceiveMessage", "sqs:DeleteMessage"], letters),
    ]
