"""Things to work with on the deployed stack, and many clients at once."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar

import requests

from localstack.config import ROOT
from tests.e2e.stack import Stack
from tests.production import batch_body

T = TypeVar("T")
R = TypeVar("R")
_numbers = count(100_000)


def at_once(work: Callable[[T], R], jobs: Iterable[T]) -> list[R]:
    """Every job in a thread of its own, all at the same time."""
    listed = list(jobs)
    with ThreadPoolExecutor(len(listed)) as pool:
        return list(pool.map(work, listed))


def statuses(answers: Iterable[requests.Response]) -> dict[int, int]:
    """How many answers there are of each status."""
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
    return found


def ok(stack: Stack, method: str, path: str, body: Any = None) -> Any:
    """The JSON of a call that has to succeed."""
    answer = stack.call(method, path, json=body) if body is not None else stack.call(method, path)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def new_center(stack: Stack) -> str:
    """The id of a new work centre."""
    made = ok(stack, "POST", "/api/work_centers", {"identifier": str(uuid.uuid4()), "name": "Цех №1"})
    return str(made["uuid"])


def new_batch(stack: Stack, **fields: Any) -> dict[str, Any]:
    """A new batch with a number of its own."""
    place = fields.pop("work_center_id", None) or new_center(stack)
    body = batch_body(place, **{"batch_number": next(_numbers), **fields})
    made: dict[str, Any] = ok(stack, "POST", "/api/batches", body)
    return made


def events_of(stack: Stack, aggregate: str) -> list[dict[str, Any]]:
    """The log of one aggregate, oldest first: name, data, and whether it is on the bus."""
    asked: dict[str, Any] = {
        "TableName": f"{stack.name}-events",
        "KeyConditionExpression": "#aggregate = :it",
        "ExpressionAttributeNames": {"#aggregate": "aggregate"},
        "ExpressionAttributeValues": {":it": {"S": aggregate}},
        "ConsistentRead": True,
    }
    pages = stack.client("dynamodb").get_paginator("query").paginate(**asked)
    return [
        {"name": item["name"]["S"], "data": data, "sent": "sent_at" in item}
        for page in pages
        for item in page["Items"]
        for data in _listed(json.loads(item["data"]["S"]))
    ]


def _listed(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [data["*common"] | own for own in data["*each"]] if "*each" in data else [data]


def load_products(stack: Stack, batch_id: str, amount: int) -> None:
    """Give a batch many products at once, by writing the tables from a process of its own."""
    in_a_process(stack, f"from tests.bulk import load_products; load_products({batch_id!r}, {amount})")


def in_a_process(stack: Stack, code: str) -> str:
    """Run Python with the tables of the stack, in a process of its own; returns what it prints."""
    environment = {
        "AWS_ENDPOINT_URL": stack.aws_url,
        "STACK_NAME": stack.name,
        "STAGE": "local",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        **stack.shards(),
    }
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
