"""The role table has a row for every endpoint, and the documentation prints it."""

from pathlib import Path

import pytest

import app  # noqa: F401 - fills the registry
from chalicelib import roles
from chalicelib.core.actor import OWN_ONLY, ROLES
from chalicelib.core.http import ENDPOINTS
from chalicelib.deferred_tasks import model
from chalicelib.reports.model import NOT_IN_PRODUCTION

DOCS = Path(roles.__file__).parent.parent / "docs"
PUBLIC = {
    "GET /",
    "GET /api/healthcheck/database",
    "GET /api/healthcheck/service",
    "GET /api/v1/health",
    "GET /collection.en.json",
    "GET /collection.json",
    "GET /console",
    "GET /console/{name}",
    "GET /docs",
    "GET /docs/{name}",
    "GET /health",
    "GET /openapi.json",
    "GET /openapi.en.json",
    "GET /redoc",
    "GET /status",
    "POST /api/webhooks/test",
    "POST /v1/users/login",
    "POST /v1/users/password/forgot",
    "POST /v1/users/password/reset",
    "POST /v1/users/register",
}


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    assert set(roles.rows()) == {endpoint.name for endpoint in ENDPOINTS if not endpoint.public}


def test_public_endpoints_are_listed() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS if endpoint.public} == PUBLIC


def test_table_has_each_row_once_with_known_marks() -> None:
    lines = [line for line in roles.TABLE.splitlines() if line.strip()]
    assert tuple(lines[0].split()) == ROLES
    assert len([line for line in lines if line.split()[0].isupper()]) == len(roles.rows())
    assert {cell for cells in roles.rows().values() for cell in cells.values()} == {"x", "own", "-"}


@pytest.mark.parametrize("row", roles.rows())
def test_administrator_may_do_everything_and_other_roles_no_more_than_a_manager(row: str) -> None:
    cells = roles.rows()[row]
    assert cells["admin"] == "x"
    assert cells["manager"] != "-" or {cells[role] for role in ROLES[1:]} == {"-"}


def test_users_and_customers_change_only_their_own_data() -> None:
    changing = {row: cells for row, cells in roles.rows().items() if not row.startswith("GET ")}
    freely = {row for row, cells in changing.items() if any(cells[role] == "x" for role in OWN_ONLY)}
    assert freely == {"PUT /v1/users/password", "PUT /v1/users/profile"}  # the own account


def test_roles_without_production_get_no_production_reports() -> None:
    assert {role for role, cell in roles.rows()["GET /api/batches/{batch_id}"].items() if cell == "-"} == (
        NOT_IN_PRODUCTION
    )


def test_documentation_is_the_table() -> None:
    assert (DOCS / "roles.md").read_text("utf-8") == roles.document(), "make roles"


def test_tasks_and_schedules_run_for_the_roles_that_may_create_them() -> None:
    made_by = {"/api/v1/tasks": model.TASK_MAKERS, "/api/v1/schedules": model.SCHEDULE_MAKERS}
    for path, makers in made_by.items():
        assert roles.allowed()[f"POST {path}"] == set(makers)
