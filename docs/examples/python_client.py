"""Work with the client package, from the login to a report: python python_client.py URL EMAIL PASSWORD"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import httpx
from shopfloor_client import AuthenticatedClient, Client
from shopfloor_client.api.account import login
from shopfloor_client.api.batches import create_batch, list_batches
from shopfloor_client.api.products import add_product
from shopfloor_client.api.reports import create_report, download_report, get_report_status
from shopfloor_client.api.work_centers import create_work_center
from shopfloor_client.models import (
    Batch,
    BatchCreate,
    BatchPage,
    Credentials,
    ErrorDetail,
    ProductAdd,
    ReportAccepted,
    ReportCreate,
    ReportInProgress,
    ReportReady,
    SignedInData,
    WorkCenter,
    WorkCenterCreate,
)


def signed_in(url: str, email: str, password: str) -> AuthenticatedClient:
    """Log in. A machine has an API key instead: AuthenticatedClient(url, token=key)."""
    answer = login.sync(client=Client(url), body=Credentials(email=email, password=password))
    assert isinstance(answer, SignedInData), answer  # each kind of error has its own type, here ErrorEnvelope
    return AuthenticatedClient(url, token=answer.data.token, timeout=httpx.Timeout(30))


def batch_of(center: WorkCenter, number: int) -> BatchCreate:
    """Describe a batch."""
    return BatchCreate(
        task_description="Розлив",
        shift="1 смена",
        team="Бригада №1",
        batch_number=number,
        batch_date=date(2026, 3, 30),
        nomenclature="Вода 0,5 л",
        ekn_code="EKN-001",
        shift_start=datetime(2026, 3, 30, 8, tzinfo=UTC),
        shift_end=datetime(2026, 3, 30, 20, tzinfo=UTC),
        work_center_id=center.uuid,
    )


def create_once(client: AuthenticatedClient, body: BatchCreate) -> Batch:
    """Create a batch, and repeat the call with its key until there is an answer: there will be one batch."""
    key = str(uuid4())
    while True:
        try:
            answer = create_batch.sync_detailed(client=client, body=body, idempotency_key=key)
        except httpx.TransportError:
            time.sleep(1)
            continue
        if answer.status_code < 500:
            assert isinstance(answer.parsed, Batch), answer.parsed
            return answer.parsed
        time.sleep(float(answer.headers.get("Retry-After", 1)))


def batches_of(client: AuthenticatedClient, work_center_id: UUID) -> Iterator[Batch]:
    """Read a list page by page."""
    page = list_batches.sync(client=client, work_center_id=work_center_id, limit=2)
    while isinstance(page, BatchPage):
        yield from page.items
        if page.next_cursor is None:
            return
        page = list_batches.sync(client=client, work_center_id=work_center_id, limit=2, cursor=page.next_cursor)
    raise RuntimeError(page)


client = signed_in(*sys.argv[1:])
center = create_work_center.sync(client=client, body=WorkCenterCreate(identifier=str(uuid4()), name="Линия розлива"))
assert isinstance(center, WorkCenter), center
number = uuid4().int % 10**9 + 1
made = [create_once(client, batch_of(center, number + shift)) for shift in range(3)]
listed = list(batches_of(client, center.uuid))
assert {batch.uuid for batch in listed} == {batch.uuid for batch in made}
print(f"{len(listed)} batches of {center.name}")

refused = create_batch.sync(client=client, body=batch_of(center, number))
assert isinstance(refused, ErrorDetail), refused
print(f"refused: {refused.detail}")

batch = made[0]
add_product.sync(batch.uuid, client=client, body=ProductAdd(unique_code="0104600000000015"))
asked = create_report.sync(
    client=client,
    body=ReportCreate(
        name="Отчет о партии",
        template_id=3,
        format_="csv",
        parameters=json.dumps({"batch_id": str(batch.uuid)}),
    ),
)
assert isinstance(asked, ReportAccepted), asked
while isinstance(report := get_report_status.sync(asked.id, client=client), ReportInProgress):
    time.sleep(0.25)
assert isinstance(report, ReportReady), report
link = download_report.sync_detailed(asked.id, client=client).headers["Location"]  # valid for some minutes
file = httpx.get(link).content
print(f"report {asked.id} {report.status}, {len(file)} bytes")
