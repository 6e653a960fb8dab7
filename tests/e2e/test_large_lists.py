"""A list of more than an answer can carry, through the gateway of the deployed stack."""

from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import requests

from tests.e2e.production import at_once, ok, statuses
from tests.e2e.stack import Stack

TEMPLATES = 60
MAX_BODY_BYTES = 4_500_000
BODY = {"name": "Список", "description": "ё" * 10_000, "parameters": {"x": "😀" * 19_900}}  # 100 KB


@pytest.fixture(scope="module")
def made(stack: Stack) -> Iterator[list[int]]:
    answers = at_once(lambda body: stack.call("POST", "/api/v1/templates", json=body), [BODY] * TEMPLATES)
    assert statuses(answers) == {201: TEMPLATES}
    numbers = sorted(answer.json()["id"] for answer in answers)
    yield numbers
    at_once(lambda number: stack.call("DELETE", f"/api/v1/templates/{number}"), numbers)


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_it_is_read_page_by_page_by_its_links(stack: Stack, made: list[int], accepted: str) -> None:
    found, pages = list[int](), list[requests.Response]()
    url = f"{stack.url}/api/v1/templates?limit=100"
    while url:
        page = requests.get(url, headers=stack.headers | {"Accept-Encoding": accepted}, timeout=35)
        assert page.status_code == 200, page.text[:300]
        assert page.headers.get("Content-Encoding", "identity") == accepted and len(page.content) <= MAX_BODY_BYTES
        pages.append(page)
        found += [template["id"] for template in page.json()["templates"]]
        url = urljoin(url, page.links["next"]["url"]) if "next" in page.links else ""
    assert len(pages) > 1 and pages[0].json()["next_cursor"] and pages[-1].json()["next_cursor"] is None
    assert len(found) == len(set(found)) and set(made) <= set(found)
    assert len(found) == ok(stack, "GET", "/api/v1/templates")["total"]
