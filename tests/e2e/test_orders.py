"""Orders on the deployed stack, IAM enforced: as documented, by many at once, deleted with their user, in a report."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import requests

from tests.e2e.curl import curl
from tests.e2e.people import Person, person, signed_in
from tests.e2e.production import at_once, events_of, in_a_process, ok, statuses
from tests.e2e.stack import Stack
from tests.waiting import wait_for

WRITERS = 32
CHOCOPIE = {"product": "Чокопай", "quantity": 10, "price": 52.00}
CREATE = """curl -X POST http://localhost:8000/orders \\
  -H "Content-Type: application/json" \\
  -d '{
    "user_id": "<user_uuid>",
    "items": [
      {
        "product": "Чокопай",
        "quantity": 10,
        "price": 52.00
      }
    ]
  }'"""


def order(stack: Stack, user: Person) -> requests.Response:
    return stack.call("POST", "/orders", json={"user_id": user["id"], "items": [CHOCOPIE]})


def move(stack: Stack, order_id: str, status: str) -> requests.Response:
    return stack.call("PUT", f"/orders/{order_id}/status", json={"status": status})


def total(stack: Stack, user: Person, **filters: str) -> int:
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    return int(ok(stack, "GET", f"/orders?limit=1&userId={user['id']}{query}")["meta"]["total"])


def test_an_order_is_placed_and_shown_as_documented(stack: Stack, tmp_path: Path) -> None:
    user = person(stack, name="Белов Ярослав")
    made = curl(CREATE.replace("<user_uuid>", user["id"]), stack.url, tmp_path)
    assert made.status_code == 201, made.text
    placed = made.json()["data"]
    assert (placed["total_amount"], placed["status"]) == (520.0, "created")
    details = curl(f"curl http://localhost:8000/users/{user['id']}/details", stack.url, tmp_path).json()
    assert (details["data"]["user"]["name"], details["data"]["orders"]) == ("Белов Ярослав", [placed])
    assert placed in curl("curl http://localhost:8000/orders", stack.url, tmp_path).json()["data"]
    assert curl("curl http://localhost:8000/health", stack.url, tmp_path).json()["status"] == "OK"
    (event,) = wait_for(lambda: [e for e in events_of(stack, f"order#{placed['id']}") if e["sent"]])
    assert (event["name"], event["data"]["total_amount"]) == ("order.created", 520.0)


def test_none_of_many_writers_is_refused_and_totals_are_exact(stack: Stack) -> None:
    user = person(stack)
    first = [order(stack, user).json()["data"]["id"] for _ in range(4)]
    told = in_a_process(
        stack, f"from tests.concurrency import write; write({user['id']!r}, {first}, {WRITERS}, {CHOCOPIE})"
    )
    assert json.loads(told) == {"placed": 24, "cancelled": 4, "CONFLICT": 4}
    counted = [total(stack, user, **filters) for filters in ({}, {"status": "cancelled"}, {"status": "created"})]
    assert counted == [28, 4, 24]
    ids = {shown["id"] for shown in ok(stack, "GET", f"/orders?userId={user['id']}")["data"]}
    assert len(ids) == 28 and ids > set(first)
    mine = stack.call("GET", "/orders/my-stats", headers=signed_in(stack, user)).json()["data"]
    assert (mine["total_orders"], mine["total_amount"]) == (28, 14560.0)
    assert mine["by_status"]["cancelled"] == {"count": 4, "total_amount": 2080.0}


def test_one_of_many_makes_the_move_and_one_deletes_the_order(stack: Stack) -> None:
    placed = order(stack, person(stack)).json()["data"]["id"]
    moves = at_once(lambda status: move(stack, placed, status), ["in_progress", "cancelled"] * 4)
    allowed = statuses(moves)
    assert allowed.get(200, 0) in (1, 2) and set(allowed) == {200, 409}  # in_progress may be cancelled afterwards
    log = [event["name"] for event in events_of(stack, f"order#{placed}")]
    assert log.count("order.status_changed") == allowed[200]
    deletions = at_once(lambda _: stack.call("DELETE", f"/orders/{placed}"), range(8))
    assert statuses(deletions) == {200: 1, 404: 7}


def test_an_order_is_there_or_its_user_is_deleted_but_not_both(stack: Stack) -> None:
    user = person(stack)

    def work(number: int) -> requests.Response:
        return stack.call("DELETE", f"/users/{user['id']}") if number % 3 == 2 else order(stack, user)

    answers = at_once(work, range(12))
    assert set(statuses(answers)) <= {200, 201, 404, 409}
    made = statuses(answers).get(201, 0)
    assert total(stack, user) == made
    assert stack.call("GET", f"/users/{user['id']}").status_code == (200 if made else 404)


def test_a_user_is_deleted_with_his_orders_also_while_he_orders(stack: Stack) -> None:
    user, other = person(stack), person(stack)
    kept = order(stack, other).json()["data"]["id"]
    assert statuses(at_once(lambda _: order(stack, user), range(8))) == {201: 8}
    assert stack.call("DELETE", f"/users/{user['id']}").status_code == 409

    def work(number: int) -> requests.Response:
        return order(stack, user) if number else stack.call("DELETE", f"/users/{user['id']}?cascade=true")

    answers = at_once(work, range(8))
    assert answers[0].status_code == 200 and set(statuses(answers[1:])) <= {201, 404}
    wait_for(lambda: total(stack, user) == 0)
    assert order(stack, user).status_code == stack.call("GET", f"/users/{user['id']}/details").status_code == 404
    assert stack.call("GET", f"/orders/{kept}").status_code == 200


def test_what_a_deletion_leaves_behind_is_purged_by_the_listener(stack: Stack) -> None:
    user = person(stack)
    placed = [order(stack, user).json()["data"]["id"] for _ in range(3)]
    sqs = stack.client("sqs")
    queue = next(url for url in sqs.list_queues()["QueueUrls"] if url.endswith("-react"))
    detail = {"event": "user.deleted", "events": [{"data": {"id": user["id"]}}]}
    for _ in range(2):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"detail": detail}))
    wait_for(lambda: total(stack, user) == 0)
    for one in placed:
        log = [event["name"] for event in events_of(stack, f"order#{one}")]
        assert log == ["order.created", "order.deleted"]


def test_the_report_on_sales_has_ones_own_orders(stack: Stack) -> None:
    user = person(stack, name="Иван")
    made = order(stack, user).json()["data"]
    placed, month = made["id"], made["created_at"][:7]
    headers = signed_in(stack, user)
    parameters = {"period": month, "department": "sales"}
    body = {"name": "Продажи", "template_id": 1, "parameters": json.dumps(parameters), "format": "csv"}
    asked = stack.call("POST", "/api/v1/reports/", json=body, headers=headers).json()

    def ended() -> Any:
        report = stack.call("GET", f"/api/v1/reports/{asked['id']}", headers=headers).json()
        return report if report["status"] in ("completed", "failed") else None

    report = wait_for(ended, timeout=60, every=0.1)
    assert report["status"] == "completed", report
    link = stack.call("GET", f"/api/v1/reports/{asked['id']}/download", headers=headers).headers["Location"]
    rows = list(csv.reader(io.StringIO(requests.get(link, timeout=20).content.decode("utf-8-sig"))))
    assert [row[1:6] for row in rows if row[0].startswith("20")] == [[placed, "Иван", "Создан", "10", "520.00"]]
    assert stack.call("DELETE", f"/api/v1/reports/{asked['id']}", headers=headers).status_code == 204
