"""What the tests of users ask again and again."""

from typing import Any

import app
from tests.http_events import Response, event, lambda_context
from tests.production import ask

ANNA = {"email": "Anna@Example.com", "password": "правильный пароль", "name": "Анна Белова"}


def register(**fields: Any) -> dict[str, Any]:
    """A user who has made himself known."""
    answer = ask("POST", "/v1/users/register", ANNA | fields)
    assert answer.status == 201, answer.text
    made: dict[str, Any] = answer.json["data"]
    return made


def log_in(email: str = ANNA["email"], password: str = ANNA["password"]) -> dict[str, str]:
    """Return the header of a logged-in user."""
    answer = ask("POST", "/v1/users/login", {"email": email, "password": password})
    assert answer.status == 200, answer.text
    return {"Authorization": f"Bearer {answer.json['data']['token']}"}


def data(answer: Response, status: int = 200) -> Any:
    """What a success carries."""
    assert answer.status == status, answer.text
    assert answer.json["success"] is True
    return answer.json["data"]


def refusal(answer: Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert set(answer.json) == {"success", "error"}
    assert set(answer.json["error"]) == {"code", "message"}
    assert answer.json["success"] is False
    return answer.status, answer.json["error"]["code"]


def from_address(address: str, path: str = "/v1/users/login", body: Any = None) -> Response:
    """A call by another client."""
    sent = event("POST", path, {"email": "nobody@example.com", "password": "x"} if body is None else body)
    sent["requestContext"]["identity"]["sourceIp"] = address
    reply = app.app(sent, lambda_context())
    return Response(reply["statusCode"], reply["headers"], reply["body"].encode())
