"""`Idempotency-Key`: a POST that is repeated with the same key gets its first answer again, and is not run again.

Status, headers and body of a success are stored for 24 hours per actor, method and path. The same key with another body
or query gets 422; while the first request runs, 409. An error (4xx or 5xx) is not stored: nothing was done, so the key
can be used again. Bodies are compared as JSON, so blanks and the order of fields do not matter. A killed run holds its
key until its function would have timed out. If it was killed after its work and before the answer was stored, the
repetition finds the result by its ids (ids.py), which follow from a seed that is stored for the key and the request. An
answer may expire earlier (an upload form): then a repetition gets 409. The transaction that changes the resource which
`If-Match` names notes it with the key, and the repetition does not compare the tag again.

Powertools stores the records, in the table `idempotency`; it is imported with the first key. An answer that is too
large for an item is stored in S3 under `work/idempotency/`, whose lifecycle is at least as long.
"""

import base64
import gzip
import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from chalicelib.core import clock, ids, multipart, objects
from chalicelib.core.answers import Answer
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.dynamo import MARK, read_if_marked, table_name
from chalicelib.core.errors import Conflict, Invalid, Unavailable, Unprocessable
from chalicelib.core.repeats import CONDITION_FAILED, call_with_retries, code_of, write_once
from chalicelib.core.request import IDEMPOTENCY_KEY, MAX_REQUEST_BYTES, Request
from chalicelib.core.texts import text

RETENTION_SECONDS = 24 * 3600
ONCE_RETENTION_SECONDS = 30 * RETENTION_SECONDS  # for `once`; queues keep a message for at most 14 days
MAX_BODY_LENGTH = 350_000  # characters; an item may have 400 KB
PREFIX = "work/idempotency/"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_SECRET = re.compile(rb'"[a-z_]{0,40}(password|secret)[a-z_]{0,40}": ')  # bounded, else it takes quadratic time


class _NotStored(Exception):
    """An answer that is no success. It is raised, since Powertools stores whatever a function returns."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def run_once(request: Request, actor: Actor, work: Callable[[], Answer], replay_seconds: int | None = None) -> Answer:
    """Return the answer of `work`, or its earlier answer under the same key; Conflict after `replay_seconds`."""
    claim = _claim(request, actor)
    until = clock.now().timestamp() + (replay_seconds or RETENTION_SECONDS)
    new: list[Answer] = []

    def first_run(*, claim: Mapping[str, Any]) -> dict[str, Any]:
        with ids.use(_ids(claim)):
            answer = work()
        if answer.status >= 400:
            raise _NotStored(answer)
        new.append(answer)
        return {**_pack(answer, claim["key"]), "until": int(until)}

    run = _idempotent(first_run, "claim", "http", lambda_context=_RunContext(request), **_RULES)
    try:
        with _refusals():
            packed = run(claim=claim)
    except _NotStored as refused:
        return refused.answer
    if new:
        return new[0]
    if packed.get("until", until) <= clock.now().timestamp():
        raise Conflict("Ответ на запрос с этим Idempotency-Key устарел, повторите запрос с новым ключом")
    return _unpack(packed)


@contextmanager
def _refusals() -> Generator[None, None, None]:
    """Raise the AppErrors of a repeated key for the exceptions of Powertools."""
    from aws_lambda_powertools.utilities.idempotency import exceptions

    try:
        yield
    except exceptions.IdempotencyValidationError:
        raise Unprocessable("Idempotency-Key уже использован с другим запросом") from None
    except exceptions.IdempotencyAlreadyInProgressError:
        raise Conflict("Запрос с этим Idempotency-Key еще выполняется", headers={"Retry-After": "1"}) from None
    except (exceptions.IdempotencyPersistenceLayerError, exceptions.IdempotencyInconsistentStateError) as error:
        raise Unavailable(headers={"Retry-After": "1"}) from error


def once(key: str, work: Callable[[], None]) -> None:
    """Call `work` unless it has succeeded under that key in the last 30 days; Conflict while another call of it runs.

    A failed call may be repeated at once, a killed one a minute later.
    """
    from aws_lambda_powertools.utilities.idempotency import exceptions

    def first_run(*, key: str) -> dict[str, Any]:
        work()
        return {"key": key}

    run = _idempotent(first_run, "key", "once", lambda_context=_Lease(), expires_after_seconds=ONCE_RETENTION_SECONDS)
    try:
        run(key=key)
    except exceptions.IdempotencyAlreadyInProgressError:
        raise Conflict("Уже выполняется") from None


def _idempotent(function: Callable[..., Any], argument: str, rules: str, **config: Any) -> Callable[..., Any]:
    """Return the function as Powertools runs it: once for each value of the argument, under the prefix `rules`."""
    from aws_lambda_powertools.utilities import idempotency as powertools

    function_run_once: Callable[..., Any] = powertools.idempotent_function(
        function,
        data_keyword_argument=argument,
        persistence_store=_store(rules),
        config=powertools.IdempotencyConfig(hash_function="sha256", **config),
        key_prefix=rules,
    )
    return function_run_once


def _ids(claim: Mapping[str, Any]) -> ids.RequestIds:
    """Return the ids of a request under a key: those of its earlier run, if that was killed.

    Another request under the same key (its first one was refused) has other ids, so it does not find that one's result.
    """
    request = hashlib.sha256(f"{claim['key']}{claim['payload']}".encode()).hexdigest()
    table, key, now = table_name("idempotency"), f"ids#{request}", int(time.time())
    request_ids = ids.RequestIds(key, str(uuid.uuid4()), {}, partial(_store_number, table, key))
    item = {"id": {"S": key}, "seed": {"S": request_ids.seed}, "expiration": {"N": str(now + RETENTION_SECONDS)}}
    free = {
        "ConditionExpression": "attribute_not_exists(id) OR expiration < :now",
        "ExpressionAttributeValues": {":now": {"N": str(now)}},
    }
    try:
        call_with_retries(lambda: client("dynamodb").put_item(TableName=table, Item=item, **free))
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        asked: dict[str, Any] = {"TableName": table, "Key": {"id": {"S": key}}, "ConsistentRead": True}
        found = call_with_retries(lambda: client("dynamodb").get_item(**asked))["Item"]
        request_ids.seed, request_ids.is_repeated = found["seed"]["S"], True
        request_ids.has_changed = "changed" in found
        request_ids.numbers = {name: int(value["N"]) for name, value in found.items() if re.fullmatch(r"n\d+", name)}
        request_ids.made = found.get("made", {}).get("S")
    return request_ids


def _store_number(table: str, key: str, name: str, number: int) -> None:
    change: dict[str, Any] = {
        "UpdateExpression": "SET #name = :number",
        "ExpressionAttributeNames": {"#name": name},
        "ExpressionAttributeValues": {":number": {"N": str(number)}},
    }
    call_with_retries(lambda: client("dynamodb").update_item(TableName=table, Key={"id": {"S": key}}, **change))


_RULES: dict[str, Any] = {
    "event_key_jmespath": "key",
    "payload_validation_jmespath": "payload",
    "raise_on_no_idempotency_key": True,
    "expires_after_seconds": RETENTION_SECONDS,
}


class _RunContext:
    """The Lambda context for Powertools: a killed run holds its key until its function would have timed out."""

    def __init__(self, request: Request) -> None:
        self.get_remaining_time_in_millis = request.remaining_ms


class _Lease:
    """The Lambda context for `once`: longer than its work takes."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


@lru_cache(maxsize=4)
def _store_of(table: str, dynamodb: Any, _rules: str) -> Any:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(table_name=table, boto3_client=_Client(dynamodb))


class _Client:
    """DynamoDB for Powertools. It recognises its own claim of a key when it repeats one whose response was lost."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def put_item(self, **arguments: Any) -> Any:
        """Claim a key, once."""
        item, mark = arguments.pop("Item"), uuid4().hex
        return write_once(
            lambda: self._dynamodb.put_item(Item={**item, MARK: {"S": mark}}, **arguments),
            lambda: read_if_marked(arguments["TableName"], {"id": item["id"]}, mark),
        )

    def update_item(self, **arguments: Any) -> Any:
        """Store the result; repeated persistently, since the work is done."""
        return call_with_retries(lambda: self._dynamodb.update_item(**arguments))


def _store(rules: str) -> Any:
    """Return Powertools' store of the table, one for each set of rules: a store keeps the first rules that it is used
    with.
    """
    return _store_of(table_name("idempotency"), client("dynamodb"), rules)


def _claim(request: Request, actor: Actor) -> dict[str, Any]:
    """Return the key of a request, and the fingerprint of its contents."""
    key = request.header(IDEMPOTENCY_KEY) or ""
    if not _KEY.fullmatch(key):
        reason = text("от 1 до 255 печатных символов ASCII")
        raise Invalid(fields=[{"loc": ["header", "Idempotency-Key"], "msg": reason, "type": "value_error"}])
    owner = str(actor.user_id) if actor.user_id else request.client_ip
    scope = "\n".join([owner, request.method, request.path.rstrip("/"), key])
    query = json.dumps(request.query, sort_keys=True)
    hashed = hashlib.sha256(scope.encode(errors="replace"))
    payload = _fingerprint(query.encode() + b"\n" + _canonical(request), hashed.digest())
    return {"key": hashed.hexdigest(), "payload": payload}


def _fingerprint(content: bytes, salt: bytes) -> str:
    """Return a hash of a request's contents. For a body with a password it is a slow one (16 MB, about 50 ms), since a
    fast hash in a table would let the password be guessed.
    """
    if _SECRET.search(content):
        return hashlib.scrypt(content, salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
    return hashlib.sha256(content).hexdigest()


def _canonical(request: Request) -> bytes:
    body = request.body(MAX_REQUEST_BYTES)
    try:
        value = json.loads(body or b"null")
    except (ValueError, RecursionError):  # a form, or a malformed body
        boundary = multipart.boundary(request.header("content-type") or "")
        return body.replace(boundary.encode(), b"") if boundary else body
    return json.dumps(value, sort_keys=True).encode()


def _pack(answer: Answer, key: str) -> dict[str, Any]:
    body = base64.b64encode(gzip.compress(answer.body, 6)).decode()
    packed: dict[str, Any] = {"status": answer.status, "headers": answer.headers}
    if len(body) <= MAX_BODY_LENGTH:
        return {**packed, "body": body}
    objects.write(PREFIX + key, answer.body)
    return {**packed, "object": PREFIX + key}


def _unpack(packed: Mapping[str, Any]) -> Answer:
    stored = packed.get("object")
    body = objects.read(stored) if stored else gzip.decompress(base64.b64decode(packed["body"]))
    return Answer(packed["status"], {**packed["headers"], "Idempotent-Replayed": "true"}, body)
