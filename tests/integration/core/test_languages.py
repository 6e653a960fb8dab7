"""The messages of all endpoints in the language that the request prefers."""

from collections.abc import Iterator

import pytest

from tests.production import ask, empty_tables, work_center

ENGLISH = {"Accept-Language": "en-GB, en;q=0.9"}


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()


def test_a_refusal_is_in_the_language_of_the_request_and_says_so() -> None:
    body = {"identifier": "WC-001", "name": " "}
    refused = ask("POST", "/api/work_centers", body, ENGLISH)
    assert refused.json["detail"] == "Request validation error"
    assert refused.json["errors"][0]["msg"] == "must not be empty"
    assert (refused.headers["Content-Language"], refused.headers["Vary"]) == ("en", "Accept-Language")
    russian = ask("POST", "/api/work_centers", body)
    assert russian.json["errors"][0]["msg"] == "не должно быть пустым"
    assert "Content-Language" not in russian.headers and russian.headers["Vary"] == "Accept-Language"


def test_an_answer_without_texts_is_the_same_in_every_language() -> None:
    work_center()
    answers = [ask("GET", "/api/work_centers", headers=headers) for headers in (ENGLISH, {})]
    assert answers[0].body == answers[1].body and answers[0].headers == answers[1].headers
    assert "Vary" not in answers[0].headers and "Content-Language" not in answers[0].headers


def test_vary_names_all_that_the_answer_depends_on() -> None:
    refused = ask("GET", "/api/work_centers?" + "&".join(f"unknown_{n}=" for n in range(20)), headers=ENGLISH)
    assert refused.headers["Vary"] == "Accept-Language, Accept-Encoding"
