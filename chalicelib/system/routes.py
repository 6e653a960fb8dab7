"""`/api/v1/system`: for administrators."""

from chalicelib.core.http import SYSTEM, Actor, Routes
from chalicelib.system import service
from chalicelib.system.schemas import DeadLetters, MovedBack, System

api = Routes(SYSTEM)


@api.get("/api/v1/system")
def get_system(actor: Actor) -> System:
    """Версия, цепи, очереди и настройки системы."""
    return service.get(actor)


@api.get("/api/v1/system/dead-letters/{queue}", is_resource=False)
def list_dead_letters(actor: Actor, queue: str) -> DeadLetters:
    """До десяти сообщений из очереди недоставленных: они остаются на месте."""
    return service.list_dead_letters(actor, queue=queue)


@api.post("/api/v1/system/dead-letters/{queue}/replay")
def replay_dead_letters(actor: Actor, queue: str) -> MovedBack:
    """Возврат недоставленных сообщений в их очередь."""
    return service.replay(actor, queue=queue)
