"""Links that set a password: requests, the emails that are sent, and their use."""

import re
from collections.abc import Callable
from email import message_from_string, policy
from typing import Any

from chalicelib.events import reactions
from chalicelib.wiring.listeners import LISTENERS
from tests.http_events import Response
from tests.integration.users.api_calls import ANNA, data, refusal
from tests.production import ask, events_of, nothing_written
from tests.tables import tables
from tests.tasks import to_react

SENDER, URL = "shopfloor@example.com", "https://shop.example.com"
BELOV = {"email": "belov@example.com", "name": "Белов"}
PROFILE, FORGOT, RESET = "/v1/users/profile", "/v1/users/password/forgot", "/v1/users/password/reset"
NEW = "совсем новый пароль"
Setting = Callable[[str, str], None]
Later = Callable[..., None]


def queued_messages() -> list[dict[str, Any]]:
    """Return the messages of the listeners' queue for all requested links."""
    (events,) = (items for name, items in tables().items().items() if name.endswith("-events"))
    names = ("user.invited", "user.password_forgotten")
    aggregates = {item["aggregate"]["S"] for item in events}
    found = [event for aggregate in aggregates for event in events_of(aggregate) if event[0] in names]
    found.sort(key=lambda event: str(event[1]["occurred_at"]))
    return [{"event": name, "events": [{"data": about}]} for name, about in found]


def deliver(message: dict[str, Any]) -> Any:
    """Call the function of the listeners."""
    return reactions.handle(to_react(message), LISTENERS)


def last_email(sent: list[Any]) -> tuple[str, str, str]:
    """Return the address, the text and the token of the newest email."""
    message = message_from_string(sent[-1].raw_data, policy=policy.default)
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    (token,) = set(re.findall(r"[0-9a-f]{32}[\w-]{43}", text))
    return str(message["To"]), text, token


def link(sent: list[Any]) -> str:
    """Deliver the newest request; return the token that is sent."""
    assert deliver(queued_messages()[-1]) == {"batchItemFailures": []}
    return last_email(sent)[2]


def invited(sent: list[Any], **fields: Any) -> tuple[dict[str, Any], str]:
    """Create a user; return the user and the token of the invitation."""
    made: dict[str, Any] = data(ask("POST", "/users", BELOV | fields), 201)
    return made, link(sent)


def forgotten(sent: list[Any], email: str = ANNA["email"]) -> str:
    """Request a reset; return the token that is sent."""
    assert ask("POST", FORGOT, {"email": email}).status == 202
    return link(sent)


def reset(token: str, password: str = NEW) -> Response:
    return ask("POST", RESET, {"token": token, "password": password})


def is_refused(token: str) -> bool:
    """Whether a token is refused and changes nothing."""
    with nothing_written():
        answer = reset(token)
    return refusal(answer) == (400, "INVALID_RESET_TOKEN")
