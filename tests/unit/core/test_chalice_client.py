"""Chalice's own test client, which works as `chalice local` does, calls the application as API Gateway does."""

import json

from chalice.test import Client

from tests.unit.core.sample import APP


def test_chalice_client_gets_the_answer_of_an_endpoint() -> None:
    with Client(APP) as client:
        answer = client.http.get("/api/v1/reports/7")
    assert (answer.status_code, answer.json_body) == (200, {"id": 7})


def test_chalice_client_sends_a_body() -> None:
    body = json.dumps({"name": "Болт", "number": 1}).encode()
    with Client(APP) as client:
        answer = client.http.post("/api/things", headers={"Content-Type": "application/json"}, body=body)
    assert (answer.status_code, answer.json_body["name"]) == (201, "Болт")


def test_chalice_client_gets_binary_bodies_and_refusals() -> None:
    with Client(APP) as client:
        file, refusal = client.http.get("/api/v1/reports/7/file"), client.http.get("/api/v1/reports/x")
    assert (file.status_code, file.body) == (200, b"%PDF-\xff")
    assert (refusal.status_code, list(refusal.json_body)) == (400, ["error"])
