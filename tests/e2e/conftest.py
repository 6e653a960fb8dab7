"""The deployed local stack, one for all end-to-end tests; IAM is enforced, so a missing right fails a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId

from infra import console as building
from tests.browser import Browser, chromium
from tests.e2e.console import Console, console_of
from tests.e2e.crew import Crew, crew_of
from tests.e2e.documented import Reader
from tests.e2e.production import ok
from tests.e2e.receiver import Receiver, receiver
from tests.e2e.stack import Stack, start

HERE = Path(__file__).parent
LOCKED = "locked_stack"
LONGEST = (LOCKED, "test_docs", "test_upgrade", "test_rights", "test_pages", "test_bulk")
"""Groups that begin first, so that none of them runs alone at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `e2e`. A file stays on one stack; what needs a token everywhere is a group of
    its own, so that there is one locked stack at most.
    """
    order = {name: position for position, name in enumerate(LONGEST)}
    groups: dict[pytest.Item, str] = {}
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            groups[item] = LOCKED if _needs_locked(item) else item.path.stem
            _put_into_group(item, groups[item])
    items.sort(key=lambda item: order.get(groups.get(item, ""), len(order)))


def _put_into_group(item: pytest.Item, group: str) -> None:
    """Send an item to the worker of its group. xdist reads groups at the end of ids; its marker `xdist_group` writes
    them where pytest 9.2 does not read them any more.
    """
    path, name = item.nodeid.split("::", 1)
    item._id = NodeId(path=path, names=(f"{name}@{group}",))
    assert item.nodeid.endswith(f"@{group}")


def _needs_locked(item: pytest.Item) -> bool:
    chosen = getattr(item, "callspec", None)
    return LOCKED in getattr(item, "fixturenames", ()) or (chosen is not None and LOCKED in chosen.params.values())


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack without demo data."""
    running = start(tmp_path_factory.mktemp("stack"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def locked_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One where every call needs a token, as on AWS; tests/e2e/people.py signs people in."""
    running = start(tmp_path_factory.mktemp("locked"), {"AUTH_REQUIRED": "true"})
    yield running
    running.stop()


@pytest.fixture(scope="session")
def built_console() -> None:
    """The console is built; the first of all workers does it, the others wait."""
    building.build()


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """Chromium, where there is one; the tabs of the test are closed after it, so that they ask for nothing any more."""
    yield running_browser
    running_browser.close_pages()


@pytest.fixture(scope="module")
def running_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    with chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def console(stack: Stack, built_console: None, browser: Browser) -> Console:
    """The console of the stack where no token is needed."""
    return console_of(stack, browser)


@pytest.fixture(params=["stack", "locked_stack"])
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Reader:
    """A user who types what the documents say: where no token is needed, and with one where it is."""
    return Reader(request.getfixturevalue(request.param), tmp_path, locked=request.param == "locked_stack")


@pytest.fixture(scope="module")
def target() -> Iterator[Receiver]:
    """A server that webhooks and callbacks are sent to."""
    with receiver() as started:
        yield started


@pytest.fixture(scope="module")
def no_sweep(stack: Stack) -> Iterator[None]:
    """Stop the minutely runs of the sweep during a module, because the sweep sends what stream, queues and Scheduler
    have lost. A test can still call it.
    """
    events = stack.client("events")
    function = stack.client("lambda").get_function_configuration(FunctionName=f"{stack.name}-sweep")["FunctionArn"]
    (rule,) = events.list_rule_names_by_target(TargetArn=function)["RuleNames"]
    events.disable_rule(Name=rule)
    yield
    events.enable_rule(Name=rule)


@pytest.fixture
def no_subscriptions(stack: Stack) -> Iterator[None]:
    """Delete all subscriptions after the test, so that they get no events of the next one."""
    yield
    for item in ok(stack, "GET", "/api/webhooks?limit=100")["items"]:
        ok(stack, "DELETE", f"/api/webhooks/{item['uuid']}")


@pytest.fixture
def crew(stack: Stack, console: Console) -> Crew:
    """The users of a construction site in the console."""
    return crew_of(stack, console)
