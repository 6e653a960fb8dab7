"""The examples of the contract of reports, as they stand there; host, token and id are filled in."""

from typing import Any

from tests.e2e.documented import Reader
from tests.waiting import wait_for

CREATE = """curl -X POST http://arch.homework:8083/api/v1/reports/ \\
  -H "Content-Type: application/json" \\
  -H "Authorization: Bearer YOUR_TOKEN" \\
  -d '{
    "name": "Отчет по продажам",
    "description": "Ежемесячный отчет",
    "template_id": 1,
    "parameters": "{\\"month\\": \\"2024-01\\"}"
  }'"""
STATUS = """curl -X GET http://arch.homework:8083/api/v1/reports/123/status \\
  -H "Authorization: Bearer YOUR_TOKEN\""""
DOWNLOAD = """curl -L -X GET http://arch.homework:8083/api/v1/reports/123/download \\
  -H "Authorization: Bearer YOUR_TOKEN\""""


def test_a_report_is_made_watched_and_downloaded(reader: Reader) -> None:
    made = reader.types(CREATE, 202)
    shown = {name: made[name] for name in ("status", "message")}
    assert shown == {"status": "pending", "message": "Отчет создан и поставлен в очередь на генерацию"}
    number = str(made["id"])

    def ended() -> Any:
        report = reader.types(STATUS.replace("123", number), 200)
        return report if report["status"] in ("completed", "failed") else None

    report = wait_for(ended, timeout=60, every=0.3)
    expected = {"id": made["id"], "status": "completed", "file_path": f"/reports/report_{number}.pdf"}
    assert {name: report.get(name) for name in expected} == expected
    assert reader.gets(DOWNLOAD.replace("123", number)).startswith(b"%PDF-")
