"""The kinds of work of a chaos run. Everything has a unique name; the ledger has what was acknowledged."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import requests

from bench.chaos.client import Client, Refused
from bench.chaos.ledger import Ledger, can_be_downloaded, has_one_of_each, is_whole, report_is
from tests.e2e.receiver import Receiver
from tests.exchange import EXPORT, IMPORT, csv_file, row
from tests.production import batch_body

TASKS, SCHEDULES, REPORTS, SAGAS = "/api/v1/tasks", "/api/v1/schedules", "/api/v1/reports", "/api/v1/sagas"
BULK, IMPORTED = 60, 12
PHOTO = b"\xff\xd8\xff" + bytes(2_000)
PERIOD = {"date_from": "2025-01-01", "date_to": "2025-01-31"}


class Worker:
    """A client with its draws and names. Each method of `KINDS` is one piece of work, from its start to its end."""

    _numbers = count(1)

    def __init__(self, client: Client, outside: Receiver, ledger: Ledger, centers: list[str], seed: str) -> None:
        self._client, self._outside, self._ledger, self._centers = client, outside, ledger, centers
        self._random = random.Random(seed)

    def run(self, stop: threading.Event) -> None:
        """Work until the stop; work that was begun is completed."""
        while not stop.is_set():
            kind = self._random.choice(KINDS)
            try:
                kind(self)
                self._ledger.done[kind.__name__] += 1
            except Exception as error:  # a finding, whatever it is
                self._ledger.problems.append(f"{kind.__name__}: {type(error).__name__}: {error}")

    # -- production ---------------------------------------------------------------------------------------------------

    def work_center(self) -> None:
        """A work centre, renamed."""
        name = self._name("WC")
        made = self._made(
            "work centres", name, self._client.post("/api/work_centers", {"identifier": name, "name": "Цех"})
        )
        path = f"/api/work_centers/{made['uuid']}"
        self._change("PATCH", path, {"name": name}, "name", name)
        self._ledger.expect("work centres", f"{name} has its new name", lambda c: c.get(path)["name"] == name)

    def batch(self) -> None:
        """The life of a batch: filled, aggregated in one way or another, closed, perhaps deleted."""
        client, draw = self._client, self._random
        made = self._batch()
        path, number = f"/api/batches/{made['uuid']}", made["batch_number"]
        codes = [f"C{number}-{place}" for place in range(3)]
        for code in codes:
            client.post(f"{path}/products", {"unique_code": code})
        products = client.get(path)["products"]
        gone = draw.choice(products)
        client.change(
            "DELETE", f"{path}/products/{gone['uuid']}", None, lambda: self._is_gone(f"/api/products/{gone['uuid']}")
        )
        codes.remove(gone["unique_code"])
        more = [f"B{number}-{place}" for place in range(BULK)]
        result = self._task(
            "products",
            client.post(f"{path}/products/bulk", {"unique_codes": more, "mode": draw.choice(["proceed", "rollback"])}),
        )
        if result["added"] != BULK:
            raise Refused(f"bulk of {number}: {result}")
        codes += more
        self._aggregate(path)
        self._change("PATCH", f"{path}/close", None, "is_closed", True, read=path)
        if draw.random() < 0.2:
            client.change("DELETE", path, None, lambda: self._is_gone(path))
            del self._ledger.made["batches"][str(number)]
            self._ledger.expect("batches", f"{number} is deleted", lambda c: c.status(path) == 404)
            self._ledger.expect(
                "products", f"none of {number}", lambda c: not c.get(f"/api/products?unique_code={codes[0]}")["total"]
            )
            return
        for code in codes:
            self._ledger.made["products"][code] = ""
        self._ledger.expect(
            "batches", f"{number} is closed with all its products aggregated", lambda c: is_whole(c.get(path), codes)
        )

    def _aggregate(self, path: str) -> None:
        if self._random.random() < 0.3:
            self._client.change("PATCH", f"{path}/aggregate", None, lambda: False)
            return
        before = self._random.random() < 0.3
        if before:  # products of its own, by code
            (first, *_) = self._client.get(path)["products"]
            task = self._aggregation(path, {"unique_codes": [first["unique_code"]]})
            self._task("aggregation", task)
        self._task("aggregation", self._aggregation(path, None))

    def _aggregation(self, path: str, body: Any) -> Any:
        """A PATCH takes no key: when an attempt had no answer, its task has reserved the batch, and ends by itself."""
        return self._client.send("PATCH", f"{path}/aggregate_async", body)

    def batch_report(self) -> None:
        """A report in the response, and its file."""
        made = self._batch()
        answer = self._client.post(
            f"/api/batches/{made['uuid']}/reports/generate?format={self._random.choice(['pdf', 'xlsx'])}"
        )
        self._ledger.expect(
            "batch reports", "the file is there", lambda c: can_be_downloaded(c, answer["download_url"])
        )

    def importing(self) -> None:
        """New batches by a file."""
        numbers = [next(self._numbers) for _ in range(IMPORTED)]
        center = self._name("WI")
        rows = [
            row(batch_number=n, work_center_identifier=center, products=[f"I{n}-{p}" for p in range(3)])
            for n in numbers
        ]
        files = {"file": ("Партии.csv", csv_file(rows), "text/csv")}
        result = self._task("import", self._client.post(IMPORT, files=files))
        if (result["created"], result["failed"]) != (IMPORTED, 0):
            raise Refused(f"import of {numbers[0]}..: {result}")
        self._ledger.made["work centres"][center] = ""
        for number in numbers:
            self._ledger.made["batches"][str(number)] = ""
            self._ledger.made["products"] |= {f"I{number}-{place}": "" for place in range(3)}

    def exporting(self) -> None:
        """Batches as a file."""
        format = self._random.choice(["xlsx", "csv"])
        result = self._task("export", self._client.post(f"{EXPORT}?format={format}", {"shift": "1"}))
        self._ledger.expect("exports", "the file is there", lambda c: can_be_downloaded(c, result["download_url"]))

    # -- reports ------------------------------------------------------------------------------------------------------

    def report(self) -> None:
        """A report by its saga, sometimes cancelled, then tried again or not."""
        client, name = self._client, self._name("Отчет")
        body = {
            "name": name,
            "template_id": 2,
            "parameters": PERIOD,
            "format": self._random.choice(["pdf", "xlsx", "csv"]),
        }
        made = self._made("reports", name, client.post(REPORTS, body))
        path, saga, expected = f"{REPORTS}/{made['id']}", f"{SAGAS}/{made['saga_id']}", "completed"
        if self._random.random() < 0.4:
            client.change("DELETE", saga, None, lambda: client.get(path)["status"] in ("completed", "cancelled"))
            expected = client.until(path, lambda report: report["status"] in ("completed", "cancelled"))["status"]
            client.until(saga, lambda found: found["status"] in ("completed", "cancelled"))
            if expected == "cancelled" and self._random.random() < 0.6:
                client.change("POST", f"{saga}/retry", None, lambda: client.get(saga)["status"] != "cancelled")
                expected = "completed"
        self._ledger.expect("reports", f"{name} is {expected}", lambda c: report_is(c, path, expected))

    def template(self) -> None:
        """A new template, and a report by it."""
        name = self._name("Шаблон")
        body = {"name": name, "base_template_id": 2, "parameters": PERIOD}
        made = self._made("templates", name, self._client.post("/api/v1/templates", body))
        report = self._made(
            "reports", name, self._client.post(REPORTS, {"name": name, "template_id": made["id"], "format": "csv"})
        )
        self._ledger.expect(
            "reports", f"{name} is completed", lambda c: report_is(c, f"{REPORTS}/{report['id']}", "completed")
        )

    # -- later, again, long -------------------------------------------------------------------------------------------

    def deferred_task(self) -> None:
        """A deferred task: a callback, an event, a report, an email."""
        name = self._name("T")
        kind, payload = self._random.choice([
            ("http_callback", {"url": self._outside.url("/task"), "data": {"name": name}}),
            ("publish_event", {"name": "chaos.tick", "detail": {"name": name}}),
            ("generate_report", {"name": name, "template_id": 2, "parameters": PERIOD, "format": "csv"}),
            ("send_email", {"to": f"{name}@example.com", "subject": name, "body": name}),
        ])  # fmt: skip
        at = datetime.now(UTC) + timedelta(seconds=self._random.uniform(1, 20))
        body = {"execute_at": at.isoformat(), "task_type": kind, "payload": payload, "max_attempts": 10}
        try:
            made = self._client.post(TASKS, body)["task"]
        except Refused as refusal:
            if "execute_at" not in str(refusal):  # when the first attempt made nothing, another may come too late
                raise
            self._ledger.refused["deferred tasks"].add(name)
            return
        self._ledger.made["deferred tasks"][name] = str(made["id"])
        path = f"{TASKS}/{made['id']}"
        self._ledger.expect(
            "deferred tasks", f"{name} is completed", lambda c: c.get(path)["task"]["status"] == "completed"
        )
        if kind == "http_callback":
            self._ledger.expect(
                "deferred tasks",
                f"{name} has called",
                lambda _: any(name.encode() in got.body for got in self._outside.at("/task")),
            )
        if kind == "generate_report":
            self._ledger.made["reports"][name] = ""

    def cancelled_task(self) -> None:
        """A task of tomorrow that is cancelled."""
        name, tomorrow = self._name("T"), datetime.now(UTC) + timedelta(days=1)
        body = {
            "execute_at": tomorrow.isoformat(),
            "task_type": "publish_event",
            "payload": {"name": "chaos.tick", "detail": {"name": name}},
        }
        made = self._client.post(TASKS, body)["task"]
        path = f"{TASKS}/{made['id']}"
        self._ledger.made["deferred tasks"][name] = str(made["id"])
        self._client.change("DELETE", path, None, lambda: self._client.get(path)["task"]["status"] == "cancelled")
        self._ledger.expect(
            "deferred tasks", f"{name} is cancelled", lambda c: c.get(path)["task"]["status"] == "cancelled"
        )

    def schedule(self) -> None:
        """A schedule that runs until the end."""
        name = self._name("Расписание")
        body = {
            "name": name,
            "task_type": "publish_event",
            "payload": {"name": "chaos.tick", "detail": {}},
            "rate": "10 seconds",
        }
        made = self._client.post(SCHEDULES, body)["schedule"]
        self._ledger.made["schedules"][name] = made["id"]

    def long_task(self) -> None:
        """A long task."""
        name = self._name("L")
        user = self._client.post("/user", {"name": name})["id"]
        self._client.post(f"/task/{user}", {"task": name})
        self._ledger.expect(
            "long tasks",
            f"{name} is done, once",
            lambda c: [one["status"] for one in c.get(f"/tasks/{user}")] == ["done"],
        )

    # -- people, sites, webhooks --------------------------------------------------------------------------------------

    def order(self) -> None:
        """A user and an order of his."""
        name = self._name("u")
        user = self._client.post("/users", {"name": name, "email": f"{name}@example.com"})["data"]
        self._ledger.made["users"][f"{name}@example.com"] = user["id"]
        items = [{"product": name, "quantity": 2, "price": 10.5}]
        order = self._client.post("/orders", {"user_id": user["id"], "items": items})["data"]
        self._ledger.made["orders"][name] = order["id"]
        path = f"/orders/{order['id']}"
        for status in ("in_progress", "completed"):
            self._client.change(
                "PUT",
                f"{path}/status",
                {"status": status},
                lambda s=status: self._client.get(path)["data"]["status"] == s,
            )
        self._ledger.expect("orders", f"{name} is completed", lambda c: c.get(path)["data"]["status"] == "completed")

    def defect(self) -> None:
        """A site, and a defect with a comment and a photo."""
        name, client = self._name("D"), self._client
        site = self._made("sites", name, client.post("/api/v1/sites", {"code": name, "name": name}))
        made = self._made("defects", name, client.post("/api/v1/defects", {"site_id": site["id"], "title": name}))
        path = f"/api/v1/defects/{made['id']}"
        client.post(f"{path}/comments", {"text": name})
        form = client.post(f"{path}/attachments", {"name": "a.jpg", "content_type": "image/jpeg", "size": len(PHOTO)})[
            "upload"
        ]
        sent = requests.post(form["url"], data=form["fields"], files={"file": PHOTO}, timeout=30)
        if sent.status_code >= 300:
            raise Refused(f"upload of {name}: {sent.status_code} {sent.text[:200]}")
        self._ledger.expect("defects", f"{name} has one comment and one photo", lambda c: has_one_of_each(c, path))

    def subscription(self) -> None:
        """A webhook that is changed, and sometimes deleted."""
        url = self._outside.url(f"/{self._name('hook')}")
        made = self._client.post(
            "/api/webhooks", {"url": url, "events": ["report.completed"], "secret_key": "webhook_secret_key"}
        )
        path = f"/api/webhooks/{made['uuid']}"
        self._change("PATCH", path, {"events": ["batch.closed"]}, "events", ["batch.closed"])
        if self._random.random() < 0.5:
            self._client.change("DELETE", path, None, lambda: self._is_gone(path))
            self._ledger.expect("webhooks", f"{url} is deleted", lambda c: c.status(path) == 404)
        else:
            self._ledger.made["webhooks"][url] = made["uuid"]

    # -- parts --------------------------------------------------------------------------------------------------------

    def _name(self, beginning: str) -> str:
        return f"{beginning}-{next(self._numbers)}"

    def _made(self, kind: str, name: str, answer: Any) -> Any:
        self._ledger.made[kind][name] = str(answer.get("uuid") or answer["id"])
        return answer

    def _batch(self) -> Any:
        number = next(self._numbers)
        body = batch_body(self._random.choice(self._centers), batch_number=number)
        return self._made("batches", str(number), self._client.post("/api/batches", body))

    def _task(self, kind: str, accepted: Any) -> Any:
        """The result of a background task, which has to end well."""
        self._ledger.done[f"{kind} tasks"] += 1
        path = f"/api/background_tasks/{accepted['task_id']}"
        ended = self._client.until(path, lambda task: task["status"] in ("SUCCESS", "FAILURE"))
        if ended["status"] != "SUCCESS":
            raise Refused(f"{kind} task {accepted['task_id']}: {ended['result']}")
        return ended["result"]

    def _change(self, method: str, path: str, body: Any, name: str, value: Any, read: str = "") -> None:
        self._client.change(method, path, body, lambda: self._client.get(read or path)[name] == value)

    def _is_gone(self, path: str) -> bool:
        return self._client.status(path) == 404


KINDS: list[Callable[[Worker], None]] = [
    Worker.work_center, Worker.batch, Worker.batch, Worker.batch, Worker.batch_report, Worker.importing,
    Worker.exporting, Worker.report, Worker.report, Worker.template, Worker.deferred_task, Worker.deferred_task,
    Worker.cancelled_task, Worker.schedule, Worker.long_task, Worker.order, Worker.defect, Worker.subscription,
]  # fmt: skip
