"""What is another's is 404 for the roles `user` and `customer`, by every endpoint that leads to it, and in no list.

The endpoints come from the table of roles, so one that is added is asked too.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import roles
from chalicelib.background_tasks import service as background_tasks
from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.files import service as files
from chalicelib.reports import machine
from chalicelib.reports import service as reports
from chalicelib.reports.schemas import ReportCreate
from chalicelib.users.service import User
from tests.people import person, production_with_tokens, signed_in
from tests.production import ask, empty_tables, nothing_written
from tests.tasks import work_queue

PREFIXES = ("/api/background_tasks", "/api/reports", "/api/v1/reports", "/api/v1/sagas")
OWN = [name for name, cells in roles.rows().items() if cells["user"] == "own" and name.split()[1].startswith(PREFIXES)]
ABOUT_ONE = [name for name in OWN if "{" in name]
LISTS = [name.split()[1] for name in OWN if name.startswith("GET ") and "{" not in name]


@pytest.fixture(scope="module")
def shared_tables() -> Iterator[None]:
    """Every call needs a token; sagas are not begun."""
    with production_with_tokens(AUTH_REQUIRED="true") as patch, work_queue():
        patch.setattr(machine, "start", lambda saga: None)
        settings.cache_clear()
        yield
        empty_tables()


@pytest.fixture(scope="module")
def theirs(shared_tables: None) -> dict[str, Any]:
    """What one user has: a report with its saga, a task, a file; by the names of the parameters that lead there."""
    owner = person("user")
    asked = ReportCreate.model_validate({"name": "Отчет", "template_id": 4, "parameters": "{}"})
    report = reports.create(owner.actor(), body=asked)
    task = background_tasks.start(owner.actor(), "export", {}, "")
    file = files.new("Партии", "csv", 1, clock.now(), user_id=owner.number)
    with transaction() as tx:
        files.register(tx, file)
    ids = {"file_id": file.id, "report_id": report.id, "saga_id": report.saga_id, "task_id": task.task_id}
    return {"owner": owner, **ids}


def path_of(name: str, theirs: dict[str, Any]) -> tuple[str, str]:
    """Method and path of an endpoint of the table."""
    method, path = name.split()
    return method, path.format_map(theirs)


@pytest.mark.parametrize("role", ["user", "customer"])
@pytest.mark.parametrize("name", ABOUT_ONE)
def test_what_is_anothers_is_not_found(name: str, role: str, theirs: dict[str, Any]) -> None:
    stranger = signed_in(person(role))
    with nothing_written():
        assert ask(*path_of(name, theirs), headers=stranger).status == 404


@pytest.mark.parametrize("name", [name for name in ABOUT_ONE if name.startswith("GET ")])
def test_the_owner_and_roles_that_see_all_find_it(name: str, theirs: dict[str, Any]) -> None:
    for who in (theirs["owner"], person("executive")):
        assert ask(*path_of(name, theirs), headers=signed_in(who)).status in (200, 302, 409)


def listed(path: str, who: User) -> int:
    """How many things a list says there are."""
    total: int = ask("GET", path, headers=signed_in(who)).json["total"]
    return total


@pytest.mark.parametrize("path", LISTS)
def test_lists_show_what_is_ones_own(path: str, theirs: dict[str, Any]) -> None:
    seen = [listed(path, who) for who in (person("user"), person("customer"), theirs["owner"], person("manager"))]
    assert seen == [0, 0, 1, 1]


def test_the_doors_are_those_that_have_owners() -> None:
    assert len(LISTS) == len(PREFIXES) - 1  # files are in no list
    assert len(ABOUT_ONE) >= 13
