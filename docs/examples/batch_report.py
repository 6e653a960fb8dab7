"""Make a batch and a report on it with the generated client: python batch_report.py URL [TOKEN]"""

import json
import sys
import time
from datetime import UTC, date, datetime
from uuid import uuid4

import httpx
from shopfloor import AuthenticatedClient, Client
from shopfloor.api.batches import create_batch
from shopfloor.api.products import add_product
from shopfloor.api.reports import create_report, download_report, get_report_status
from shopfloor.api.work_centers import create_work_center
from shopfloor.models import (
    Batch,
    BatchCreate,
    ProductAdd,
    ReportAccepted,
    ReportCreate,
    ReportInProgress,
    ReportReady,
    WorkCenter,
    WorkCenterCreate,
)

url, *token = sys.argv[1:]
client = AuthenticatedClient(url, token=token[0]) if token else Client(url)
client = client.with_timeout(httpx.Timeout(30))

center = create_work_center.sync(
    client=client,
    body=WorkCenterCreate(identifier=str(uuid4()), name="Линия розлива"),
)
assert isinstance(center, WorkCenter), center  # each kind of error has its own type, e.g. ErrorDetail

batch = create_batch.sync(
    client=client,
    idempotency_key=str(uuid4()),  # a repetition after a lost answer makes no second batch
    body=BatchCreate(
        task_description="Розлив",
        shift="1 смена",
        team="Бригада №1",
        batch_number=uuid4().int % 10**9 + 1,
        batch_date=date(2026, 3, 30),
        nomenclature="Вода 0,5 л",
        ekn_code="EKN-001",
        shift_start=datetime(2026, 3, 30, 8, tzinfo=UTC),
        shift_end=datetime(2026, 3, 30, 20, tzinfo=UTC),
        work_center_id=center.uuid,
    ),
)
assert isinstance(batch, Batch), batch
add_product.sync(batch.uuid, client=client, body=ProductAdd(unique_code="0104600000000015"))
print(f"batch {batch.uuid} of {batch.batch_date}, {batch.shift}")

asked = create_report.sync(
    client=client,
    body=ReportCreate(
        name="Отчет по партии",
        template_id=3,
        format_="csv",
        parameters=json.dumps({"batch_id": str(batch.uuid)}),
    ),
)
assert isinstance(asked, ReportAccepted), asked
while isinstance(report := get_report_status.sync(asked.id, client=client), ReportInProgress):
    time.sleep(0.25)
assert isinstance(report, ReportReady), report
print(f"report {asked.id} {report.status}")

link = download_report.sync_detailed(asked.id, client=client).headers["Location"]  # good for some minutes
print(httpx.get(link).content.decode("utf-8-sig"))
