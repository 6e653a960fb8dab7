"""`/user`, `/task`, `/tasks`."""

from chalicelib.core.http import LONG_TASKS, Actor, Routes
from chalicelib.long_tasks import service
from chalicelib.long_tasks.schemas import LongTask, LongTaskCreate, LongTaskCreated, LongTaskQuery, Person, PersonCreate

api = Routes(LONG_TASKS)


@api.post("/user")
def create_person(actor: Actor, body: PersonCreate) -> Person:
    """Создание пользователя."""
    return service.create_user(actor, body=body)


@api.get("/user/{id}")
def get_person(actor: Actor, id: int) -> Person:
    """Получение пользователя по номеру."""
    return service.get_user(actor, number=id)


@api.post("/task/{id}", resource_path="/user/{id}")
def create_long_task(actor: Actor, id: int, body: LongTaskCreate) -> LongTaskCreated:
    """Создание задачи пользователя с этим номером."""
    return service.create(actor, user_id=id, body=body)


@api.get("/task/{id}")
def get_long_task(actor: Actor, id: int) -> LongTask:
    """Получение задачи с этим номером."""
    return service.get(actor, number=id)


@api.get("/tasks/{user_id}")
def list_long_tasks(actor: Actor, user_id: int, query: LongTaskQuery) -> list[LongTask]:
    """Все задачи пользователя, от старых к новым."""
    return service.list_of_user(actor, user_id=user_id, query=query)
