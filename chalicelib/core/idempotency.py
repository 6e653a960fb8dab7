"""`Idempotency-Key`: a POST sent again with the same key is answered as it was the first time, and not done again.

Kept for 24 hours per actor, method and path: the status, headers and body of a success, byte for byte. The same key
with another body or query is 422, while the first one still runs 409. A refusal (4xx) or a failure (5xx) is not kept:
nothing was done, so a corrected or repeated request with the same key is welcome. Bodies are compared as JSON, so the
order of fields and blanks do not matter. A run that is killed holds its key only as long as the function could have
lived; if it was killed between its work and the record of it, a repetition finds that work by its ids (ids.py) and
answers for it. Those ids follow from a seed that is kept for the key and the request.
What an answer is good for may end earlier (an upload form): from then on a repetition is refused with 409.

The records are those of Powertools, in the table `idempotency`; an answer too big for an item lies in S3 under
`work/idempotency/`, whose lifecycle is at least as long. Powertools is loaded by requests with a key only.
"""

import base64
import gzip
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, cast
from uuid import uuid4

from botocore.exceptions import ClientError

from chalicelib.core import clock, ids, multipart, objects
from chalicelib.core.answers import Answer
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.dynamo import MARK, marked, table_name
from chalicelib.core.errors import Conflict, Invalid, Unavailable, Unprocessable
from chalicelib.core.repeats import CONDITION_FAILED, code_of, repeated, write_once
from chalicelib.core.request import LARGEST_BODY, Request

HEADER = "idempotency-key"
KEPT_SECONDS = 24 * 3600
REMEMBERED_SECONDS = 30 * KEPT_SECONDS  # of what is done once: longer than any queue keeps its message
LARGEST_ITEM = 350_000  # of the 400 KB an item may have
PREFIX = "work/idempotency/"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_SECRET = re.compile(rb'"[a-z_]{0,40}(password|secret)[a-z_]{0,40}": ')  # bounded: else quadratic


class _NotKept(Exception):
    """Carries an answer that is no success past the record keeping."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def run_once(request: Request, actor: Actor, work: Callable[[], Answer], lasts: int | None = None) -> Answer:
    """The answer of `work`, or the one it gave before under the same key; Conflict `lasts` seconds after it."""
    from aws_lambda_powertools.utilities import idempotency as powertools
    from aws_lambda_powertools.utilities.idempotency import exceptions

    claim = _claim(request, actor)
    ran: list[Answer] = []
    until = clock.now().timestamp() + (lasts or KEPT_SECONDS)

    def first_time(*, claim: Mapping[str, Any]) -> dict[str, Any]:
        with ids.following(_names(claim)):
            answer = work()
        if answer.status >= 400:
            raise _NotKept(answer)
        ran.append(answer)
        return {**_pack(answer, claim["key"]), "until": int(until)}

    once = powertools.idempotent_function(
        first_time,
        data_keyword_argument="claim",
        persistence_store=_store("http"),
        config=powertools.IdempotencyConfig(**_RULES, lambda_context=cast(Any, _Clock(request))),
        key_prefix="http",
    )
    try:
        packed = once(claim=claim)
    except _NotKept as refused:
        return refused.answer
    except exceptions.IdempotencyValidationError:
        raise Unprocessable("Idempotency-Key уже использован с другим запросом") from None
    except exceptions.IdempotencyAlreadyInProgressError:
        raise Conflict("Запрос с этим Idempotency-Key еще выполняется", headers={"Retry-After": "1"}) from None
    except (exceptions.IdempotencyPersistenceLayerError, exceptions.IdempotencyInconsistentStateError) as error:
        raise Unavailable(headers={"Retry-After": "1"}) from error
    if not ran and packed.get("until", until) <= clock.now().timestamp():
        raise Conflict("Ответ на запрос с этим Idempotency-Key устарел, повторите запрос с новым ключом")
    return ran[0] if ran else _unpack(packed)


def once(key: str, work: Callable[[], None]) -> None:
    """Do `work` unless it was done under that key in the last 30 days; Conflict while another one does it.

    What fails may be done again at once; what was killed, a minute later.
    """
    from aws_lambda_powertools.utilities import idempotency as powertools
    from aws_lambda_powertools.utilities.idempotency import exceptions

    def first_time(*, key: str) -> dict[str, Any]:
        work()
        return {"key": key}

    expiry = {"expires_after_seconds": REMEMBERED_SECONDS, "lambda_context": cast(Any, _Lease())}
    guarded = powertools.idempotent_function(
        first_time,
        data_keyword_argument="key",
        persistence_store=_store("once"),
        config=powertools.IdempotencyConfig(**expiry, hash_function="sha256"),
        key_prefix="once",
    )
    try:
        guarded(key=key)
    except exceptions.IdempotencyAlreadyInProgressError:
        raise Conflict("Уже выполняется") from None


def _names(claim: Mapping[str, Any]) -> ids.Names:
    """The ids of a request under a key: those of the run before, if there was one and it was killed.

    Another request under that key, which is welcome where no answer was kept, has ids of its own: what the one before
    may have made is not what this one asks for.
    """
    request = hashlib.sha256(f"{claim['key']}{claim['payload']}".encode()).hexdigest()
    table, key, now = table_name("idempotency"), f"ids#{request}", int(time.time())
    names = ids.Names(key, str(uuid.uuid4()), {}, partial(_keep, table, key))
    item = {"id": {"S": key}, "seed": {"S": names.seed}, "expiration": {"N": str(now + KEPT_SECONDS)}}
    free = {
        "ConditionExpression": "attribute_not_exists(id) OR expiration < :now",
        "ExpressionAttributeValues": {":now": {"N": str(now)}},
    }
    try:
        repeated(lambda: client("dynamodb").put_item(TableName=table, Item=item, **free))
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        asked: dict[str, Any] = {"TableName": table, "Key": {"id": {"S": key}}, "ConsistentRead": True}
        found = repeated(lambda: client("dynamodb").get_item(**asked))["Item"]
        names.seed, names.is_repeated = found["seed"]["S"], True
        names.numbers = {name: int(value["N"]) for name, value in found.items() if re.fullmatch(r"n\d+", name)}
        names.made = found.get("made", {}).get("S")
    return names


def _keep(table: str, key: str, name: str, number: int) -> None:
    change: dict[str, Any] = {
        "UpdateExpression": "SET #name = :number",
        "ExpressionAttributeNames": {"#name": name},
        "ExpressionAttributeValues": {":number": {"N": str(number)}},
    }
    repeated(lambda: client("dynamodb").update_item(TableName=table, Key={"id": {"S": key}}, **change))


_RULES: dict[str, Any] = {
    "event_key_jmespath": "key",
    "payload_validation_jmespath": "payload",
    "raise_on_no_idempotency_key": True,
    "expires_after_seconds": KEPT_SECONDS,
    "hash_function": "sha256",
}


class _Clock:
    """What Powertools asks of a Lambda context: when a run that is killed lets its key go."""

    def __init__(self, request: Request) -> None:
        self.get_remaining_time_in_millis = request.remaining_ms


class _Lease:
    """The same for `once`: longer than its work takes."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


@lru_cache(maxsize=4)
def _store_of(table: str, dynamodb: Any, _rules: str) -> Any:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(table_name=table, boto3_client=_Client(dynamodb))


class _Client:
    """DynamoDB for Powertools. A claim of a key whose answer was lost is known as one's own when it is made again."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def put_item(self, **arguments: Any) -> Any:
        """Claim a key, once."""
        item, mark = arguments.pop("Item"), uuid4().hex
        return write_once(
            lambda: self._dynamodb.put_item(Item={**item, MARK: {"S": mark}}, **arguments),
            lambda: marked(arguments["TableName"], {"id": item["id"]}, mark),
        )

    def update_item(self, **arguments: Any) -> Any:
        """Keep what came of it; the work is done, so it is not given up easily."""
        return repeated(lambda: self._dynamodb.update_item(**arguments))


def _store(rules: str) -> Any:
    """The table, through an object for each set of rules: it keeps the first ones that it is used with."""
    return _store_of(table_name("idempotency"), client("dynamodb"), rules)


def _claim(request: Request, actor: Actor) -> dict[str, Any]:
    """Whose key it is, and what it stands for."""
    key = request.header(HEADER) or ""
    if not _KEY.fullmatch(key):
        reason = "от 1 до 255 печатных символов ASCII"
        raise Invalid(fields=[{"loc": ["header", "Idempotency-Key"], "msg": reason, "type": "value_error"}])
    owner = str(actor.user_id) if actor.user_id else request.client_ip
    scope = "\n".join([owner, request.method, request.path.rstrip("/"), key])
    query = json.dumps(request.query, sort_keys=True)
    hashed = hashlib.sha256(scope.encode(errors="replace"))
    payload = _fingerprint(query.encode() + b"\n" + _canonical(request), hashed.digest())
    return {"key": hashed.hexdigest(), "payload": payload}


def _fingerprint(content: bytes, salt: bytes) -> str:
    """What tells a request from another one. Of a body with a password it is slow to make: a fast one, kept in a table,
    would let the password be guessed, however well it is kept itself. 16 MB and about 50 ms.
    """
    if _SECRET.search(content):
        return hashlib.scrypt(content, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
    return hashlib.sha256(content).hexdigest()


def _canonical(request: Request) -> bytes:
    body = request.body(LARGEST_BODY)
    try:
        value = json.loads(body or b"null")
    except (ValueError, RecursionError):  # a form, or anything else that is no JSON of ours
        boundary = multipart.boundary(request.header("content-type") or "")
        return body.replace(boundary.encode(), b"") if boundary else body
    return json.dumps(value, sort_keys=True).encode()


def _pack(answer: Answer, key: str) -> dict[str, Any]:
    body = base64.b64encode(gzip.compress(answer.body, 6)).decode()
    packed: dict[str, Any] = {"status": answer.status, "headers": answer.headers}
    if len(body) <= LARGEST_ITEM:
        return {**packed, "body": body}
    objects.write(PREFIX + key, answer.body)
    return {**packed, "object": PREFIX + key}


def _unpack(packed: Mapping[str, Any]) -> Answer:
    stored = packed.get("object")
    body = objects.read(stored) if stored else gzip.decompress(base64.b64decode(packed["body"]))
    return Answer(packed["status"], {**packed["headers"], "Idempotent-Replayed": "true"}, body)
