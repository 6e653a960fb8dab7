"""`/faults` of the local stage; elsewhere there is no such path."""

from chalicelib.core import faults
from chalicelib.core.circuits import DEPENDENCIES
from chalicelib.core.errors import NotFound
from chalicelib.core.faults import Fault, FaultSet
from chalicelib.core.http import OUTSIDE, Routes

api = Routes(__name__, OUTSIDE)


def routes(stage: str) -> list[Routes]:
    """What the application of a stage has of this."""
    return [api] if stage == "local" else []


@api.put("/faults/{dependency}")
def set_fault(dependency: str, body: FaultSet) -> Fault:
    """Имитация отказа зависимости: users, orders или email."""
    if dependency not in DEPENDENCIES:
        raise NotFound(f"dependency: допустимые значения: {', '.join(DEPENDENCIES)}")
    return faults.put(dependency, body)
