"""Template 4: defects, deferred and long tasks of a period, of all users or of one, in every format."""

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from openpyxl import load_workbook

from chalicelib.core import clock
from chalicelib.core.transactions import transaction
from chalicelib.deferred_tasks import model as deferred_tasks
from chalicelib.deferred_tasks import store as deferred_store
from chalicelib.long_tasks import model as long_tasks
from chalicelib.long_tasks import store as long_store
from chalicelib.users.service import User
from tests.construction import UserClient
from tests.integration.reports.api_client import ApiClient
from tests.report_files import records, rows_of

Later = Callable[..., None]
Day = Callable[[int], str]


def tasks_of(user: User, number: int) -> None:
    """Create a failed deferred task and a completed long task."""
    at = clock.now()
    deferred = deferred_tasks.Task(number, user.number, "send_email", {}, at, at, at, at, error_message="Нет адреса")
    deferred.status = "failed"
    long = long_tasks.Task(number, user.number, "Посчитать сваи", at, None, "done", "42", ended_at=at)
    with transaction() as tx:
        deferred_store.add(tx, deferred)
        long_store.add(tx, long)


def make(api: ApiClient, parameters: dict[str, Any], format: str) -> bytes:
    """Return the file of a report."""
    report = api.make(4, parameters, format=format)
    assert report["status"] == "completed", report
    return api.download(report)


def test_report_without_a_period_has_the_last_thirty_days(day: Day, api: ApiClient, later: Later) -> None:
    manager = UserClient("manager", name="Вера")
    site = manager.site(code="ЖК-1", name="Дом")
    manager.defect(site["id"], title="Старая трещина")
    tasks_of(manager.user, 1)
    later(days=35)
    late = manager.defect(site["id"], title="Протечка", severity="high", due_date=day(30), assignee_id=manager.id)
    fixed = manager.defect(site["id"], title="Скол", assignee_id=manager.id)
    manager.move(fixed["id"], "in_progress", "fixed")
    tasks_of(manager.user, 2)
    facts = api.facts(4, {})
    assert [facts[name] for name in ("Открыто", "Просрочено", "Исправлено")] == ["1", "1", "1"]
    assert api.table(4, {}, "defects_by_site")[1:] == [["ЖК-1", "Дом", "2", "1", "1", "0"]]
    assert ["Исправлен", "1", "0", "1", "0", "0"] in api.table(4, {}, "defects_by_severity")
    assert [(row[:6], row[8:]) for row in api.table(4, {}, "defects")[1:]] == [
        ([f"{late['number']}", "ЖК-1", "Протечка", "Высокая", "Назначен", "Вера"], [day(30), "5"]),
        ([f"{fixed['number']}", "ЖК-1", "Скол", "Средняя", "Исправлен", "Вера"], ["", ""]),
    ]
    (deferred,) = api.table(4, {}, "deferred_tasks")[1:]
    assert (deferred[:3], deferred[-1]) == (["2", "Письмо", "Ошибка"], "Нет адреса")
    (long,) = api.table(4, {}, "long_tasks")[1:]
    assert long[:3] == ["2", "Посчитать сваи", "Выполнена"]


def test_period_is_optional_and_checked(day: Day, api: ApiClient) -> None:
    manager = UserClient("manager")
    manager.defect(manager.site()["id"])
    assert "Трещина в стене" in make(api, {"date_from": day(0), "date_to": day(0)}, "csv").decode()
    assert "Трещина в стене" not in make(api, {"period": "2024-01"}, "csv").decode()
    report = api.make(4, {"date_from": "2024-01-02", "date_to": "2024-01-01"})
    assert (report["status"], report["error"].partition(":")[0]) == ("failed", "date_from")


@pytest.mark.parametrize("roles", [("customer",), ("user",)])
def test_report_of_a_user_has_own_defects_and_tasks_only(api: ApiClient, roles: tuple[str, ...]) -> None:
    from tests.machine import run_executions

    manager, own = UserClient("manager"), UserClient(*roles)
    manager.defect(manager.site()["id"], title="Чужое")
    if roles == ("customer",):
        manager.defect(manager.site(customer_id=own.id)["id"], title="Мое")
    tasks_of(manager.user, 7)
    tasks_of(own.user, 8)

    def made(table: str) -> list[list[str]]:
        body = {"name": "Мои", "template_id": 4, "format": "csv", "parameters": {"table": table}}
        accepted = own.ok("POST", "/api/v1/reports", body)
        run_executions()
        return records(api.download(own.ok("GET", f"/api/v1/reports/{accepted['id']}")))[1:]

    assert [row[2] for row in made("defects")] == ["Мое"] * (roles == ("customer",))
    assert [row[0] for name in ("deferred_tasks", "long_tasks") for row in made(name)] == ["8", "8"]


def test_pdf_and_xlsx_have_the_same_figures_with_and_without_data(api: ApiClient) -> None:
    manager = UserClient("manager")
    site = manager.site()
    for amount in (0, 2):
        for number in range(amount):
            manager.defect(site["id"], title=f"Дефект-{number}")
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(make(api, {}, "pdf"))).pages)
        book = load_workbook(io.BytesIO(make(api, {}, "xlsx")))
        assert "Отчет по задачам" in text and "Список долгих задач" in text
        figures = {cell.value for (cell,) in book["Сводка"].iter_rows(max_col=1)}
        assert {"Дефекты по серьезности", "Дефекты по объектам"} < figures
        lists = ["Список дефектов", "Список отложенных задач", "Список долгих задач"]
        assert book.sheetnames == ["Сводка", *lists, *["Данные диаграмм"] * bool(amount)]
        assert text.count("Дефект-") == str(rows_of(book["Список дефектов"])).count("Дефект-") == amount
