"""The report on sales: the orders of a period by status, product and day, of all users or of one."""

import io
from typing import Any

import openpyxl
import pypdf
import pytest

from chalicelib.core import circuits, clock
from chalicelib.users.service import User
from tests.integration.reports.api_client import ApiClient
from tests.machine import run_executions
from tests.people import person, signed_in
from tests.report_files import records

TEA, NUT = {"product": "Чай", "quantity": 2, "price": 10.10}, {"product": "Болт М8×40", "quantity": 100, "price": 0.07}


def today() -> str:
    """The day of the orders, asked for in each test, during which the clock stands still."""
    return clock.now().strftime("%Y-%m-%d")


def this_month() -> dict[str, str]:
    """The parameters of a report on the orders."""
    return {"period": today()[:7], "department": "sales"}


def order(api: ApiClient, user: User, *items: dict[str, Any], move: str = "") -> str:
    """Create an order of a user."""
    made = api.ok("POST", "/orders", {"user_id": user.id, "items": list(items)})["data"]
    if move:
        api.ok("PUT", f"/orders/{made['id']}/status", {"status": move})
    return str(made["id"])


@pytest.fixture
def shop(api: ApiClient) -> tuple[User, User, list[str]]:
    """Create two users and three orders, one of them cancelled."""
    circuits.forget()
    anna, ivan = person("manager", name="Анна"), person("user", name="Иван")
    orders = [
        order(api, anna, TEA, NUT, TEA),
        order(api, ivan, NUT, move="in_progress"),
        order(api, ivan, TEA, move="cancelled"),
    ]
    return anna, ivan, orders


def test_orders_are_summed_up_by_status_and_product(api: ApiClient, shop: tuple[User, User, list[str]]) -> None:
    month = this_month()
    assert api.facts(1, month) == {
        "Заказов": "3",
        "Выполнено": "0",
        "Отменено": "1",
        "Сумма продаж, руб.": "54.40",
        "Средний заказ, руб.": "27.20",
    }
    assert api.table(1, month, "statuses")[1:] == [
        ["Создан", "1", "47.40"], ["В работе", "1", "7.00"], ["Выполнен", "0", "0.00"], ["Отменен", "1", "20.20"],
    ]  # fmt: skip
    assert api.table(1, month, "products")[1:] == [["Чай", "1", "4", "40.40"], ["Болт М8×40", "2", "200", "14.00"]]
    listed = [[row[1], row[2], row[3], row[4]] for row in api.table(1, month, "orders")[1:]]
    anna, ivan, ids = shop
    assert listed == [
        [ids[0], "Анна", "Создан", "104"],
        [ids[1], "Иван", "В работе", "100"],
        [ids[2], "Иван", "Отменен", "2"],
    ]


def test_period_is_a_month_or_two_dates(api: ApiClient, shop: tuple[User, User, list[str]]) -> None:
    for parameters in ({"month": today()[:7]}, {"date_from": today(), "date_to": today()}, this_month()):
        assert len(api.table(1, parameters, "orders")) == 4


@pytest.mark.parametrize(("default", "given"), [("period", "month"), ("month", "period"), ("period", "date_from")])
def test_a_period_in_the_request_counts_before_that_of_its_template(
    api: ApiClient, shop: tuple[User, User, list[str]], default: str, given: str
) -> None:
    template = {"name": "Продажи", "base_template_id": 1, "parameters": {default: "2001-02"}}
    number = api.ok("POST", "/api/v1/templates", template)["id"]
    wanted = {"date_from": today(), "date_to": today()} if given == "date_from" else {given: today()[:7]}
    assert len(api.table(number, wanted, "orders")) == 4
    assert len(api.table(number, {}, "orders")) == 1


def test_report_of_a_user_has_own_orders_only(api: ApiClient, shop: tuple[User, User, list[str]]) -> None:
    anna, ivan, ids = shop
    for user, seen in ((ivan, ids[1:]), (anna, ids)):
        body = {"name": "Продажи", "template_id": 1, "parameters": this_month(), "format": "csv"}
        accepted = api.call("POST", "/api/v1/reports/", body, signed_in(user)).json
        run_executions()
        assert [row[1] for row in records(api.download(api.report(accepted["id"])))[1:]] == seen


@pytest.mark.parametrize("format", ["pdf", "xlsx"])
@pytest.mark.parametrize("with_orders", [True, False])
def test_report_without_orders_is_made_in_every_format(
    api: ApiClient, shop: tuple[User, User, list[str]], format: str, with_orders: bool
) -> None:
    period = today()[:7] if with_orders else "2001-02"
    file = io.BytesIO(api.download(api.make(1, {"period": period}, format=format)))
    if format == "pdf":
        text = "".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
        assert "Отчет по продажам за 01." in text and "По товарам" in text
        assert ("Чай" in text) is with_orders
    else:
        book = openpyxl.load_workbook(file)
        cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        assert ("Анна" in cells) is with_orders


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "period: укажите месяц (ГГГГ-ММ) или date_from и date_to"),
        ({"period": "2024-13"}, "period: ожидается месяц в формате ГГГГ-ММ"),
        ({"month": 1}, "month: ожидается строка"),
        ({"period": "2024-01", "month": "2024-02"}, "period и month: указаны разные месяцы"),
        ({"date_from": "2024-02-01", "date_to": "2024-01-01"}, "date_from: должно быть не позже date_to"),
        ({"date_from": "2024-02-01"}, "period: укажите месяц (ГГГГ-ММ) или date_from и date_to"),
    ],
)
def test_wrong_period_fails_the_report_with_the_reason(api: ApiClient, parameters: dict[str, Any], reason: str) -> None:
    report = api.make(1, parameters)
    assert (report["status"], reason in report["error"]) == ("failed", True), report["error"]
