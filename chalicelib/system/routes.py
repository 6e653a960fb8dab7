"""`/api/v1/system`: for administrators."""

from chalicelib.core.http import SYSTEM, Actor, Routes
from chalicelib.system import service
from chalicelib.system.schemas import DeadLetters, MovedBack, System

api = Routes(SYSTEM)


@api.get("/api/v1/system")
def get_system(actor: Actor) -> System:
    """Состояние всей системы.

    Версия, предохранители, очереди, миграции и настройки: с чего начать, когда что-то не так.
    """
    return service.get(actor)


@api.get("/api/v1/system/dead-letters/{queue}", is_resource=False)
def list_dead_letters(actor: Actor, queue: str) -> DeadLetters:
    """Недоставленные сообщения очереди.

    До десяти сообщений, которые не удалось обработать пять раз; они остаются в очереди.
    """
    return service.list_dead_letters(actor, queue=queue)


@api.post("/api/v1/system/dead-letters/{queue}/replay")
def replay_dead_letters(actor: Actor, queue: str) -> MovedBack:
    """Возврат недоставленных сообщений.

    До 500 сообщений обратно в их очередь, когда причина устранена. Если `more` равно `true`, повторите запрос.
    """
    return service.replay(actor, queue=queue)
