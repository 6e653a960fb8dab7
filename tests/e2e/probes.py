"""One call of each function that needs all its rights: `PROBES`, which test_rights.py takes away one by one."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from tests.e2e.due import plan
from tests.e2e.leftovers import change_hands, event_item, leave_behind, mark_for_purge
from tests.e2e.production import new_batch
from tests.e2e.stack import Stack
from tests.e2e.webhook_probes import deliver_message, fan_out_message
from tests.production import batch_body
from tests.waiting import wait_for

FAR = "2999-01-01T00:00:00Z"  # past what the queue alone can do


def api_works(stack: Stack) -> bool:
    """A story through all that the API does; False when it broke on the way."""
    # a fresh worker: a warm one has read the secret already
    fresh = {"FunctionName": f"{stack.name}-api", "MemorySize": 512}
    stack.client("lambda").update_function_configuration(**fresh)
    bearer = {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAAAAAA"}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    center = {"identifier": str(uuid.uuid4()), "name": "Цех"}

    def calls() -> Iterator[tuple[int, Any]]:
        yield answer("GET", "/api/batches", headers=bearer)
        for _ in range(2):
            status, made = answer("POST", "/api/work_centers", json=center, headers=key)
            yield status, made
        status, batch = answer("POST", "/api/batches", json=_batch(made["uuid"]))
        yield status, batch
        place = f"/api/batches/{batch['uuid']}"
        yield answer("POST", f"{place}/products", json={"unique_code": "A-1"})
        for path in ("/api/batches?shift=1", "/api/products", "/api/work_centers", place):
            yield answer("GET", path)
        report = {"name": "Отчет", "template_id": 3, "parameters": {"batch_id": batch["uuid"]}}
        status, made_report = answer("POST", "/api/v1/reports/", json=report)
        yield status, made_report
        yield answer("POST", f"/api/v1/reports/{made_report['id']}/cancel")
        yield answer("PATCH", place, json={"shift": "2"})
        yield answer("PATCH", f"{place}/aggregate")
        yield answer("POST", f"{place}/reports/generate?format=xlsx")
        yield answer("PATCH", f"{place}/close")
        yield answer("DELETE", place)
        yield answer("DELETE", f"/api/work_centers/{made['uuid']}")
        status, site = answer("POST", "/api/v1/sites", json={"code": str(uuid.uuid4()), "name": "Дом"})
        yield status, site
        yield answer("POST", "/api/v1/defects", json={"title": "Трещина", "site_id": site["id"], "severity": "low"})
        later = {"execute_at": FAR, "task_type": "send_sms", "payload": {}}
        status, task = answer("POST", "/api/v1/tasks", json=later)
        yield status, task
        yield answer("DELETE", f"/api/v1/tasks/{task['task']['id']}")

    def answer(method: str, path: str, **arguments: Any) -> tuple[int, Any]:
        got = stack.call(method, path, **arguments)
        return got.status_code, got.json() if got.content else None

    denied = denials(stack, "api")
    # what concerns the state machine is only logged: the sweep would make up for it
    return all(status < 500 for status, _ in _until_broken(calls())) and denials(stack, "api") == denied


def _until_broken(calls: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    for status, answer in calls:
        yield status, answer
        if status >= 500:
            return


def relay_works(stack: Stack) -> bool:
    """The relay sends an event that nobody has sent, and one of the same batch that was left behind; another one it
    holds against the subscriptions.
    """
    image = event_item(stack)
    leave_behind(stack, image | {name: {"S": f"{image[name]['S']}-left"} for name in ("seq", "waiting")})
    images = (image, event_item(stack) | {"only_webhooks": {"BOOL": True}})
    records = [{"eventName": "INSERT", "dynamodb": {"NewImage": one, "SequenceNumber": "1"}} for one in images]
    return _invoke(stack, "relay", {"Records": records})


def sweep_works(stack: Stack) -> bool:
    """The sweep looks at a task, finds an old event and sends it."""
    assert stack.call("POST", "/api/batches/export?format=csv").status_code == 202
    leave_behind(stack, event_item(stack))
    return _invoke(stack, "sweep", {})


def react_works(stack: Stack) -> bool:
    """Every listener does its work."""
    emails = email_works(stack) and report_email_works(stack)
    return purge_works(stack) and emails and link_works(stack) and defects_follow(stack)


def purge_works(stack: Stack) -> bool:
    """A deleted batch's products are purged."""
    center = stack.call("POST", "/api/work_centers", json={"identifier": str(uuid.uuid4()), "name": "Цех"}).json()
    batch = stack.call("POST", "/api/batches", json=_batch(center["uuid"])).json()
    stack.call("POST", f"/api/batches/{batch['uuid']}/products", json={"unique_code": "A-1"})
    mark_for_purge(stack, batch["uuid"])
    return _react_to(stack, "batch.deleted", {"batch_id": batch["uuid"]})


def email_works(stack: Stack) -> bool:
    """A file is sent to who asked for it."""
    file_id = str(uuid.uuid4())
    bucket = stack.outputs()["FilesBucketName"]
    stack.client("s3").put_object(Bucket=bucket, Key=f"files/7d/{file_id}.pdf", Body=b"%PDF-1.4")
    texts = {"file_id": file_id, "name": "Отчет", "format": "pdf", "created_at": datetime.now(UTC).isoformat()}
    numbers = {"user_id": {"N": "1"}, "days": {"N": "7"}, "forget_at": {"N": "4102444800"}}
    item = {**{name: {"S": value} for name, value in texts.items()}, **numbers}
    stack.client("dynamodb").put_item(TableName=f"{stack.name}-files", Item=item)
    email = {"file_id": file_id, "batch_number": 1, "user_email": "rights@example.com", "total": 0, "aggregated": 0}
    return _react_to(stack, "batch.report_mail_requested", email)


def report_email_works(stack: Stack) -> bool:
    """A report is sent to its recipient."""
    bucket, number, at = (
        stack.outputs()["FilesBucketName"],
        10**9 + uuid.uuid4().int % 10**6,
        datetime.now(UTC).isoformat(),
    )
    key = f"reports/report_{number}/1.pdf"
    stack.client("s3").put_object(Bucket=bucket, Key=key, Body=b"%PDF-1.4")
    texts = {"id": f"{number:018d}", "name": "Отчет", "status": "completed", "parameters": "{}", "format": "pdf"}
    texts |= {"saga_id": str(uuid.uuid4()), "created_at": at, "updated_at": at, "file_key": key}
    numbers = {"template_id": {"N": "2"}, "user_id": {"N": "1"}, "file_size": {"N": "8"}}
    item = {**{name: {"S": value} for name, value in texts.items()}, **numbers}
    stack.client("dynamodb").put_item(TableName=f"{stack.name}-reports", Item=item)
    return _react_to(stack, "report.mail_requested", {"report_id": number, "user_email": "rights@example.com"})


def link_works(stack: Stack) -> bool:
    """A user is sent a link."""
    body = {"email": f"{uuid.uuid4()}@example.com", "name": "Анна", "password": "password"}
    user = stack.call("POST", "/users", json=body).json()["data"]
    about = {"id": user["id"], "number": user["number"], "occurred_at": datetime.now(UTC).isoformat()}
    return _react_to(stack, "user.invited", about)


def defects_follow(stack: Stack) -> bool:
    """A defect goes with its records and its site, whose customer is new."""
    site = stack.call("POST", "/api/v1/sites", json={"code": str(uuid.uuid4()), "name": "Дом"}).json()
    defect = stack.call("POST", "/api/v1/defects", json={"site_id": site["id"], "title": "Скол"}).json()
    change_hands(stack, site["id"])
    about = {"defect_id": defect["id"], "attachment_id": str(uuid.uuid4())}
    return (
        _react_to(stack, "site.updated", {"site_id": site["id"], "changed": ["customer_id"]})
        and _react_to(stack, "defect.attachment_removed", about)
        and _react_to(stack, "defect.deleted", about)
    )


def batch_report_works(stack: Stack) -> bool:
    """A report on a batch with a product."""
    batch = new_batch(stack)
    stack.call("POST", f"/api/batches/{batch['uuid']}/products", json={"unique_code": "A-1"})
    asked = {"batch_id": batch["uuid"], "format": "xlsx", "user_email": None, "user_id": 1, "user_name": "A"}
    asked["user_roles"] = ["manager"]  # whose quota is counted
    return _invoke(stack, "batch-report", asked)


def refresh_works(stack: Stack) -> bool:
    """The dashboard is counted."""
    return _invoke(stack, "refresh-analytics", {})


def recount_works(stack: Stack) -> bool:
    """Recount batches, defects and the other counts."""
    new_batch(stack)
    site = stack.call("POST", "/api/v1/sites", json={"code": str(uuid.uuid4()), "name": "Дом"}).json()
    stack.call("POST", "/api/v1/defects", json={"site_id": site["id"], "title": "Скол"})
    return _invoke(stack, "recount", {})


def make_admin_works(stack: Stack) -> bool:
    """An administrator is made."""
    return _invoke(stack, "make-admin", {"email": f"{uuid.uuid4()}@example.com", "password": "password"})


def rotate_key_works(stack: Stack) -> bool:
    """The tokens get a new key."""
    return _invoke(stack, "rotate-key", {})


def long_task_works(stack: Stack) -> bool:
    """A task that was just made is begun and finished, beside the machine that does so too."""
    user = stack.call("POST", "/user", json={"name": "Анна"}).json()["id"]
    stack.call("POST", f"/task/{user}", json={"task": "Расчет"})
    (task,) = stack.call("GET", f"/tasks/{user}").json()
    step = {"user_id": user, "task_id": task["id"], "run": 1}
    return all(_invoke(stack, "run-long-task", {"step": name, **step}) for name in ("begin", "finish"))


def deferred_works(stack: Stack) -> bool:
    """A task of each type that needs a right is done, and the saga of its report runs; what is due far ahead is left
    to the Scheduler; a schedule is looked up.
    """
    payloads: dict[str, Any] = {
        "send_email": {"to": "rights@example.com", "body": "Смена"},
        "send_sms": {"phone": "+79990000002", "text": "Смена"},
        "publish_event": {"name": "rights"},
        "generate_report": {"name": "Ежедневный", "template_id": 2, "parameters": {"date_from": "2025-01-01"}},
    }
    denied = denials(stack, "run-deferred")
    made = [plan(stack, *one, 1)["id"] for one in payloads.items()]
    early = {"messageId": "1", "body": json.dumps({"task": made[0], "due": FAR})}
    gone = {"schedule": str(uuid.uuid4()), "due": "2026-01-15T08:00:00.000000Z"}
    schedule = {"messageId": "2", "body": json.dumps(gone)}
    works = _invoke(stack, "run-deferred", {"Records": [early, schedule]})
    return works and _all_done(stack, made, "run-deferred", denied) and _saga_runs(stack, made[-1])


def outside_works(stack: Stack) -> bool:
    """A task that calls a host is done."""
    denied = denials(stack, "run-outside")
    callback = {"url": f"{stack.url}/api/v1/health", "method": "GET"}
    return _all_done(stack, [plan(stack, "http_callback", callback, 1)["id"]], "run-outside", denied)


def _all_done(stack: Stack, made: list[int], function: str, denied: int) -> bool:
    """Whether tasks are done at once, and the function is refused nothing more than it was before."""

    def tried() -> list[bool]:
        tasks = [stack.call("GET", f"/api/v1/tasks/{number}").json()["task"] for number in made]
        broken = denials(stack, function) > denied or any(task.get("error_message") for task in tasks)
        done = [not broken and task["status"] == "completed" for task in tasks]
        return done if broken or all(done) else []

    return all(wait_for(tried, timeout=60, every=0.2))


def _saga_runs(stack: Stack, task: int) -> bool:
    """Whether the task of a report has started its saga: when it may not, the task is done all the same, and the line
    in the log that tells of it comes later than that.
    """
    saga = stack.call("GET", f"/api/v1/tasks/{task}/attempts").json()["attempts"][-1]["result"]["saga_id"]
    machine = stack.environment("run-deferred")["REPORT_SAGA_ARN"]
    executions = stack.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return any(saga in execution["name"] for execution in executions)


def fan_out_works(stack: Stack) -> bool:
    """An event comes, and comes once more."""
    message = fan_out_message(stack)
    return _invoke(stack, "fan-out", message) and _invoke(stack, "fan-out", message)


PROBES: dict[str, Callable[[Stack], bool]] = {
    "api": api_works,
    "relay": relay_works,
    "sweep": sweep_works,
    "react": react_works,
    "batch-report": batch_report_works,
    "refresh-analytics": refresh_works,
    "recount": recount_works,
    "make-admin": make_admin_works,
    "rotate-key": rotate_key_works,
    "run-deferred": deferred_works,
    "run-outside": outside_works,
    "run-long-task": long_task_works,
    "fan-out": fan_out_works,
    "deliver": lambda stack: _invoke(stack, "deliver", deliver_message(stack)),
}


def denials(stack: Stack, function: str) -> int:
    """How many lines of its log tell of a right that is missing."""
    return sum("AccessDenied" in str(line) for line in stack.log_lines(function))


def _react_to(stack: Stack, event: str, data: dict[str, Any]) -> bool:
    body = json.dumps({"detail": {"event": event, "events": [{"data": data}]}})
    return _invoke(stack, "react", {"Records": [{"messageId": "1", "body": body, "eventSource": "aws:sqs"}]})


def _invoke(stack: Stack, function: str, event: Any) -> bool:
    payload = json.dumps(event).encode()
    answer = stack.client("lambda").invoke(FunctionName=f"{stack.name}-{function}", Payload=payload)
    result = json.loads(answer["Payload"].read())
    return "FunctionError" not in answer and not (result or {}).get("batchItemFailures")


def _batch(work_center_id: str) -> dict[str, Any]:
    return batch_body(work_center_id, batch_number=time.time_ns() // 1000 % 1_000_000_000)
