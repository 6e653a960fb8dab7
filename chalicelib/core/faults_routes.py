"""`/faults`, on the local stage only."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.core import faults
from chalicelib.core.circuits import DEPENDENCIES
from chalicelib.core.errors import NotFound
from chalicelib.core.faults import Mode
from chalicelib.core.fields import Input, Output
from chalicelib.core.http import OTHER, Routes
from chalicelib.core.texts import text

api = Routes(OTHER)


class FaultSet(Input):
    """How a dependency fails, and for how many seconds."""

    mode: Mode
    seconds: Annotated[int, Field(strict=True, ge=1, le=600)] = 60


class Fault(Output):
    """How a dependency fails now."""

    dependency: str
    mode: Mode
    until: datetime | None


@api.put("/faults/{dependency}")
def set_fault(dependency: str, body: FaultSet) -> Fault:
    """Имитация отказа зависимости.

    Только на локальном стеке: зависимость отвечает ошибкой или не отвечает, чтобы увидеть предохранители и ответы
    503.
    """
    if dependency not in DEPENDENCIES:
        raise NotFound(text("dependency: допустимые значения: {names}", names=", ".join(DEPENDENCIES)))
    until = faults.set_fault(dependency, body.mode, body.seconds)
    return Fault(dependency=dependency, mode=body.mode, until=until)
