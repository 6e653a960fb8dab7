"""`/health` and `/status`: public on every stage, and answered during any outage."""

from datetime import datetime
from typing import Literal

import chalicelib
from chalicelib.core import circuits, clock
from chalicelib.core.accept import prefers
from chalicelib.core.auth import ANONYMOUS
from chalicelib.core.breaker import Status
from chalicelib.core.fields import Output
from chalicelib.core.http import USERS, Actor, Raw, Request, Routes
from chalicelib.core.settings import settings

api = Routes(USERS)


class Counts(Output):
    """Calls that a breaker has counted in its window, about the last 30 s."""

    failures: int
    successes: int


class CircuitView(Output):
    """A circuit breaker; `unknown` while its state cannot be read."""

    status: Status | Literal["unknown"]
    stats: Counts


class Health(Output):
    """The gateway works, and so do the parts whose circuits are closed."""

    status: Literal["OK"] = "OK"
    circuits: dict[circuits.Dependency, CircuitView]


class GatewayStatus(Output):
    """The gateway, as anonymous clients see it."""

    status: Literal["OK"] = "OK"
    service: str = "shopfloor"
    time: datetime


class GatewayDetails(GatewayStatus):
    """The gateway, as authenticated clients see it."""

    version: str
    stage: str


@api.get("/health", public=True)
def health(request: Request) -> Health | Raw:
    """Состояние сервиса.

    Отвечает `OK`, пока сервис жив, и показывает предохранители зависимостей; для балансировщика и мониторинга.
    """
    if prefers(request.header("accept"), "text/plain", "application/json"):
        return Raw("OK", "text/plain; charset=utf-8")
    found = circuits.read_circuits_or_none()
    if found is None:
        unknown = CircuitView(status="unknown", stats=Counts(failures=0, successes=0))
        return Health(circuits=dict.fromkeys(circuits.DEPENDENCIES, unknown))
    return Health(
        circuits={
            name: CircuitView(
                status=circuit.status, stats=Counts(failures=circuit.failures, successes=circuit.successes)
            )
            for name, circuit in found.items()
        }
    )


@api.get("/status", public=True)
def status(actor: Actor) -> GatewayDetails | GatewayStatus:
    """Статус сервиса.

    Имя и время сервиса; версия и стадия видны только тому, кто вошел.
    """
    if actor == ANONYMOUS:
        return GatewayStatus(time=clock.now())
    return GatewayDetails(version=chalicelib.VERSION, stage=settings().stage, time=clock.now())
